"""Family AOC: add-on codes stand on a claim with the code that they are added to."""

from collections.abc import Iterator, Mapping

from therapy_domain.claims.minutes import MISCOUNTED
from therapy_domain.claims.registry import PROCEDURE, Fault, rule
from therapy_domain.claims.visit import Visit, of_visit


@of_visit
def charged_alone(visit: Visit) -> Mapping[str, str]:
    """Add-on codes that were charged without their base code, with that code."""
    return {
        code: base
        for code in visit.charges_of
        if (row := visit.codes.get(code)) is not None and (base := row.add_on_of) and base not in visit.charges_of
    }


def only_the_base_is_missing(visit: Visit, code: str) -> bool:
    """Whether the charges have the units that the minutes earn, all of them under the add-on code."""
    base = charged_alone(visit).get(code)
    earned = visit.earned.get(code, 0) + visit.earned.get(base, 0) if base else 0
    return bool(base) and visit.charged[code] == earned


@rule(
    "AOC-001",
    severity="deny",
    source="CMS NCCI add-on code edits, type 1; the code table's own base codes",
    fix="Bill the base code for the first part of the service, or take the add-on off.",
    place=PROCEDURE,
)
def add_ons_stand_with_their_base(visit: Visit) -> Iterator[Fault]:
    """An add-on code stands on the claim with the code that it is added to."""
    alone = charged_alone(visit)
    for code in sorted({*visit.line_of, *alone}):
        row = visit.codes.get(code)
        if row is None or row.add_on_of is None:
            continue
        if code in visit.line_of and row.add_on_of not in visit.line_of:
            words = f"{code}: without {row.add_on_of}, to which it is added"
            yield Fault(words, visit.line_of[code], ("interval.code",))
        elif code in alone:
            also = MISCOUNTED if only_the_base_is_missing(visit, code) else ()
            words = f"{code}: charged without {alone[code]}, to which it is added"
            yield Fault(words, visit.line_of.get(code), ("charges.code",), also=also)
