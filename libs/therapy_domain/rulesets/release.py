"""Reading a ruleset release: the TOML and CSV files of one folder, with the hash that decisions record."""

import csv
import hashlib
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from therapy_domain.errors import UnknownRuleset

CURRENT = "2026.1"
"""The release that new decisions use."""


@dataclass(frozen=True, eq=False)
class Ruleset:
    """One release of the reference data.

    Hashed and compared by identity: `load` gives the same object for the same id, so that typed views of a
    table can be cached on it.
    """

    id: str
    hash: str
    """SHA-256 over the names and bytes of all its files, hexadecimal."""
    toml: Mapping[str, Mapping[str, Any]] = field(repr=False)
    """Parsed TOML files by name without ending."""
    csv: Mapping[str, tuple[Mapping[str, str], ...]] = field(repr=False)
    """CSV files by name without ending: a mapping of column to text for each row."""


def available() -> tuple[str, ...]:
    """The ids of all releases that are shipped, oldest first."""
    folder = resources.files(__package__) / "releases"
    return tuple(sorted(entry.name for entry in folder.iterdir() if entry.is_dir() and entry.name[0].isdigit()))


@cache
def load(ruleset_id: str = CURRENT) -> Ruleset:
    """The release of that id.

    Raises:  UnknownRuleset: no release of that id is shipped.
    """
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
