"""A second process for some services, so that a big intake uses both cores.

The first process reads, keeps, consolidates, counts and works denials; the assistant charts and assesses. Only the
first writes the log: the assistant hands it its commits. Either may be killed at any moment; nothing is lost, since
every service goes on from its checkpoint.
"""

import multiprocessing
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import structlog

from event_log.keyring import KeyRing
from event_log.protocol import EventLog
from service_kit.dispatcher import Dispatcher
from service_kit.reading import Reader, Room
from service_kit.remote import Clerk, RemoteLog, WriterIsGone
from service_kit.runner import Runner
from service_kit.service import Service
from service_kit.telemetry import Telemetry
from suite.codec import SealingCodec
from suite.collecting import collect_less_garbage

_log = structlog.get_logger(__name__)
_CONTEXT = multiprocessing.get_context("fork")
LONGEST_SLEEP = 0.02
ROOM = Room(lasting=40_000)
"""Of a big intake of many clinics: charts and coverages of patients who come again soon. It ends with the intake."""


class Orders(NamedTuple):
    """What the assistant is told once there is a log."""

    path: Path
    keys: Path


class Assistant:
    """The process, seen from the one that writes. Make it before there are threads, open it when there is a log.

    Args:    make_services: makes the services it runs, in the order in which events flow.
    """

    def __init__(self, make_services: Callable[[], tuple[Service, ...]]) -> None:
        self._orders, their_orders = _CONTEXT.Pipe()
        self._errands, their_errands = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(
            target=_work,
            args=(make_services, their_orders, their_errands, (self._orders, self._errands)),
            name="assistant",
            daemon=True,
        )
        self._process.start()
        their_orders.close()
        their_errands.close()
        self._clerk: Clerk | None = None

    def open(self, log: EventLog, path: Path, keys: Path) -> None:
        """Begin to follow the log; where the process is gone, `work_off` tells."""
        self._clerk = Clerk(log, self._errands)
        self._clerk.start()
        with suppress(OSError):
            self._orders.send(Orders(path, keys))

    @property
    def is_alive(self) -> bool:
        """Whether the process is there."""
        return self._process.is_alive()

    def work_off(self) -> int | None:
        """Wait until it has nothing to do.

        Returns: the position its services came to; None when the process is gone.
        """
        try:
            self._orders.send("work off")
            reached: int = self._orders.recv()
        except (EOFError, OSError):
            return None
        return reached

    def close(self) -> None:
        """Let it end: what it has in hand is finished first."""
        self._orders.close()
        self._process.join(timeout=30)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._errands.close()
        if self._clerk is not None:
            self._clerk.join()


def _work(
    make_services: Callable[[], tuple[Service, ...]],
    orders: "Connection[Any, Any]",
    errands: "Connection[Any, Any]",
    other_ends: tuple["Connection[Any, Any]", ...],
) -> None:
    for end in other_ends:
        end.close()  # inherited: with them open here, nobody would notice that the first process is gone
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that writes: it lets this one finish
    import event_log.words  # noqa: F401 -- here: numpy is loaded while there is nothing to do, and not by short commands

    collect_less_garbage()
    try:
        told: Orders = orders.recv()
        with RemoteLog(told.path, errands) as log:
            codec = SealingCodec(KeyRing(told.keys, log, read_only=True))
            read, telemetry = Reader(log, codec, ROOM), Telemetry.from_environment()
            dispatcher = Dispatcher(log, [Runner(each, read, codec, telemetry, ahead=True) for each in make_services()])
            _follow(dispatcher, orders)
    except (EOFError, OSError, WriterIsGone):
        return  # the process that writes is gone: what was not committed is done again


def _follow(dispatcher: Dispatcher, orders: "Connection[Any, Any]") -> None:
    while True:
        busy = dispatcher.step()
        if orders.poll(0 if busy else LONGEST_SLEEP):
            orders.recv()
            dispatcher.work_off()
            orders.send(min(runner.position for runner in dispatcher.runners))
