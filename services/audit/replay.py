"""Replay: every recorded decision is run again from its recorded facts and ruleset, and compared byte for byte."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from appeals.replay import decide_again as appeal_again
from audit.history import ReadableCodec, case_of
from claim_validation.assembly import Names, assemble
from claim_validation.charting import organization_of
from claim_validation.composing import named_npis
from claim_validation.decider import adjudicate
from claim_validation.resending import credentialed
from claim_validation.state import CHART, acts_among, known_units
from claim_validation.submissions import Sent
from claim_validation.submitting import DUE_OF, Export, Ready, decide, submitted
from event_log.keyring import Erased
from event_log.protocol import Recorded
from service_kit.codec import Seen
from service_kit.reading import Reader
from session_capture.decider import Account
from therapy_domain import case_sessions, facts
from therapy_domain.canonical import canonical_json
from therapy_domain.case_sessions import CaseHead, CaseSessions
from therapy_domain.claims.assess import assess
from therapy_domain.claims.case import Case, Known
from therapy_domain.claims.catalog import REGISTRY as RULES
from therapy_domain.claims.chart import Chart, chart
from therapy_domain.errors import DomainError
from therapy_domain.events.base import Event, Fact, moment
from therapy_domain.events.chart import VisitCharted
from therapy_domain.events.claim import (
    ClaimAdjudicated,
    ClaimAssessed,
    RemittanceReceived,
    UnitsCalculated,
)
from therapy_domain.events.session import SessionRecorded, SessionWithdrawn
from therapy_domain.events.submission import ClaimSubmitted
from therapy_domain.facts import SubjectFacts
from therapy_domain.identity import id_bytes, id_text
from therapy_domain.policies import resolve_policy
from therapy_domain.rulesets import CURRENT, Ruleset, load
from therapy_domain.streams import subject_stream
from unit_calculation.decider import decide as calculate_units
from unit_calculation.elsewhere import occupied

ERASED = "erased"
DECISIONS_A_BATCH = 500
_CHARTS_KEPT = 2_000
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
    differences: list[Difference] = field(default_factory=list)
    """The first hundred."""

    @property
    def checked(self) -> int:
        """All decisions looked at."""
        return self.same + self.different + self.erased


class NotReplayable(DomainError):
    """A decision that cannot be run again."""

    code = "not-replayable"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Basis:
    """The recorded events that a decision names, as the deciders want them."""

    def __init__(self, seen: Iterable[Seen]) -> None:
        self.seen = tuple(seen)

    def subjects(self) -> dict[str, SubjectFacts]:
        """The facts among them, folded by stream."""
        found: dict[str, SubjectFacts] = {}
        for recorded, event in self.seen:
            found[recorded.stream] = facts.evolve(found.get(recorded.stream, SubjectFacts()), recorded.event_id, event)
        return found

    def sessions(self, case: str) -> CaseSessions:
        """What was last said of each session of the case."""
        return self._by_case().get(case, CaseSessions())

    def sessions_elsewhere(self, case: str) -> list[CaseSessions]:
        """The same of every other case that was looked at."""
        return [state for other, state in self._by_case().items() if other != case]

    def _by_case(self) -> dict[str, CaseSessions]:
        found: dict[str, CaseSessions] = {}
        for recorded, event in self.seen:
            if isinstance(event, SessionRecorded | SessionWithdrawn):
                state = found.get(event.case_id, CaseSessions())
                found[event.case_id] = case_sessions.evolve(state, recorded.event_id, event)
        return found

    def one(self, kind: type[Any]) -> Seen:
        """The only event of a kind.

        Raises:  NotReplayable: it is not there.
        """
        for seen in self.seen:
            if isinstance(seen.event.event if isinstance(seen.event, Fact) else seen.event, kind):
                return seen
        raise NotReplayable(f"the record does not hold the {kind.__name__} that the decision rests on")

    def submission(self) -> Sent | None:
        """The submission among them: what a payer answers, or a void claim takes back."""
        found = [seen for seen in self.seen if isinstance(seen.event, ClaimSubmitted)]
        return Sent(id_text(found[0].recorded.event_id), found[0].event) if found else None


class Charts:
    """Patients' charts as they were at the versions that decisions name."""

    def __init__(self, read: Reader) -> None:
        self._read = read
        self._known: dict[str, list[Chart]] = {}

    def at(self, stream: str, version: int) -> Chart:
        """The chart with its first `version` entries.

        Raises:  NotReplayable: it has fewer.
        """
        known = self._known.setdefault(stream, [{}])
        if len(known) <= version:
            if len(self._known) > _CHARTS_KEPT:
                self._known = {stream: known}
            for row in self._read.log.read_stream(stream, after_version=len(known) - 1):
                known.append(CHART.evolve(known[-1], self._read.see(row)))
        if len(known) <= version:
            raise NotReplayable(f"the patient's chart has fewer than the {version} entries that the decision saw")
        return known[version]


