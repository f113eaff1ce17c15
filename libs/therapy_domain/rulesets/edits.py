"""Published edits: pairs of codes that are not paid together on a day, and the most units of a code on a day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import permutations
from types import MappingProxyType
from typing import Literal, TypeVar

from therapy_domain.errors import InputError
from therapy_domain.rulesets.publications import (
    Publication,
    Rows,
    Setting,
    answering,
    day_of,
    once_a_table,
    publications,
)
from therapy_domain.rulesets.release import Ruleset

Indicator = Literal[0, 1, 9]
"""0: never together. 1: together with a modifier of separate services, where true. 9: void, it never held."""
Adjudication = Literal[1, 2, 3]
"""1: per claim line. 2: per day, absolute by policy. 3: per day, may be overturned with documentation."""
_INDICATORS: Mapping[str, Indicator] = {"0": 0, "1": 1, "9": 9}
_ADJUDICATIONS: Mapping[str, Adjudication] = {"1": 1, "2": 2, "3": 3}
_MOST_UNITS = 1_000_000
_NO_LIMITS: "Mapping[str, UnitLimit]" = MappingProxyType({})
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class PairEdit:
    """One row of a file of pair edits; a pair may have several: ended, void, live."""

    column_1: str
    """The code that is paid."""
    column_2: str
    """The code that is denied."""
    indicator: Indicator
    effective: date | None
    """None: from the beginning, in a file that does not tell."""
    last_day: date | None
    """The deletion date; None = live."""
    publication: Publication

    def holds(self, day: date) -> bool:
        """Whether two services of that day fall under it."""
        began = self.effective is None or self.effective <= day
        return self.indicator != 9 and began and (self.last_day is None or day <= self.last_day)

    def binds(self, day: date) -> bool:
        """Whether its file was published for the day: severity by the indicator. Otherwise advice, naming the file."""
        return self.publication.covers(day)


@dataclass(frozen=True, eq=False, slots=True)
class PairEdits:
    """The files of pair edits that a ruleset holds for one setting."""

    publications: tuple[Publication, ...]
    tables: tuple[Mapping[tuple[str, str], tuple[PairEdit, ...]], ...]
    """Of each publication the rows by column 1 and column 2, the one that ends first first."""

    def covers(self, day: date) -> bool:
        """Whether any of them was published for that date of service."""
        return any(held.covers(day) for held in self.publications)

    def answers(self, day: date) -> Publication | None:
        """The file that speaks for a date of service; None where none is held."""
        place = answering(self.publications, day)
        return None if place is None else self.publications[place]

    def active(self, column_1: str, column_2: str, day: date) -> PairEdit | None:
        """The edit that holds for this ordered pair on that day, by the file that answers for it.

        Rows of one pair follow each other, so where a file tells no effective dates, and several rows would hold,
        it is the one that ends first.

        Source:  CMS NCCI Policy Manual, chapter 1; CMS NCCI procedure-to-procedure edit files.
        """
        place = answering(self.publications, day)
        return None if place is None else _holding(self.tables[place], (column_1, column_2), day)

    def among(self, codes: Iterable[str], day: date) -> tuple[PairEdit, ...]:
        """The edits that hold between any two distinct codes of a day, by column 1, then column 2."""
        place = answering(self.publications, day)
        if place is None:
            return ()
        pairs = permutations(sorted(set(codes)), 2)
        return tuple([edit for pair in pairs if (edit := _holding(self.tables[place], pair, day))])

    def history(self, column_1: str, column_2: str) -> tuple[PairEdit, ...]:
        """Every row of this ordered pair in every file held, ended and void ones too."""
        return tuple(edit for table in self.tables for edit in table.get((column_1, column_2), ()))


def _holding(
    table: Mapping[tuple[str, str], tuple[PairEdit, ...]], pair: tuple[str, str], day: date
) -> PairEdit | None:
    rows = table.get(pair)
    return None if rows is None else next((edit for edit in rows if edit.holds(day)), None)


@dataclass(frozen=True, slots=True)
class UnitLimit:
    """The most units of a code for one patient, provider and day (indicator 1: on one claim line)."""

    code: str
    units: int
    """[units]; 0 = never billed alone."""
    indicator: Adjudication
    publication: Publication

    def binds(self, day: date) -> bool:
        """Whether its file was published for the day: severity by the indicator. Otherwise advice, naming the file."""
        return self.publication.covers(day)


@dataclass(frozen=True, eq=False, slots=True)
class UnitLimits:
    """The files of Medically Unlikely Edits that a ruleset holds for one setting."""

    publications: tuple[Publication, ...]
    tables: tuple[Mapping[str, UnitLimit], ...]

    def covers(self, day: date) -> bool:
        """Whether any of them was published for that date of service."""
        return any(held.covers(day) for held in self.publications)

    def answers(self, day: date) -> Publication | None:
        """The file that speaks for a date of service; None where none is held."""
        place = answering(self.publications, day)
        return None if place is None else self.publications[place]

    def limit(self, code: str, day: date) -> UnitLimit | None:
        """The limit of a code on that day; None where none is published.

        Source:  CMS NCCI Policy Manual, chapter 1, section V; CMS Medically Unlikely Edits files.
        """
        return self.on(day).get(code)

    def on(self, day: date) -> Mapping[str, UnitLimit]:
        """The limits that speak for a day, by code."""
        place = answering(self.publications, day)
        return _NO_LIMITS if place is None else self.tables[place]


@cache
def pair_edits(ruleset: Ruleset, setting: Setting = "practitioner") -> PairEdits:
    """The pair edits of a ruleset.

    Raises:  InputError: a table of the ruleset cannot be read: where, and what it should be.
    """
    held = publications(ruleset, "pair_edits", setting)
    return PairEdits(held, tuple(_pairs(ruleset, each) for each in held))


@cache
def unit_limits(ruleset: Ruleset, setting: Setting = "practitioner") -> UnitLimits:
    """The Medically Unlikely Edits of a ruleset.

    Raises:  InputError: a table of the ruleset cannot be read: where, and what it should be.
    """
    held = publications(ruleset, "unit_limits", setting)
    return UnitLimits(held, tuple(_limits(ruleset, each) for each in held))


@once_a_table
def _pairs(listed: Rows, publication: Publication) -> Mapping[tuple[str, str], tuple[PairEdit, ...]]:
    rows: dict[tuple[str, str], tuple[PairEdit, ...]] = {}
    for path, row in listed:
        edit = PairEdit(
            column_1=_code(row, "column_1", path),
            column_2=_code(row, "column_2", path),
            indicator=_one_of(_INDICATORS, row, "modifier_indicator", path),
            effective=day_of(row.get("effective_date") or "", f"{path}.effective_date"),
            last_day=day_of(row.get("deletion_date") or "", f"{path}.deletion_date"),
            publication=publication,
        )
        pair = edit.column_1, edit.column_2
        rows[pair] = (*rows.get(pair, ()), edit)
    return MappingProxyType({pair: tuple(sorted(edits, key=_end)) for pair, edits in rows.items()})


def _end(edit: PairEdit) -> tuple[date, date]:
    return edit.last_day or date.max, edit.effective or date.min


@once_a_table
def _limits(listed: Rows, publication: Publication) -> Mapping[str, UnitLimit]:
    found: dict[str, UnitLimit] = {}
    for path, row in listed:
        units = row.get("mue_value") or ""
        if not (units.isascii() and units.isdigit() and len(units) <= 7 and int(units) <= _MOST_UNITS):
            raise InputError(f"{path}.mue_value", units, f"a whole number of units, at most {_MOST_UNITS}")
        code, indicator = _code(row, "code", path), _one_of(_ADJUDICATIONS, row, "mai", path)
        found[code] = UnitLimit(code, int(units), indicator, publication)
    return MappingProxyType(found)


def _code(row: Mapping[str, str], name: str, path: str) -> str:
    code = row.get(name) or ""
    if len(code) != 5 or not code.isascii() or not code.isalnum():
        raise InputError(f"{path}.{name}", code, "a code of five letters and digits")
    return code


def _one_of(known: Mapping[str, _T], row: Mapping[str, str], name: str, path: str) -> _T:
    value = known.get(row.get(name) or "")
    if value is None:
        raise InputError(f"{path}.{name}", row.get(name), "one of " + ", ".join(known))
    return value
