"""Opening the store for a command: the options that name it, and clear words where it cannot be used."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from suite.commands.faults import OUR_FAULT, CommandFailed, NoStore
from suite.commands.terminal import note

if TYPE_CHECKING:
    from audit.past import Past
    from service_kit.telemetry import Telemetry
    from service_kit.workers import Workers
    from suite.installation import Installation

DATABASE_VARIABLE = "CLAIMTRAIL_DATABASE_URL"
PASSWORD_VARIABLE = "CLAIMTRAIL_DATABASE_PASSWORD_FILE"  # noqa: S105 -- the name of a variable
DEFAULT_DATA = Path("claimtrail-data")

Data = Annotated[
    Path,
    typer.Option(
        "--data",
        envvar="CLAIMTRAIL_DATA",
        help="The store's directory, or of its keys where CLAIMTRAIL_DATABASE_URL is set.",
        file_okay=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def database_url() -> str | None:
    """The PostgreSQL that CLAIMTRAIL_DATABASE_URL names; None: the store is in a directory.

    The password, where it stands in a file of its own, comes from CLAIMTRAIL_DATABASE_PASSWORD_FILE.
    """
    url, password = os.environ.get(DATABASE_VARIABLE) or None, os.environ.get(PASSWORD_VARIABLE)
    if url is None or not password:
        return url
    from psycopg import ProgrammingError  # here: who has a directory needs no driver
    from psycopg.conninfo import make_conninfo

    try:
        return make_conninfo(url, password=Path(password).read_text().strip())
    except ProgrammingError:
        return url  # whoever connects says what is wrong with it


def check_there(data: Path) -> None:
    """Raises:  NoStore: the store is in a directory that has none."""
    if database_url() is None and not (data / "log.sqlite").exists():
        raise NoStore(data)


@contextmanager
def reading(data: Path, *, whole: bool = False) -> "Iterator[Installation]":
    """The store, opened to read: also while another process writes it. `whole`: to look at all of it."""
    check_there(data)
    from service_kit.logs import configure_logs
    from suite.collecting import collect_less_garbage
    from suite.installation import Installation

    configure_logs()
    if whole:
        collect_less_garbage()
    with Installation(data, database=database_url(), read_only=True, whole=whole) as installation:
        yield installation


@contextmanager
def looking_back(data: Path, *, whole: bool = True) -> "Iterator[tuple[Installation, Workers[Past] | None]]":
    """The store, opened to read, and of a long log processes to look at all of it with.

    Import what they are to do before. `whole`: whether all of it will be read.
    """
    check_there(data)
    from service_kit.workers import WorkerEnded
    from suite.looking_back import workers_for

    try:
        # Before anything else: a process is forked well only while it has no threads and no open database.
        made = workers_for(data, database_url()) if whole else nullcontext()
        with made as workers, reading(data, whole=whole) as installation:
            yield installation, workers
    except WorkerEnded as error:
        raise CommandFailed(str(error), exit_code=OUR_FAULT) from error


@contextmanager
def reading_if_there(data: Path) -> "Iterator[Installation | None]":
    """The store, opened to read; None where there is none: then only what is shipped is known."""
    if database_url() is None and not (data / "log.sqlite").exists():
        yield None
        return
    with reading(data) as installation:
        yield installation


@contextmanager
def writing(
    data: Path,
    *,
    make: bool = False,
    assisted: bool = False,
    embedded: bool = False,
    walks: bool = False,
    telemetry: "Telemetry | None" = None,
) -> "Iterator[Installation]":
    """The store, opened to write; made only where `make` says so, on two processes where `assisted` does.

    Args:    embedded: the directory, also where a database is named. walks: the command goes through many claims
             once, so little of them is kept at hand. telemetry: see Installation.
    """
    if not make:
        check_there(data)
    from service_kit.logs import configure_logs
    from service_kit.reading import LITTLE, Room
    from suite.collecting import collect_less_garbage
    from suite.installation import Installation

    configure_logs()
    collect_less_garbage()
    room = LITTLE if walks else Room()
    database = None if embedded else database_url()
    with Installation(data, database=database, assisted=assisted, room=room, telemetry=telemetry) as installation:
        yield installation


def note_lag(installation: "Installation") -> None:
    """Say so where the services have not come to the end of the log: what is shown is not the last word."""
    from suite.standing import lag

    if behind := lag(installation):
        note(
            f"the services are {behind:,} events behind; a running `claimtrail run` catches up, "
            "and so does `claimtrail ingest`"
        )