def _session_again(recorded: Recorded, event: SessionRecorded | SessionWithdrawn, basis: Basis) -> Event:
    state = basis.subjects().get(event.session_key, SubjectFacts())
    if not state.facts:
        raise NotReplayable(f"no fact of position {recorded.position} is in the record")
    account = Account(event.session_key, state)
    if isinstance(event, SessionRecorded):
        return account.recorded(event.revision)
    head = CaseHead(event.org, event.patient_id, event.discipline, event.payer_id, event.date_of_service)
    return account.withdrawn(event.case_id, account.whole.path.get(event.case_id, head), event.revision)


def _units_again(event: UnitsCalculated, basis: Basis, rules: Ruleset) -> Event:
    sessions, elsewhere = basis.sessions(event.case_id), basis.sessions_elsewhere(event.case_id)
    head = sessions.head()
    payer = subject_stream("payer", head.org, head.payer_id)
    published = basis.subjects().get(payer, SubjectFacts())
    policy, policy_basis = resolve_policy(head.payer_id, head.date_of_service, published, rules)
    looked_at = tuple(event_id for other in elsewhere for event_id in other.basis())
    busy = occupied(sessions, elsewhere, rules)
    return calculate_units(event.case_id, sessions, policy, policy_basis, rules, busy, looked_at)


def _entry_again(event: VisitCharted, basis: Basis, rules: Ruleset) -> Event:
    subjects = basis.subjects()
    organization = organization_of(subjects.get(subject_stream("organization", event.org, event.org), SubjectFacts()))
    payer = subjects.get(subject_stream("payer", event.org, event.payer_id), SubjectFacts())
    policy, policy_facts = resolve_policy(event.payer_id, event.date_of_service, payer, rules)
    sessions = basis.sessions(event.case_id).recorded.values()
    return chart(known_units(basis.one(UnitsCalculated)), sessions, organization, policy, policy_facts, rules)


def _claim_again(event: ClaimAssessed, basis: Basis, rules: Ruleset, charts: Charts) -> Event:
    charted = event.chart_version, lambda named: charts.at(named.chart, event.chart_version)
    case = _case_again(event.case_id, basis, rules, charted)
    return assess(case, rules, RULES.edition_of(event.rules))


def _case_again(case_id: str, basis: Basis, rules: Ruleset, charted: tuple[int, Callable[[Names], Chart]]) -> Case:
    """Everything that an assessment saw."""
    units, sessions, subjects = basis.one(UnitsCalculated), basis.sessions(case_id), basis.subjects()
    said: UnitsCalculated = units.event
    head = CaseHead(said.org, said.patient_id, said.discipline, said.payer_id, said.date_of_service)
    named = Names(case_id, head, sessions, [stream for stream in subjects if stream.startswith("plan/")])
    streams = named.looked_at(lambda stream: subjects.get(stream, SubjectFacts()))
    known = {stream: subjects.get(stream, SubjectFacts()) for stream in streams}
    version, chart_of = charted
    acts = acts_among(basis.seen)
    return assemble(named, sessions, known_units(units), acts, known, (version, chart_of(named)), rules)


def _submitted_again(event: ClaimSubmitted, basis: Basis, rules: Ruleset) -> Event:
    """A submission: put together again from what its assessment saw, or of a void claim from what it takes back."""
    seen = basis.one(ClaimAssessed)
    assessed = Known(id_text(seen.recorded.event_id), seen.event, event.case_id, moment(seen.recorded.occurred_at))
    case = _case_again(event.case_id, basis, rules, (0, lambda _: {}))
    subjects = basis.subjects()
    streams = {npi: subject_stream("clinician", event.org, npi) for npi in named_npis(case)}
    others = [credentialed(npi, subjects.get(stream, SubjectFacts())) for npi, stream in streams.items()]
    ready = Ready(
        case=case,
        assessed=assessed,
        others=tuple(known for known in others if known is not None),
        due=DUE_OF[event.frequency],
        number=event.submission,
        payer_claim_number=event.payer_claim_number,
        at_payer=basis.submission(),
    )
    decided = decide(ready, event.exported_on, rules)
    if decided.claim is None:
        raise NotReplayable(f"the claim would be kept back: {', '.join(fault.path for fault in decided.faults)}")
    return submitted(ready, decided, Export(event.file, event.exported_on, event.at))


def _adjudicated_again(basis: Basis, rules: Ruleset) -> Event:
    assessed, remittance = basis.one(ClaimAssessed), basis.one(RemittanceReceived)
    claim: ClaimAssessed = assessed.event
    payer = subject_stream("payer", claim.org, claim.payer_id)
    published = basis.subjects().get(payer, SubjectFacts())
    policy, policy_facts = resolve_policy(claim.payer_id, claim.date_of_service, published, rules)
    sent = basis.submission()
    answered = (sent.id, sent.event) if sent is not None else None
    return adjudicate(claim, id_text(assessed.recorded.event_id), policy, policy_facts, remittance.event, answered)


