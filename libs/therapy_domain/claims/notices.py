"""Family ABN: advance notices of non-coverage, and the modifiers by which a claim tells Medicare of them."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import NamedTuple

from therapy_domain.claims.pairs import pairs_of
from therapy_domain.claims.registry import MODIFIERS, Fault, rule
from therapy_domain.claims.unit_limits import over_the_limit
from therapy_domain.claims.visit import Visit, of_visit
from therapy_domain.events.claim import Severity
from therapy_domain.events.session import Notice, NoticeReason

NOTICES = frozenset({"GA", "GX", "GY", "GZ"})
EXPECTED_DENIAL = frozenset({"GA", "GZ", "GY"})
"""On a line with one of these no modifier tells that the service was necessary (KX, AT)."""
LONGEST = timedelta(days=365)
"""A notice for a course of treatment holds for a year."""
_OF_NECESSITY: frozenset[NoticeReason] = frozenset({"medical_necessity", "frequency", "maintenance", "investigational"})
_FIELDS = ("opened.notice",)
_GET_ONE = "Bill with GZ, at the clinic's own cost; next time have the notice signed before the service."


class Wrong(NamedTuple):
    """What is wrong with a notice, in words that follow the codes it names."""

    words: str
    fix: str
    severity: Severity | None = None


class Standing(NamedTuple):
    """What the day's notices come to for one code."""

    modifiers: tuple[str, ...]
    because: str
    """Why a line carries them."""
    wrong: Wrong | None = None


_VOLUNTARY = Wrong(
    "a voluntary notice for a service that Medicare covers shifts no cost to the patient",
    "Give a required notice where one is due.",
    "advice",
)
_FOR_AN_EDIT = Wrong(
    "a notice for what a pair edit or a unit limit denies; that is never the patient's to pay",
    "Mend what is denied; the notice does not help.",
)


@of_visit
def notices_of(visit: Visit) -> Mapping[str, Standing]:
    """For each code of the claim that a notice or an exclusion concerns: what its lines tell, and what is wrong.

    GA: a notice that had to be given, signed by the day of service at the latest, with its reason. GZ: the denial is
    expected as well, and no such notice stands. GY: excluded by statute, beside GP as on every therapy code; with GX
    where a voluntary notice tells so.
    Source:  SSA section 1879; 42 CFR 411.404, 411.408; CMS Pub. 100-04, chapter 30, section 50.
    """
    if visit.policy is None or not visit.policy.medicare_like:
        return {}
    found = {}
    if visit.case.discipline == "CHIRO" or any(s.recorded.opened.notice is not None for s in visit.sittings):
        for code in visit.line_of:
            standing = _standing(visit, code)
            if standing is not None:
                found[code] = standing
    return found


def denial_expected(visit: Visit, code: str) -> bool:
    """Whether our lines of the code tell that a denial is expected: then none tells that it was necessary (KX, AT)."""
    standing = notices_of(visit).get(code)
    return standing is not None and not EXPECTED_DENIAL.isdisjoint(standing.modifiers)


def _standing(visit: Visit, code: str) -> Standing | None:
    notices = [sitting.recorded.opened.notice for sitting, _ in visit.given(code)]
    given = [notice for notice in notices if notice is not None and _names(visit, notice, code)]
    if excluded(visit, code):
        return _excluded(visit, given)
    if not given:
        return None
    kinds = {notice.kind for notice in given}
    if kinds == {"voluntary"}:
        return Standing((), "", _VOLUNTARY)
    if _denied_by_an_edit(visit, code):
        return Standing((), "", _FOR_AN_EDIT)
    wanting = _wanting(visit, given, some_without=len(given) < len(notices) or len(kinds) > 1)
    if wanting is None:
        return Standing(("GA",), f"GA: a notice signed on {given[0].signed_on} expects a denial as not necessary")
    wrong = Wrong(f"the advance notice does not stand: {wanting}", _GET_ONE)
    return Standing(("GZ",), f"GZ: a denial is expected, and {wanting}", wrong)


def _names(visit: Visit, notice: Notice, code: str) -> bool:
    """Whether it is about that service; of an add-on, about the service that goes on."""
    return notice.names(code) or notice.names(visit.entry(code))


