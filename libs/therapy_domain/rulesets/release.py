"""Reading a shipped ruleset release: the TOML and CSV files of one folder, with the hash that decisions record."""

import csv
import hashlib
import io
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from therapy_domain.errors import UnknownRuleset

CURRENT = "2026.1"
"""The shipped release that new decisions use, unless the log holds a newer one."""
_ID = re.compile(r"(\d{4})\.(\d{1,4})(?:\+(\d{1,9}))?", re.ASCII)


class Table:
    """The rows of a CSV that was imported: read each time they are asked for, so that only typed views stay in memory.

    Two releases that hold the same table hold the same object: a view of it is made once for both.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def __iter__(self) -> Iterator[Mapping[str, str]]:
        return csv.DictReader(io.StringIO(self.text))


@dataclass(frozen=True, eq=False)
class Ruleset:
    """One release of the reference data.

    Hashed and compared by identity: the same id gives the same object, so that typed views of a table can be cached
    on it.
    """

    id: str
    hash: str
    """Of a shipped release SHA-256 over the names and bytes of all its files, hexadecimal; of one that was recorded
    see `therapy_domain.rulesets.recorded`."""
    toml: Mapping[str, Mapping[str, Any]] = field(repr=False)
    """Parsed TOML files by name without ending."""
    csv: Mapping[str, Iterable[Mapping[str, str]]] = field(repr=False)
    """CSV files by name without ending: a mapping of column to text for each row."""


def order_of(ruleset_id: str) -> tuple[int, ...]:
    """What sorts ids of releases by age: `2026.1` < `2026.1+1` < `2026.1+10` < `2026.2`.

    Raises:  ValueError: it is no such id.
    """
    match = _ID.fullmatch(ruleset_id)
    if match is None:
        raise ValueError(f"{ruleset_id!r} is no id of a release, such as 2026.1 or 2026.1+3")
    return tuple(int(part or 0) for part in match.groups())


@cache
def available() -> tuple[str, ...]:
    """The ids of all releases that are shipped, oldest first."""
    folder = resources.files(__package__) / "releases"
    found = [entry.name for entry in folder.iterdir() if entry.is_dir() and entry.name[0].isdigit()]
    return tuple(sorted(found, key=order_of))


def load(ruleset_id: str = CURRENT) -> Ruleset:
    """The release of that id.

    Raises:  UnknownRuleset: no release of that id is shipped.
    """
    return _load(ruleset_id)


@cache
def _load(ruleset_id: str) -> Ruleset:
    if ruleset_id not in available():
        raise UnknownRuleset(ruleset_id, available=available())
    folder = resources.files(__package__) / "releases" / ruleset_id
    digest = hashlib.sha256()
    parsed: dict[str, Mapping[str, Any]] = {}
    rows: dict[str, tuple[Mapping[str, str], ...]] = {}
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        name, _, ending = entry.name.rpartition(".")
        if ending not in ("toml", "csv"):
            continue
        content = entry.read_bytes()
        for part in (entry.name.encode(), content):
            digest.update(len(part).to_bytes(8, "big") + part)
        if ending == "toml":
            parsed[name] = tomllib.loads(content.decode())
        else:
            rows[name] = tuple(csv.DictReader(io.StringIO(content.decode())))
    return Ruleset(id=ruleset_id, hash=digest.hexdigest(), toml=parsed, csv=rows)
