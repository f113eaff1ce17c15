"""The published pair edits and unit limits as a claim meets them: the table of pairs that therapy bills together."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.made_release import with_table
from therapy_domain.errors import InputError
from therapy_domain.rulesets import load
from therapy_domain.rulesets.codes import codes, known_codes
from therapy_domain.rulesets.edits import PairEdit, PairEdits, pair_edits, unit_limits
from therapy_domain.rulesets.publications import day_of
from therapy_domain.rulesets.release import Ruleset

RULES = load("2026.1")
EDITS, HOSPITAL, LIMITS = pair_edits(RULES), pair_edits(RULES, "hospital"), unit_limits(RULES)
IN_FORCE = date(2024, 7, 15)
LAST_OF_2019 = date(2019, 12, 31)

GROUPED = "97110 97112 97113 97116 97124 97140 97530 97533 97535 97537 97542 97760 97761 97763"
BEFORE_REEVALUATION = """97012 97016 97018 97022 97024 97026 97028 97032 97033 97034 97035 97036 97124 97129 97130
    97533 97535 97537 97542 97760 97761 G0283"""
PT_EVALUATIONS, OT_EVALUATIONS = "97161 97162 97163", "97165 97166 97167"
EVALUATIONS = f"{PT_EVALUATIONS} 97164 {OT_EVALUATIONS} 97168"
SPINAL = "98940 98941 98942"

LIVE = [
    ("97150", GROUPED, 1),
    ("97530", "97537 97542 97750", 1),
    ("97140", "97018 97750 95851", 1),
    ("97140", "97124", 0),
    (BEFORE_REEVALUATION, "97164 97168", 1),
    ("97161", "97162 97163", None),
    ("97163", "97161 97162", 0),
    ("97162", "97161", 0),
    ("97167", "97165 97166", 0),
    ("97166", "97165", 0),
    (PT_EVALUATIONS, "97164", 0),
    (OT_EVALUATIONS, "97168", 0),
    (PT_EVALUATIONS, OT_EVALUATIONS, None),
    (OT_EVALUATIONS, PT_EVALUATIONS, None),
    ("97113", "97110 97022", 1),
    ("97113", "97036", 0),
    ("97112", "97022 97036", 1),
    ("97012", "97018 97140", 1),
    ("97760 97761 97763", "97016 97110 97112 97116 97124 97140", 1),
    ("97760 97761", "97763", 0),
    ("97761", "97760", 1),
    ("97755", "97035 97110 97112 97140 97530 97533 97535 97537 97542 97760 97761 97763", 1),
    ("97755", "97750", 0),
    ("97750", "97150", 0),
    ("G0283", "97032", 1),
    ("97018", "97022", 1),
    ("97016 97024 97026 97028", "97018", 1),
    ("97016 97024 97028", "97026", 1),
    ("97026 97028", "97022", 1),
    ("92507 92508", "97110 97112 97129 97150 97530 97533", 1),
    ("92526", "97110 97112 97150 97530", 1),
    ("92508", "92507", 1),
    ("95992", "97110 97112 97140 97530", 1),
    ("97161", "99213", 1),
    (SPINAL, "97112 97124 97140", 1),
    (SPINAL, EVALUATIONS, 0),
    ("98942", "98940 98941", 0),
    ("98941", "98940", 0),
    (SPINAL, "97110 97530", None),
]
OTHERWISE_IN_HOSPITALS = [(EVALUATIONS, "97750 97755 97763", 0, 1), ("92526", "97032 G0283", 0, 1)]
ENDED = [
    ("97530", "97116", LAST_OF_2019),
    ("97140", "97530", LAST_OF_2019),
    ("97530", "97113", LAST_OF_2019),
    ("97530", "97535 97533", date(2021, 12, 31)),
]
VOID = [
    (f"{PT_EVALUATIONS} {OT_EVALUATIONS}", "97140"),
    ("97110 97112 97113 97116 97140 97150 97530", "97164 97168"),
    ("99281", "97161"),
    ("97530 97150", f"{PT_EVALUATIONS} {OT_EVALUATIONS}"),
]


def pairs(ones: str, others: str) -> Iterable[tuple[str, str]]:
    return product(ones.split(), others.split())


def found(edits: PairEdits, one: str, other: str, day: date = IN_FORCE) -> int | None:
    edit = edits.active(one, other, day)
    return None if edit is None else edit.indicator


@pytest.mark.parametrize(("ones", "others", "indicator"), LIVE)
def test_live_pairs(ones: str, others: str, indicator: int | None) -> None:
    told = {pair: found(EDITS, *pair) for pair in pairs(ones, others)}
    assert set(told.values()) == {indicator}, told
    assert {pair: found(HOSPITAL, *pair) for pair in pairs(ones, others)} == told


@pytest.mark.parametrize(("ones", "others", "practitioner", "hospital"), OTHERWISE_IN_HOSPITALS)
def test_pairs_that_hospitals_may_bypass(ones: str, others: str, practitioner: int, hospital: int) -> None:
    assert {found(EDITS, *pair) for pair in pairs(ones, others)} == {practitioner}
    assert {found(HOSPITAL, *pair) for pair in pairs(ones, others)} == {hospital}


@pytest.mark.parametrize(("ones", "others", "last"), ENDED)
def test_an_ended_pair_holds_to_its_last_day_and_not_the_day_after(ones: str, others: str, last: date) -> None:
    for pair in pairs(ones, others):
        assert found(EDITS, *pair, last) == 1
        assert found(EDITS, *pair, last + timedelta(days=1)) is None
        assert found(EDITS, *pair) is None


@pytest.mark.parametrize(("ones", "others"), VOID)
@pytest.mark.parametrize("day", [date(2020, 1, 1), date(2020, 10, 1), IN_FORCE, date(2026, 3, 2)])
def test_a_void_edit_never_held(ones: str, others: str, day: date) -> None:
    assert {found(EDITS, *pair, day) for pair in pairs(ones, others)} == {None}


def test_a_voided_return_does_not_bring_an_ended_pair_back() -> None:
    assert [edit.indicator for edit in EDITS.history("97530", "97116")].count(9) == 2
    for day in (date(2020, 1, 1), date(2020, 10, 1), date(2024, 7, 1), date(2026, 3, 2)):
        assert found(EDITS, "97530", "97116", day) is None


def test_the_common_treatment_codes_have_no_live_pair_among_them() -> None:
    codes = ["97110", "97112", "97116", "97140", "97530", "97535"]
    for day in (date(2022, 1, 1), IN_FORCE, date(2026, 3, 2)):
        assert EDITS.among(codes, day) == ()


def test_column_two_is_the_one_denied() -> None:
    (edit,) = EDITS.among(["97110", "97150"], IN_FORCE)
    assert (edit.column_1, edit.column_2, edit.indicator) == ("97150", "97110", 1)
    assert EDITS.active("97110", "97150", IN_FORCE) is None


def test_of_several_rows_the_one_that_ends_first_holds() -> None:
    last = {day: HOSPITAL.active("97161", "97750", day) for day in (date(2017, 12, 31), date(2018, 1, 1), IN_FORCE)}
    assert [(edit.indicator, edit.last_day) for edit in last.values() if edit] == [
        (0, date(2017, 12, 31)),
        (1, LAST_OF_2019),
        (1, None),
    ]


@pytest.mark.parametrize(
    ("day", "binds"),
    [
        (date(2024, 6, 30), False),
        (date(2024, 7, 1), True),
        (date(2024, 9, 30), True),
        (date(2024, 10, 1), False),
        (date(2026, 3, 2), False),
    ],
)
def test_outside_its_quarter_a_file_only_advises(day: date, binds: bool) -> None:
    edit = EDITS.active("97150", "97110", day)
    assert edit is not None
    assert edit.binds(day) is EDITS.covers(day) is binds
    assert edit.publication.id == "ncci-ptp-practitioner-2024q3"
    assert edit.publication.name == "NCCI pair edits, practitioner, 2024-07-01"
    assert edit.publication == EDITS.answers(day)


@pytest.mark.parametrize(
    ("code", "units", "indicator"),
    [("97112", 4, 3), ("97110", 6, 3), ("97161", 1, 2), ("97010", 0, 3), ("97535", 8, 3), ("20560", 1, 2)],
)
def test_unit_limits(code: str, units: int, indicator: int) -> None:
    limit = LIMITS.limit(code, date(2026, 4, 1))
    assert limit is not None
    assert (limit.units, limit.indicator, limit.publication.id) == (units, indicator, "mue-practitioner-2026q2")


def test_a_code_without_a_published_limit_has_none() -> None:
    assert LIMITS.limit("99999", date(2026, 4, 1)) is None


def test_unit_limits_bind_in_their_quarter() -> None:
    days = [date(2026, 3, 31), date(2026, 4, 1), date(2026, 6, 30), date(2026, 7, 1)]
    limits = [LIMITS.limit("97112", day) for day in days]
    assert [limit is not None and limit.binds(day) for limit, day in zip(limits, days, strict=True)] == [
        False,
        True,
        True,
        False,
    ]
    assert [LIMITS.covers(day) for day in days] == [False, True, True, False]
    answering = LIMITS.answers(days[0])
    assert answering is not None
    assert answering.name == "Medically Unlikely Edits, practitioner, 2026-04-01"


def held(
    *files: tuple[str, date, date, date | None], rows: Mapping[str, list[dict[str, str]]] | None = None
) -> Ruleset:
    """A ruleset with practitioner files of pair edits: name, effective, first and last day."""
    listed: list[dict[str, Any]] = [
        {"id": name, "name": name, "setting": "practitioner", "file": name, "effective": effective, "from": first}
        | {"source": "made for the test"}
        | ({} if last is None else {"to": last})
        for name, effective, first, last in files
    ]
    row = {"column_1": "97150", "column_2": "97110", "deletion_date": "*", "modifier_indicator": "1"}
    tables = {name: tuple((rows or {}).get(name, [row])) for name, *_ in files}
    return Ruleset(id="made", hash="", toml={"published": {"pair_edits": listed}}, csv=tables)


def quarter(name: str, year: int, month: int, last: date | None = None) -> tuple[str, date, date, date | None]:
    first = date(year, month, 1)
    return name, first, first, last or first + timedelta(days=89)


def test_a_file_that_covers_the_day_answers_else_the_latest_earlier_else_the_earliest_later() -> None:
    edits = pair_edits(held(quarter("c", 2026, 4), quarter("a", 2020, 1), quarter("b", 2024, 7)))
    for day, name, binds in [
        (date(2019, 5, 1), "a", False),
        (date(2020, 2, 1), "a", True),
        (date(2023, 1, 1), "a", False),
        (date(2024, 8, 1), "b", True),
        (date(2026, 1, 1), "b", False),
        (date(2026, 4, 1), "c", True),
        (date(2030, 1, 1), "c", False),
    ]:
        edit = edits.active("97150", "97110", day)
        assert edit is not None
        assert (edit.publication.id, edit.binds(day)) == (name, binds)


def test_a_revision_stands_for_the_file_it_replaces() -> None:
    """The edits of 1 January 2020 between evaluations and 97530, withdrawn the same month."""
    pair = {"column_1": "97530", "column_2": "97161", "effective_date": "20200101"}
    before = [pair | {"deletion_date": "*", "modifier_indicator": "1"}]
    after = [pair | {"deletion_date": "20200101", "modifier_indicator": "9"}]
    rows = {"v26.0r0": before, "v26.0r1": after}
    once = pair_edits(held(quarter("v26.0r0", 2020, 1), rows=rows))
    revised = pair_edits(held(quarter("v26.0r0", 2020, 1), quarter("v26.0r1", 2020, 1), rows=rows))
    day = date(2020, 1, 15)
    assert found(once, "97530", "97161", day) == 1
    for on in (day, date(2019, 1, 1), date(2021, 1, 1)):
        assert found(revised, "97530", "97161", on) is None
        answering = revised.answers(on)
        assert answering is not None
        assert answering.id == "v26.0r1"


def test_an_edit_holds_from_its_effective_date() -> None:
    row = {"column_1": "1111A", "column_2": "2222B", "effective_date": "20240715", "deletion_date": "20240731"}
    edits = pair_edits(held(quarter("a", 2024, 7), rows={"a": [row | {"modifier_indicator": "0"}]}))
    days = [date(2024, 7, 14), date(2024, 7, 15), date(2024, 7, 31), date(2024, 8, 1)]
    assert [found(edits, "1111A", "2222B", day) for day in days] == [None, 0, 0, None]


def test_a_ruleset_without_files_knows_no_edit() -> None:
    nothing = Ruleset(id="made", hash="", toml={}, csv={})
    assert pair_edits(nothing).active("97150", "97110", IN_FORCE) is None
    assert pair_edits(nothing).answers(IN_FORCE) is None
    assert unit_limits(nothing).limit("97110", IN_FORCE) is None
    assert unit_limits(nothing).answers(IN_FORCE) is None
    assert not unit_limits(nothing).covers(IN_FORCE)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"modifier_indicator": "2"}, "a[0].modifier_indicator"),
        ({"deletion_date": "20240231"}, "a[0].deletion_date"),
        ({"effective_date": "soon"}, "a[0].effective_date"),
        ({"column_1": ""}, "a[0].column_1"),
        ({"column_2": "9711"}, "a[0].column_2"),
    ],
)
def test_a_table_that_cannot_be_read_is_told(change: dict[str, str], path: str) -> None:
    row = {"column_1": "97150", "column_2": "97110", "deletion_date": "*", "modifier_indicator": "1"} | change
    with pytest.raises(InputError) as told:
        pair_edits(held(quarter("a", 2024, 7), rows={"a": [row]}))
    assert told.value.path == path


@pytest.mark.parametrize("change", [{"from": "2024"}, {"name": ""}, {"setting": "home"}, {"to": 3}, {"file": "b"}])
def test_a_list_of_files_that_cannot_be_read_is_told(change: dict[str, Any]) -> None:
    whole = held(quarter("a", 2024, 7))
    row = {**whole.toml["published"]["pair_edits"][0], **change}
    with pytest.raises(InputError):
        pair_edits(replace(whole, toml={"published": {"pair_edits": [row]}}))


def test_every_shipped_row_is_read() -> None:
    for edits, rows, pairs_held in ((EDITS, 811, 509), (HOSPITAL, 763, 469)):
        (table,) = edits.tables
        assert sum(map(len, table.values())) == rows
        assert len(table) == pairs_held
    assert len(LIMITS.tables[0]) == 84


dates = st.dates(date(1996, 1, 1), date(2030, 12, 31))


@given(st.sampled_from([edit for rows in EDITS.tables[0].values() for edit in rows]), dates)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_a_pair_is_active_if_and_only_if_one_of_its_rows_is(edit: PairEdit, day: date) -> None:
    rows = EDITS.history(edit.column_1, edit.column_2)
    holding = [row for row in rows if row.indicator != 9 and (row.last_day is None or day <= row.last_day)]
    active = EDITS.active(edit.column_1, edit.column_2, day)
    assert (active in holding) if holding else (active is None)


def test_published_rows_are_kept_of_the_tables_codes_and_of_those_that_the_files_of_edits_name() -> None:
    rules = load()
    known = known_codes(rules)
    assert codes(rules).keys() <= known
    named = {row["code"] for row in rules.csv["mue_practitioner"]}
    for file in ("ncci_ptp_practitioner_therapy", "ncci_ptp_hospital"):
        named |= {row[column] for row in rules.csv[file] for column in ("column_1", "column_2")}
    assert known == codes(rules).keys() | named


@pytest.mark.parametrize("units", ["", "x", "-1", "1.5", "1 ", "12345678", "1000001", "\u0663"])
def test_a_limit_is_a_whole_number_of_units(units: str) -> None:
    table = with_table("unit_limits", f"code,mue_value,mai\n97110,{units},3\n", IN_FORCE, setting="practitioner")
    with pytest.raises(InputError, match="a whole number of units, at most 1000000"):
        unit_limits(table)


def test_the_largest_limit_is_a_million_units() -> None:
    table = with_table("unit_limits", "code,mue_value,mai\n97110,1000000,3\n", IN_FORCE, setting="practitioner")
    found = unit_limits(table).limit("97110", IN_FORCE)
    assert found is not None
    assert (found.units, found.indicator) == (1_000_000, 3)


@pytest.mark.parametrize("code", ["", "9711", "971100", "9711-", "9711\u0660"])
def test_a_code_in_a_file_of_edits_is_five_letters_and_digits(code: str) -> None:
    table = with_table("unit_limits", f"code,mue_value,mai\n{code},3,3\n", IN_FORCE, setting="practitioner")
    with pytest.raises(InputError, match="a code of five letters and digits"):
        unit_limits(table)


@pytest.mark.parametrize("text", ["2026", "2026-1-1", "20260230", "202601011", "\u0662\u0660260101", "soon"])
def test_a_day_in_a_file_is_eight_digits_or_a_star(text: str) -> None:
    with pytest.raises(InputError, match="a date YYYYMMDD, or \\* for none"):
        day_of(text, "x")
    assert (day_of("*", "x"), day_of("", "x"), day_of("20260201", "x")) == (None, None, date(2026, 2, 1))