def excluded(visit: Visit, code: str) -> bool:
    """Whether statute excludes the service: Medicare pays chiropractors for manipulation of the spine alone.

    Source:  SSA section 1861(r)(5); CMS Pub. 100-02, chapter 15, section 240.
    """
    row = visit.codes.get(code)
    return visit.case.discipline == "CHIRO" and row is not None and row.therapy != "no"


def _excluded(visit: Visit, given: list[Notice]) -> Standing:
    because = "GP and GY: statute excludes the service by a chiropractor"
    voluntary = [notice for notice in given if notice.kind == "voluntary" and notice.signed_on <= visit.on]
    if voluntary:
        told = f"GX: a voluntary notice signed on {voluntary[0].signed_on}; {because}"
        return Standing(("GP", "GX", "GY"), told)
    return Standing(("GP", "GY"), because)


def _wanting(visit: Visit, given: list[Notice], *, some_without: bool) -> str | None:
    """Why the required notices do not stand; None = they do."""
    if some_without:
        return "one of the day's sessions has no such notice"
    for notice in given:
        if notice.signed_on > visit.on:
            return f"it was signed on {notice.signed_on}, after the service"
        if notice.signed_on < visit.on - LONGEST:
            return f"it was signed on {notice.signed_on}, more than a year before the service"
        if notice.reason not in _OF_NECESSITY:
            return "it names no reason of medical necessity"
    return None


def _denied_by_an_edit(visit: Visit, code: str) -> bool:
    """Whether a pair edit or a unit limit denies it for certain."""
    over, pairs = over_the_limit(visit).get(code), pairs_of(visit).get(code, ())
    together = any(pair.edit.binds and (pair.edit.indicator == 0 or pair.why_not is not None) for pair in pairs)
    return together or (over is not None and over.severity is None)


def marks(visit: Visit) -> Iterator[tuple[int, str, str]]:
    """What lines tell of notices: line, modifier, why."""
    for code, standing in notices_of(visit).items():
        for number in visit.lines.of(code):
            for modifier in standing.modifiers:
                yield number, modifier, standing.because


@rule(
    "ABN-001",
    severity="deny",
    source="SSA section 1879; 42 CFR 411.404, 411.408; CMS Pub. 100-04, chapter 30, section 50",
    fix="Take the modifier off, or record the notice that the patient signed.",
    place=MODIFIERS,
)
def notices_are_given_before_the_service(visit: Visit) -> Iterator[Fault]:
    """A claim tells of an advance notice only where one stands: signed before the service, with its reason."""
    standings = notices_of(visit)
    wrong: dict[Wrong, list[str]] = {}
    for code, standing in standings.items():
        if standing.wrong is not None:
            wrong.setdefault(standing.wrong, []).append(code)
    for (words, fix, severity), of_codes in wrong.items():
        line = min(visit.line_of[code] for code in of_codes)
        yield Fault(f"{' and '.join(sorted(of_codes))}: {words}", line, _FIELDS, severity=severity, fix=fix)
    if visit.policy is None or not visit.policy.medicare_like:
        return
    for code, charges in visit.charges_of.items():
        charged = NOTICES.intersection([modifier for charge in charges for modifier in charge.modifiers])
        ours = standings.get(code)
        if charged and not charged >= {"GA", "GZ"} and (ours is None or ours.wrong is None):  # both at once: MOD-002
            yield from _charged(visit, code, charged, frozenset(ours.modifiers if ours else ()))


def _charged(visit: Visit, code: str, charged: frozenset[str], ours: frozenset[str]) -> Iterator[Fault]:
    """Charges that tell of notices we do not know, or deny one that we do."""
    line, fields = visit.line_of.get(code), ("charges.modifiers", *_FIELDS)
    if unfounded := sorted(charged & {"GA", "GX"} - ours):
        words = f"{code}: charged with {' and '.join(unfounded)}, and the record has no such notice"
        yield Fault(words, line, fields)
    if "GZ" in charged and "GA" in ours:
        words = f"{code}: charged with GZ, and a notice stands on the record"
        yield Fault(words, line, fields, severity="advice", fix="Charge GA, as our line does.")
