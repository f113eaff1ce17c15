"""Family GRP: one-on-one codes given to a group."""

from collections.abc import Iterator

from therapy_domain.claims.minutes import also_miscounted, spoken
from therapy_domain.claims.registry import PROCEDURE, Fault, rule
from therapy_domain.claims.visit import Visit


@rule(
    "GRP-001",
    severity="reject",
    source="CMS Pub. 100-02, chapter 15, section 230",
    fix="Bill 97150 once for each patient of the group, or record the time that was one-on-one.",
    place=PROCEDURE,
    also=("GRP-002",),
)
def no_group_under_a_one_on_one_code(visit: Visit) -> Iterator[Fault]:
    """A one-on-one code is not given to a group."""
    for code in sorted(visit.left_out):
        if "group_under_one_on_one" not in visit.left_out[code]:
            continue
        minutes = visit.left_out[code]["group_under_one_on_one"]
        yield Fault(
            f"{code}: {spoken(minutes)} in a group under a code that is one-on-one",
            line=visit.line_of.get(code),
            fields=("interval.contact", "interval.code"),
            also=also_miscounted(visit, code, ("GRP-002",)),
        )
