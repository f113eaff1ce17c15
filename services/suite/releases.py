"""The ruleset releases as people and JSON see them: what is shipped, and what a store recorded."""

from collections.abc import Iterator, Mapping
from typing import Any

from suite.installation import Installation
from therapy_domain.errors import UnknownRuleset
from therapy_domain.events.ruleset import ReleasedTable, RulesetReleased
from therapy_domain.rulesets.publications import TABLE
from therapy_domain.rulesets.recorded import Releases
from therapy_domain.rulesets.release import Ruleset, available, load


class Library:
    """The releases that can be asked for.

    Args:    installation: the store; without one, only what is shipped.
    """

    def __init__(self, installation: Installation | None = None) -> None:
        self._installation = installation
        self._state = installation.rulesets.releases(installation.read) if installation else Releases()

    @property
    def ids(self) -> tuple[str, ...]:
        """Oldest first; the last one is in force."""
        return (*available(), *self._state.by_id)

    def get(self, ruleset_id: str) -> Ruleset:
        """A release.

        Raises:  UnknownRuleset.
        """
        if self._installation is not None:
            return self._installation.rulesets.get(self._installation.read, ruleset_id)
        if ruleset_id not in available():
            raise UnknownRuleset(ruleset_id, available=self.ids)
        return load(ruleset_id)

    def all(self) -> list[dict[str, Any]]:
        """Every release as `rules releases --json` shows it."""
        return [*(self._shipped(each) for each in available()), *self._recorded()]

    def one(self, ruleset_id: str) -> dict[str, Any]:
        """A release with every table in force in it, as `rules show --json` shows it.

        Raises:  UnknownRuleset.
        """
        made = self.get(ruleset_id)
        shown = next(each for each in self.all() if each["id"] == ruleset_id)
        released = self._state.by_id.get(ruleset_id)
        imported = [_table(table) for table in self._state.tables(released)] if released else []
        known = {table["id"] for table in imported}
        return {**shown, "in_it": [*(row for row in _listed(made) if row["id"] not in known), *imported]}

    def _shipped(self, ruleset_id: str) -> dict[str, Any]:
        made = load(ruleset_id)
        tables = _listed(made)
        return {
            "id": made.id,
            "hash": made.hash,
            "in_force": ruleset_id == self.ids[-1],
            "shipped": True,
            "extends": None,
            "extends_hash": None,
            "recorded_at": None,
            "by": None,
            "tables": tables,
        }

    def _recorded(self) -> Iterator[dict[str, Any]]:
        for released in self._state.by_id.values():
            yield recorded(released, in_force=released is self._state.newest)


def recorded(released: RulesetReleased, *, in_force: bool = True) -> dict[str, Any]:
    """A recorded release, with the tables that it brought."""
    return {
        "id": released.ruleset,
        "hash": released.hash,
        "in_force": in_force,
        "shipped": False,
        "extends": released.extends,
        "extends_hash": released.extends_hash,
        "recorded_at": released.at.isoformat(),
        "by": released.by,
        "tables": [_table(table) for table in released.tables],
    }


def _table(table: ReleasedTable) -> dict[str, Any]:
    return table.model_dump(mode="json", by_alias=True)


def _listed(made: Ruleset) -> list[dict[str, Any]]:
    """The published tables that a shipped release lists, with the keys of imported ones."""
    return [_as_table(kind, row, made) for kind, rows in made.toml[TABLE].items() for row in rows]


def _as_table(kind: str, row: Mapping[str, Any], made: Ruleset) -> dict[str, Any]:
    days = {name: row[name].isoformat() if name in row else None for name in ("effective", "from", "to")}
    rows = sum(1 for _ in made.csv[row["file"]])
    told = {name: row.get(name) for name in ("id", "name", "setting", "source")}
    return {**told, "kind": kind, "version": None, **days, "rows": rows, "rows_read": None, "sha256": None, "files": []}
