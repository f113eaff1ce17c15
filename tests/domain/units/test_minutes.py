"""From the clock to minutes: what counts to which code, and what becomes of the rest."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from therapy_domain.rulesets import load
from therapy_domain.rulesets.codes import codes
from therapy_domain.units.kinds import occupies
from therapy_domain.units.model import Occupied, UnitsResult

Worked = Callable[..., Any]
Count = Callable[..., UnitsResult]
NINE = datetime(2026, 3, 2, 14, tzinfo=UTC)
TABLE = codes(load("2026.1"))


def minutes(result: UnitsResult) -> dict[str, int]:
    return {line.code: line.minutes for line in result.lines}


def left_out(result: UnitsResult) -> list[tuple[str, int, str]]:
    return [(e.code, e.minutes, e.reason) for e in result.excluded]


def test_separate_periods_of_the_day_are_summed_before_rounding(worked: Worked, count: Count) -> None:
    result = count(worked("97112", 4, at=0), worked("97112", 4, at=240), payer="commercial-midpoint")
    assert (minutes(result), result.total_units) == ({"97112": 8}, 1)


def test_seconds_are_summed_and_floored_once(worked: Worked, count: Count) -> None:
    assert minutes(count(worked("97112", 7.5, at=0), worked("97112", 7.5, at=60))) == {"97112": 15}
    assert minutes(count(worked("97112", 7.5, at=0), worked("97112", 7.4, at=60))) == {"97112": 14}


def test_an_offset_changes_nothing_and_a_night_may_be_crossed(worked: Worked, count: Count) -> None:
    start = datetime(2026, 3, 2, 23, 50, tzinfo=timezone(timedelta(hours=-5)))
    end = datetime(2026, 3, 3, 6, 5, tzinfo=timezone(timedelta(hours=1)))
    assert minutes(count(worked("97112", 0, at=0, start=start, end=end))) == {"97112": 15}


@pytest.mark.parametrize("reason", ["setup", "rest", "conversation", "documentation"])
def test_what_is_no_treatment_is_left_out(worked: Worked, count: Count, reason: str) -> None:
    result = count(worked("97112", 30, at=0), worked("97112", 5, at=40, activity=reason))
    assert (minutes(result), left_out(result)) == ({"97112": 30}, [("97112", 5, reason)])


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"contact": "unattended"}, "unattended"),
        ({"contact": "observed"}, "observed"),
        ({"contact": "group"}, "group_under_one_on_one"),
        ({"skilled": False}, "not_skilled"),
        ({"activity": "passive_modality"}, "passive_modality"),
        ({"role": "AIDE"}, "aide"),
        ({"role": "STUDENT"}, "student"),
        ({"role": "AIDE", "activity": "setup"}, "setup"),
        ({"contact": "group", "activity": "rest"}, "rest"),
        ({"code": "99213"}, "unknown_code"),
    ],
)
def test_minutes_that_count_to_no_code_say_why(worked: Worked, count: Count, more: dict[str, Any], reason: str) -> None:
    result = count(worked(**{"code": "97112", "minutes": 12, **more}))
    assert left_out(result) == [(more.get("code", "97112"), 12, reason)]
    assert (result.lines, result.total_minutes, result.total_units) == ((), 0, 0)


def test_skilled_true_or_unsaid_counts(worked: Worked, count: Count) -> None:
    assert minutes(count(worked("97112", 10), worked("97112", 9, skilled=True))) == {"97112": 19}


@pytest.mark.parametrize("code", ["97035", "97032", "G0283", "97012"])
def test_a_passive_modality_is_right_under_its_own_code(worked: Worked, count: Count, code: str) -> None:
    assert minutes(count(worked(code, 10, activity="passive_modality"))) == {code: 10}


@pytest.mark.parametrize("contact", ["one_on_one", "group", "observed", "unattended"])
def test_a_supervised_modality_asks_for_no_contact(worked: Worked, count: Count, contact: str) -> None:
    assert minutes(count(worked("G0283", 15, contact=contact))) == {"G0283": 15}


@pytest.mark.parametrize(("contact", "counts"), [("group", 1), ("one_on_one", 1), ("observed", 0), ("unattended", 0)])
def test_a_group_needs_constant_attendance(worked: Worked, count: Count, contact: str, counts: int) -> None:
    assert len(count(worked("97150", 30, contact=contact)).lines) == counts


def test_a_rest_inside_a_treatment_is_taken_out_of_it(worked: Worked, count: Count) -> None:
    result = count(worked("97112", 40, at=0), worked("97112", 5, at=20, activity="rest"))
    assert (minutes(result), left_out(result), result.overlaps) == ({"97112": 35}, [("97112", 5, "rest")], ())
    assert result.excluded[0].taken_from == ("97112",)


@pytest.mark.parametrize(("at", "length", "kept"), [(-10, 5, 40), (-5, 10, 35), (35, 10, 35), (40, 5, 40), (-5, 60, 0)])
def test_only_the_part_of_a_rest_that_overlaps_is_taken_out(
    worked: Worked, count: Count, at: int, length: int, kept: int
) -> None:
    result = count(worked("97112", 40, at=0), worked("97110", length, at=at, activity="rest"))
    assert minutes(result) == {"97112": kept}


def test_two_rests_that_overlap_are_taken_out_once(worked: Worked, count: Count) -> None:
    rests = [worked("97112", 6, at=10, activity="rest"), worked("97112", 6, at=13, activity="documentation")]
    assert minutes(count(worked("97112", 40, at=0), *rests)) == {"97112": 31}


def test_exercise_alone_inside_a_treatment_is_taken_out_of_it(worked: Worked, count: Count) -> None:
    result = count(worked("97112", 40, at=0), worked("97112", 10, at=5, contact="unattended"))
    assert minutes(result) == {"97112": 30}


def test_an_aide_beside_the_therapist_takes_nothing_away(worked: Worked, count: Count) -> None:
    result = count(worked("97112", 40, at=0), worked("97112", 40, "AIDE", at=0))
    assert (minutes(result), left_out(result)) == ({"97112": 40}, [("97112", 40, "aide")])


def test_minutes_without_a_clock_cannot_overlap(worked: Worked, count: Count) -> None:
    result = count(worked("97112", 28), worked("97530", 16), worked("97112", 5, activity="setup"))
    assert (minutes(result), result.total_units) == ({"97112": 28, "97530": 16}, 3)
    assert result.unclocked == ("97112-PT-None-28", "97530-PT-None-16")


def test_one_clinician_on_two_codes_at_once_earns_neither(worked: Worked, count: Count) -> None:
    result = count(worked("97110", 20, at=0), worked("97112", 20, at=15))
    assert minutes(result) == {"97110": 15, "97112": 15}
    assert left_out(result) == [("97110", 5, "overlap_codes"), ("97112", 5, "overlap_codes")]
    (overlap,) = result.overlaps
    assert (overlap.kind, overlap.codes, overlap.minutes) == ("codes", ("97110", "97112"), 5)
    assert (overlap.start, overlap.end) == ("2026-03-02T14:15:00Z", "2026-03-02T14:20:00Z")
    assert overlap.interval_ids == ("97110-PT-0-20", "97112-PT-15-20")


def test_two_clinicians_on_two_codes_of_one_patient_at_once_earn_neither(worked: Worked, count: Count) -> None:
    result = count(worked("97110", 20, at=0), worked("97112", 20, "PTA", at=0))
    assert (minutes(result), result.total_units) == ({"97110": 0, "97112": 0}, 0)


def test_a_rest_is_never_contested(worked: Worked, count: Count) -> None:
    result = count(worked("97110", 20, at=0), worked("97112", 20, at=15), worked("97112", 5, at=15, activity="rest"))
    assert (minutes(result), result.overlaps) == ({"97110": 15, "97112": 15}, ())


def test_touching_intervals_do_not_overlap(worked: Worked, count: Count) -> None:
    assert count(worked("97110", 20, at=0), worked("97112", 20, at=20)).overlaps == ()


def test_the_same_stretch_recorded_twice_counts_once(worked: Worked, count: Count) -> None:
    result = count(worked("97110", 20, at=0), worked("97110", 20, at=10))
    assert (minutes(result), result.overlaps) == ({"97110": 30}, ())


def test_team_time_counts_once_as_the_therapists(worked: Worked, count: Count) -> None:
    result = count(worked("97110", 20, at=0), worked("97110", 20, "PTA", at=0))
    (line,) = result.lines
    assert (line.minutes, line.therapist_minutes, line.assistant_minutes) == (20, 20, 0)
    assert line.modifiers == ("GP",)


def test_only_the_assistants_minutes_apart_are_the_assistants(worked: Worked, count: Count) -> None:
    (line, *_) = count(worked("97110", 20, at=0), worked("97110", 20, "PTA", at=10)).lines
    assert (line.therapist_minutes, line.assistant_minutes) == (20, 10)


@pytest.mark.parametrize("code", ["G0283", "97012", "97010"])
def test_a_supervised_modality_overlaps_with_anything(worked: Worked, count: Count, code: str) -> None:
    result = count(worked("97110", 20, at=0), worked(code, 15, at=5), worked("97110", 5, at=5, activity="rest"))
    assert (minutes(result), result.overlaps) == ({"97110": 15, code: 15}, ())


def test_a_group_and_one_on_one_time_of_the_same_minute_are_contested(worked: Worked, count: Count) -> None:
    result = count(worked("97150", 30, at=0, contact="group"), worked("97110", 20, at=20))
    assert minutes(result) == {"97150": 20, "97110": 10}


def test_a_caregiver_may_be_trained_while_a_colleague_treats(worked: Worked, count: Count) -> None:
    result = count(worked("97550", 30, at=0), worked("97110", 30, "PTA", at=0))
    assert (minutes(result), result.overlaps) == ({"97550": 30, "97110": 30}, ())
    assert count(worked("97550", 30, at=0), worked("97110", 30, at=0)).overlaps


def elsewhere(start: float, end: float, who: str = "person PT") -> tuple[Occupied, ...]:
    return (Occupied(who, NINE + timedelta(minutes=start), NINE + timedelta(minutes=end), "S9"),)


def test_one_clinician_with_two_patients_at_once_earns_nothing_from_it(worked: Worked, count: Count) -> None:
    result = count(worked("97110", 20, at=0), elsewhere=elsewhere(15, 40))
    assert (minutes(result), left_out(result)) == ({"97110": 15}, [("97110", 5, "overlap_patients")])
    (overlap,) = result.overlaps
    assert (overlap.kind, overlap.other_session_ids, overlap.minutes) == ("patients", ("S9",), 5)


def test_two_stretches_with_another_patient_are_both_lost(worked: Worked, count: Count) -> None:
    result = count(worked("97110", 30, at=0), elsewhere=(*elsewhere(0, 5), *elsewhere(20, 24)))
    assert (minutes(result), left_out(result)) == ({"97110": 21}, [("97110", 9, "overlap_patients")])
    assert [overlap.minutes for overlap in result.overlaps] == [5, 4]


def test_another_clinicians_other_patient_changes_nothing(worked: Worked, count: Count) -> None:
    assert minutes(count(worked("97110", 20, at=0), elsewhere=elsewhere(0, 20, "somebody"))) == {"97110": 20}


def test_a_group_is_not_torn_by_another_patient(worked: Worked, count: Count) -> None:
    result = count(worked("97150", 20, at=0, contact="group"), elsewhere=elsewhere(0, 20))
    assert (minutes(result), result.overlaps) == ({"97150": 20}, ())


def test_the_assistant_who_stays_keeps_the_minutes(worked: Worked, count: Count) -> None:
    result = count(worked("97110", 20, at=0), worked("97110", 20, "PTA", at=0), elsewhere=elsewhere(0, 20))
    (line,) = result.lines
    assert (line.minutes, line.assistant_minutes, line.modifiers) == (20, 20, ("GP", "CQ"))


def test_which_times_tie_a_clinician_to_one_patient(worked: Worked) -> None:
    def ties(code: str, **more: Any) -> bool:
        return occupies(worked(code, 10, **{"at": 0, **more}), TABLE.get(code))

    assert ties("97110")
    assert ties("97161")
    assert not ties("97110", at=None)
    assert not ties("97110", contact="group")
    assert not ties("97110", activity="documentation")
    assert not ties("97150")
    assert not ties("G0283")
    assert not ties("99213")


def test_an_interval_without_any_time_is_left_out(worked: Worked, count: Count) -> None:
    assert left_out(count(worked("97112", 0, at=0, start=None, end=None))) == [("97112", 0, "no_time")]


def test_a_moment_is_a_line_without_units(worked: Worked, count: Count) -> None:
    result = count(worked("97112", 0, at=5))
    assert (minutes(result), result.total_units, result.excluded) == ({"97112": 0}, 0, ())


def test_instants_at_the_ends_of_the_calendar_are_told(worked: Worked, count: Count) -> None:
    east = timezone(timedelta(hours=23))
    first = datetime(1, 1, 1, tzinfo=east)
    two = [worked(code, 0, at=0, start=first, end=first + timedelta(minutes=9)) for code in ("97110", "97112")]
    assert count(*two).overlaps[0].start == "0001-01-01T00:00:00Z"
    west = timezone(timedelta(hours=-23))
    last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=west)
    two = [worked(code, 0, at=0, start=last - timedelta(minutes=9), end=last) for code in ("97110", "97112")]
    assert count(*two).overlaps[0].end == "9999-12-31T23:59:59Z"


ACTIVITIES = ["treatment"] * 6 + ["rest", "setup", "documentation", "passive_modality"]
CONTACTS = ["one_on_one"] * 6 + ["group", "observed", "unattended"]


CLOCKED = {"minutes": 20, "role": "PT", "at": 0, "session_id": "S1"}


@st.composite
def busy_days(draw: st.DrawFn) -> list[dict[str, Any]]:
    pieces = st.fixed_dictionaries(
        {
            "code": st.sampled_from(["97110", "97112", "97140", "97150", "G0283", "97129", "97130", "97161"]),
            "minutes": st.integers(0, 40),
            "role": st.sampled_from(["PT", "PTA", "AIDE"]),
            "at": st.one_of(st.none(), st.integers(0, 90)),
            "activity": st.sampled_from(ACTIVITIES),
            "contact": st.sampled_from(CONTACTS),
            "session_id": st.sampled_from(["S1", "S2"]),
        }
    )
    return draw(st.lists(pieces, max_size=9))


@settings(max_examples=500, deadline=None)
@given(busy_days(), st.integers(0, 2**32), st.sampled_from(["medicare", "commercial-midpoint", None]))
def test_the_order_of_the_intervals_changes_nothing(
    worked: Worked, count: Count, day: list[dict[str, Any]], seed: int, payer: str | None
) -> None:
    intervals = [worked(**{**piece, "interval_id": str(n)}) for n, piece in enumerate(day)]
    shuffled = list(intervals)
    random.Random(seed).shuffle(shuffled)
    assert count(*intervals, payer=payer) == count(*shuffled, payer=payer)


@settings(max_examples=500, deadline=None)
@given(busy_days())
@example(
    [
        {**CLOCKED, "code": "97150", "contact": "group", "activity": "passive_modality"},
        {**CLOCKED, "code": "97110", "contact": "one_on_one", "activity": "treatment"},
    ]
)
def test_minutes_match_a_second_reading_minute_by_minute(
    worked: Worked, count: Count, day: list[dict[str, Any]]
) -> None:
    """Clocked treatment, minus rests, minus minutes on two codes; team time once; then the CMS chart."""
    expected: dict[str, int] = {}
    clocked = [piece for piece in day if piece["at"] is not None]
    for piece in day:
        if piece["at"] is None and kept(piece):
            expected[piece["code"]] = expected.get(piece["code"], 0) + piece["minutes"]
    for minute in range(140):
        now = [p for p in clocked if p["at"] <= minute < p["at"] + p["minutes"]]
        rests = [p for p in now if not kept(p) and p["role"] != "AIDE" and not group_of_one(p)]
        rests += [p for p in now if p["activity"] in ("rest", "setup", "documentation") and p not in rests]
        whole = [p for p in rests if p["activity"] in ("rest", "setup", "documentation")]
        working = [p for p in now if kept(p) and p["code"] != "G0283"]
        working = [p for p in working if not whole and not any(r["role"] == p["role"] for r in rests)]
        one_code = {"97129" if p["code"] == "97130" else p["code"] for p in working}
        if len(one_code) == 1:
            first = min(working, key=lambda p: (p["role"] == "PTA", p["code"]))
            expected[first["code"]] = expected.get(first["code"], 0) + 1
        if any(p["code"] == "G0283" and kept(p) for p in now):
            expected["G0283"] = expected.get("G0283", 0) + 1
    result = count(*(worked(**{**piece, "interval_id": str(n)}) for n, piece in enumerate(day)))
    timed = {code: total for code, total in expected.items() if TABLE[code].timed}
    assert result.total_minutes == sum(timed.values())
    assert result.treatment_minutes == sum(expected.values())
    assert result.total_units == (result.total_minutes + 7) // 15


def group_of_one(piece: dict[str, Any]) -> bool:
    """A group under a one-on-one code: the code is wrong, but somebody was treated, so it interrupts nothing."""
    return piece["contact"] == "group" and piece["code"] != "97150"


def kept(piece: dict[str, Any]) -> bool:
    """Whether a piece counts, in the page's own words."""
    code, contact = piece["code"], piece["contact"]
    if piece["role"] == "AIDE" or piece["activity"] in ("rest", "setup", "documentation"):
        return False
    if code == "G0283":
        return True
    allowed = ("one_on_one", "group") if code == "97150" else ("one_on_one",)
    return contact in allowed and piece["activity"] == "treatment"
