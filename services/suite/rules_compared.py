"""What two ruleset releases, or two editions of the rules, have different: rows added, removed and changed by table."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, get_args

from suite.releases import Library
from suite.rulebook import described
from therapy_domain.claims.catalog import REGISTRY
from therapy_domain.claims.errors import UnknownRules
from therapy_domain.claims.registry import CURRENT_EDITION
from therapy_domain.errors import DomainError
from therapy_domain.rulesets.publications import EDITS, Kind, Publication, Setting, publications
from therapy_domain.rulesets.release import Ruleset

Row = Mapping[str, Any]
_NAME = "row"
"""The column that holds a row's name in its table, where the file gives one."""


class NothingToCompare(DomainError):
    """Not two releases, nor two editions."""

    code = "nothing-to-compare"

    def __init__(self, name: str, releases: Sequence[str], editions: Sequence[str]) -> None:
        self.name, self.releases, self.editions = name, tuple(releases), tuple(editions)
        super().__init__(
            f"{name!r} is neither a ruleset release (known: {', '.join(releases)}) "
            f"nor an edition of the rules (known: {', '.join(editions)}); name two of the same kind"
        )


class Changed(NamedTuple):
    """A row that both have, with different values: the value before and the value now, by column."""

    row: Mapping[str, Any]
    """What tells it from the other rows."""
    fields: Mapping[str, tuple[Any, Any]]


class TableDifference(NamedTuple):
    """One table, where it differs."""

    table: str
    added: Sequence[Row]
    removed: Sequence[Row]
    changed: Sequence[Changed]


def compare(a: str, b: str, library: Library | None = None) -> dict[str, Any]:
    """The differences from A to B, as `rules diff --json` shows them.

    Args:    a, b: two ruleset releases (`2026.1`), or two editions of the rules (`1`). library: the releases that are
             known; without one, the shipped ones.
    Raises:  NothingToCompare.
    """
    library = library or Library()
    releases, editions = library.ids, _editions()
    for name in (a, b):
        if name not in releases and name not in editions:
            raise NothingToCompare(name, releases, editions)
    if a in releases and b in releases:
        kind, (was, now) = "releases", sides(library.get(a), library.get(b))
    elif a in editions and b in editions:
        kind, was, now = "editions", _rules(int(a)), _rules(int(b))
    else:
        raise NothingToCompare(b, releases, editions)
    return {"a": a, "b": b, "kind": kind, **shown(differences(was, now))}


def shown(found: Sequence[TableDifference]) -> dict[str, Any]:
    """Differences as JSON has them."""
    return {"same": not found, "tables": [_table(each) for each in found]}


def _table(each: TableDifference) -> dict[str, Any]:
    return {**each._asdict(), "changed": [changed._asdict() for changed in each.changed]}


def _editions() -> list[str]:
    found = []
    for number in range(1, CURRENT_EDITION + 1):
        try:
            REGISTRY.edition(number)
        except UnknownRules:
            continue
        found.append(str(number))
    return found


def _rules(edition: int) -> dict[str, list[Row]]:
    hidden = ("editions", "family")
    rows = [{**described(row), "fix": row.fix, **row.place._asdict()} for row in REGISTRY.edition(edition).rules]
    return {"rules": [{name: value for name, value in row.items() if name not in hidden} for row in rows]}


Tables = dict[str, list[Row]]


def sides(a: Ruleset, b: Ruleset) -> tuple[Tables, Tables]:
    """The tables of two releases, under names that both have.

    A published table that only one of them holds stands beside the one before it in the other: a new quarter's file
    shows what it changes, not itself as a whole.
    """
    was, now = tables(a), tables(b)
    for old, new in zip(_published(a), _published(b), strict=True):
        _put_beside(was, old, now, new)
        _put_beside(now, new, was, old)
    return was, now


