"""What an import refuses; nothing is recorded then."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from therapy_domain.errors import DomainError


class FileFault(NamedTuple):
    """One place of a file that cannot be read."""

    path: str
    row: int | None
    """From 1; None for the file as a whole."""
    column: str
    value: Any
    expected: str

    def sentence(self) -> str:
        """The place, what is there, and what would be right."""
        where = self.path if self.row is None else f"{self.path}, row {self.row}"
        value = "nothing" if self.value is None else f'"{self.value}"'
        return f"{where}, {self.column}: {value} is not accepted; expected {self.expected}"


class FilesNotRead(DomainError):
    """Files that hold what cannot be read, or not what was asked for."""

    code = "files-not-read"

    def __init__(self, faults: Sequence[FileFault]) -> None:
        self.faults = tuple(faults)
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(f"{faults[0].sentence()}{more}; nothing was imported")


class PartsMissing(DomainError):
    """A table is published in parts, and not all were named."""

    code = "parts-missing"

    def __init__(self, table: str, named: Sequence[int], wanted: Sequence[int]) -> None:
        self.table, self.named, self.wanted = table, tuple(named), tuple(wanted)
        missing = ", ".join(f"f{part}" for part in wanted if part not in named)
        super().__init__(
            f"{table} is published in parts, and not named are {missing}; name all parts in one call, or say "
            "--incomplete: then the codes of the other parts have no edits in it"
        )


class OlderThanHeld(DomainError):
    """The release in force holds a later version of the same table."""

    code = "older-than-held"

    def __init__(self, table: str, version: str, held: str) -> None:
        self.table, self.version, self.held = table, version, held
        super().__init__(f"{table} is held in version {held}; {version} is older and was not imported")


class NotTold(DomainError):
    """Neither a file's name nor an option tells what has to be known."""

    code = "not-told"

    def __init__(self, path: str, what: str, option: str) -> None:
        self.path, self.what, self.option = path, what, option
        super().__init__(f"the name of {path} does not tell {what}; say it with {option}")


class ToldOtherwise(DomainError):
    """An option says something else than the file's name."""

    code = "told-otherwise"

    def __init__(self, path: str, what: str, told: object, asked: object) -> None:
        self.path, self.what, self.told, self.asked = path, what, told, asked
        super().__init__(
            f"{path} is by its name a table of {what} {told}, not {asked}; leave the option out, or rename it"
        )
