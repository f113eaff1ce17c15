"""One service in a process of its own, from the first try to reach its servers to its last commit."""

import asyncio
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from aiokafka.admin import AIOKafkaAdminClient
from fastapi import APIRouter

from event_log.errors import LogUnreachable
from event_log.postgres import PostgresLog
from event_log.protocol import EventLog
from service_kit import names
from service_kit.kafka.consumer import Consumer
from service_kit.kafka.copies import Copier, Source
from service_kit.kafka.receipts import Receipts
from service_kit.kafka.relay import Relay
from service_kit.kafka.topics import Topic, connection
from service_kit.settings import Settings
from service_kit.telemetry import Telemetry
from suite.distributed import door, gauges, health, members
from suite.distributed.gauges import Gauge
from suite.distributed.health import Health
from suite.http import appeals, claims, events, figures, operations, payers, questions, reference_page
from suite.http.app import assembled
from suite.http.bodies import limit_from_environment
from suite.http.health import FINE
from suite.http.house import House
from suite.installation import Installation
from suite.ticking import Ticking
from suite.topics import DEAD_LETTERS, REJECTS
from suite.tracing import keeping

_log = structlog.get_logger(__name__)
AGAIN_SECONDS = 1.0
PRUNED_SECONDS = 60.0
MEASURED_SECONDS = 2.0
STANDING_SECONDS, CLAIMS_SECONDS = 10.0, 60.0
"""How often `audit` looks at the whole installation [s]."""
LAST_SECONDS = 1.0
"""What stands behind the drain: the last checkpoint, the connections [s]."""
RELAY, AUDIT, CAPTURE, APPEALS = "relay", "audit", "session-capture", "appeals"
_ROUTES: dict[str, Sequence[APIRouter]] = {
    CAPTURE: (events.router, payers.router),
    AUDIT: (claims.router, appeals.router, figures.router, operations.router, questions.router),
}


def served() -> tuple[str, ...]:
    """What can be served, in the order in which events flow."""
    return (*members.processes(), AUDIT, RELAY)


