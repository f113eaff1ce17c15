"""A table that cannot be read is told in full: where, what stands there, and what should. One fault a case."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import pytest

from support.made_release import with_table
from therapy_domain.errors import InputError
from therapy_domain.rulesets.code_lists import code_list
from therapy_domain.rulesets.diagnoses import diagnosis_codes
from therapy_domain.rulesets.edits import pair_edits, unit_limits
from therapy_domain.rulesets.publications import (
    Publication,
    answering,
    covering,
    day_of,
    once_a_table,
    publications,
)
from therapy_domain.rulesets.release import Ruleset, Table

DAY = date(2026, 1, 1)
ROW: dict[str, Any] = {
    "id": "a",
    "name": "A",
    "setting": "practitioner",
    "file": "rows",
    "effective": DAY,
    "from": DAY,
    "source": "made",
}
PAIR = {
    "column_1": "97530",
    "column_2": "97161",
    "effective_date": "20200101",
    "deletion_date": "*",
    "modifier_indicator": "1",
}
LIMIT = {"code": "97110", "mue_value": "3", "mai": "3"}


def made(rows: Iterable[Mapping[str, Any]], kind: str = "pair_edits", *listed: dict[str, Any]) -> Ruleset:
    """A release with one published file of these rows."""
    return Ruleset(id="made", hash="", toml={"published": {kind: list(listed or [ROW])}}, csv={"rows": list(rows)})


def without(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}


def told(ruleset: Ruleset, read: Any) -> tuple[str, object, str, str]:
    with pytest.raises(InputError) as raised:
        read(ruleset)
    error = raised.value
    assert str(error) == f"{error.path}: {error.value!r} is not accepted; expected {error.expected}"
    return error.path, error.value, error.expected, error.code


@pytest.mark.parametrize("name", ["id", "name", "file", "source"])
@pytest.mark.parametrize("value", ["", None, 3, DAY])
def test_a_published_file_has_its_texts(name: str, value: object) -> None:
    listed = [ROW, {**ROW, name: value}]
    path = f"published.pair_edits[1].{name}"
    assert told(made([], "pair_edits", *listed), pair_edits) == (path, value, "a text", "invalid-input")
    if value is None:
        assert told(made([], "pair_edits", without(ROW, name)), pair_edits)[:3] == (
            f"published.pair_edits[0].{name}",
            None,
            "a text",
        )


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name in ("effective", "from") for value in (None, "2026", 3)] + [("to", "x")]
)
def test_a_published_file_has_its_days(name: str, value: object) -> None:
    path = f"published.pair_edits[0].{name}"
    assert told(made([], "pair_edits", {**ROW, name: value}), pair_edits)[:3] == (path, value, "a date")


@pytest.mark.parametrize("value", [None, "home", ""])
def test_a_file_of_edits_has_a_setting(value: object) -> None:
    for kind, read in (("pair_edits", pair_edits), ("unit_limits", unit_limits)):
        path = f"published.{kind}[0].setting"
        assert told(made([], kind, {**ROW, "setting": value}), read)[:3] == (
            path,
            value,
            "one of practitioner, hospital",
        )


@pytest.mark.parametrize("kind", ["diagnoses", "reason_codes", "fees"])
def test_other_files_have_no_setting(kind: Any) -> None:
    assert told(made([], kind), lambda ruleset: publications(ruleset, kind))[:3] == (
        f"published.{kind}[0].setting",
        "practitioner",
        f"no setting: {kind} have none",
    )
    assert publications(made([], kind, without(ROW, "setting")), kind)[0].setting is None


def test_the_file_must_be_one_of_the_release() -> None:
    ruleset = made([], "pair_edits", {**ROW, "file": "elsewhere"})
    assert told(ruleset, pair_edits)[:3] == ("a.file", "elsewhere", "the name of a CSV file of this release")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"column_1": ""}, "a code of five letters and digits"),
        ({"column_1": "9753"}, "a code of five letters and digits"),
        ({"column_2": "975301"}, "a code of five letters and digits"),
        ({"column_2": "9753-"}, "a code of five letters and digits"),
        ({"modifier_indicator": "2"}, "one of 0, 1, 9"),
        ({"modifier_indicator": ""}, "one of 0, 1, 9"),
        ({"effective_date": "soon"}, "a date YYYYMMDD, or * for none"),
        ({"deletion_date": "20260230"}, "a date YYYYMMDD, or * for none"),
    ],
)
def test_a_pair_edit_is_whole(change: dict[str, str], expected: str) -> None:
    ((name, value),) = change.items()
    assert told(made([PAIR, {**PAIR, **change}]), pair_edits)[:3] == (f"rows[1].{name}", value, expected)


@pytest.mark.parametrize("name", ["column_1", "column_2"])
def test_a_pair_edit_without_a_code_is_told_as_an_empty_one(name: str) -> None:
    found = told(made([without(PAIR, name)]), pair_edits)
    assert found[:3] == (f"rows[0].{name}", "", "a code of five letters and digits")


def test_a_pair_edit_without_days_holds_always_and_one_without_an_indicator_is_refused() -> None:
    bare = without(without(PAIR, "effective_date"), "deletion_date")
    edit = pair_edits(made([bare])).active("97530", "97161", date(1990, 1, 1))
    assert edit is not None
    assert (edit.effective, edit.last_day, edit.indicator) == (None, None, 1)
    assert told(made([without(PAIR, "modifier_indicator")]), pair_edits)[:3] == (
        "rows[0].modifier_indicator",
        None,
        "one of 0, 1, 9",
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"mue_value": "1000001"}, "a whole number of units, at most 1000000"),
        ({"mue_value": "x"}, "a whole number of units, at most 1000000"),
        ({"mue_value": ""}, "a whole number of units, at most 1000000"),
        ({"code": "9711"}, "a code of five letters and digits"),
        ({"mai": "4"}, "one of 1, 2, 3"),
        ({"mai": ""}, "one of 1, 2, 3"),
    ],
)
def test_a_unit_limit_is_whole(change: dict[str, str], expected: str) -> None:
    ((name, value),) = change.items()
    ruleset = made([LIMIT, {**LIMIT, **change}], "unit_limits")
    assert told(ruleset, unit_limits)[:3] == (f"rows[1].{name}", value, expected)
    assert told(made([without(LIMIT, name)], "unit_limits"), unit_limits)[0] == f"rows[0].{name}"


@pytest.mark.parametrize("text", ["2026010", "202601011", "20261301", "20260100", "2026 101", "²0260101", "**"])
def test_a_day_is_eight_digits(text: str) -> None:
    with pytest.raises(InputError) as raised:
        day_of(text, "rows[3].start")
    assert (raised.value.path, raised.value.value) == ("rows[3].start", text)
    assert raised.value.expected == "a date YYYYMMDD, or * for none"


@pytest.mark.parametrize("name", ["start", "stop"])
def test_the_days_of_a_reason_code_are_told_with_their_place(name: str) -> None:
    row = {"code": "50", "start": "19950101", "stop": ""}
    listed = without(ROW, "setting")
    ruleset = made([row, {**row, name: "x"}], "reason_codes", listed)
    found = told(ruleset, lambda ruleset: code_list(ruleset, "reason_codes", DAY))
    assert found[:3] == (f"rows[1].{name}", "x", "a date YYYYMMDD, or * for none")


def publication(name: str, first: date, last: date | None = None, effective: date | None = None) -> Publication:
    return Publication(name, name, None, name, effective or first, first, last, "made")


def test_a_publication_covers_its_first_and_its_last_day() -> None:
    quarter = publication("q", date(2026, 1, 1), date(2026, 3, 31))
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 3, 31), date(2026, 4, 1)]
    assert [quarter.covers(day) for day in days] == [False, True, True, False]
    assert publication("open", date(2026, 1, 1)).covers(date.max)


HELD = (
    publication("old", date(2024, 1, 1), date(2024, 3, 31)),
    publication("mid", date(2025, 1, 1), date(2025, 3, 31)),
    publication("revised", date(2025, 1, 1), date(2025, 3, 31)),
    publication("new", date(2026, 1, 1)),
)


@pytest.mark.parametrize(
    ("day", "answers", "covers"),
    [
        (date(2023, 12, 31), "old", None),
        (date(2024, 1, 1), "old", "old"),
        (date(2024, 3, 31), "old", "old"),
        (date(2024, 4, 1), "old", None),
        (date(2024, 12, 31), "old", None),
        (date(2025, 1, 1), "revised", "revised"),
        (date(2025, 12, 31), "revised", None),
        (date(2026, 1, 1), "new", "new"),
    ],
)
def test_which_publication_answers_for_a_day(day: date, answers: str, covers: str | None) -> None:
    place = answering(HELD, day)
    assert place is not None
    assert HELD[place].id == answers
    found = covering(HELD, day)
    assert (found.id if found else None) == covers
    assert answering((), day) is covering((), day) is None


def test_before_all_the_one_listed_last_of_the_earliest_day_answers() -> None:
    assert answering(HELD[1:], date(2024, 1, 1)) == 1
    wide = (publication("a", date(2025, 1, 1), effective=date(2024, 1, 1)), HELD[3])
    assert answering(wide, date(2024, 6, 1)) == 0


def test_publications_are_sorted_by_their_effective_date_and_picked_by_setting() -> None:
    listed = [
        {**ROW, "id": "late", "effective": date(2026, 4, 1)},
        {**ROW, "id": "early", "effective": date(2020, 1, 1), "to": date(2020, 3, 31)},
        {**ROW, "id": "hospital", "setting": "hospital"},
    ]
    ruleset = made([], "pair_edits", *listed)
    found = publications(ruleset, "pair_edits", "practitioner")
    assert [each.id for each in found] == ["early", "late"]
    assert [each.id for each in publications(ruleset, "pair_edits", "hospital")] == ["hospital"]
    assert publications(ruleset, "unit_limits", "hospital") == ()
    assert publications(Ruleset(id="m", hash="", toml={}, csv={}), "fees") == ()
    assert found[0] == Publication(
        "early", "A", "practitioner", "rows", date(2020, 1, 1), DAY, date(2020, 3, 31), "made"
    )


def test_a_table_is_read_once_by_whichever_release_and_again_where_it_is_another() -> None:
    seen: list[tuple[str, list[tuple[str, str]]]] = []

    def read(rows: Iterable[tuple[str, Mapping[str, str]]], publication: Publication) -> int:
        seen.append((publication.id, [(path, row["n"]) for path, row in rows]))
        return len(seen)

    of = once_a_table(read)
    table, other = Table("n\n1\n2\n"), Table("n\n3\n")
    first, second = publication("rows", DAY), publication("rows", DAY, date.max)
    held = Ruleset(id="a", hash="", toml={}, csv={"rows": table})
    again = Ruleset(id="b", hash="", toml={}, csv={"rows": table})
    another = Ruleset(id="c", hash="", toml={}, csv={"rows": other})
    assert [of(held, first), of(held, first), of(again, first), of(held, second), of(another, first)] == [1, 1, 1, 2, 3]
    assert seen == [
        ("rows", [("rows[0]", "1"), ("rows[1]", "2")]),
        ("rows", [("rows[0]", "1"), ("rows[1]", "2")]),
        ("rows", [("rows[0]", "3")]),
    ]
    with pytest.raises(InputError) as raised:
        of(Ruleset(id="d", hash="", toml={}, csv={}), publication("rows", DAY))
    assert raised.value.path == "rows.file"


def test_a_later_table_at_the_same_place_in_memory_is_not_taken_for_the_earlier() -> None:
    def tables() -> Iterator[Ruleset]:
        for number in range(50):  # one after the other: Python gives the place of a table that is gone to the next
            yield Ruleset(id="a", hash="", toml={}, csv={"rows": Table(f"n\n{number}\n")})

    of = once_a_table(lambda rows, _: [row["n"] for _, row in rows])
    for number, ruleset in enumerate(tables()):
        assert of(ruleset, publication("rows", DAY)) == [str(number)]


def test_a_diagnosis_is_billable_or_a_category() -> None:
    rows = "code,billable\nR2681,1\nR26,0\nR27,\n"
    found = diagnosis_codes(with_table("diagnoses", rows, DAY, date(2026, 9, 30)), date(2026, 9, 30))
    assert found is not None
    assert (found.billable, found.categories) == ({"R2681"}, {"R26", "R27"})
    assert found.publication.first_day == DAY
