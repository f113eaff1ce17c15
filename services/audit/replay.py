"""Replay: every recorded decision is run again from its recorded facts and ruleset, and compared byte for byte."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from audit.again import DECISIONS, STAGES, decide_again
from audit.charts import Charts
from audit.history import ReadableCodec, case_of
from audit.record import Record
from event_log.keyring import Erased
from event_log.protocol import Recorded
from rule_releases.rulesets import Rulesets
from service_kit.reading import Reader
from therapy_domain.canonical import canonical_json
from therapy_domain.claims.errors import UnknownRules
from therapy_domain.errors import DomainError, UnknownRuleset
from therapy_domain.events.base import REGISTRY, Event
from therapy_domain.events.chart import VisitCharted
from therapy_domain.identity import id_bytes, id_text
from therapy_domain.rulesets import Ruleset, load
from therapy_domain.streams import sessions_of

DECISIONS_A_PAGE = 2_000
DIFFERENCES_KEPT = 100
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
    """The first hundred."""

    @property
    def checked(self) -> int:
        """All decisions looked at."""
        return self.same + self.different + self.erased + self.unknown.total()

    @property
    def clean(self) -> bool:
        """Whether every decision that can still be read came out the same."""
        return not self.different and not self.unknown


def replay(
    read: Reader,
    codec: ReadableCodec,
    claim_id: str | None = None,
    progress: Progress | None = None,
    *,
    rulesets: Rulesets | None = None,
) -> Replayed:
    """Run the decisions of one claim again, or all of the log, in constant memory.

    Raises:  UnknownClaim.
    """
    read = Reader(read.log, codec)  # a fresh one: what counts is the stored bytes, not what this process remembers
    run = _Run(read, codec, rulesets or Rulesets())
    if claim_id is not None:
        run.check(read.log.read_case(id_bytes(case_of(read, claim_id))))
        return run.result
    head, seen = read.log.head(), 0
    for page in _pages(read, head):
        run.check(_cases_begun(page, read, head))
        seen += len(page)
        if progress is not None:
            progress(page[-1].position, head)
    if run.result.checked < seen:  # decisions of cases that never began: nobody but a forger writes them
        for page in _pages(read, head):
            run.check(_without_beginning(page, read))
    return run.result


def _pages(read: Reader, head: int) -> Iterator[list[Recorded]]:
    """Every decision up to a position."""
    after = 0
    while rows := read.log.read_all(after, DECISIONS_A_PAGE, DECISIONS, upto=head):
        yield rows
        after = rows[-1].position


def _cases_begun(page: Sequence[Recorded], read: Reader, head: int) -> list[Recorded]:
    """All events of each case whose first decision is on the page: what rests on each other is decided again together,
    however far apart it was recorded."""
    found: list[Recorded] = []
    for row in page:
        if row.version == 1 and row.case_id is not None and row.stream == sessions_of(id_text(row.case_id)):
            found += read.log.read_case(row.case_id, upto=head)
    return found


def _without_beginning(page: Sequence[Recorded], read: Reader) -> list[Recorded]:
    streams = {row: sessions_of(id_text(row.case_id)) if row.case_id is not None else "" for row in page}
    versions = read.log.versions(set(streams.values()))
    return [row for row in page if not versions[streams[row]]]


class _Run:
    """One replay on its way."""

    def __init__(self, read: Reader, codec: ReadableCodec, rulesets: Rulesets) -> None:
        self.result = Replayed()
        self._read, self._codec, self._rulesets = read, codec, rulesets
        self._record = Record(read.log, codec)
        self._charts = Charts(read.log, self._record)
        self._known: dict[tuple[str, str], Ruleset | None] = {}

    def check(self, rows: Sequence[Recorded]) -> None:
        """Each decision among these events, against the record."""
        self._record.begin(rows)
        decisions = [(row, orjson.loads(row.data)) for row in rows if row.type in DECISIONS]
        self._record.fetch(named for _, said in decisions for named in said["basis"])
        decisions.sort(key=_stage)  # one kind after another: a processor is half as fast where each is another kind
        for row, said in decisions:
            self._count(row, said)

    def _count(self, row: Recorded, said: dict[str, Any]) -> None:
        result = self.result
        try:
            reason = self._verdict(row, said)
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
            result.different += 1
            if len(result.differences) < DIFFERENCES_KEPT:
                claim = said.get("claim_id", "")
                result.differences.append(Difference(row.position, id_text(row.event_id), row.type, claim, reason))

    def _verdict(self, row: Recorded, said: dict[str, Any]) -> str | None:
        """Why the decision does not come out the same; None when it does.

        Raises:  Erased, UnknownRuleset, UnknownRules.
        """
        rules = self._rules(said)
        if REGISTRY[row.type].personal:
            said, erased = self._codec.readable(row)
            if erased:
                raise Erased(row.stream)
        try:
            again = decide_again(row.type, said, self._record.basis(said["basis"]), rules, self._charts)
        except (Erased, UnknownRules):
            raise
        except DomainError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 -- a decision that cannot be run again is a difference, with its kind
            return f"{type(error).__name__} while deciding again"
        if not _same(said, again):
            return _where(said, orjson.loads(again.canonical()))
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


def _stage(decision: tuple[Recorded, Any]) -> int:
    return STAGES.index(decision[0].type)


def _same(said: dict[str, Any], again: Event) -> bool:
    """Whether both have the same canonical form. Mostly one look tells; what it may miss is how a float is written."""
    now = again.model_dump(mode="json", exclude_none=True, by_alias=True)
    return _quickly(said) == _quickly(now) or canonical_json(said) == canonical_json(now)


def _quickly(said: dict[str, Any]) -> bytes:
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)


def _where(was: dict[str, Any], now: dict[str, Any]) -> str:
    names = sorted(name for name in was.keys() | now.keys() if was.get(name) != now.get(name))
    return f"comes out different in {', '.join(names)}"