class _Server(uvicorn.Server):
    """Uvicorn, whose process heeds the signals itself."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]  # uvicorn's is a generator
        """Leave them alone."""
        return nullcontext()


class Process:
    """One process. `run` ends after the signal to stop.

    Args:    name: what it serves. data: where its keys are. listening: its socket, bound. hosts: see create_app.
    Raises:  ValueError: CLAIMTRAIL_MAX_BODY_BYTES is no number of bytes.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        *,
        database: str,
        data: Path,
        listening: socket.socket,
        hosts: frozenset[str] | None = None,
    ) -> None:
        self.name, self._settings, self._database, self._data = name, settings, database, data
        self._listening = listening
        self._installation: Installation | None = None
        self._telemetry = Telemetry.from_environment(
            name, scraped=True, spans=keeping(data, self._log_if_open, shared=True, most=settings.spans)
        )
        self._stop = asyncio.Event()
        self._probing = ThreadPoolExecutor(1, "probe")
        self._health = Health()
        self._health.checks["store"] = lambda: "not open yet"
        self._consumers: list[Consumer] = []
        self._relays: list[Relay] = []
        self._copiers: list[Copier] = []
        self._inboxes: list[Receipts] = []
        self._clocks: list[Ticking] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._admin: AIOKafkaAdminClient | None = None
        routers = [*_ROUTES.get(name, ()), health.router, reference_page.router]
        self.app = assembled(routers, hosts=hosts, measures=self._telemetry)
        self.app.state.health = self._health
        self._body_limit = limit_from_environment()

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT; then end what is in hand."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        config = uvicorn.Config(
            self.app,
            log_level="warning",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=int(self._settings.drain_seconds),
        )
        server = _Server(config)
        serving = asyncio.create_task(server.serve(sockets=[self._listening]))
        try:
            await self._open()
            if self._installation is not None:
                self._begin(self._installation)
            await self._stop.wait()
        finally:
            server.should_exit = True
            await self._end(serving)

    async def _open(self) -> None:
        """Open the store, as soon as its server can be reached. Raises: every other fault of it."""
        while self._installation is None and not self._stop.is_set():
            try:
                self._installation = await asyncio.to_thread(self._opened)
            except LogUnreachable as error:
                _log.error("the database cannot be reached", error=str(error), again_in_seconds=AGAIN_SECONDS)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), AGAIN_SECONDS)

    def _log_if_open(self) -> EventLog | None:
        return None if self._installation is None else self._installation.log

    def _opened(self) -> Installation:
        return Installation(
            self._data,
            database=self._database,
            telemetry=self._telemetry,
            makes_keys=False,
            opens=self.name != RELAY,
        )

    def _begin(self, installation: Installation) -> None:
        self.app.state.house = House(installation, body_limit=self._body_limit)
        self._health.watch("store", "the database", lambda: self._ask_store(installation), self._break_off)
        if self.name != AUDIT:
            self._health.watch("kafka", "kafka", self._ask_kafka)
        if self.name == RELAY:
            self._relays.append(members.relay_of(installation, self._settings, members.own_name()))
        elif self.name in members.processes():
            self._add_consumers(installation)
        if self.name == APPEALS:
            self._clocks.append(Ticking(installation, self._settings.lease_seconds))
        for clock in self._clocks:
            self._health.checks["clock"] = lambda clock=clock: clock.trouble or FINE  # type: ignore[misc]  # as below
            clock.start()
        for relay in self._relays:
            self._health.checks["work"] = lambda relay=relay: _going_on(relay.fault)  # type: ignore[misc]  # mypy and default arguments of lambdas
            relay.start()
        for copier in self._copiers:
            copier.start()
        for consumer in self._consumers:
            self._health.checks[consumer.group] = lambda each=consumer: _consuming(each)  # type: ignore[misc]  # the same
            self._in_background(consumer.start())
        self._in_background(self._prune())
        self._in_background(self._measure())
        if self.name == AUDIT:
            standing = partial(gauges.standing, installation, self._settings.prefix)
            self._in_background(self._look_at_the_whole(standing, STANDING_SECONDS))
            self._in_background(self._look_at_the_whole(lambda: _seldom(installation), CLAIMS_SECONDS))

    def _add_consumers(self, installation: Installation) -> None:
        turn = asyncio.Lock()
        for service in members.served_by(self.name):
            consumer, letters = members.consumer_of(installation, service, self._settings, turn)
            self._consumers.append(consumer)
            self._inboxes.append(Receipts(installation.log, service.name))
            self._copy(installation, service.name, DEAD_LETTERS, letters)
        if self.name == CAPTURE:
            consumer, rejects = members.door_of(installation, self._settings)
            self._consumers.append(consumer)
            self._copy(installation, door.NAME, REJECTS, rejects)

    def _copy(self, installation: Installation, name: str, topic: Topic, source: Source) -> None:
        self._copiers.append(members.copier_of(installation, self._settings, name, {topic: source}))

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(work))

    async def _ask_store(self, installation: Installation) -> None:
        await asyncio.get_running_loop().run_in_executor(self._probing, _asked, installation.log)

    def _break_off(self) -> None:
        """Who waits for the database waits for something that got lost on its way: all ask again."""
        _log.error("the database does not answer: all connections to it are ended")
        log = self._log_if_open()
        if isinstance(log, PostgresLog):
            log.break_off()

    async def _ask_kafka(self) -> None:
        try:
            if self._admin is None:
                admin = AIOKafkaAdminClient(**connection(self._settings))
                await admin.start()
                self._admin = admin
            await self._admin.list_topics()
        except BaseException:
            admin_was, self._admin = self._admin, None
            if admin_was is not None:
                with suppress(Exception):
                    await admin_was.close()
            raise

    async def _prune(self) -> None:
        """Forget what was seen so long ago that nobody sends it again."""
        while self._inboxes:
            await asyncio.sleep(PRUNED_SECONDS)
            before = time.time_ns() // 1000 - self._settings.inbox_days * 86_400_000_000
            for inbox in self._inboxes:
                with suppress(Exception):
                    await asyncio.to_thread(inbox.prune, before)

    async def _measure(self) -> None:
        """Tell how far behind it is, and whether it is ready."""
        while True:
            for consumer in self._consumers:
                self._telemetry.gauge(names.METRIC_LAG, consumer.lag, {names.MESSAGING_CONSUMER: consumer.group})
                self._telemetry.gauge(
                    names.METRIC_RESTARTS, consumer.restarts, {names.MESSAGING_CONSUMER: consumer.group}
                )
            fine = all(check() == FINE for check in self._health.checks.values())
            self._telemetry.gauge(names.METRIC_READY, int(fine), {})
            await asyncio.sleep(MEASURED_SECONDS)

    async def _look_at_the_whole(self, look: Callable[[], list[Gauge]], every: float) -> None:
        """Tell how the installation stands: what no single process sees, also where one does not run at all."""
        while True:
            try:
                for each in await asyncio.to_thread(look):
                    self._telemetry.gauge(each.name, each.value, each.attributes, each.unit)
            except Exception as error:  # noqa: BLE001 -- the database is away: the numbers say how old they are
                _log.warning("no numbers of the whole", error=type(error).__name__)
            await asyncio.sleep(every)

    async def _end(self, serving: "asyncio.Task[None]") -> None:
        """In the time that is given: what is not done then was not committed, and is done again by others."""
        self._health.checks["stopping"] = lambda: "the process is stopping"
        for task in self._tasks:
            task.cancel()
        parts: list[Consumer | Relay | Copier] = [*self._consumers, *self._relays, *self._copiers]
        await _within(self._settings.drain_seconds, *(part.stop() for part in parts), _done(serving))
        await _within(LAST_SECONDS, *(asyncio.to_thread(clock.stop) for clock in self._clocks))
        await self._health.stop()
        if self._admin is not None:
            await _within(LAST_SECONDS, self._admin.close())
        await _within(LAST_SECONDS, asyncio.to_thread(self._telemetry.flush))
        if self._installation is not None:
            await _within(LAST_SECONDS, asyncio.to_thread(self._installation.close))


def _seldom(installation: Installation) -> list[Gauge]:
    today = date.today()  # noqa: DTZ011 -- as the clock does: deadlines are days where the process is
    return [*gauges.claims(installation), *gauges.office(installation, today)]


def _asked(log: EventLog) -> None:
    """The database answers; and who waits there for what got lost is told so."""
    log.head()
    if isinstance(log, PostgresLog) and (lost := log.break_off_lost()):
        _log.error("the database was asked and never answered: these connections are ended", connections=lost)


async def _done(task: "asyncio.Task[None]") -> None:
    with suppress(asyncio.CancelledError):
        await task


async def _within(seconds: float, *work: Awaitable[object]) -> None:
    """Do all of it at once, but no longer than so."""
    try:
        async with asyncio.timeout(seconds):
            for ended in await asyncio.gather(*work, return_exceptions=True):
                if isinstance(ended, BaseException):
                    _log.warning("not ended well", error=type(ended).__name__)
    except TimeoutError:
        _log.warning("not ended in time", seconds=seconds)


def _going_on(fault: str | None) -> str:
    return f"held up by {fault}" if fault else FINE


def _consuming(consumer: Consumer) -> str:
    if consumer.fault:
        return _going_on(consumer.fault)
    return FINE if consumer.answers else "not in its group yet, or the group does not answer"
