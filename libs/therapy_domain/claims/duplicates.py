"""DUP-001: one service billed twice, in another case of the day or in two sessions of one case."""

from collections.abc import Iterator

from therapy_domain.claims.clocks import clocks_of
from therapy_domain.claims.registry import PROCEDURE, Fault, rule
from therapy_domain.claims.visit import Sitting, Visit
from therapy_domain.events.chart import ChartedLine
from therapy_domain.events.claim import ClaimLine


@rule(
    "DUP-001",
    severity="reject",
    source="CMS Pub. 100-04, chapter 1, section 120 (exact duplicates)",
    fix="Void the one that was sent in error; if both were given, correct the clock times.",
    place=PROCEDURE,
)
def nothing_is_billed_twice(visit: Visit) -> Iterator[Fault]:
    """The same service of the same performer is not billed twice on a day; other clock times are another service."""
    yield from _sent_twice(visit)
    yield from _in_another_claim(visit)


def _sent_twice(visit: Visit) -> Iterator[Fault]:
    """Sessions of this case that hold the same service at the same instants."""
    if len(visit.sittings) < 2:
        return
    first: dict[tuple[object, ...], Sitting] = {}
    codes: dict[tuple[str, str], set[str]] = {}
    for sitting, interval in visit.treatments:
        if interval.start is None or interval.end is None:
            continue
        given = first.setdefault((interval.code, interval.start, interval.end, interval.performer.id), sitting)
        if given is not sitting:
            codes.setdefault((given.recorded.session_id, sitting.recorded.session_id), set()).add(interval.code)
    for (one, other), found in codes.items():
        yield Fault(
            f"{' and '.join(sorted(found))}: in sessions {one} and {other} at the same times by the same performer",
            min([visit.line_of[code] for code in found if code in visit.line_of], default=None),
            ("interval.start", "interval.end", "interval.performer.id"),
        )


def _in_another_claim(visit: Visit) -> Iterator[Fault]:
    """Services that another case of the day has, too; its claim may be the one that is right."""
    for known in reversed(visit.case.history):
        entry = known.event
        if entry.date_of_service != visit.on:
            break  # a history is in order, and nothing in it is later
        for line in visit.lines.lines:
            if line.line not in visit.lines.repeated and any(_same(other, line, visit) for other in entry.lines):
                yield Fault(
                    f"{line.code}: claim {entry.claim_id} of payer {entry.payer_id} has it, too, at the same times by "
                    "the same performer",
                    line.line,
                    ("interval.start", "interval.end", "interval.performer.id", "opened.payer_id"),
                )


def _same(other: ChartedLine, line: ClaimLine, visit: Visit) -> bool:
    """Whether the two lines are one service; without clock times on either side, by their minutes."""
    if other.code != line.code or sorted(other.modifiers) != sorted(line.modifiers):
        return False
    given = [interval for _, interval in visit.given(line.code)]
    if list(other.performers) != sorted({interval.performer.id for interval in given}):
        return False
    clocks = clocks_of(given)
    if clocks is not None or other.clocks is not None:
        return other.clocks == clocks
    split = [each.minutes for each in visit.lines.lines if (each.code, each.modifiers) == (line.code, line.modifiers)]
    return other.minutes == sum(split)
