"""Family NCC: services that are not paid together on a day stand on no claim together, unless they were separate."""

from collections.abc import Iterable, Iterator

from therapy_domain.claims.pairs import BYPASS, Edit, Pair, beside, pairs_of
from therapy_domain.claims.registry import MODIFIERS, PROCEDURE, Fault, rule
from therapy_domain.claims.visit import Visit
from therapy_domain.events.claim import Severity
from therapy_domain.rulesets.separate_services import separate_services

_MANUAL = "CMS NCCI Policy Manual, chapter 1; CMS NCCI procedure-to-procedure edit files"


def _told(edits: Iterable[Edit]) -> tuple[str, Severity | None]:
    """How a finding by these edits ends, and how severe it is: advice where none is certain."""
    named = list(edits)
    if any(edit.binds for edit in named):
        return f" ({next(edit.named for edit in named if edit.binds)})", None
    return f" ({named[0].named}, the nearest file we hold)", "advice"


@rule(
    "NCC-001",
    severity="deny",
    source=_MANUAL,
    fix="Take the code off the claim; no modifier opens this edit.",
    place=PROCEDURE,
)
def never_paid_together(visit: Visit) -> Iterator[Fault]:
    """Two codes that are never paid together do not stand on the day's claims."""
    for code, pairs in pairs_of(visit).items():
        never = [pair for pair in pairs if pair.edit.indicator == 0]
        if never:
            tail, severity = _told([pair.edit for pair in never])
            words = f"{code} is never paid beside {beside(never)}{tail}"
            yield Fault(words, visit.line_of[code], ("interval.code",), severity=severity)


@rule(
    "NCC-002",
    severity="deny",
    source=f"{_MANUAL}; CMS MLN booklet on modifiers 59 and X{{EPSU}}",
    fix="Complete the clock times if the services were separate; else take the code off the claim.",
    place=MODIFIERS,
)
def parted_only_where_separate(visit: Visit) -> Iterator[Fault]:
    """Two codes of a pair edit stand together only where the record shows that they were separate."""
    for code, pairs in pairs_of(visit).items():
        if any(pair.edit.indicator == 0 for pair in pairs):
            continue  # NCC-001: no modifier helps
        together = [pair for pair in pairs if pair.why_not is not None]
        if together and not _charged_with(visit, code, BYPASS):  # else MOD-007 says it
            yield _together(visit, code, together)
        elif not together:
            yield from _parted(visit, code, pairs)


def _together(visit: Visit, code: str, pairs: list[Pair]) -> Fault:
    tail, severity = _told([pair.edit for pair in pairs])
    reasons = dict.fromkeys([f"beside {pair.edit.column_1} {pair.why_not}" for pair in pairs])
    words = f"{code}: denied unless it was separate, and {'; '.join(reasons)}{tail}"
    fields = ("interval.start", "interval.end", "note.separate_services_justification")
    return Fault(words, visit.line_of[code], fields, severity=severity)


def _parted(visit: Visit, code: str, pairs: tuple[Pair, ...]) -> Iterator[Fault]:
    """Our line carries the modifier: whether the charges do, and whether the edit is certain."""
    tail, severity = _told([pair.edit for pair in pairs])
    if code in visit.charges_of and any(_charged_bare(visit, pair) for pair in pairs):
        yield Fault(
            f"{code}: charged beside {beside(pairs)} without a modifier of separate services{tail}",
            visit.line_of[code],
            ("charges.modifiers",),
            severity=severity,
            also=("MOD-001",),
            fix="Charge the modifier that our line carries; the record shows separate services.",
        )
    elif severity is not None:
        yield Fault(
            f"{code}: carries a modifier of separate services for an edit beside {beside(pairs)}{tail}",
            visit.line_of[code],
            ("interval.code",),
            severity=severity,
            fix="Check the edit in the file of the quarter, and import it.",
        )


def _charged_bare(visit: Visit, pair: Pair) -> bool:
    table = separate_services(visit.ruleset)
    codes = (pair.edit.column_1, pair.edit.column_2) if visit.on >= table.either_since else (pair.edit.column_2,)
    return not any(_charged_with(visit, code, table.opening) for code in codes)


def _charged_with(visit: Visit, code: str, modifiers: frozenset[str]) -> bool:
    return any(not modifiers.isdisjoint(charge.modifiers) for charge in visit.charges_of.get(code, ()))