def _put_beside(mine: Tables, held: Sequence[Publication], theirs: Tables, others: Sequence[Publication]) -> None:
    for each in held:
        before = [one for one in others if one.effective < each.effective]
        if before and each.id not in {one.id for one in others}:
            name = f"{each.id} beside {before[-1].id}"
            mine[name], theirs[name] = mine.pop(each.id), theirs[before[-1].id]


def _published(ruleset: Ruleset) -> list[tuple[Publication, ...]]:
    """The published tables by kind and setting, each by effective date."""
    return [
        publications(ruleset, kind, setting)
        for kind in get_args(Kind)
        for setting in (get_args(Setting) if kind in EDITS else (None,))
    ]


def tables(ruleset: Ruleset) -> Tables:
    """A release's tables: each published one under its id, each other CSV file, and each part of a TOML file."""
    published = {each.file: each.id for family in _published(ruleset) for each in family}
    found: Tables = {published.get(name, name): list(rows) for name, rows in ruleset.csv.items()}
    for file, content in ruleset.toml.items():
        for part, value in content.items():
            found[f"{file}.{part}"] = _rows(value)
    return found


def _rows(value: Any) -> list[Row]:
    """A list of tables, tables by name, or one table, as rows."""
    if isinstance(value, list) and all(isinstance(each, Mapping) for each in value):
        return list(value)
    if isinstance(value, Mapping) and value and all(isinstance(each, Mapping) for each in value.values()):
        return [{_NAME: name, **each} for name, each in value.items()]
    return [value if isinstance(value, Mapping) else {"value": value}]


def differences(was: Mapping[str, Sequence[Row]], now: Mapping[str, Sequence[Row]]) -> list[TableDifference]:
    """The tables that differ, by name."""
    found = [_difference(name, was.get(name, ()), now.get(name, ())) for name in sorted(was.keys() | now.keys())]
    return [each for each in found if each is not None]


def _difference(table: str, was: Sequence[Row], now: Sequence[Row]) -> TableDifference | None:
    columns = _key((*was[:1], *now[:1]), was, now)
    old, new = _by(columns, was), _by(columns, now)
    changed = [
        Changed(dict(zip(columns, key[:-1], strict=True)), _fields(old[key], new[key]))
        for key in old.keys() & new.keys()
        if old[key] != new[key]
    ]
    added = [row for key, row in new.items() if key not in old]
    removed = [row for key, row in old.items() if key not in new]
    if not (added or removed or changed):
        return None
    return TableDifference(table, added, removed, sorted(changed, key=lambda each: str(each.row)))


def _fields(was: Row, now: Row) -> dict[str, tuple[Any, Any]]:
    names = sorted(was.keys() | now.keys())
    return {name: (was.get(name), now.get(name)) for name in names if was.get(name) != now.get(name)}


def _key(first: Iterable[Row], was: Sequence[Row], now: Sequence[Row]) -> tuple[str, ...]:
    """The fewest first columns that tell the rows of a table apart, before and now. A table of one row has none."""
    columns = list(dict.fromkeys(name for row in first for name in row))
    if len(was) <= 1 and len(now) <= 1:
        return ()
    for width in range(1, len(columns)):
        key = tuple(columns[:width])
        if all(len(set(_keys(key, rows))) == len(rows) for rows in (was, now)):
            return key
    return tuple(columns)


def _keys(columns: Sequence[str], rows: Iterable[Row]) -> list[tuple[str, ...]]:
    return [tuple(str(row.get(name)) for name in columns) for row in rows]


def _by(columns: Sequence[str], rows: Sequence[Row]) -> dict[tuple[Any, ...], Row]:
    """Rows by their key; of rows that are the same in every column, the first, the second and so on."""
    found: dict[tuple[Any, ...], Row] = {}
    times: dict[tuple[str, ...], int] = {}
    for key, row in zip(_keys(columns, rows), rows, strict=True):
        times[key] = times.get(key, 0) + 1
        found[(*key, times[key])] = row
    return found
