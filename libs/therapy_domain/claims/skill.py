"""Family SKL: time in which the therapist's skill was not at work."""

from collections.abc import Iterator

from therapy_domain.claims.minutes import left_out_faults
from therapy_domain.claims.registry import NOTE, UNITS, Fault, rule
from therapy_domain.claims.repetition import repeated
from therapy_domain.claims.visit import Visit


@rule(
    "SKL-001",
    severity="deny",
    source="CMS Pub. 100-02, chapter 15, section 220.2; payers' audit checklists",
    fix="Progress the activity or record the new cue; else stop billing it.",
    place=NOTE,
)
def treatment_goes_on(visit: Visit) -> Iterator[Fault]:
    """The same activity and dose are not given visit after visit without progression or a new cue."""
    if visit.policy is None:
        return
    for sitting, since in repeated(visit, visit.policy.repeated_visits):
        yield Fault(
            f"{sitting.name}: the same exercises with the same guidance for {visit.policy.repeated_visits} visits, "
            f"first on {since}",
            fields=("note.exercises", "note.skilled_guidance"),
        )


@rule(
    "SKL-002",
    severity="deny",
    source="CMS Pub. 100-04, chapter 5, section 20.2",
    fix="Leave the patient's own exercise out of the charges.",
    place=UNITS,
)
def no_unattended_minutes(visit: Visit) -> Iterator[Fault]:
    """Unattended exercise counts to no code."""
    return left_out_faults(visit, ("unattended",), "count to no code")


@rule(
    "SKL-003",
    severity="deny",
    source="CMS Pub. 100-02, chapter 15, section 220.2",
    fix="Stop billing what the patient does alone, or record the skill that was needed.",
    place=UNITS,
)
def skilled_minutes_only(visit: Visit) -> Iterator[Fault]:
    """Minutes without need of a therapist's skill count to no code."""
    return left_out_faults(visit, ("observed", "not_skilled"), "count to no code")
