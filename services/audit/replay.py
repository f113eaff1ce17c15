"""Replay: every recorded decision is run again from its recorded facts and ruleset, and compared byte for byte."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import groupby, repeat
from typing import Any, NamedTuple

import orjson

from audit.again import DECISIONS, STAGE, asked_again, decide_again
from audit.charts import Charts
from audit.history import ReadableCodec, case_of
from audit.past import Past, kind_of
from audit.record import Record
from event_log.keyring import Erased
from event_log.leaf import changed
from event_log.protocol import Recorded
from rule_releases.rulesets import Rulesets
from service_kit.reading import Reader
from service_kit.workers import Alone, Spread
from therapy_domain.canonical import canonical_json
from therapy_domain.claims.assess import TOGETHER, Asked, assess_together
from therapy_domain.claims.errors import UnknownRules
from therapy_domain.errors import DomainError, UnknownRuleset
from therapy_domain.events.base import REGISTRY, Event
from therapy_domain.events.chart import VisitCharted
from therapy_domain.events.claim import ClaimAssessed
from therapy_domain.events.session import SessionRecorded, SessionWithdrawn
from therapy_domain.identity import id_bytes, id_text
from therapy_domain.rulesets import Ruleset, load
from therapy_domain.streams import sessions_of

CASES_A_PART = 500
"""So many a worker is given at a time, each with some four decisions."""
FEWEST_A_PART = 50
"""Towards the end of the log it is given fewer, so that all workers are done at about the same time."""
EVENTS_A_PAGE = 2_000
_BEGINNINGS = frozenset({SessionRecorded.type, SessionWithdrawn.type})
"""A case begins with what is first said of a session in it."""
DIFFERENCES_KEPT = 100
_Decision = tuple[Recorded, dict[str, Any]]
"""As it is stored, and its JSON."""
Progress = Callable[[int, int], None]
"""Called with the position reached and the last one."""


class Difference(NamedTuple):
    """A decision that does not come out as it was recorded, or cannot be run again."""

    position: int
    event_id: str
    type: str
    claim_id: str
    reason: str


@dataclass(slots=True)
class Replayed:
    """What a replay came to."""

    same: int = 0
    different: int = 0
    erased: int = 0
    """Decisions whose patient's key was destroyed: their hashes hold, their content is gone."""
    unknown: Counter[str] = field(default_factory=Counter)
    """Decisions by the ruleset release or edition of the rules that they name and that is not known here."""
    differences: list[Difference] = field(default_factory=list)
    """The first hundred in the log."""

    @property
    def checked(self) -> int:
        """All decisions looked at."""
        return self.same + self.different + self.erased + self.unknown.total()

    @property
    def clean(self) -> bool:
        """Whether every decision that can still be read came out the same."""
        return not self.different and not self.unknown

    def add(self, other: "Replayed") -> None:
        """What another replay, of other decisions, came to."""
        self.same += other.same
        self.different += other.different
        self.erased += other.erased
        self.unknown += other.unknown
        self.differences = nsmallest(DIFFERENCES_KEPT, self.differences + other.differences)


class Cases(NamedTuple):
    """Cases to decide again, as they are up to a position of the log."""

    ids: Sequence[bytes]
    upto: int
    listed: int
    """The position that the log was gone through to when these were found."""


def replay(
    read: Reader,
    codec: ReadableCodec,
    claim_id: str | None = None,
    progress: Progress | None = None,
    *,
    rulesets: Rulesets | None = None,
    workers: Spread[Past] | None = None,
) -> Replayed:
    """Run the decisions of one claim again, or all of the log, in constant memory.

    Args:    workers: who decides again; None: this process.
    Raises:  UnknownClaim. What workers raise.
    """
    read = Reader(read.log, codec)  # a fresh one: what counts is the stored bytes, not what this process remembers
    past = Past(read, codec, rulesets or Rulesets())
    if claim_id is not None:
        return _Run(past).check(read.log.read_cases([id_bytes(case_of(read, claim_id))]))
    spread = workers or Alone(past)
    head, whole, recorded = read.log.head(), Replayed(), 0
    for listed, found in spread.answers(_deciding, _begun(read, head, spread.count)):
        recorded = recorded or read.log.count(DECISIONS, head)  # here, while workers have something to do
        whole.add(found)
        if progress is not None:
            progress(listed, head)
    if whole.checked < (recorded or read.log.count(DECISIONS, head)):
        # There are decisions of cases that never began: nobody but a forger writes them.
        run = _Run(past)
        for page in _decided(read, head):
            whole.add(run.check(_without_beginning(page, read)))
    if progress is not None:
        progress(head, head)
    return whole


