"""The published files that a ruleset holds, and which of them answers for a date of service."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeVar, get_args

from therapy_domain.errors import InputError
from therapy_domain.rulesets.release import Ruleset

Setting = Literal["practitioner", "hospital"]
"""Practitioner: claims on the 837P. Hospital: outpatient hospital, and others that the file names."""
Kind = Literal[
    "pair_edits",
    "unit_limits",
    "fees",
    "relative_values",
    "locality_indices",
    "diagnoses",
    "reason_codes",
    "remark_codes",
]
"""What a published file is a table of. The two kinds of edits have settings, the others have none."""
EDITS: frozenset[str] = frozenset({"pair_edits", "unit_limits"})
TABLE = "published"
"""The TOML file of a release that lists them."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Publication:
    """One published file, or an extract of one."""

    id: str
    name: str
    """As a finding names it."""
    setting: Setting | None
    """None for a kind that has no settings."""
    file: str
    """The release's CSV of its rows, without ending."""
    effective: date
    first_day: date
    """The dates of service it was published for; on others it is only the nearest we hold."""
    last_day: date | None
    """None: until a later one."""
    source: str

    def covers(self, day: date) -> bool:
        """Whether it was published for that date of service."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


def publications(ruleset: Ruleset, kind: Kind, setting: Setting | None = None) -> tuple[Publication, ...]:
    """A release's publications of one kind, by effective date, then as listed.

    Args:    setting: for edits.
    Raises:  InputError: a row of the table is not whole.
    """
    listed = ruleset.toml.get(TABLE, {}).get(kind, ())
    found = [_publication(row, f"{TABLE}.{kind}[{index}]", kind) for index, row in enumerate(listed)]
    return tuple(sorted((each for each in found if each.setting == setting), key=lambda each: each.effective))


def answering(held: Sequence[Publication], day: date) -> int | None:
    """The place of the publication that answers for a date of service; None where nothing is held.

    The latest one that covers the day; without one the latest earlier, or else the earliest later one: `covers`
    tells which it was, and a finding by one that does not cover the day is advice. Of two of the same date the one
    listed later, a revision, stands for both.

    Args:    held: by effective date, then as listed.
    """
    places = range(len(held) - 1, -1, -1)
    for place in places:
        if held[place].covers(day):
            return place
    nearest = day if held and held[0].effective <= day else held[0].effective if held else None
    return next((place for place in places if nearest and held[place].effective <= nearest), None)


def day_of(text: str, path: str) -> date | None:
    """A date of a release's CSV: YYYYMMDD, or `*` or nothing for none.

    Raises:  InputError: it is neither.
    """
    if text in ("", "*"):
        return None
    try:
        if len(text) == 8 and text.isascii() and text.isdigit():
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        pass
    raise InputError(path, text, "a date YYYYMMDD, or * for none")


def covering(held: Sequence[Publication], day: date) -> Publication | None:
    """The publication that was published for that day, the latest of several; None: no other one may answer for it.

    Args:    held: by effective date, then as listed.
    """
    return next((each for each in reversed(held) if each.covers(day)), None)


Rows = Iterable[tuple[str, Mapping[str, str]]]
"""The path and the cells of each row."""


def once_a_table(read: Callable[[Rows, Publication], T]) -> Callable[[Ruleset, Publication], T]:
    """Read a published table once, however many releases hold it."""
    held: dict[tuple[int, Publication], tuple[object, T]] = {}

    def of(ruleset: Ruleset, publication: Publication) -> T:
        table = ruleset.csv.get(publication.file)
        if table is None:
            raise InputError(f"{publication.id}.file", publication.file, "the name of a CSV file of this release")
        known = held.get((id(table), publication))
        if known is None or known[0] is not table:
            paths = ((f"{publication.file}[{index}]", row) for index, row in enumerate(table))
            known = held[id(table), publication] = (table, read(paths, publication))
        return known[1]

    return of


def _publication(row: Mapping[str, Any], path: str, kind: Kind) -> Publication:
    text = {key: row.get(key) for key in ("id", "name", "file", "source")}
    if wrong := next((key for key, value in text.items() if not isinstance(value, str) or not value), None):
        raise InputError(f"{path}.{wrong}", text[wrong], "a text")
    dates = {key: row.get(key) for key in ("effective", "from", "to")}
    if wrong := next((k for k, v in dates.items() if type(v) is not date and (k != "to" or v is not None)), None):
        raise InputError(f"{path}.{wrong}", dates[wrong], "a date")
    settings = get_args(Setting) if kind in EDITS else (None,)
    if row.get("setting") not in settings:
        expected = "one of " + ", ".join(get_args(Setting)) if kind in EDITS else f"no setting: {kind} have none"
        raise InputError(f"{path}.setting", row.get("setting"), expected)
    return Publication(
        id=row["id"],
        name=row["name"],
        setting=row.get("setting"),
        file=row["file"],
        effective=row["effective"],
        first_day=row["from"],
        last_day=row.get("to"),
        source=row["source"],
    )
