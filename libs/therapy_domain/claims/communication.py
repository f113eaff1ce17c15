"""Family COM: what is open between people."""

from collections.abc import Iterator

from therapy_domain.claims.registry import NOWHERE, Fault, rule
from therapy_domain.claims.visit import Visit


@rule(
    "COM-001",
    severity="delay",
    source="Claimtrail's practice: what came with two contents, or was asked about, waits for a person",
    fix="Decide which content of the fact is right.",
    place=NOWHERE,
)
def nothing_waits_for_a_person(visit: Visit) -> Iterator[Fault]:
    """No fact of the case came twice with different content, undecided, and no question on the claim is open."""
    conflicts = {*visit.case.conflicts, *(c for s in visit.sittings for c in s.recorded.conflicts)}
    if conflicts:
        yield Fault("a fact came again with other content; a person must decide which is right")
    answered = {known.event.question_id for known in visit.case.answers}
    for known in visit.case.questions:
        asked = known.event
        if asked.question_id not in answered:
            yield Fault(
                f"question {asked.question_id} of {asked.at.date()} is open",
                fix="Answer the question.",
                arose=asked.at,
            )
