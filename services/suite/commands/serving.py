"""`run`: the whole suite in one process."""

import os
import signal
import socket
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from suite.commands.faults import CommandFailed
from suite.commands.store import DEFAULT_DATA, Data, database_url, writing
from suite.commands.terminal import err, note

if TYPE_CHECKING:
    from suite.installation import Installation

DRAIN_SECONDS = 10
"""Requests in hand have so long to end after the signal to stop [s]."""
_CALLERS_WAITING = 2048
_LOOPBACK = ("127.", "::1", "localhost")
HOSTS_VARIABLE = "CLAIMTRAIL_HOSTS"


def run(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0 takes a free one.")] = 8112,
    data: Data = DEFAULT_DATA,
) -> None:
    """Run the whole suite in one process: the HTTP API and all services, until Ctrl-C or SIGTERM.

    What was accepted is worked on behind the answers; the signal to stop lets what is in hand end first. Its clock
    tells each new day, by this machine's calendar: deadlines of appeals are warned of, and lapse. On loopback it
    answers requests for localhost alone; CLAIMTRAIL_HOSTS lists further names of this host, with commas.

    \b
    Example: claimtrail run --port 8112 --data ./claimtrail-data
    """
    from service_kit.settings import BadSetting, Settings
    from service_kit.telemetry import Telemetry
    from suite.tracing import keeping

    opened: list[Installation] = []
    try:
        settings = Settings.from_environment()
    except BadSetting as error:
        raise CommandFailed(str(error)) from error
    shared = database_url() is not None
    spans = keeping(data, lambda: opened[0].log if opened else None, shared=shared, most=settings.spans)
    telemetry = Telemetry.from_environment(spans=spans)
    with bound(host, port) as listening, writing(data, make=True, telemetry=telemetry) as installation:
        opened.append(installation)
        warn_of_strangers(host)
        _announce(listening, installation)
        _serve(installation, listening, hosts_of(host), settings.lease_seconds if shared else None)


def warn_of_strangers(host: str) -> None:
    """Say so where others than this machine can ask."""
    if not host.startswith(_LOOPBACK):
        note(f"{host} can be reached from other machines, and this release asks nobody who they are")


def hosts_of(host: str) -> frozenset[str] | None:
    """The names we answer to: on loopback those of loopback, elsewhere any, unless CLAIMTRAIL_HOSTS lists them."""
    listed = [name.strip().lower() for name in os.environ.get(HOSTS_VARIABLE, "").split(",") if name.strip()]
    if not host.startswith(_LOOPBACK) and not listed:
        return None
    return frozenset([*listed, host.lower(), "localhost", "127.0.0.1", "[::1]"])


def _serve(
    installation: "Installation", listening: socket.socket, hosts: frozenset[str] | None, lease: float | None
) -> None:
    import uvicorn

    from suite.http.app import create_app
    from suite.http.health import FINE
    from suite.ticking import Ticking

    try:
        app = create_app(installation, hosts=hosts)
    except ValueError as error:
        raise CommandFailed(str(error)) from error
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=DRAIN_SECONDS)
    )

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    ticking = Ticking(installation, lease)
    app.state.house.checks["clock"] = lambda: ticking.trouble or FINE
    # Uvicorn raises the signal once more when it is done; the last checkpoint must still be signed then.
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    ticking.start()
    try:
        server.run(sockets=[listening])
    finally:
        ticking.stop()
        for number, handler in before.items():
            signal.signal(number, handler)


def _announce(listening: socket.socket, installation: "Installation") -> None:
    address, port = listening.getsockname()[:2]
    host = f"[{address}]" if ":" in address else address
    err().print(
        f"Claimtrail is at http://{host}:{port} (what it answers: /docs); store {installation.place}; stop with Ctrl-C",
        soft_wrap=True,
    )


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises: CommandFailed."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listening = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise CommandFailed(f"--host {host}: {error.strerror or error}") from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_CALLERS_WAITING)
    except OSError as error:
        listening.close()
        raise CommandFailed(f"port {port} of {host}: {error.strerror}; give another with --port") from error
    return listening
