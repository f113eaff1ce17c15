"""Family COM: what is open between people."""

from collections.abc import Iterator

from therapy_domain.claims.registry import NOWHERE, Fault, rule
from therapy_domain.claims.visit import Visit


@rule(
    "COM-001",
    severity="delay",
    source="Claimtrail's practice: what came with two contents waits for a person",
    fix="Decide which content of the fact is right.",
    place=NOWHERE,
)
def no_open_conflict(visit: Visit) -> Iterator[Fault]:
    """No fact of the case came twice with different content, undecided."""
    conflicts = {*visit.case.conflicts, *(c for s in visit.sittings for c in s.recorded.conflicts)}
    if conflicts:
        yield Fault("a fact came again with other content; a person must decide which is right")
