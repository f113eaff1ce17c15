"""The front of `claimtrail units`: answers with the contract's keys, and errors that name path, value and expected."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from therapy_domain.units.request import MOST_INTERVALS, answer

DAY: dict[str, Any] = {"payer": "medicare", "discipline": "PT", "date_of_service": "2026-03-02"}
KEYS = ["rule", "ruleset", "total_minutes", "total_units", "lines", "excluded", "alternatives", "explanation"]


def interval(**changes: Any) -> dict[str, Any]:
    made = {"code": "97112", "minutes": 28, "role": "PT", **changes}
    return {name: value for name, value in made.items() if value != "absent"}


def day(*intervals: Any, **changes: Any) -> dict[str, Any]:
    return {**DAY, "intervals": list(intervals), **changes}


def asked(document: Any) -> Any:
    return answer(json.dumps(document)).body


def test_the_answer_has_the_contracts_keys() -> None:
    body = asked(day(interval(), interval(code="97530", minutes=16), interval(minutes=5, activity="setup")))
    assert list(body) == KEYS
    assert body["lines"] == [
        {"code": "97112", "minutes": 28, "units": 2, "modifiers": ["GP"]},
        {"code": "97530", "minutes": 16, "units": 1, "modifiers": ["GP"]},
    ]
    assert body["excluded"] == [{"code": "97112", "minutes": 5, "reason": "setup"}]
    assert (body["rule"], body["ruleset"], body["total_minutes"], body["total_units"]) == (
        "cms-8-minute",
        "2026.1",
        44,
        3,
    )


def test_an_array_is_answered_in_its_order_with_errors_in_their_place() -> None:
    answers = answer(json.dumps([day(interval()), day(interval(minutes=-1)), 5, day()]))
    assert (answers.exit_code, answers.failed) == (1, 2)
    assert isinstance(answers.body, list)
    assert [next(iter(one)) for one in answers.body] == ["rule", "error", "error", "rule"]
    assert answers.body[1]["error"]["path"] == "$[1].intervals[0].minutes"
    assert answer("[]").body == []
    assert answer("[]").exit_code == 0


def test_clock_times_of_role_and_performer_are_a_team() -> None:
    start, end = "2026-03-02T09:00:00-05:00", "2026-03-02T09:20:00-05:00"
    clocked = {"minutes": "absent", "start": start, "end": end}
    body = asked(
        day(
            interval(**clocked),
            interval(**clocked, role="absent", performer={"id": "assistant 7", "role": "PTA"}),
        )
    )
    assert body["lines"] == [{"code": "97112", "minutes": 20, "units": 1, "modifiers": ["GP"]}]


def test_a_moment_by_the_clock_is_understood_and_an_end_before_the_start_is_not() -> None:
    start = "2026-03-02T09:00:00-05:00"
    assert asked(day(interval(minutes="absent", start=start, end=start)))["total_units"] == 0
    refused = answer(json.dumps(day(interval(minutes="absent", start=start, end="2026-03-02T08:59:59-05:00"))))
    assert refused.exit_code == 1
    assert "within 24 hours" in json.dumps(refused.body)


def test_all_intervals_of_one_role_are_one_person() -> None:
    start, end = "2026-03-02T09:00:00-05:00", "2026-03-02T09:20:00-05:00"
    clocked = {"minutes": "absent", "start": start, "end": end}
    body = asked(day(interval(**clocked), interval(code="97550", **clocked)))
    assert {left_out["reason"] for left_out in body["excluded"]} == {"overlap_codes"}


def test_a_known_form_of_code_that_is_not_in_the_table_is_left_out() -> None:
    body = asked(day(interval(code="99213")))
    assert body["excluded"] == [{"code": "99213", "minutes": 28, "reason": "unknown_code"}]


def test_a_date_of_long_ago_is_counted_without_assistants_modifiers() -> None:
    body = asked(day(interval(role="PTA"), date_of_service="2016-02-29"))
    assert body["lines"][0]["modifiers"] == ["GP"]


CLOCK = "a time with an offset"
MINUTES = "a whole number of minutes from 0 to 1440"


@pytest.mark.parametrize(
    ("document", "path", "value", "expected"),
    [
        (day(interval(minutes=-1)), "$.intervals[0].minutes", -1, MINUTES),
        (day(interval(minutes=1441)), "$.intervals[0].minutes", 1441, MINUTES),
        (day(interval(minutes=True)), "$.intervals[0].minutes", True, MINUTES),
        (day(interval(minutes=28.5)), "$.intervals[0].minutes", 28.5, MINUTES),
        (day(interval(minutes="28")), "$.intervals[0].minutes", "28", MINUTES),
        (day(interval(minutes=10**30)), "$.intervals[0].minutes", "1" + "0" * 30, MINUTES),
        (day(interval(minutes="absent")), "$.intervals[0].minutes", None, "either `minutes`, or `start`"),
        (day(interval(start="2026-03-02T09:00:00Z")), "$.intervals[0].minutes", 28, "not both"),
        (
            day(interval(minutes="absent", start="2026-03-02T09:00:00Z")),
            "$.intervals[0].end",
            None,
            CLOCK,
        ),
        (
            day(interval(minutes="absent", start="2026-03-02T09:00:00", end="2026-03-02T09:05:00Z")),
            "$.intervals[0].start",
            "2026-03-02T09:00:00",
            CLOCK,
        ),
        (
            day(interval(minutes="absent", start="2026-03-02T09:00:00Z", end="2026-03-02T08:00:00Z")),
            "$.intervals[0].end",
            "2026-03-02T08:00:00+00:00",
            "within 24 hours",
        ),
        (day(interval(code="9711")), "$.intervals[0].code", "9711", "a HCPCS or CPT code"),
        (day(interval(code=97112)), "$.intervals[0].code", 97112, "a HCPCS or CPT code"),
        (day(interval(role="MD")), "$.intervals[0].role", "MD", "one of PT, PTA"),
        (day(interval(role="absent")), "$.intervals[0].role", None, "one of PT, PTA"),
        (day(interval(performer={"id": "a", "role": "PT"})), "$.intervals[0].role", "PT", "not both"),
        (day(interval(contact="phone")), "$.intervals[0].contact", "phone", "one of one_on_one"),
        (day(interval(activity="sleep")), "$.intervals[0].activity", "sleep", "one of treatment"),
        (day(interval(), interval(unit=1)), "$.intervals[1].unit", 1, "no such field"),
        (day(7), "$.intervals[0]", 7, "an object"),
        (day(intervals={}), "$.intervals", "{}", "a list of intervals"),
        (day(payer="aetna"), "$.payer", "aetna", "one of medicare, commercial-cms"),
        (day(payer=["medicare"]), "$.payer", '["medicare"]', "one of medicare, commercial-cms"),
        (DAY, "$.intervals", None, "a list of intervals"),
        ({}, "$.payer", None, "one of medicare"),
        (day(discipline="pt"), "$.discipline", "pt", "one of PT, OT, SLP, CHIRO"),
        (day(date_of_service="2026-3-2"), "$.date_of_service", "2026-3-2", "a date YYYY-MM-DD"),
        (day(date_of_service="2026-02-30"), "$.date_of_service", "2026-02-30", "a date YYYY-MM-DD"),
        (day(date_of_service=20260302), "$.date_of_service", 20260302, "a date YYYY-MM-DD"),
        ("medicare", "$", "medicare", "an object"),
        (None, "$", None, "an object"),
    ],
)
def test_an_error_names_path_value_and_what_would_be_right(document: Any, path: str, value: Any, expected: str) -> None:
    body = asked(document)
    assert list(body) == ["error"]
    assert (body["error"]["path"], body["error"]["value"]) == (path, value)
    assert expected in body["error"]["expected"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1", "nul", '{"payer": NaN}', '{"payer": 1e999}', "[" * 100_000, '{"payer":1,"payer":2}', "9" * 5000],
)
def test_what_is_not_json_is_one_error(text: str) -> None:
    body = answer(text).body
    assert isinstance(body, dict)
    assert sorted(body["error"]) == ["expected", "path", "value"]


def test_bytes_that_are_no_text_are_one_error() -> None:
    assert answer(b"\xff\xfe").exit_code == 1


def test_a_day_of_too_many_intervals_is_refused() -> None:
    assert asked(day(*[interval()] * (MOST_INTERVALS + 1)))["error"]["path"].startswith("$.intervals")
    assert "rule" in asked(day(*[interval()] * MOST_INTERVALS))


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
CLOCKS = st.sampled_from(
    ["2026-03-02T09:00:00Z", "2026-03-02T09:20:00.5-05:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"]
)
NEARLY_INTERVAL = st.fixed_dictionaries(
    {},
    optional={
        "code": st.sampled_from(["97112", "97110", "97129", "97150", "97010", "98977", "G0283", "99999"]) | JUNK,
        "minutes": st.integers(-5, 1500) | JUNK,
        "start": CLOCKS | JUNK,
        "end": CLOCKS | JUNK,
        "role": st.sampled_from(["PT", "PTA", "OTA", "DC", "AIDE"]) | JUNK,
        "performer": st.fixed_dictionaries({"id": st.text(max_size=3), "role": st.sampled_from(["PT", "OT"])}) | JUNK,
        "contact": st.sampled_from(["one_on_one", "group"]) | JUNK,
        "activity": st.sampled_from(["treatment", "rest"]) | JUNK,
        "skilled": st.booleans() | JUNK,
    },
)
NEARLY_DAY = st.fixed_dictionaries(
    {
        "payer": st.sampled_from(["medicare", "commercial-midpoint"]) | JUNK,
        "discipline": st.sampled_from(["PT", "OT", "SLP", "CHIRO"]) | JUNK,
        "date_of_service": st.sampled_from(["2026-03-02", "2019-12-31", "0001-01-01"]) | JUNK,
        "intervals": st.lists(NEARLY_INTERVAL, max_size=4) | JUNK,
    },
    optional={"more": JUNK},
)
GOOD_INTERVAL = st.fixed_dictionaries(
    {
        "code": st.sampled_from(["97112", "97110", "97140", "97129", "97130", "97150", "97010", "97550", "G0283"]),
        "minutes": st.integers(0, 1440),
        "role": st.sampled_from(["PT", "PTA", "OT", "OTA", "SLP", "DC", "AIDE", "STUDENT"]),
    },
    optional={
        "contact": st.sampled_from(["one_on_one", "group", "observed", "unattended"]),
        "activity": st.sampled_from(["treatment", "setup", "rest", "passive_modality"]),
        "skilled": st.booleans(),
    },
)


def check_shape(body: Any) -> None:
    if "error" in body:
        assert sorted(body["error"]) == ["expected", "path", "value"]
        assert body["error"]["expected"]
        assert body["error"]["path"].startswith("$")
    else:
        assert list(body) == KEYS
    json.dumps(body, allow_nan=False).encode()


@settings(max_examples=1500, deadline=None)
@given(NEARLY_DAY | JUNK)
def test_whatever_is_asked_is_answered(document: Any) -> None:
    body = answer(json.dumps(document)).body
    for one in body if isinstance(body, list) else [body]:
        check_shape(one)


@settings(max_examples=700, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60))
def test_whatever_bytes_come_are_answered(document: bytes | str) -> None:
    body = answer(document).body
    for one in body if isinstance(body, list) else [body]:
        check_shape(one)


@settings(max_examples=700, deadline=None)
@given(
    st.lists(GOOD_INTERVAL, max_size=8),
    st.sampled_from(["medicare", "commercial-cms", "commercial-midpoint", "workers-comp"]),
    st.sampled_from(["PT", "OT", "SLP", "CHIRO"]),
    st.dates().map(str),
)
def test_every_understood_day_is_counted(intervals: list[dict[str, Any]], payer: str, discipline: str, on: str) -> None:
    body = asked(day(*intervals, payer=payer, discipline=discipline, date_of_service=on))
    assert list(body) == KEYS
    assert body["total_units"] <= (body["total_minutes"] + 7) // 15 or payer != "medicare"
    recorded = sum(one["minutes"] for one in intervals)
    assert sum(x["minutes"] for x in body["lines"]) + sum(x["minutes"] for x in body["excluded"]) == recorded
