"""Releases that were recorded by event: what each extends, the tables in it, and the ruleset that they make. Pure."""

import base64
import binascii
import hashlib
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from therapy_domain.canonical import canonical_json
from therapy_domain.errors import DomainError
from therapy_domain.events.ruleset import ReleasedTable, RulesetReleased, RulesetTableStored
from therapy_domain.rulesets.publications import TABLE
from therapy_domain.rulesets.release import Ruleset, Table, order_of

STREAM = "rulesets"
"""Where releases are recorded, in the order in which they came into force."""
LARGEST_TABLE = 64 * 1024 * 1024
"""So much of a table's CSV is unpacked [bytes]; a whole year of ICD-10-CM has 1 MB."""


class DamagedRelease(DomainError):
    """What is recorded of a release does not fit its hash, or is not there."""

    code = "damaged-release"

    def __init__(self, ruleset_id: str, why: str) -> None:
        self.ruleset_id, self.why = ruleset_id, why
        super().__init__(f"ruleset {ruleset_id} cannot be used as it is recorded: {why}")


@dataclass(frozen=True, slots=True)
class Releases:
    """Every recorded release."""

    by_id: Mapping[str, RulesetReleased] = field(default_factory=dict)
    """In the order of recording: the last one is in force."""

    @property
    def newest(self) -> RulesetReleased | None:
        """The release in force; None where none was recorded."""
        return list(self.by_id.values())[-1] if self.by_id else None

    def root(self, released: RulesetReleased) -> tuple[str, str]:
        """Id and hash of the shipped release that a recorded one goes back to."""
        first = self.chain(released)[0]
        return first.extends, first.extends_hash

    def chain(self, released: RulesetReleased) -> list[RulesetReleased]:
        """The recorded releases that one is made of, the first one first, itself last."""
        found = [released]
        while (before := self.by_id.get(found[-1].extends)) is not None and before.hash == found[-1].extends_hash:
            found.append(before)
        return found[::-1]

    def tables(self, released: RulesetReleased) -> tuple[ReleasedTable, ...]:
        """The tables in force in a release, in one fixed order: however they came in, they make the same ruleset."""
        held = {table.id: table for each in self.chain(released) for table in each.tables}
        return tuple(sorted(held.values(), key=lambda table: (table.kind, table.effective, table.id)))

    def next_id(self, shipped: str) -> str:
        """The id of the next release over a shipped one."""
        numbers = [order_of(known)[2] for known in self.by_id if known.partition("+")[0] == shipped]
        return f"{shipped}+{max(numbers, default=0) + 1}"


def evolve(state: Releases, event: object) -> Releases:
    """The releases with one more event of the stream."""
    return Releases({**state.by_id, event.ruleset: event}) if isinstance(event, RulesetReleased) else state


def hash_of(ruleset: str, extends: str, extends_hash: str, tables: Iterable[ReleasedTable]) -> str:
    """What identifies a release beside its id: SHA-256 over its id, the id and hash of what it extends, and its tables.

    The hash of what it extends holds all that came before, and each table the hash of its contents, so nothing in it
    can change unseen. Who recorded it and when is left out.
    """
    whole = {
        "ruleset": ruleset,
        "extends": extends,
        "extends_hash": extends_hash,
        "tables": [table.model_dump(mode="json", by_alias=True, exclude_none=True) for table in tables],
    }
    return hashlib.sha256(canonical_json(whole)).hexdigest()


def release(
    state: Releases, extends: Ruleset, tables: Iterable[ReleasedTable], *, by: str, at: datetime
) -> RulesetReleased:
    """The next release: one that extends another by these tables.

    Args:    extends: the release in force, or a shipped one.
    """
    ruleset, brought = state.next_id(extends.id.partition("+")[0]), tuple(tables)
    return RulesetReleased(
        ruleset=ruleset,
        hash=hash_of(ruleset, extends.id, extends.hash, brought),
        extends=extends.id,
        extends_hash=extends.hash,
        tables=brought,
        by=by,
        at=at,
    )


def carried_over(state: Releases, shipped: Ruleset, *, by: str, at: datetime) -> RulesetReleased | None:
    """The release that takes the imported tables over to a newer shipped release; None where nothing is behind.

    Without it, the tables that a user imported would be lost to new decisions when the software is renewed, or the
    software's new tables would.
    """
    newest = state.newest
    if newest is None:
        return None
    root = state.root(newest)
    if root == (shipped.id, shipped.hash) or order_of(shipped.id) < order_of(root[0]):
        return None
    return release(state, shipped, state.tables(newest), by=by, at=at)


def table_stream(sha256: str) -> str:
    """Where the contents of a table are, under their hash."""
    return f"ruleset-table/{sha256}"


def packed(text: str) -> RulesetTableStored:
    """The contents of a table as the log keeps them."""
    raw = text.encode()
    return RulesetTableStored(
        sha256=hashlib.sha256(raw).hexdigest(), content=base64.b64encode(zlib.compress(raw, 9)).decode()
    )


def unpacked(stored: RulesetTableStored, ruleset_id: str) -> Table:
    """The table.

    Args:    ruleset_id: for an error.
    Raises:  DamagedRelease: it is not what its hash says.
    """
    try:
        unpacking = zlib.decompressobj()
        raw = unpacking.decompress(base64.b64decode(stored.content, validate=True), LARGEST_TABLE)
        whole = unpacking.eof and not unpacking.unused_data
    except (binascii.Error, zlib.error):
        raw, whole = b"", False
    if not whole or hashlib.sha256(raw).hexdigest() != stored.sha256:
        raise DamagedRelease(ruleset_id, f"the contents of table {stored.sha256} do not have that hash")
    return Table(raw.decode())


def compose(root: Ruleset, released: RulesetReleased, state: Releases, contents: Mapping[str, Table]) -> Ruleset:
    """The ruleset that a recorded release is: the shipped one with the published tables over it.

    Args:    root: the shipped release that it goes back to. contents: its tables by hash.
    Raises:  DamagedRelease: its hash, or that of one that it extends, is not the one recorded.
    """
    for each in state.chain(released):
        if each.hash != hash_of(each.ruleset, each.extends, each.extends_hash, each.tables):
            raise DamagedRelease(each.ruleset, f"it does not have the hash {each.hash}")
    tables = state.tables(released)
    listed: dict[str, list[Mapping[str, Any]]] = {kind: list(rows) for kind, rows in root.toml[TABLE].items()}
    csv = dict(root.csv)
    for table in tables:
        rows = listed.setdefault(table.kind, [])
        for replaced in [row for row in rows if row["id"] == table.id]:
            rows.remove(replaced)
            del csv[replaced["file"]]
        rows.append(_row(table))
        csv[table.id] = contents[table.sha256]
    return Ruleset(id=released.ruleset, hash=released.hash, toml={**root.toml, TABLE: listed}, csv=csv)


def _row(table: ReleasedTable) -> dict[str, Any]:
    """The table as a release lists it (see `publications`)."""
    dates = {"effective": table.effective, "from": table.from_, "to": table.to}
    row = {"id": table.id, "name": table.name, "setting": table.setting, "file": table.id, "source": table.source}
    return {name: value for name, value in {**row, **dates}.items() if value is not None}
