"""Family TEL: visits by telehealth, in their dated windows, at their places, for the codes on the day's list."""

from collections.abc import Iterator
from typing import NamedTuple

from therapy_domain.claims.registry import PLACE_OF_SERVICE, Fault, rule
from therapy_domain.claims.visit import Sitting, Visit, of_visit
from therapy_domain.rulesets.telehealth import telehealth

PLACES = frozenset({"02", "10"})
"""Places of service that are telehealth whatever else is said: 10 in the patient's home, 02 elsewhere."""
_PLACE = ("opened.place_of_service", "opened.telehealth")


class Remote(NamedTuple):
    """The visit's telehealth."""

    sittings: tuple[Sitting, ...]
    treated: frozenset[str]
    """Codes recorded in them."""
    alone: frozenset[str]
    """Of what counts together (see `Visit.entry`), what was by telehealth alone."""
    mixed: frozenset[str]
    """What was partly in person."""


@of_visit
def remote(visit: Visit) -> Remote:
    """Which sessions were by telehealth: as they say, or without a word of it as their place says."""
    sittings = tuple([sitting for sitting in visit.sittings if _is_remote(sitting)])
    if not sittings:
        return Remote((), frozenset(), frozenset(), frozenset())
    treated = frozenset().union(*[sitting.treated for sitting in sittings])
    here = frozenset().union(*[sitting.treated for sitting in visit.sittings if sitting not in sittings])
    away, in_person = frozenset(map(visit.entry, treated)), frozenset(map(visit.entry, here))
    return Remote(sittings, treated, away - in_person, away & in_person)


def _is_remote(sitting: Sitting) -> bool:
    opened = sitting.recorded.opened
    return opened.place_of_service in PLACES if opened.telehealth is None else opened.telehealth


def marks(visit: Visit) -> Iterator[tuple[int, str, str]]:
    """The payer's modifier on lines furnished by telehealth: line, modifier, why."""
    alone = remote(visit).alone
    if visit.policy is None or not alone:
        return
    modifier = visit.policy.telehealth_modifier
    for line in visit.lines.lines:
        if visit.entry(line.code) in alone:
            yield line.line, modifier, f"{modifier}: furnished by telehealth"


@rule(
    "TEL-001",
    severity="deny",
    source="SSA section 1834(m) with its extensions; CMS List of Medicare Telehealth Services; the payer's own list",
    fix="Hold the claim until the law or the list covers the day, or bill what was furnished in person.",
    place=PLACE_OF_SERVICE,
)
def telehealth_is_open(visit: Visit) -> Iterator[Fault]:
    """A telehealth visit lies in a dated window, at place 02 or 10, with codes on the day's list."""
    for sitting in visit.sittings:
        opened = sitting.recorded.opened
        if opened.telehealth is False and opened.place_of_service in PLACES:
            place = opened.place_of_service
            told = f"{sitting.name}: place of service {place} is telehealth, and the session says that it was none"
            yield Fault(told, None, _PLACE, fix="Correct the place of service, or say that it was telehealth.")
    found = remote(visit)
    if found.sittings:
        yield from _places(visit, found)
        yield from _codes(visit, found)


def _places(visit: Visit, found: Remote) -> Iterator[Fault]:
    allowed = telehealth(visit.ruleset).places_on(visit.on)
    for sitting in found.sittings:
        place = sitting.recorded.opened.place_of_service
        if allowed and place not in allowed:
            told = f"{sitting.name}: telehealth at place of service {place}, not at {' or '.join(sorted(allowed))}"
            yield Fault(told, None, _PLACE, fix="Say where the patient was: 10 in the own home, 02 elsewhere.")
    for code in sorted(found.mixed):
        told = f"{code}: partly by telehealth and partly in person on one day"
        yield Fault(told, visit.line_of.get(code), _PLACE, fix="Correct how the sessions were furnished.")


def _codes(visit: Visit, found: Remote) -> Iterator[Fault]:
    policy = visit.policy
    if policy is None:
        return
    listed = policy.telehealth_codes
    if listed is None and policy.medicare_like:
        table = telehealth(visit.ruleset)
        listed = table.codes(visit.on)
        if not table.open_on(visit.on):
            told = f"no law lets Medicare pay therapists for telehealth on {visit.on}, as far as this release knows"
            yield Fault(told, None, ("opened.date_of_service", *_PLACE))
            return
        if listed is None:
            told = f"this release holds no list of telehealth services for {visit.on}"
            yield Fault(told, None, ("opened.date_of_service", *_PLACE))
            return
    for code in sorted(found.treated - listed) if listed is not None else ():
        told = f"{code}: not among the services that the payer pays by telehealth on {visit.on}"
        yield Fault(told, visit.line_of.get(code), ("interval.code", *_PLACE))
