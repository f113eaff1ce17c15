"""Does an interval's time count to its code, and if not, why not."""

from therapy_domain.rulesets.codes import Code
from therapy_domain.units.model import Reason, WorkedInterval

THERAPISTS = frozenset({"PT", "OT", "SLP", "DC"})
ASSISTANTS = frozenset({"PTA", "OTA"})

NON_TREATMENT: dict[str, Reason] = {
    "setup": "setup",
    "rest": "rest",
    "conversation": "conversation",
    "documentation": "documentation",
}
"""Activities that are no treatment under any code."""
_UNSKILLED_HANDS: dict[str, Reason] = {"AIDE": "aide", "STUDENT": "student"}
_ALONE: dict[str, Reason] = {"unattended": "unattended", "observed": "observed"}
INTERRUPTS: frozenset[Reason] = frozenset(
    {"setup", "rest", "conversation", "documentation", "passive_modality", "unattended", "observed", "not_skilled"}
)
"""Reasons whose minutes are also taken out of the treatment that they lie in."""


def reason_against(interval: WorkedInterval, code: Code | None) -> Reason | None:
    """Why the interval's minutes count to no code; None where they count.

    One reason, the first that holds: what was done, then who did it, then how. A supervised modality asks for no
    contact; a group needs constant attendance; a passive modality is right only under a modality's own code.
    Source:  CMS Pub. 100-04, chapter 5, section 20.2.
    """
    if interval.activity in NON_TREATMENT:
        return NON_TREATMENT[interval.activity]
    if interval.role in _UNSKILLED_HANDS:
        return _UNSKILLED_HANDS[interval.role]
    if code is None:
        return "unknown_code"
    if interval.contact == "group" and code.direct:
        return "group_under_one_on_one"
    if interval.activity == "passive_modality" and not code.passive:
        return "passive_modality"
    if interval.contact in _ALONE and code.attendance not in ("supervised", "any"):
        return _ALONE[interval.contact]
    return "not_skilled" if interval.skilled is False else None


def occupies(interval: WorkedInterval, code: Code | None) -> bool:
    """Whether the interval ties its performer to this one patient: countable, direct, one-on-one, by the clock.

    Such times of a clinician's other patients are what `DayOfWork.elsewhere` holds.
    """
    return (
        code is not None
        and code.direct
        and interval.contact == "one_on_one"
        and interval.start is not None
        and interval.end is not None
        and reason_against(interval, code) is None
    )
