"""The lines of a claim as they are sent: which session furnished each, its diagnoses, provider and place."""

from collections.abc import Mapping, Sequence
from typing import Any

from claim_validation.composing.people import Credentials, billed_npi, provider
from interchange.professional import ServiceLine
from therapy_domain.claims.visit import Sitting, Visit
from therapy_domain.events.claim import ClaimLine

MOST_POINTERS = 4
MOST_DIAGNOSES = 12


def service_lines(
    visit: Visit,
    lines: Sequence[ClaimLine],
    numbers: Mapping[int, str],
    diagnoses: Sequence[str],
    place_of_service: str,
    rendering: str,
    known: Credentials,
    described: frozenset[str],
) -> tuple[ServiceLine, ...]:
    """Every billable line.

    Args:    numbers: our control numbers by line. rendering: NPI of the claim's rendering provider.
             described: codes that say nothing without a description.
    """
    made = []
    for line in lines:
        sitting = main_sitting(visit, line.code)
        npi = billed_npi(sitting, known) if sitting is not None else rendering
        place = sitting.recorded.opened.place_of_service if sitting is not None else place_of_service
        charge: Any = line.charge_cents  # where the organization has no fee, the claim says so as a fault
        made.append(
            ServiceLine(
                code=line.code,
                modifiers=line.modifiers,
                description=_description(visit, line.code) if line.code in described else None,
                charge_cents=charge,
                units=line.units,
                diagnosis_pointers=pointers(visit, line.code, sitting, diagnoses),
                service_date=visit.on,
                control_number=numbers[line.line],
                place_of_service=None if place == place_of_service else place,
                rendering=None if npi == rendering else provider(npi, known),
            )
        )
    return tuple(made)


def main_sitting(visit: Visit, code: str) -> Sitting | None:
    """The session in which most of a code was furnished; of equal ones the first."""
    time: dict[int, float] = {}
    for sitting, interval in visit.treatments:
        if interval.code == code:
            place = visit.sittings.index(sitting)
            time[place] = time.get(place, 0) + (interval.seconds or 60 * (interval.minutes or 0))
    return visit.sittings[max(time, key=lambda place: (time[place], -place))] if time else None


def all_diagnoses(visit: Visit) -> tuple[str, ...]:
    """The sessions' diagnoses, the first session's principal one first; at most twelve."""
    found: dict[str, str] = {}
    for sitting in visit.sittings:
        for code in sitting.recorded.opened.diagnoses:
            found.setdefault(code.replace(".", ""), code)
    return tuple(found.values())[:MOST_DIAGNOSES]


def pointers(visit: Visit, code: str, sitting: Sitting | None, diagnoses: Sequence[str]) -> tuple[int, ...]:
    """The places of up to four diagnoses: those that the payer wants to see with the code first, then the session's."""
    plain = [each.replace(".", "") for each in diagnoses]
    own = plain if sitting is None else [each.replace(".", "") for each in sitting.recorded.opened.diagnoses]
    wanted = visit.policy.diagnosis_prefixes.get(code, ()) if visit.policy is not None else ()
    found = [number for number, each in enumerate(plain, start=1) if each in own]
    found.sort(key=lambda number: not plain[number - 1].startswith(tuple(wanted)))
    return tuple(found[:MOST_POINTERS])


def _description(visit: Visit, code: str) -> str | None:
    row = visit.codes.get(code)
    return row.name if row is not None else None