def decide_again(recorded: Recorded, event: Event, basis: Basis, rules: Ruleset, charts: Charts) -> Event:
    """The decision, made again from what it says it rests on.

    Raises:  NotReplayable, or another DomainError: the record does not hold what it takes.
    """
    match event:
        case SessionRecorded() | SessionWithdrawn():
            return _session_again(recorded, event, basis)
        case UnitsCalculated():
            return _units_again(event, basis, rules)
        case VisitCharted():
            return _entry_again(event, basis, rules)
        case ClaimAssessed():
            return _claim_again(event, basis, rules, charts)
        case ClaimSubmitted():
            return _submitted_again(event, basis, rules)
        case ClaimAdjudicated():
            return _adjudicated_again(basis, rules)
        case _:
            return appeal_again(event, [seen.event for seen in basis.seen], rules)


DECISIONS = frozenset(
    {
        "SessionRecorded",
        "SessionWithdrawn",
        "UnitsCalculated",
        "VisitCharted",
        "ClaimAssessed",
        "ClaimSubmitted",
        "ClaimAdjudicated",
        "DenialTriaged",
        "AppealOpened",
        "CorrectionRequested",
        "RemedyProposed",
        "AppealConcluded",
        "DenialSettled",
        "DeadlineWarned",
        "AppealLapsed",
        "DecisionOverdue",
    }
)
"""The types of what services conclude. Facts, conflicts and what people did are given, not decided."""


def replay(
    read: Reader, codec: ReadableCodec, claim_id: str | None = None, progress: Progress | None = None
) -> Replayed:
    """Run the decisions of one claim again, or all of the log, in constant memory.

    Raises:  UnknownClaim.
    """
    result = Replayed()
    read = Reader(read.log, codec)  # a fresh one: what counts is the stored bytes, not what this process remembers
    if claim_id is not None:
        own = read.log.read_case(id_bytes(case_of(read, claim_id)))
        _check(read, codec, [row for row in own if row.type in DECISIONS], result, Charts(read))
        return result
    head, charts = read.log.head(), Charts(read)
    for batch in _decisions(read, head):
        _check(read, codec, batch, result, charts)
        if progress is not None:
            progress(batch[-1].position, head)
    return result


def _decisions(read: Reader, head: int) -> Iterator[list[Recorded]]:
    after = 0
    while rows := read.log.read_all(after, DECISIONS_A_BATCH, DECISIONS, upto=head):
        yield rows
        after = rows[-1].position


def _check(read: Reader, codec: ReadableCodec, rows: list[Recorded], result: Replayed, charts: Charts) -> None:
    """Each decision of a batch against the record."""
    stored = {row.event_id: orjson.loads(row.data) for row in rows}
    wanted = {id_bytes(named) for data in stored.values() for named in data["basis"]}
    named = {row.event_id: row for row in read.log.read_events(wanted)}
    for row in rows:
        reason = _verdict(read, codec, row, named, charts)
        if reason is None:
            result.same += 1
        elif reason == ERASED:
            result.erased += 1
        else:
            result.different += 1
            if len(result.differences) < 100:
                claim = stored[row.event_id].get("claim_id", "")
                result.differences.append(Difference(row.position, id_text(row.event_id), row.type, claim, reason))


def _verdict(
    read: Reader, codec: ReadableCodec, row: Recorded, named: Mapping[bytes, Recorded], charts: Charts
) -> str | None:
    """Why the decision does not come out the same; `erased` when a key is gone, None when it does."""
    stored, erased = codec.readable(row)
    missing = [name for name in stored["basis"] if id_bytes(name) not in named]
    if missing:
        return f"the record does not hold {len(missing)} of the events it rests on, first {missing[0]}"
    rules = load(stored.get("ruleset", CURRENT))
    if stored.get("ruleset_hash", rules.hash) != rules.hash:
        return f"ruleset {rules.id} is not the one it was decided under: {stored['ruleset_hash']}"
    if erased:
        return ERASED
    try:
        basis = Basis(read.see(named[id_bytes(name)]) for name in stored["basis"])
        again = decide_again(row, read.see(row).event, basis, rules, charts)
    except Erased:
        return ERASED
    except DomainError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 -- a decision that cannot be run again is a difference, with its kind
        return f"{type(error).__name__} while deciding again"
    now = again.canonical()
    return None if canonical_json(stored) == now else _where(stored, orjson.loads(now))


def _where(was: dict[str, Any], now: dict[str, Any]) -> str:
    names = sorted(name for name in was.keys() | now.keys() if was.get(name) != now.get(name))
    return f"comes out different in {', '.join(names)}"
