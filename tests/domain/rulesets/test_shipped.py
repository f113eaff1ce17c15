"""Every row of a shipped release has a source and a date; what is dated answers for its dates alone."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from therapy_domain.payment.errors import NoConversionFactor, ThresholdNotPublished
from therapy_domain.payment.tables import conversion_factor
from therapy_domain.payment.thresholds import threshold
from therapy_domain.rulesets.deadline_tables import amounts_in_controversy
from therapy_domain.rulesets.release import Ruleset, available, load

DATES = ("from", "year", "effective")
ABOUT = {"source", "sources", "from", "to", "year", "effective", "synthetic", "locality"}
"""What a table says of its rows."""


def rows(name: str, value: Any, known: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row with what it, or the table that it stands in, says of source and dates."""
    if isinstance(value, list):
        for place, each in enumerate(value):
            yield from rows(f"{name}[{place}]", each, known)
        return
    inner = {
        key: each for key, each in value.items() if key != "sources" and (isinstance(each, dict) or _is_rows(each))
    }
    own = {key: each for key, each in value.items() if key not in inner}
    known = {**known, **{key: each for key, each in own.items() if key in ABOUT}}
    if own.keys() - ABOUT or not inner:
        yield name, known
    for key, each in inner.items():
        yield from rows(f"{name}.{key}", each, known)


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


@pytest.mark.parametrize("ruleset", [load(name) for name in available()], ids=lambda ruleset: ruleset.id)
def test_every_row_has_a_source_and_a_date(ruleset: Ruleset) -> None:
    found = [row for name, table in ruleset.toml.items() for row in rows(name, table, {})]
    assert len(found) > 150
    assert [name for name, known in found if not known.get("source")] == []
    assert [name for name, known in found if not any(key in known for key in DATES)] == []


@pytest.mark.parametrize("ruleset", [load(name) for name in available()], ids=lambda ruleset: ruleset.id)
def test_every_csv_table_stands_in_the_list_of_published_files(ruleset: Ruleset) -> None:
    listed = {row["file"] for kind in ruleset.toml["published"].values() for row in kind}
    assert set(ruleset.csv) == listed


@pytest.mark.parametrize("year", range(2018, 2027))
def test_every_year_since_2018_has_its_own_amounts(year: int) -> None:
    rules = load()
    day = date(year, 7, 1)
    assert threshold(day, "PT", rules).year == threshold(day, "OT", rules).year == year
    assert amounts_in_controversy(rules)[year].year == year
    assert conversion_factor(day, rules).first_day.year == year


@pytest.mark.parametrize("year", [2017, 2027])
def test_a_year_without_a_row_is_an_error_never_another_years_value(year: int) -> None:
    rules = load()
    with pytest.raises(ThresholdNotPublished):
        threshold(date(year, 7, 1), "PT", rules)
    with pytest.raises(NoConversionFactor):
        conversion_factor(date(year, 7, 1), rules)
    assert year not in amounts_in_controversy(rules)
