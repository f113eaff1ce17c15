"""`run`: the whole suite in one process."""

import signal
import socket
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer

from suite.commands.faults import CommandFailed
from suite.commands.store import DEFAULT_DATA, Data, writing
from suite.commands.terminal import note

DRAIN_SECONDS = 10
"""Requests in hand have so long to end after the signal to stop [s]."""
_BACKLOG = 2048


def run(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0 = any free one.")] = 8112,
    data: Data = DEFAULT_DATA,
) -> None:
    """Run the whole suite in one process: the HTTP API and all services, until Ctrl-C or SIGTERM.

    What was accepted is worked on behind the answers; the signal to stop lets what is in hand end first.

    \b
    Example: claimtrail run --data ./claimtrail-data
    """
    import uvicorn

    with writing(data, make=True) as installation, _bound(host, port) as listening:
        from suite.http.app import create_app

        config = uvicorn.Config(
            create_app(installation),
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
        server = _Server(config)
        _announce(listening, data)
        installation.dispatcher.start()
        try:
            server.run(sockets=[listening])
        finally:
            installation.dispatcher.stop()


def _server_class() -> Any:
    import uvicorn

    class Server(uvicorn.Server):
        """A server that leaves the last word to us: uvicorn's own would raise the signal again when it is done."""

    return Server


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listening = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise CommandFailed(f"--host {host}: {error.strerror or error}") from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise CommandFailed(f"port {port} of {host}: {error.strerror}; give another with --port") from error
    return listening
