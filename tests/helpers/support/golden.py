"""What tests say in full, kept in a file that people read: a name, and below it, four columns in, what was said.

Where a change is meant: CLAIMTRAIL_GOLDEN=write pytest -p no:xdist, for the folder whose files change.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

WRITING = os.environ.get("CLAIMTRAIL_GOLDEN") == "write"
_INDENT = " " * 4


def read(file: Path) -> dict[str, list[str]]:
    """What was said, by name."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in file.read_text().splitlines():
        if line.startswith(_INDENT):
            found[name].append(line.removeprefix(_INDENT))
        elif line:
            name = line
            found[name] = []
    return found


def write(file: Path, found: Mapping[str, Iterable[str]]) -> None:
    """Write it down."""
    parts = [f"{name}\n" + "".join(f"{_INDENT}{line}\n" for line in found[name]) for name in sorted(found)]
    file.write_text("\n".join(parts))


class Golden:
    """One file: what a test says is held against it, or, where it is to be written, collected for it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._written = {} if WRITING else read(file)
        self._collected: dict[str, list[str]] = {}

    def holds(self, name: str, lines: Iterable[str]) -> None:
        """What is said under that name is what was written down."""
        said = [each for line in lines for each in line.split("\n")]
        if WRITING:
            self._collected[name] = said
        else:
            assert said == self._written.get(name), __doc__

    def close(self) -> None:
        """Write what was collected."""
        if self._collected:
            write(self._file, self._collected)
