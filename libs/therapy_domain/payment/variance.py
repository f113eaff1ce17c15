"""What was paid against what was expected, and the likeliest reason where they differ."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, Protocol

from therapy_domain.payment.estimate import settle
from therapy_domain.payment.model import DayEstimate, LineEstimate
from therapy_domain.payment.money import dollars

Reason = Literal["multiple-procedure", "assistant", "sequestration", "contract", "denial"]
TOLERANCE_CENTS = 2
"""Rounding that nobody asks about, a line [cents]."""
FULL_SEQUESTRATION = 200
"""[basis points]"""
ORDINARY = frozenset({"1", "2", "3", "45", "59", "253"})
"""Adjustment reasons that are no denial: patient's share, fee schedule, multiple procedures, sequestration."""
DEDUCTIBLE = "1"
_MOST_LINES = 8
"""Beyond so many lines no search for the ones that were denied."""
_CAUSES: tuple[Reason, ...] = ("multiple-procedure", "assistant", "sequestration")


class PayerAdjustment(Protocol):
    """What a payer took off: group and reason in the public codes."""

    @property
    def group(self) -> str: ...  # noqa: D102 -- its name says it
    @property
    def carc(self) -> str: ...  # noqa: D102 -- its name says it
    @property
    def amount_cents(self) -> int: ...  # noqa: D102 -- its name says it
    @property
    def line(self) -> int | None: ...  # noqa: D102 -- its name says it


@dataclass(frozen=True, slots=True)
class Variance:
    """The difference of one payment; no reasons where it lies within the tolerance."""

    expected_cents: int
    paid_cents: int
    reasons: tuple[Reason, ...]
    text: str
    comparable: bool = True
    """Whether every line has a rate; where one has none, nothing is concluded."""

    @property
    def difference_cents(self) -> int:
        """Paid less expected: below 0 = underpaid."""
        return self.paid_cents - self.expected_cents


def variance(
    lines: Sequence[LineEstimate],
    estimate: DayEstimate,
    paid_cents: int,
    *,
    adjustments: Sequence[PayerAdjustment] = (),
    tolerance_cents: int = TOLERANCE_CENTS,
) -> Variance:
    """Compare the payment of some lines of an estimate (one line, or a claim's) with what they should bring.

    A deductible that the payer names is taken as true first. Then the reasons are tried in order: the payment
    is worked out again without, or with, the reduction of later units, the assistants' cut and sequestration,
    one by one and then together; what matches within the tolerance is the reason. Nothing matching: a denial
    where nothing was paid, an adjustment says so, or the sum is that of some lines only; else the contract.

    Args:    lines: of one claim of `estimate`, all that the payment was for.
             tolerance_cents: a line; 2 unless said.
    Source:  CMS Pub. 100-04, chapter 22 (adjustment groups and reasons on the remittance advice).
    """
    tolerance = tolerance_cents * max(len(lines), 1)
    deductibles = _deductibles(lines, adjustments)
    expected = _paid(lines, estimate, deductibles, ())
    unpriced = sorted({line.billed.code for line in lines if line.rate is None})
    if unpriced:
        text = f"cannot be compared: no rate is known for {', '.join(unpriced)}"
        return Variance(expected, paid_cents, (), text, comparable=False)
    if abs(paid_cents - expected) <= tolerance:
        return Variance(expected, paid_cents, (), f"paid as expected: {dollars(paid_cents)}")
    reasons = _matching(lines, estimate, deductibles, paid_cents, expected, tolerance)
    if not reasons:
        denied = _denied(lines, estimate, deductibles, paid_cents, adjustments, tolerance)
        reasons = ("denial",) if denied else ("contract",)
    short = paid_cents < expected
    text = (
        f"{dollars(abs(paid_cents - expected))} {'less' if short else 'more'} than the {dollars(expected)} expected; "
        f"{' and '.join(_WORDS[reason] for reason in reasons)}"
    )
    return Variance(expected, paid_cents, reasons, text)


_WORDS: dict[Reason, str] = {
    "multiple-procedure": "the amount fits other units reduced as later units of the day",
    "assistant": "the amount fits the assistants' 85 % the other way round",
    "sequestration": "the amount fits sequestration the other way round",
    "contract": "no rule explains it: compare the allowed amount with the fee schedule or the contract",
    "denial": "a line was denied, in whole or in part: see the payer's reasons",
}