def _deciding(past: Past) -> Callable[[Cases], tuple[int, Replayed]]:
    """What a worker does."""
    run = _Run(past)
    return lambda cases: (cases.listed, run.decide(cases))


def _begun(read: Reader, head: int, parts: int) -> Iterator[tuple[int, Cases]]:
    """The cases in the order in which they began, those of a patient always in the same one of so many parts."""
    after, listed = 0, 0
    while page := read.log.read_all(after, _part_size(after, listed, head) * parts, _BEGINNINGS, upto=head):
        after, listed = page[-1].position, listed + len(page) // parts
        begun: list[list[bytes]] = [[] for _ in range(parts)]
        for row in page:
            if (case := _case_begun(row)) is not None:
                begun[_patient(row) % parts if parts > 1 else 0].append(case)
        for part, ids in enumerate(begun):
            if ids:
                yield part, Cases(ids, head, page[-1].position)


def _part_size(after: int, listed: int, head: int) -> int:
    """Half of what is probably left for each, by what there was up to here."""
    left = listed * (head - after) // after if after else CASES_A_PART * 2
    return max(FEWEST_A_PART, min(CASES_A_PART, left // 2))


def _case_begun(row: Recorded) -> bytes | None:
    """The case that an event is the first word of; None where it is none."""
    if row.version != 1 or row.type not in _BEGINNINGS or row.case_id is None:
        return None
    return row.case_id if row.stream == sessions_of(id_text(row.case_id)) else None


def _patient(row: Recorded) -> int:
    """A number for the patient of a session; anything for what is none."""
    try:
        said = orjson.loads(row.data)
        return kind_of(row.org, said.get("opened", said)["patient_id"])
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return 0


def _decided(read: Reader, head: int) -> Iterator[list[Recorded]]:
    """Every decision up to a position."""
    after = 0
    while rows := read.log.read_all(after, EVENTS_A_PAGE, DECISIONS, upto=head):
        yield rows
        after = rows[-1].position


def _without_beginning(page: Sequence[Recorded], read: Reader) -> list[Recorded]:
    streams = {row: sessions_of(id_text(row.case_id)) if row.case_id is not None else "" for row in page}
    said = read.log.read_streams(set(streams.values()))
    begun = {stream for stream, rows in said.items() if rows and _case_begun(rows[0])}
    return [row for row in page if streams[row] not in begun]


class _Run:
    """One replay on its way."""

    def __init__(self, past: Past) -> None:
        self._read, self._codec, self._rulesets = past
        self._record = Record(past.read.log, past.codec)
        self._charts = Charts(past.read.log, self._record)
        self._known: dict[tuple[str, str], Ruleset | None] = {}
        self._seen = 0

    def decide(self, cases: Cases) -> Replayed:
        """All decisions of each case: what rests on each other is decided again together, however far apart it was
        recorded."""
        log = self._read.log
        if self._seen < cases.upto:
            self._seen = log.head()  # a log that is followed takes notice of what was written since
        return self.check(log.read_cases(cases.ids, upto=cases.upto))

    def check(self, rows: Sequence[Recorded]) -> Replayed:
        """Each decision among these events, against the record."""
        self._record.begin(rows)
        recorded = sorted([row for row in rows if row.type in DECISIONS], key=_stage)
        # One kind after another, in all that follows: a processor is half as fast where each is another kind.
        decisions = [(row, _said(row)) for row in recorded]
        self._record.fetch(named for _, said in decisions for named in said["basis"])
        result = Replayed()
        for kind, group in groupby(decisions, key=_kind):
            of_kind = list(group)
            again = self._assessed_again(of_kind) if kind == ClaimAssessed.type else repeat(None)
            for (row, said), assessed in zip(of_kind, again, strict=False):
                self._count(row, said, assessed, result)
        result.differences = nsmallest(DIFFERENCES_KEPT, result.differences)
        return result

    def _assessed_again(self, decisions: Sequence[_Decision]) -> Iterator[ClaimAssessed | None]:
        """Assessments made again together. None for one that cannot be: alone it meets what is wrong with it."""
        for at in range(0, len(decisions), TOGETHER):
            asked = [self._asked(said) for _, said in decisions[at : at + TOGETHER]]
            try:
                made = assess_together([each for each in asked if each is not None])
                yield from [next(made) if each is not None else None for each in asked]
            except Exception:  # noqa: BLE001 -- the one at fault meets it again
                yield from [None] * len(asked)

    def _asked(self, said: dict[str, Any]) -> Asked | None:
        try:
            return asked_again(said, self._record.basis(said["basis"]), self._rules(said), self._charts)
        except Exception:  # noqa: BLE001 -- the same
            return None

    def _count(self, row: Recorded, said: dict[str, Any], assessed: ClaimAssessed | None, result: Replayed) -> None:
        try:
            reason = self._verdict(row, said, assessed)
        except Erased:
            result.erased += 1
        except UnknownRuleset as error:
            result.unknown[f"ruleset {error.ruleset_id}"] += 1
        except UnknownRules as error:
            result.unknown[f"rules {error.fingerprint}"] += 1
        else:
            if reason is None:
                result.same += 1
                return
            if changed([row]):
                reason += "; it is not what was written"
            result.different += 1
            claim = said.get("claim_id", "")
            result.differences.append(Difference(row.position, id_text(row.event_id), row.type, claim, reason))

    def _verdict(self, row: Recorded, said: dict[str, Any], assessed: ClaimAssessed | None) -> str | None:
        """Why the decision does not come out the same; None when it does.

        Args:    assessed: what it is again, where that is known.
        Raises:  Erased, UnknownRuleset, UnknownRules.
        """
        rules = self._rules(said)
        unsealed = self._codec.unsealed(row, said) if REGISTRY[row.type].personal else {}
        try:
            again = assessed or decide_again(row.type, said, self._record.basis(said["basis"]), rules, self._charts)
        except (Erased, UnknownRules):
            raise
        except DomainError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 -- a decision that cannot be run again is a difference, with its kind
            return f"{type(error).__name__} while deciding again"
        if not _same(row, said, unsealed, again):
            was, now = self._codec.readable(row)[0], orjson.loads(again.canonical())
            if canonical_json(was) != canonical_json(now):
                return _where(was, now)
        self._record.remember(row, again)
        if isinstance(again, VisitCharted):
            self._charts.enter(row)
        return None

    def _rules(self, said: dict[str, Any]) -> Ruleset:
        """The release that a decision names; one that names none was not decided by any."""
        if "ruleset" not in said:
            return load()
        key = said["ruleset"], said["ruleset_hash"]
        if key not in self._known:
            try:
                self._known[key] = self._rulesets.get(self._read, *key)
            except UnknownRuleset:
                self._known[key] = None
        rules = self._known[key]
        if rules is None:
            raise UnknownRuleset(f"{key[0]} ({key[1][:12]})", available=())
        return rules


def _said(row: Recorded) -> dict[str, Any]:
    """What a decision says; where somebody made of it what cannot be read, that it rests on nothing."""
    try:
        said: dict[str, Any] = orjson.loads(row.data)
        if isinstance(said["basis"], list):
            return said
    except (orjson.JSONDecodeError, KeyError, TypeError):
        pass
    return {"basis": []}


def _kind(decision: _Decision) -> str:
    return decision[0].type


def _stage(row: Recorded) -> int:
    """By kind, and of a kind as they were recorded: the entries of a chart stand on each other."""
    return STAGE[row.type] << 56 | row.position


def _same(row: Recorded, said: dict[str, Any], unsealed: Mapping[str, bytes], again: Event) -> bool:
    """Whether the decision has the stored bytes, what is sealed in them opened. Mostly one look tells; what it may miss
    is how a float is written."""
    now = again.model_dump(mode="json", exclude_none=True, by_alias=True)
    for name, plain in unsealed.items():
        if name not in now or _quickly(now[name]) != plain:
            return False
        now[name] = said[name]
    return _quickly(now) == row.data


def _quickly(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _where(was: dict[str, Any], now: dict[str, Any]) -> str:
    names = sorted(name for name in was.keys() | now.keys() if was.get(name) != now.get(name))
    return f"comes out different in {', '.join(names)}"
