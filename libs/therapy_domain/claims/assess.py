"""The assessment of one claim: its lines, every fault at once, and what they make of it."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Literal, NamedTuple

from therapy_domain.claims.case import Case
from therapy_domain.claims.catalog import REGISTRY
from therapy_domain.claims.chart import history_hash
from therapy_domain.claims.decided import decided
from therapy_domain.claims.lines import claim_lines
from therapy_domain.claims.registry import Edition, Fault, Rule
from therapy_domain.claims.unit_limits import line_limits
from therapy_domain.claims.visit import Visit
from therapy_domain.events.claim import BLOCKING, ClaimAssessed, ClaimLine, Finding
from therapy_domain.rulesets.release import Ruleset

Outcome = Literal["held", "ready", "unbillable", "void"]
TOGETHER = 64
"""Claims that one rule looks at before the next one does: of more the first are out of the processor's caches again."""


class Asked(NamedTuple):
    """A claim to assess."""

    case: Case
    ruleset: Ruleset
    rules: Edition
    """The edition to run: `REGISTRY.edition()` for a new decision, `REGISTRY.edition_of(past.rules)` for an old one."""


def assess(case: Case, ruleset: Ruleset, rules: Edition | None = None) -> ClaimAssessed:
    """One claim as it would be billed, with every fault found. Pure, and independent of the facts' order.

    Args:    rules: the edition to run; None = the current one.
    Returns: `void` without sessions; `held` with a blocking finding that no person released; `unbillable` without
             a unit; else `ready`. A rule that fails is a blocking finding of its own, never a lost claim.
    """
    (assessed,) = assess_together([Asked(case, ruleset, rules or REGISTRY.edition())])
    return assessed


def assess_together(claims: Iterable[Asked]) -> Iterator[ClaimAssessed]:
    """Each of these claims, as `assess` has it and in their order, in seven tenths of the time.

    One rule looks at many visits before the next one does: a processor is slow with code that it has not met of late.
    """
    waiting = iter(claims)
    while bunch := list(islice(waiting, TOGETHER)):
        looks = [_Look(*asked, _visit(asked), []) for asked in bunch]
        decided_lines = [_lines(look.visit) if look.case.sessions else () for look in looks]
        _find([look for look in looks if look.case.sessions])
        yield from map(_assessed, looks, decided_lines)


class _Look(NamedTuple):
    """A claim that is looked at."""

    case: Case
    ruleset: Ruleset
    rules: Edition
    visit: Visit
    findings: list[Finding]


def _visit(asked: Asked) -> Visit:
    case, ruleset, _ = asked
    fees = case.organization.event.fees if case.organization is not None else {}
    return Visit(case, ruleset, claim_lines(case.units.event.result, case.policy, fees, line_limits(case, ruleset)))


def _assessed(look: _Look, lines: tuple[ClaimLine, ...]) -> ClaimAssessed:
    case, ruleset, rules, visit, found = look
    findings = tuple(sorted(found, key=_in_order))
    sittings = visit.sittings
    return ClaimAssessed.trusted(
        case_id=case.case_id,
        claim_id=case.claim_id,
        org=case.org,
        clinic=next((s.recorded.clinic for s in sittings if s.recorded.clinic is not None), None),
        session_ids=tuple([s.recorded.session_id for s in sittings]),
        patient_id=case.patient_id,
        payer_id=case.payer_id,
        discipline=case.units.event.discipline,
        date_of_service=case.date_of_service,
        outcome=_outcome(case, lines, findings),
        lines=lines,
        findings=findings,
        today=visit.today,
        ruleset=ruleset.id,
        ruleset_hash=ruleset.hash,
        rules=rules.fingerprint,
        history=history_hash(case.history),
        chart_version=case.chart_version if case.history else 0,
        amended=True if any(known.event.amendments for known in case.sessions) else None,
        basis=basis(case),
    )


def basis(case: Case) -> tuple[str, ...]:
    """The ids of every event that the decision rests on, sorted."""
    one = [known.id for known in (case.units, case.organization, case.patient) if known is not None]
    many = [
        known.id
        for group in (case.sessions, case.coverages, case.plans, case.progress, case.clinicians)
        for known in group
    ]
    acts = [known.id for group in (case.overrides, case.questions, case.answers, case.remittances) for known in group]
    return tuple(sorted({*one, *many, *acts, *case.policy_facts, *case.conflicts, *case.settled}))


def _lines(visit: Visit) -> tuple[ClaimLine, ...]:
    """The decided lines. Where deciding fails, MOD-009, which asks for the same, fails as well and holds the claim."""
    try:
        return decided(visit).lines
    except Exception:  # noqa: BLE001 -- the claim is held, not lost
        return visit.lines.lines


def _outcome(case: Case, lines: tuple[ClaimLine, ...], findings: tuple[Finding, ...]) -> Outcome:
    if not case.sessions:
        return "void"
    if any(finding.severity in BLOCKING and not finding.overridden for finding in findings):
        return "held"
    return "ready" if lines else "unbillable"


def _find(looks: Sequence[_Look]) -> None:
    """Every finding of every visit, rule by rule."""
    by_rules: dict[int, list[_Look]] = {}
    for look in looks:
        by_rules.setdefault(id(look.rules.on(look.visit.on)), []).append(look)
    for alike in by_rules.values():
        for row in alike[0].rules.on(alike[0].visit.on):
            for look in alike:
                try:
                    faults = list(row.check(look.visit))
                except Exception as error:  # noqa: BLE001 -- whatever it is, the claim is held, not lost
                    faults = [_broken(row, error)]
                for fault in faults:
                    look.findings.append(_finding(row, fault, released=_released(look.case, row, fault)))


def _finding(row: Rule, fault: Fault, *, released: bool) -> Finding:
    return Finding.trusted(
        rule=row.id,
        also=row.also if fault.also is None else fault.also,
        severity=fault.severity or row.severity,
        line=fault.line,
        message=fault.message,
        fix=fault.fix or row.fix,
        source=row.source,
        version=row.version,
        fields=fault.fields,
        overridden=released,
    )


def _broken(row: Rule, error: Exception) -> Fault:
    """The kind of the error alone: its text may hold what a patient's record says."""
    return Fault(
        f"rule {row.id} version {row.version} could not be run ({type(error).__name__})",
        severity="delay",
        also=(),
        fix="Report the fault to the maintainers; the claim waits until the rule runs or a person releases it.",
    )


def _released(case: Case, row: Rule, fault: Fault) -> bool:
    return any(
        known.event.rule == row.id
        and known.event.line in (None, fault.line)
        and (fault.arose is None or known.event.at > fault.arose)
        for known in case.overrides
    )


def _in_order(finding: Finding) -> tuple[str, int, str]:
    return finding.rule, finding.line or 0, finding.message
