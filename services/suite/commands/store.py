"""Opening the store for a command: the options that name it, and clear words where it cannot be used."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from suite.commands.faults import CommandFailed, NoStore
from suite.commands.terminal import note

if TYPE_CHECKING:
    from suite.installation import Installation

DATABASE_VARIABLE = "CLAIMTRAIL_DATABASE_URL"
DEFAULT_DATA = Path("claimtrail-data")

Data = Annotated[Path, typer.Option("--data", envvar="CLAIMTRAIL_DATA", help="The store's directory.", file_okay=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def check_database() -> None:
    """Raises:  CommandFailed: another kind of store is asked for than this release has."""
    if os.environ.get(DATABASE_VARIABLE):
        raise CommandFailed(
            f"{DATABASE_VARIABLE} is set, but this release keeps its store in a directory (--data); unset it"
        )


@contextmanager
def reading(data: Path, *, whole: bool = False) -> "Iterator[Installation]":
    """The store, opened to read: also while another process writes it. `whole`: to look at all of it."""
    check_database()
    if not (data / "log.sqlite").exists():
        raise NoStore(data)
    from service_kit.logs import configure_logs
    from suite.collecting import collect_less_garbage
    from suite.installation import Installation

    configure_logs()
    if whole:
        collect_less_garbage()
    with Installation(data, read_only=True, whole=whole) as installation:
        yield installation


@contextmanager
def reading_if_there(data: Path) -> "Iterator[Installation | None]":
    """The store, opened to read; None where there is none: then only what is shipped is known."""
    if os.environ.get(DATABASE_VARIABLE) or (data / "log.sqlite").exists():
        with reading(data) as installation:
            yield installation
    else:
        yield None


@contextmanager
def writing(data: Path, *, make: bool = False, assisted: bool = False) -> "Iterator[Installation]":
    """The store, opened to write; made only where `make` says so, on two processes where `assisted` does."""
    check_database()
    if not make and not (data / "log.sqlite").exists():
        raise NoStore(data)
    from service_kit.logs import configure_logs
    from suite.collecting import collect_less_garbage
    from suite.installation import Installation

    configure_logs()
    collect_less_garbage()
    with Installation(data, assisted=assisted) as installation:
        yield installation


def note_lag(installation: "Installation") -> None:
    """Say so where the services have not come to the end of the log: what is shown is not the last word."""
    from suite.standing import lag

    if behind := lag(installation):
        note(
            f"the services are {behind:,} events behind; a running `claimtrail run` catches up, "
            "and so does `claimtrail ingest`"
        )
