"""Every kind of evidence that we know how to look for."""

from collections.abc import Callable, Iterable, Mapping

from therapy_domain.appeals.evidence import course, note, payer, visit
from therapy_domain.appeals.evidence.finding import Evidence, Found, Gap
from therapy_domain.appeals.record import Dispute
from therapy_domain.rulesets.denials import denial_codes

FINDERS: Mapping[str, Callable[[Dispute], Found]] = {
    "minutes": visit.minutes,
    "units": visit.units,
    "modifiers": visit.modifiers,
    "assistant-minutes": visit.assistant_minutes,
    "time-blocks": visit.time_blocks,
    "notes": note.notes,
    "skilled-need": note.skilled_need,
    "diagnoses": course.diagnoses,
    "evaluation": course.evaluation,
    "plan": course.plan,
    "measures": course.measures,
    "progress": course.progress,
    "eligibility": payer.eligibility,
    "authorization": payer.authorization,
    "enrollment": payer.enrollment,
    "acknowledgment": payer.acknowledgment,
    "filing": payer.filing,
}
"""By the keys of the ruleset's table appeal_evidence; a test holds the two against each other."""


def gather(dispute: Dispute, keys: Iterable[str]) -> Evidence:
    """Look for these kinds of evidence. Keys of what no record of ours holds are named as to be enclosed."""
    words = denial_codes(dispute.record.rules)
    wanted = list(dict.fromkeys(keys))
    found = {key: FINDERS[key](dispute) for key in wanted if key in FINDERS}
    outside = tuple(Gap(key, f"to be enclosed: {words.evidence[key]}") for key in wanted if key in words.outside)
    return Evidence(found, outside)