def _deductibles(lines: Sequence[LineEstimate], adjustments: Sequence[PayerAdjustment]) -> tuple[int, ...]:
    """The deductible of each line: the payer's where it names one, else the estimate's."""
    named = [row for row in adjustments if row.group == "PR" and row.carc == DEDUCTIBLE]
    if not named:
        return tuple(line.settled.deductible_cents for line in lines)
    own = {line.billed.line: 0 for line in lines}
    loose = 0
    for row in named:
        if row.line in own:
            own[row.line] += row.amount_cents
        elif row.line is None:
            loose += row.amount_cents
    found = []
    for line in lines:
        taken = max(0, min(line.allowed_cents, own[line.billed.line] + loose))
        loose -= max(0, taken - own[line.billed.line])
        found.append(taken)
    return tuple(found)


def _matching(
    lines: Sequence[LineEstimate],
    estimate: DayEstimate,
    deductibles: Sequence[int],
    paid_cents: int,
    expected: int,
    tolerance: int,
) -> tuple[Reason, ...]:
    for size in (1, 2, 3):
        for causes in combinations(_CAUSES, size):
            for variant in _variants(lines, estimate, causes):
                other = _paid(lines, estimate, deductibles, variant)
                if other != expected and abs(paid_cents - other) <= tolerance:
                    return causes
    return ()


_Change = tuple[Reason, str]


def _variants(
    lines: Sequence[LineEstimate], estimate: DayEstimate, causes: Sequence[Reason]
) -> Iterator[tuple[_Change, ...]]:
    """The ways in which all those causes could have turned out otherwise."""
    made: list[tuple[_Change, ...]] = [()]
    for cause in causes:
        made = [(*variant, (cause, how)) for variant in made for how in _WAYS[cause](lines, estimate)]
    yield from made


def _reductions(lines: Sequence[LineEstimate], _estimate: DayEstimate) -> tuple[str, ...]:
    return ("none", "all") if any(line.rate and line.rate.reducible for line in lines) else ()


def _assistants(lines: Sequence[LineEstimate], estimate: DayEstimate) -> tuple[str, ...]:
    if not estimate.assistants_cut:
        return ()
    marked = [line.billed.by_assistant for line in lines]
    return tuple(how for how, possible in (("none", any(marked)), ("all", not all(marked))) if possible)


def _sequestrations(_lines: Sequence[LineEstimate], estimate: DayEstimate) -> tuple[str, ...]:
    if estimate.sequestration is None:
        return ()
    return {0: ("all",), FULL_SEQUESTRATION: ("none",)}.get(estimate.sequestration.basis_points, ("none", "all"))


_WAYS: dict[Reason, Callable[[Sequence[LineEstimate], DayEstimate], tuple[str, ...]]] = {
    "multiple-procedure": _reductions,
    "assistant": _assistants,
    "sequestration": _sequestrations,
}


def _paid(
    lines: Sequence[LineEstimate], estimate: DayEstimate, deductibles: Sequence[int], variant: Sequence[_Change]
) -> int:
    """What the lines would bring with some things otherwise."""
    changed = dict(variant)
    return sum(
        _line_paid(line, estimate, deductible, changed) for line, deductible in zip(lines, deductibles, strict=True)
    )


def _line_paid(line: LineEstimate, estimate: DayEstimate, deductible: int, changed: dict[Reason, str]) -> int:
    allowed, rate = line.allowed_cents, line.rate
    reduction, assistant, taken = (changed.get(cause) for cause in _CAUSES)
    if reduction is not None and rate is not None:
        unit = rate.full_cents if reduction == "none" else rate.reduced_cents
        allowed = unit * line.billed.units
        if line.billed.charge_cents is not None:
            allowed = min(allowed, line.billed.charge_cents)
    cut = estimate.assistants_cut and line.billed.by_assistant
    points = estimate.sequestration.basis_points if estimate.sequestration else 0
    return settle(
        allowed,
        deductible_left_cents=deductible,
        coinsurance_percent=estimate.terms.coinsurance_percent,
        assistant=cut if assistant is None else assistant == "all",
        basis_points=points if taken is None else FULL_SEQUESTRATION * (taken == "all"),
    ).paid_cents


def _denied(
    lines: Sequence[LineEstimate],
    estimate: DayEstimate,
    deductibles: Sequence[int],
    paid_cents: int,
    adjustments: Sequence[PayerAdjustment],
    tolerance: int,
) -> bool:
    if paid_cents <= 0 or any(row.carc not in ORDINARY for row in adjustments):
        return True
    if adjustments or not 1 < len(lines) <= _MOST_LINES:
        return False
    each = [_line_paid(line, estimate, deductible, {}) for line, deductible in zip(lines, deductibles, strict=True)]
    return any(
        abs(paid_cents - sum(kept)) <= tolerance for size in range(1, len(each)) for kept in combinations(each, size)
    )
