"""Blows under load: two copies of every process, events coming all the while, at the end the claims of a calm run."""

import asyncio
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiokafka.errors import KafkaError

from service_kit.kafka.topics import create
from service_kit.settings import Settings
from suite.topics import all_topics
from support import postgres
from support.distributed import ToSend, tell
from support.fleet import SERVICES, Fleet, fleet, until
from support.kafka_server import NoKafka, OwnKafka
from support.servers import missing
from support.simulated import delivered, embedded, nothing_is_lost_or_doubled, simulated, told
from support.wire import Wire, wire_to

PATIENCE = 300.0
BACK_SECONDS, LATE_SECONDS = 15.0, 90.0
"""From a server's return until all are ready: the bar, and when it is given up."""
LOOK_SECONDS = 1.0
PIECES = 4
"""Events come in so many pieces a round."""


@dataclass
class Site:
    """What is struck: the servers, the wires to them where there are any, and the processes."""

    kafka: OwnKafka
    postgres: Any
    settings: Settings
    wires: dict[str, Wire] = field(default_factory=dict)
    processes: Fleet = field(init=False)
    database: str = ""
    """As its owner, past all wires."""
    back: list[float] = field(default_factory=list)
    """How long it took after each blow until all were ready again, where that was waited for [s]."""

    def all_are_back(self) -> None:
        """Within the bar, without a hand."""
        try:
            self.back.append(until(self.processes.ready, "all are green again", LATE_SECONDS))
        except AssertionError as late:
            red = [(each.service, each.log.name, each.unready()) for each in self.processes.members]
            raise AssertionError(f"{late}: {red}\n{self.processes.logs()}") from late
        assert self.back[-1] < BACK_SECONDS, self.back


Blow = Callable[[Site, random.Random], None]


@contextmanager
def site(folder: Path, *, wired: bool = False, environment: Mapping[str, str] | None = None) -> Iterator[Site]:
    """Servers of our own, and a fleet without members; `wired`: its processes reach both servers by wires."""
    server = postgres.carried(f"torture-{os.getpid()}-{folder.name[-20:]}")
    with ExitStack() as stack:
        stack.callback(server.cleanup)
        try:
            kafka = stack.enter_context(OwnKafka(folder / "kafka", wired=wired))
        except NoKafka as reason:
            missing(reason)
        settings = Settings(bootstrap=kafka.bootstrap, partitions=4, replication=1, session_seconds=6.0)
        made = Site(kafka, server, settings)
        if kafka.wire is not None:
            made.wires["kafka"] = kafka.wire
        asyncio.run(create(all_topics(), settings))
        (folder / "fleet").mkdir()
        made.database = stack.enter_context(postgres.database(str(server.get_uri())))
        reached = made.database
        if wired:
            made.wires["postgres"], reached = wire_to(made.database)
            stack.enter_context(made.wires["postgres"])
        made.processes = stack.enter_context(fleet(folder / "fleet", settings, made.database, reached=reached))
        made.processes.environment |= environment or {}
        yield made


class Load:
    """Events that keep coming while blows fall: with every round its share, over as long as the last one took."""

    def __init__(self, settings: Settings, messages: list[ToSend], rounds: int) -> None:
        self._settings = settings
        size = -(-len(messages) // (rounds * PIECES))
        self._pieces = [messages[start : start + size] for start in range(0, len(messages), size)]
        self._turn = threading.Condition()
        self._allowed, self._gap, self._began = 0, 0.5, time.monotonic()
        self._thread = threading.Thread(target=self._send, daemon=True)
        self._thread.start()

    def round(self) -> None:
        """Let the next share go."""
        with self._turn:
            if self._allowed:
                self._gap = (time.monotonic() - self._began) / PIECES
            self._allowed, self._began = self._allowed + PIECES, time.monotonic()
            self._turn.notify_all()

    def rest(self) -> None:
        """Send all that is left, at once."""
        with self._turn:
            self._allowed, self._gap = len(self._pieces), 0.0
            self._turn.notify_all()
        self._thread.join()

    def _send(self) -> None:
        for number, piece in enumerate(self._pieces):
            with self._turn:
                self._turn.wait_for(lambda number=number: number < self._allowed)  # type: ignore[misc]  # as in process.py
            self._until_acknowledged(piece)
            with self._turn:
                self._turn.wait_for(lambda: self._gap == 0.0, self._gap)

    def _until_acknowledged(self, piece: list[ToSend]) -> None:
        while True:
            try:
                return asyncio.run(tell(self._settings, piece))
            except (KafkaError, TimeoutError):
                time.sleep(0.5)  # as a clinic does: it sends again what was not acknowledged


def under_load(
    folder: Path,
    blow: Blow,
    *,
    rounds: int,
    seed: int,
    visits: int = 400,
    pause: float = 2.0,
    wired: bool = False,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Two copies of all, events coming all the while, a blow every few seconds; the claims are those of a calm run."""
    dice, times = random.Random(seed), Times()
    events = simulated(visits, seed)
    expected = embedded(folder, events)
    times.now("calm run")
    with site(folder, wired=wired, environment=environment) as struck:
        struck.processes.start(*SERVICES, *SERVICES, "relay", "relay")
        until(struck.processes.ready, "all are ready", PATIENCE)
        times.now("start")
        load = Load(struck.settings, delivered(events, seed), rounds)
        for _ in range(rounds):
            load.round()
            time.sleep(dice.uniform(0.2, pause))
            blow(struck, dice)
        times.now("blows")
        load.rest()
        times.now("rest of the events")
        last = until(struck.processes.ready, "all are ready again", PATIENCE)
        same_claims(struck, expected, events)
        times.now("same claims")
        slowest = f", at the slowest {max(struck.back):.1f} s after one" if struck.back else ""
        print(
            f"\n{rounds} blows, {len(events)} events: all ready {last:.1f} s after the last{slowest}; claims the same;"
            f" {times}"
        )
        assert [each for each in struck.processes.stop() if each[2] != 0] == []


class Times:
    """How long each part of a scenario took."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._parts: list[str] = []

    def now(self, ended: str) -> None:
        """This part has ended, the next one begins."""
        began, self._began = self._began, time.monotonic()
        self._parts.append(f"{ended} {self._began - began:.0f} s")

    def __str__(self) -> str:
        return ", ".join(self._parts)


def same_claims(struck: Site, expected: list[Any], events: list[dict[str, Any]]) -> float:
    """What was sent is all there, once, and came to what is expected; how long that took [s]."""
    with struck.processes.store(struck.database) as store:
        took = until(lambda: told(store) == expected, "the claims are the same", PATIENCE, every=LOOK_SECONDS)
        nothing_is_lost_or_doubled(store, events)
    return took


def frozen(site: Site, dice: random.Random, count: int, seconds: float) -> None:
    """SIGSTOP some processes, and SIGCONT them so much later."""
    services = [dice.choice((*SERVICES, "relay")) for _ in range(count)]
    chosen = [next(each for each in site.processes.members if each.service == service) for service in services]
    for member in chosen:
        member.signal(signal.SIGSTOP)
    time.sleep(seconds)
    for member in chosen:
        member.signal(signal.SIGCONT)
