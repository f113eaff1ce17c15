"""Family AUT: the payer's leave to treat: that there is one, for this number and day, with enough of it left."""

from collections.abc import Iterator

from therapy_domain.claims.registry import AUTHORIZATION, Fault, rule
from therapy_domain.claims.visit import Visit
from therapy_domain.events.chart import VisitCharted
from therapy_domain.events.reference import Authorization

FEW = 2
"""Where fewer than so many more visits like this one are covered, what is left is told."""
_NUMBER = ("opened.authorization_number", "coverage.authorization")


def _granted(visit: Visit) -> list[Authorization]:
    """What the payer's coverages of the day hold; the one of the latest coverage at the end."""
    return [known.event.authorization for known in visit.coverages if known.event.authorization is not None]


@rule(
    "AUT-001",
    severity="deny",
    source="Payer contract, prior authorization (X12 278)",
    fix="Obtain the authorization, or ask for it retroactively, and verify the coverage with it.",
    place=AUTHORIZATION,
)
def the_payer_gave_leave(visit: Visit) -> Iterator[Fault]:
    """An authorization is there where the payer asks for one."""
    if visit.policy is None or not visit.policy.requires_authorization or visit.coverage is None:
        return
    if not _granted(visit):
        yield Fault("the payer asks for an authorization, and the coverage holds none", fields=_NUMBER)


@rule(
    "AUT-002",
    severity="deny",
    source="Payer contract, prior authorization (X12 278)",
    fix="Have the authorization extended, or correct its number.",
    place=AUTHORIZATION,
)
def the_authorization_covers_the_visit(visit: Visit) -> Iterator[Fault]:
    """The authorization is for this number and day, with visits and units left."""
    granted = _granted(visit)
    if not granted:
        return
    used: dict[str, Authorization] = {}
    for number in sorted({sitting.recorded.opened.authorization_number or "" for sitting in visit.sittings}):
        named = [each for each in granted if not number or each.number == number]
        holding = [each for each in named if each.from_ <= visit.on <= each.to]
        if holding:
            used[holding[-1].number] = holding[-1]
        elif named:
            last = named[-1]
            told = f"authorization {last.number} holds from {last.from_} to {last.to}, not on {visit.on}"
            yield Fault(told, fields=("coverage.authorization",))
        else:
            known = " and ".join(sorted({each.number for each in granted}))
            yield Fault(f"the session names authorization {number}, the coverage {known}", fields=_NUMBER)
    if visit.lines.lines:
        for authorization in used.values():
            yield from _left(visit, authorization)


def _left(visit: Visit, authorization: Authorization) -> Iterator[Fault]:
    """What of the authorization is used up, this visit's lines included."""
    entries = [entry for entry in visit.before if _under(entry, authorization, visit.case.payer_id)]
    units = sum(line.units for line in visit.lines.lines)
    used = sum(line.units for entry in entries for line in entry.lines)
    counts = (
        ("visits", authorization.visits, 1, len(entries) + 1),
        ("units", authorization.units, units, used + units),
    )
    for what, allowed, own, all_used in counts:
        if allowed is None:
            continue
        words = f"authorization {authorization.number} is for {allowed} {what}"
        if all_used > allowed:
            yield Fault(f"{words}, with this visit {all_used} are used", fields=("coverage.authorization",))
        elif allowed - all_used < own * FEW:
            yield Fault(
                f"{words}; after this visit {allowed - all_used} are left",
                fields=("coverage.authorization",),
                severity="advice",
                fix="Ask for more before the next visit.",
            )


def _under(entry: VisitCharted, authorization: Authorization, payer_id: str) -> bool:
    """Whether a visit used it: by its number, or without a number as a visit of the payer within its days."""
    if entry.payer_id != payer_id or not entry.lines:
        return False
    if entry.authorizations:
        return authorization.number in entry.authorizations
    return authorization.from_ <= entry.date_of_service <= authorization.to
