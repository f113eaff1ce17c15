"""An error tells its facts in a sentence, and carries them."""

from datetime import date
from typing import Any

import pytest

from therapy_domain.appeals import deadlines
from therapy_domain.errors import DomainError
from therapy_domain.payment import errors as payment
from therapy_domain.units import errors as units
from therapy_domain.units.assistants import cq_split

DAY, LATER = date(2026, 3, 2), date(2026, 4, 1)


@pytest.mark.parametrize(
    ("error", "code", "facts", "words"),
    [
        (
            payment.NoConversionFactor(DAY, participation="qualifying", known_from=DAY, known_to=LATER),
            "no-conversion-factor",
            {"day": DAY, "participation": "qualifying", "known_from": DAY, "known_to": LATER},
            "no qualifying conversion factor is known for 2026-03-02; known are 2026-03-02 to 2026-04-01",
        ),
        (
            payment.BeforePaymentRules(DAY, since=LATER),
            "before-payment-rules",
            {"day": DAY, "since": LATER},
            "payment on 2026-03-02 cannot be estimated; the rules known here begin on 2026-04-01",
        ),
        (
            payment.ThresholdNotPublished(2031, known=(2018, 2019, 2026)),
            "threshold-not-published",
            {"year": 2031, "known": (2018, 2019, 2026)},
            "no therapy threshold is known for 2031; known are 2018 to 2026",
        ),
        (
            payment.NoTherapyThreshold("CHIRO"),
            "no-therapy-threshold",
            {"discipline": "CHIRO"},
            "services of CHIRO count toward no therapy threshold; those of PT, OT and SLP do",
        ),
        (
            payment.LineTwice("C-1", 2),
            "line-twice",
            {"claim": "C-1", "line": 2},
            "line 2 of claim C-1 stands in the estimate twice",
        ),
        (
            payment.LineTwice("", 1),
            "line-twice",
            {"claim": "", "line": 1},
            "line 1 of claim (unnamed) stands in the estimate twice",
        ),
        (
            units.NegativeMinutes(-3),
            "negative-minutes",
            {"minutes": -3},
            "-3 minutes cannot be counted; expected 0 or more",
        ),
        (
            units.UnitsOutOfStep(3, therapist=10, assistant=5, on=DAY),
            "units-out-of-step",
            {"units": 3, "therapist": 10, "assistant": 5, "on": DAY},
            "3 units on 2026-03-02 cannot come from 10 minutes of a therapist and 5 of an assistant",
        ),
        (
            deadlines.NoSuchLevel(7, program="other", known=(1, 2)),
            "no-such-appeal-level",
            {"number": 7, "program": "other", "known": (1, 2)},
            "other has no appeal level 7; it has 1, 2",
        ),
        (
            deadlines.AmountNotPublished(2031, known=(2018, 2019, 2026)),
            "amount-not-published",
            {"year": 2031, "known": (2018, 2019, 2026)},
            "no amount in controversy is known for 2031; known are 2018 to 2026",
        ),
    ],
    ids=lambda value: value.code if isinstance(value, DomainError) else "",
)
def test_an_error_carries_its_facts_and_tells_them(
    error: DomainError, code: str, facts: dict[str, Any], words: str
) -> None:
    assert (error.code, vars(error), str(error)) == (code, facts, words)


@pytest.mark.parametrize(("therapist", "assistant", "told"), [(-1, 5, -1), (5, -2, -2), (-4, -3, -4)])
def test_the_minutes_that_cannot_be_counted_are_told(therapist: int, assistant: int, told: int) -> None:
    with pytest.raises(units.NegativeMinutes) as raised:
        cq_split(1, therapist, assistant, DAY)
    assert raised.value.minutes == told
