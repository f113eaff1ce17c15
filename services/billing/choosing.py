"""Which claims an export sends: what is due, what of it can be sent, and what keeps the rest back."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from sys import intern
from typing import NamedTuple

from claim_validation.gathering import Found, gather
from claim_validation.submissions import Due
from claim_validation.submitting import Decided, Export, Ready, decide, submitted
from event_log.protocol import RowsConnection
from interchange.professional import ClaimFault, ProfessionalClaim
from service_kit.reading import Reader
from therapy_domain.events.submission import ClaimSubmitted
from therapy_domain.rulesets import Ruleset

CASES_AT_ONCE = 200
"""So many cases are looked at together: whole, with their sessions, charts and facts. What is kept of each is small."""
NO_FILE_YET = 0


class Wanted(NamedTuple):
    """Which claims; None = whatever it is."""

    payer: str | None = None
    org: str | None = None
    clinic: str | None = None
    unchanged: frozenset[str] = frozenset()
    """Claims that came back and are sent again though nothing of them has changed."""


class Candidate(NamedTuple):
    """A claim that may be due."""

    case_id: str
    claim_id: str
    org: str
    payer_id: str


class KeptBack(NamedTuple):
    """A claim that is due and cannot be sent."""

    claim_id: str
    org: str
    payer_id: str
    due: str | None
    faults: tuple[ClaimFault, ...]
    reason: str | None = None


class Choice(NamedTuple):
    """A claim to be sent: what its file and its record need of it, nothing else of its case."""

    event: ClaimSubmitted
    """As it will be recorded, but for the number of the file."""
    claim: ProfessionalClaim
    version: int
    """Of the claim's stream, that this was decided at."""
    patient_id: str
    date_of_service: date
    due: Due
    advice: tuple[ClaimFault, ...]
    guide: str

    @property
    def place(self) -> tuple[str, date, str]:
        """Where it stands in its file."""
        return self.patient_id, self.date_of_service, self.event.case_id

    def kept(self, faults: tuple[ClaimFault, ...]) -> KeptBack:
        """The same, where its file cannot be sent."""
        return KeptBack(self.event.claim_id, self.event.org, self.event.payer_id, self.due, faults)


class Chosen(NamedTuple):
    """What comes of some candidates."""

    choices: list[Choice]
    """In the file's order."""
    kept_back: list[KeptBack]
    latest: Ready | None
    """The choice with the latest day: who sends and receives is as the organization says it for that day."""


def due_claims(rows: RowsConnection, wanted: Wanted) -> list[Candidate]:
    """Claims that may be due, by organization, payer and day."""
    where = {"c.payer_id = ?": wanted.payer, "c.org = ?": wanted.org, "c.clinic = ?": wanted.clinic}
    words = "".join(f" AND {word}" for word, value in where.items() if value is not None)
    values = [value for value in where.values() if value is not None]
    one = "SELECT c.case_id, c.claim_id, c.org, c.payer_id, c.date_of_service FROM claim c"
    found = rows.execute(f"{one} WHERE c.status = 'ready'{words}", values).fetchall()
    anew = f"{one} JOIN due_claim d ON d.claim_id = c.claim_id WHERE TRUE{words}"
    found += rows.execute(anew, values).fetchall()
    for claim_id in sorted(wanted.unchanged):
        found += rows.execute(f"{one} WHERE c.claim_id = ?", (claim_id,)).fetchall()
    ordered = sorted({(org, payer, day, claim, case) for case, claim, org, payer, day in found})
    return [Candidate(case, claim, intern(org), intern(payer)) for org, payer, _, claim, case in ordered]


def parts(candidates: Sequence[Candidate], most: int) -> Iterator[list[Candidate]]:
    """Of one organization and payer, so many that they fit into a file."""
    coming = iter(candidates)
    part = list(islice(coming, 1))
    for each in coming:
        if (each.org, each.payer_id) != (part[0].org, part[0].payer_id) or len(part) == most:
            yield part
            part = []
        part.append(each)
    if part:
        yield part


def choose(
    part: Sequence[Candidate], wanted: Wanted, read: Reader, rules: Ruleset, *, on: date, now: datetime
) -> Chosen:
    """What can be sent of these claims, and what is kept back, why."""
    choices: list[Choice] = []
    kept_back: list[KeptBack] = []
    latest: Ready | None = None
    by_case = {each.case_id: each for each in part}
    for found in _found(part, wanted, read, rules):
        known, ready = by_case[found.case], found.ready
        if ready is None:
            if found.reason is not None:
                kept_back.append(KeptBack(known.claim_id, known.org, known.payer_id, None, (), found.reason))
            continue
        decided = decide(ready, on, rules)
        if decided.claim is None:
            case = ready.case
            kept_back.append(KeptBack(case.claim_id, case.org, case.payer_id, ready.due, decided.faults))
            continue
        choices.append(_choice(found, ready, decided, decided.claim, Export(NO_FILE_YET, on, now)))
        latest = ready if latest is None else max(latest, ready, key=_day)
    choices.sort(key=lambda each: each.place)
    return Chosen(choices, kept_back, latest)


def _found(part: Sequence[Candidate], wanted: Wanted, read: Reader, rules: Ruleset) -> Iterator[Found]:
    """The cases of these claims, some at a time."""
    for unchanged in (False, True):
        cases = [each.case_id for each in part if (each.claim_id in wanted.unchanged) is unchanged]
        for start in range(0, len(cases), CASES_AT_ONCE):
            yield from gather(cases[start : start + CASES_AT_ONCE], read, rules, unchanged=unchanged)


def _choice(found: Found, ready: Ready, decided: Decided, claim: ProfessionalClaim, export: Export) -> Choice:
    return Choice(
        event=submitted(ready, decided, export),
        claim=claim,
        version=found.version,
        patient_id=ready.case.patient_id,
        date_of_service=ready.case.date_of_service,
        due=ready.due,
        advice=decided.advice,
        guide=decided.base_guide,
    )


def _day(ready: Ready) -> tuple[date, str]:
    return ready.case.date_of_service, ready.case.case_id
