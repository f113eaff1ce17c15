"""Releases of reference data that a user imported: which published tables they hold, and the tables themselves."""

from typing import Annotated

from pydantic import Field

from therapy_domain.events.base import Event
from therapy_domain.fields import Identifier, Instant, LocalDate, Text
from therapy_domain.rulesets.publications import Kind, Setting
from therapy_domain.values import Value

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class SourceFile(Value):
    """A file that was imported, by its own name, without its folder."""

    name: Text
    sha256: Sha256


class ReleasedTable(Value):
    """One published table in a release; its contents are in the log under their hash."""

    id: Identifier
    """What it is a table of: a later import of the same id replaces it."""
    kind: Kind
    name: Text
    """As a finding names it."""
    setting: Setting | None = None
    """Of edits only."""
    version: Text | None = None
    """As the publisher's file name writes it."""
    effective: LocalDate
    from_: Annotated[LocalDate, Field(alias="from")]
    """The dates of service it was published for."""
    to: LocalDate | None = None
    rows: int
    """That are kept: those of codes that the release knows."""
    rows_read: int
    sha256: Sha256
    """Of the kept rows, as CSV."""
    source: Text
    files: tuple[SourceFile, ...]


class RulesetReleased(Event):
    """A release: everything of the one it extends, and these tables."""

    ruleset: Identifier
    hash: Sha256
    """See `rulesets.recorded.hash_of`."""
    extends: Identifier
    extends_hash: Sha256
    tables: tuple[ReleasedTable, ...]
    by: Text
    at: Instant


class RulesetTableStored(Event):
    """The contents of one table, under their hash."""

    sha256: Sha256
    """Of the CSV."""
    content: str
    """The CSV, compressed with zlib, as base64."""
