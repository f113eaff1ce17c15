"""`ingest`: files of clinic events into the store."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import SpooledTemporaryFile
from threading import Event, Thread
from typing import IO, TYPE_CHECKING, Annotated, BinaryIO, cast

import orjson
import typer

from suite.commands.bars import Bar, Bars, bars
from suite.commands.faults import CommandFailed
from suite.commands.store import DEFAULT_DATA, AsJson, Data, writing
from suite.commands.tables import left, right, row, table
from suite.commands.terminal import err, note, on_terminal, out, print_json_parts, printable

if TYPE_CHECKING:
    from suite.ingesting import Source, Taken, Trouble
    from suite.installation import Installation

SHOWN_ON_SCREEN = 20
"""Lines that did not go in are shown one by one up to so many."""
SECONDS_BETWEEN_LOOKS = 0.2
_IN_MEMORY = 1024 * 1024
_STANDARD_INPUT = "-"


def ingest(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="Files (.jsonl, .jsonl.gz, .csv), or - for standard input."),
    ],
    csv: Annotated[bool, typer.Option("--csv", help="The files are timesheets, one interval a row.")] = False,
    rejects: Annotated[
        Path | None,
        typer.Option("--rejects", metavar="FILE", help="Keep the refused lines here, byte for byte.", dir_okay=False),
    ] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Take clinic events in, one JSON envelope a line, and work them off to assessed claims.

    Every line ends as accepted, duplicate, conflict, rejected or parked; a bad line never stops the others.
    Exit code: 0 when all went in, 1 when some were rejected or in conflict, 2 when the call itself was wrong.

    \b
    Examples: claimtrail ingest visits.jsonl more.jsonl.gz --rejects refused.jsonl
              claimtrail ingest --csv timesheet.csv
              claimtrail simulate | claimtrail ingest -
    """
    with ExitStack() as stack:
        sources = [stack.enter_context(_opened(name)) for name in files]
        installation = stack.enter_context(writing(data, make=True, assisted=True))
        kept = stack.enter_context(_kept(rejects, files)) if rejects is not None else None
        troubles = stack.enter_context(Troubles(kept, as_json=as_json))
        with bars() as shown:
            taken = _ingest(installation, sources, troubles, shown, csv=csv)
        if as_json:
            print_json_parts(taken.as_json(), "results", troubles.as_json())
        else:
            _summary(taken, troubles, rejects)
    for damage in taken.damaged:
        note(f"{damage.file} is damaged after line {damage.after_line} ({damage.reason}); the lines before went in")
    if taken.dead_letters:
        note(f"{taken.dead_letters:,} cases could not be processed; `claimtrail dead-letters` says why")
    if not taken.clean:
        raise typer.Exit(1)


def _ingest(
    installation: "Installation", sources: "list[Source]", troubles: "Troubles", shown: Bars, *, csv: bool
) -> "Taken":
    from suite.ingesting import ingest as take_in

    reading = shown.add("reading in", "events")
    working = shown.add("working off", "events")

    def reached(source: "Source", events: int) -> None:
        reading.at(*_how_far(sources, source), count=events)

    with _watched(installation, working):
        return take_in(installation, sources, csv=csv, tell=troubles.tell, reached=reached)


@contextmanager
def _watched(installation: "Installation", bar: Bar) -> Iterator[None]:
    """Show how far the services are, whichever process they are in, while the block runs."""
    if not on_terminal():
        yield
        return
    from suite.standing import lag

    done = Event()

    def look() -> None:
        while not done.wait(SECONDS_BETWEEN_LOOKS):
            behind, head = lag(installation), installation.log.head()
            bar.at(head - behind, head)

    watcher = Thread(target=look, name="watcher", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
    bar.at(installation.log.head(), installation.log.head())


class Troubles:
    """The lines that did not go in: shown, counted, and kept where that is asked for. In constant memory."""

    def __init__(self, kept: BinaryIO | None, *, as_json: bool) -> None:
        self._kept = kept
        self._spool: IO[bytes] | None = SpooledTemporaryFile(_IN_MEMORY) if as_json else None  # noqa: SIM115 -- by __exit__
        self.count = 0

    def __enter__(self) -> "Troubles":
        return self

    def __exit__(self, *_: object) -> None:
        if self._spool is not None:
            self._spool.close()

    def tell(self, trouble: "Trouble") -> None:
        """One more."""
        self.count += 1
        if self._kept is not None and trouble.answer.outcome == "rejected":
            self._kept.write(trouble.raw + b"\n")
        if self._spool is not None:
            self._spool.write(orjson.dumps(trouble.as_json()) + b"\n")
        elif self.count <= SHOWN_ON_SCREEN:
            _show(trouble)

    def as_json(self) -> Iterator[bytes]:
        """All of them, each as JSON."""
        if self._spool is not None:
            self._spool.seek(0)
            for line in self._spool:
                yield line.rstrip(b"\n")


def _show(trouble: "Trouble") -> None:
    from suite.ingesting import sentence

    place, answer = f"{trouble.file}:{trouble.line}", trouble.answer
    for fault in trouble.faults():
        err().print(printable(f"{place}: {answer.outcome}: {sentence(fault)}"), soft_wrap=True)


def _summary(taken: "Taken", troubles: Troubles, rejects: Path | None) -> None:
    if troubles.count > SHOWN_ON_SCREEN:
        note(f"{troubles.count - SHOWN_ON_SCREEN:,} more lines did not go in; --json lists all")
    hints = {
        "parked": "wait for their session to be opened",
        "conflict": "`claimtrail conflicts` lists them",
        "rejected": f"kept in {rejects}" if rejects else "--rejects FILE keeps the lines",
    }
    console = out()
    events = f"{taken.events:,} event{'' if taken.events == 1 else 's'}"
    console.print(f"{events} in {taken.seconds:.1f} s ({taken.rate:,.0f}/s), worked off to claims")
    shown = table(left("OUTCOME"), right("EVENTS"), left(""), header=False)
    for word, count in taken.as_json()["counts"].items():
        if count:
            row(shown, f"  {word}", f"{count:,}", hints.get(word, ""))
    console.print(shown)


@contextmanager
def _opened(name: str) -> "Iterator[Source]":
    from suite.ingesting import Source

    if name == _STANDARD_INPUT:
        yield Source("standard input", cast("BinaryIO", sys.stdin.buffer))
        return
    with Path(name).open("rb") as opened:
        yield Source(name, opened)


@contextmanager
def _kept(path: Path, files: list[str]) -> Iterator[BinaryIO]:
    for name in files:
        if name != _STANDARD_INPUT and path.exists() and path.samefile(name):
            raise CommandFailed(f"--rejects {path} is a file to read; name another, or it would be lost")
    with path.open("wb") as opened:
        yield opened


def _how_far(sources: "list[Source]", current: "Source") -> tuple[int, int | None]:
    """Bytes read and bytes in all; no total where there is standard input."""
    done, total = 0, 0
    behind = False
    for source in sources:
        size = None
        with suppress(OSError, ValueError):
            size = os.fstat(source.opened.fileno()).st_size
        if not size or source.name == "standard input":
            return 0, None
        total += size
        if source is current:
            done += source.opened.tell()
            behind = True
        elif not behind:
            done += size
    return done, total
