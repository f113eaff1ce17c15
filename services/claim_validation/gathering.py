"""Cases as the export finds them: everything that was assessed, and what is to be sent of it by now."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from claim_validation.assembly import Names, assemble, known_facts, names
from claim_validation.resending import due_of, others
from claim_validation.state import CHART, CLAIM, FACTS, SESSIONS, UNITS, ClaimState
from claim_validation.submissions import Due, payer_claim_number, standing
from claim_validation.submitting import Ready
from event_log.keyring import Erased
from service_kit.reading import Reader
from therapy_domain.claims.assess import basis
from therapy_domain.claims.case import Case, Known
from therapy_domain.events.claim import ClaimAssessed
from therapy_domain.rulesets import Ruleset
from therapy_domain.streams import claim_of, sessions_of, units_of


class Found(NamedTuple):
    """A case, the version of its claim's stream, and what is to be sent of it; None where nothing is."""

    case: str
    version: int
    ready: Ready | None
    reason: str | None = None
    """Why nothing is, where that is not simply that nothing is due."""


IN_WORK = "facts have come that it was not assessed with yet; export again once the services have caught up"
ERASED = "its patient was erased"


def gather(cases: Sequence[str], read: Reader, rules: Ruleset, *, unchanged: bool = False) -> Iterator[Found]:
    """Each of these cases, with everything read in a few queries.

    Args:    unchanged: send also what came back and has not changed since.
    """
    try:
        yield from _gather(cases, read.snapshot(), rules, unchanged=unchanged)
    except Erased:
        if len(cases) == 1:
            yield Found(cases[0], 0, None, ERASED)
            return
        for case in cases:  # one by one: only the one at fault is held back
            yield from gather([case], read, rules, unchanged=unchanged)


def as_it_stands(case: str, read: Reader, rules: Ruleset) -> Ready | None:
    """A case as it would be sent now for the first time, due or not; None where there is nothing to send.

    Raises:  Erased.
    """
    read = read.snapshot()
    claim = read.fold(claim_of(case), CLAIM).state
    whole = _whole(case, claim, names([case], read)[case], read, rules)
    if whole is None or claim.assessed is None or not whole.sessions:
        return None
    return _ready(whole, claim, claim.assessed, "original", read)


def _gather(cases: Sequence[str], read: Reader, rules: Ruleset, *, unchanged: bool) -> list[Found]:
    claims = read.folds([claim_of(case) for case in cases], CLAIM)
    read.folds([units_of(case) for case in cases], UNITS)
    named = names(cases, read)
    read.folds({each.chart for each in named.values()}, CHART)
    read.folds({stream for each in named.values() for stream in each.all()}, FACTS)
    return [_found(case, *claims[claim_of(case)], named[case], read, rules, unchanged=unchanged) for case in cases]


def _found(
    case: str, version: int, claim: ClaimState, named: Names, read: Reader, rules: Ruleset, *, unchanged: bool
) -> Found:
    whole = _whole(case, claim, named, read, rules)
    if whole is None or claim.assessed is None or basis(whole) != claim.assessed.event.basis:
        return Found(case, version, None, IN_WORK)
    due = due_of(claim, claim.assessed.event, whole, read, rules, unchanged=unchanged)
    return Found(case, version, _ready(whole, claim, claim.assessed, due, read) if due is not None else None)


def _whole(case: str, claim: ClaimState, named: Names, read: Reader, rules: Ruleset) -> Case | None:
    """Everything that is known of a case; None while its units are counted."""
    units, sessions = read.fold(units_of(case), UNITS).state, read.fold(sessions_of(case), SESSIONS).state
    if units is None or units.event.sessions != sessions.ids():
        return None
    known, charted = known_facts(named, read), read.fold(named.chart, CHART)
    facts = {stream: folded.state for stream, folded in known.items()}
    return assemble(named, sessions, units, claim.acts, facts, charted, rules)


def _ready(whole: Case, claim: ClaimState, assessed: Known[ClaimAssessed], due: Due, read: Reader) -> Ready:
    return Ready(
        case=whole,
        assessed=assessed,
        others=tuple(others(whole, read)),
        due=due,
        number=len(claim.sent) + 1,
        payer_claim_number=payer_claim_number(claim.sent, claim.adjudicated.values()),
        at_payer=standing(claim.sent),
    )
