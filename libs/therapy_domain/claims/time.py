"""Family TIM, and DOC-003 which is the same question: minutes and units against the clock and the charges."""

from collections.abc import Iterator

from therapy_domain.claims.add_ons import only_the_base_is_missing
from therapy_domain.claims.minutes import explains_the_charges, left_out_faults, spoken
from therapy_domain.claims.registry import SERVICE_DATE, UNITS, Fault, rule
from therapy_domain.claims.visit import Visit


@rule(
    "DOC-003",
    severity="deny",
    source="CMS Pub. 100-04, chapter 5, section 20.2",
    fix="Charge the units that the recorded minutes earn, or correct the minutes.",
    place=UNITS,
    also=("TIM-006",),
)
def units_charged_are_units_earned(visit: Visit) -> Iterator[Fault]:
    """Units charged equal the units that the minutes earn."""
    if visit.policy is None:
        return
    apart = {fault_code for fault_code, _ in rounded_apart(visit)}
    below = bool(visit.charges) and visit.charged_whole and _charged_below(visit)
    for code in sorted(visit.charged.keys() | visit.earned.keys()):
        charged, earned = visit.charged.get(code, 0), visit.earned.get(code, 0)
        if charged > earned and not explains_the_charges(visit, code) and not only_the_base_is_missing(visit, code):
            yield _overcharged(visit, code, charged, earned)
        elif charged < earned and below and code not in apart:
            yield Fault(
                f"{code}: {_units(charged)} charged, the minutes earn {earned}; we bill what they earn",
                line=visit.line_of.get(code),
                fields=("charges.units",),
                severity="advice",
            )


def _charged_below(visit: Visit) -> bool:
    """Whether the day is charged below what it earns; a unit that only moved to another code is one fault there."""
    return sum(visit.charged.values()) < sum(visit.earned.values())


def _overcharged(visit: Visit, code: str, charged: int, earned: int) -> Fault:
    fields = ("charges.units", "interval.minutes")
    if visit.policy is not None and code in visit.policy.bundled_codes:
        return Fault(f"{code}: charged, but this payer never pays it apart", None, fields, severity="advice")
    return Fault(
        f"{code}: {_units(charged)} charged, the minutes earn {earned}",
        line=visit.line_of.get(code),
        fields=fields,
        also=("TIM-006", "TIM-001"),
    )


def _units(count: int) -> str:
    return "1 unit" if count == 1 else f"{count} units"


@rule(
    "TIM-003",
    severity="deny",
    source="CMS Pub. 100-04, chapter 5, section 20.2",
    fix="Leave these minutes out of the charges; only treatment counts.",
    place=UNITS,
)
def no_idle_minutes(visit: Visit) -> Iterator[Fault]:
    """Setup, rest, conversation and documentation count to no code."""
    return left_out_faults(
        visit,
        ("setup", "rest", "conversation", "documentation"),
        "count to no code",
        unless_charged=frozenset({"setup", "rest"}),
    )


@rule(
    "TIM-004",
    severity="deny",
    source="CMS Pub. 100-04, chapter 5, section 20.2",
    fix="Amend the intervals so that every minute belongs to one code and one patient.",
    place=SERVICE_DATE,
)
def no_contested_minutes(visit: Visit) -> Iterator[Fault]:
    """A minute belongs to one code and one patient."""
    found: dict[tuple[str, tuple[str, ...]], int] = {}
    for overlap in visit.result.overlaps:
        key = (overlap.kind, overlap.codes)
        found[key] = found.get(key, 0) + overlap.minutes
    for (kind, codes), minutes in sorted(found.items()):
        lines = [visit.line_of[code] for code in codes if code in visit.line_of]
        what = "recorded under two codes at once" if kind == "codes" else "with two patients at once"
        explained = [code for code in codes if explains_the_charges(visit, code)]
        yield Fault(
            f"{' and '.join(codes)}: {spoken(minutes)} {what} count to no code until amended",
            line=min(lines, default=None),
            fields=("interval.start", "interval.end"),
            also=("DOC-003", "TIM-006", "TIM-001") if explained else (),
        )


@rule(
    "TIM-005",
    severity="advice",
    source="CMS Pub. 100-04, chapter 5, section 20.2",
    fix="Add the minutes of a code over the day first, then round once.",
    place=UNITS,
    also=("DOC-003", "TIM-006"),
)
def periods_are_added_before_rounding(visit: Visit) -> Iterator[Fault]:
    """The periods of a day are added before they are rounded."""
    for code, charged in rounded_apart(visit):
        yield Fault(
            f"{code}: {_units(charged)} charged with each period of the day rounded for itself; "
            f"together they earn {visit.earned[code]}",
            line=visit.line_of.get(code),
            fields=("charges.units",),
        )


def rounded_apart(visit: Visit) -> Iterator[tuple[str, int]]:
    """Codes charged below what their minutes earn, because periods were rounded apart; with the units charged.

    Silent without charges: we always add first ourselves.
    """
    if not visit.charges or not visit.charged_whole:
        return
    by_session = {apart.code: apart.units_apart for apart in visit.result.rounded_apart}
    for code in sorted(visit.charged):
        charged, earned = visit.charged[code], visit.earned.get(code, 0)
        if charged < earned and charged in (by_session.get(code), _by_period(visit, code)):
            yield code, charged


def _by_period(visit: Visit, code: str) -> int | None:
    periods = [
        interval.seconds // 60 if interval.seconds is not None else interval.minutes or 0
        for _, interval in visit.treatments
        if interval.code == code
    ]
    return sum((minutes + 7) // 15 for minutes in periods) if len(periods) > 1 else None
