"""The therapy thresholds: the table, the groups, and which lines lie above."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from therapy_domain.payment.errors import NoTherapyThreshold, ThresholdNotPublished
from therapy_domain.payment.thresholds import Allowed, accrue, threshold
from therapy_domain.rulesets.release import load

RULES = load("2026.1")


def allowed(cents: int, *, day: date = date(2026, 3, 2), to: str = "PT", who: str = "P1", line: int = 1) -> Allowed:
    return Allowed(who, day, to, cents, "C", line)


@pytest.mark.parametrize(
    ("year", "dollars"),
    [
        (2018, 2010),
        (2019, 2040),
        (2020, 2080),
        (2021, 2110),
        (2022, 2150),
        (2023, 2230),
        (2024, 2330),
        (2025, 2410),
        (2026, 2480),
    ],
)
@pytest.mark.parametrize("discipline", ["PT", "SLP", "OT"])
def test_the_threshold_of_a_year(year: int, dollars: int, discipline: str) -> None:
    for day in (date(year, 1, 1), date(year, 12, 31)):
        row = threshold(day, discipline, RULES)
        assert (row.year, row.kx_cents, row.review_cents) == (year, dollars * 100, 300_000)
        assert "1833(g)(7)" in row.source


@pytest.mark.parametrize("year", [2017, 2027])
def test_a_year_without_a_row_is_refused_not_guessed(year: int) -> None:
    with pytest.raises(ThresholdNotPublished) as caught:
        threshold(date(year, 6, 1), "PT", RULES)
    assert caught.value.year == year
    assert caught.value.known == tuple(range(2018, 2027))


def test_a_chiropractors_service_counts_toward_no_threshold() -> None:
    with pytest.raises(NoTherapyThreshold):
        threshold(date(2026, 1, 1), "CHIRO", RULES)


def test_the_last_cent_below_needs_no_kx_and_the_next_one_does() -> None:
    first, second, third = accrue([allowed(247_999), allowed(1, line=2), allowed(1, line=3)], RULES)
    assert (first.above, second.above, third.above) == (False, False, True)
    assert (second.after_cents, third.before_cents) == (248_000, 248_000)
    assert not third.crosses


def test_the_line_that_passes_the_threshold_is_above_it() -> None:
    _, second, third = accrue([allowed(247_000), allowed(5_000, line=2), allowed(100, line=3)], RULES)
    assert (second.above, second.crosses) == (True, True)
    assert (third.above, third.crosses) == (True, False)


def test_medical_review_begins_above_three_thousand() -> None:
    first, second = accrue([allowed(300_000), allowed(1, line=2)], RULES)
    assert (first.above, first.may_be_reviewed, second.may_be_reviewed) == (True, False, True)


def test_pt_and_slp_share_and_ot_has_its_own() -> None:
    lines = accrue([allowed(200_000), allowed(48_001, to="SLP", line=2), allowed(100_000, to="OT", line=3)], RULES)
    assert [(line.before_cents, line.above) for line in lines] == [(0, False), (200_000, True), (0, False)]


def test_a_new_year_begins_at_nothing_and_patients_are_apart() -> None:
    lines = accrue(
        [
            allowed(240_000, day=date(2025, 12, 31)),
            allowed(2_000, day=date(2026, 1, 1)),
            allowed(3_000, who="P2", day=date(2025, 12, 31)),
        ],
        RULES,
    )
    assert [line.before_cents for line in lines] == [0, 0, 0]


def test_what_was_used_elsewhere_counts_first() -> None:
    (line,) = accrue([allowed(1)], RULES, used={("P1", 2026, "pt_slp"): 248_000, ("P1", 2026, "ot"): 900_000})
    assert (line.before_cents, line.above) == (248_000, True)


def test_a_late_visit_moves_those_after_it_above() -> None:
    march, april = allowed(130_000, day=date(2026, 3, 2)), allowed(100_000, day=date(2026, 4, 1))
    assert [line.above for line in accrue([march, april], RULES)] == [False, False]
    late = allowed(50_000, day=date(2026, 3, 15))
    assert [line.above for line in accrue([march, april, late], RULES)] == [False, False, True]


amounts = st.lists(
    st.builds(
        allowed,
        st.integers(0, 120_000),
        day=st.dates(date(2025, 11, 1), date(2026, 2, 28)),
        to=st.sampled_from(["PT", "SLP", "OT"]),
        who=st.sampled_from(["P1", "P2"]),
        line=st.integers(1, 1_000_000),
    ),
    max_size=25,
    unique_by=lambda row: row.line,
)


@settings(max_examples=100, deadline=None)
@given(amounts, st.randoms())
def test_running_amounts_add_up_in_any_order_of_arrival(rows: list[Allowed], dice) -> None:  # type: ignore[no-untyped-def]  # a Random
    lines = accrue(rows, RULES)
    dice.shuffle(rows)
    assert accrue(rows, RULES) == lines
    totals: dict[tuple[str, int, str], int] = {}
    for line in lines:
        key = (line.allowed.patient_id, line.allowed.day.year, line.threshold.group)
        assert line.before_cents == totals.get(key, 0)
        totals[key] = line.after_cents
        assert line.after_cents == line.before_cents + line.allowed.allowed_cents
    for (who, year, group), total in totals.items():
        assert total == sum(
            row.allowed_cents
            for row in rows
            if (row.patient_id, row.day.year, "ot" if row.discipline == "OT" else "pt_slp") == (who, year, group)
        )


@settings(max_examples=100, deadline=None)
@given(amounts)
def test_once_above_a_patient_stays_above_for_the_year(rows: list[Allowed]) -> None:
    above: set[tuple[str, int, str]] = set()
    for line in accrue(rows, RULES):
        key = (line.allowed.patient_id, line.allowed.day.year, line.threshold.group)
        assert line.above or key not in above
        if line.above:
            above.add(key)
