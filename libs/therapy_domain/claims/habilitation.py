"""Habilitative (96) and rehabilitative (97) services, where the payer wants them told apart."""

from collections.abc import Iterator

from therapy_domain.claims.visit import Visit, of_visit


@of_visit
def habilitative(visit: Visit) -> bool | None:
    """Whether the day's plans teach what the patient never could; None where a plan does not say, or they differ."""
    said = {standing.plan.event.habilitative if standing.plan is not None else None for standing, _ in visit.plans}
    return said.pop() if len(said) == 1 else None


def asked_for(visit: Visit) -> tuple[int, ...]:
    """The lines that need 96 or 97: those of therapy codes, where the payer asks."""
    if visit.policy is None or not visit.policy.habilitation_modifiers:
        return ()
    rows = ((line.line, visit.codes.get(line.code)) for line in visit.lines.lines)
    return tuple([number for number, row in rows if row is not None and row.therapy != "no"])


def marks(visit: Visit) -> Iterator[tuple[int, str, str]]:
    """96 or 97 on therapy lines of a payer that asks for it, as the plan says: line, modifier, why."""
    lines = asked_for(visit)
    if lines and (said := habilitative(visit)) is not None:
        modifier, what = ("96", "habilitative") if said else ("97", "rehabilitative")
        for number in lines:
            yield number, modifier, f"{modifier}: the plan is {what}, and the payer wants it told"
