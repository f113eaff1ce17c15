"""Claims out and back: what an export writes is answered by a simulated payer, and its answers are taken in."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import NamedTuple

from billing.answers import FileTaken, Kind, take
from billing.choosing import Wanted
from billing.exporting import Exported, FileOut, Progress, export
from suite.billing_store import answer_port, billing_store
from suite.installation import Installation
from suite.simulator.payer import CORRECTED, LOOKED_AT, PAID, SimulatedPayer

_KINDS: Mapping[str, Kind] = {".999": "999", ".277": "277CA", ".835": "835"}
_NOON = time(12, tzinfo=UTC)


class Circle(NamedTuple):
    """What went out, and what came back to it."""

    exported: Exported
    answers: tuple[FileTaken, ...]
    """Acknowledgments first, then payments, then what was taken back of them."""

    def of(self, kind: Kind) -> list[FileTaken]:
        """The answers of one kind."""
        return [each for each in self.answers if each.kind == kind]


class _Letter(NamedTuple):
    came: date
    name: str
    kind: Kind


def around(
    installation: Installation, directory: Path, payer: SimulatedPayer, *, on: date, by: str, progress: Progress
) -> Circle:
    """Send everything that is due, and take the payer's answers in, in the order in which they come.

    Args:    directory: gets an `outbox` and an `inbox`. on: the day of the export.
    """
    outbox, inbox = directory / "outbox", directory / "inbox"
    now = datetime.combine(on, _NOON)
    store = billing_store(installation)
    exported = export(store, Wanted(), outbox, on=on, by=by, now=lambda: now, progress=progress)
    inbox.mkdir(exist_ok=True)
    port, taken = answer_port(installation), []
    for letter in sorted(_answered(exported.files, inbox, payer, on)):
        came = datetime.combine(letter.came, _NOON)
        with (inbox / letter.name).open("rb") as source:
            taken.append(take(letter.name, source, letter.kind, port, received_on=letter.came, by=by, now=came))
    return Circle(exported, tuple(taken))


def _answered(files: list[FileOut], inbox: Path, payer: SimulatedPayer, on: date) -> Iterator[_Letter]:
    """What the payer writes, laid into the inbox."""
    for file in files:
        with file.path.open("rb") as source:
            answers = payer.answer(source)
        for name, raw in answers.files(file.path.stem):
            (inbox / name).write_bytes(raw)
            kind = _KINDS[Path(name).suffix]
            later = LOOKED_AT if kind != "835" else CORRECTED if "corrections" in name else PAID
            yield _Letter(on + later, name, kind)
