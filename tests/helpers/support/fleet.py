"""Real processes of `claimtrail serve`, over a real Kafka and a real PostgreSQL: to start, kill, freeze and stop."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from service_kit.settings import Settings
from suite.installation import Installation
from suite.keys import make_keys
from suite.migrating import migrate

PATIENCE = 90.0
COMMAND = str(Path(sys.executable).with_name("claimtrail"))
SERVICES = ("session-capture", "unit-calculation", "claim-validation", "appeals")
_AT = re.compile(r"http://127\.0\.0\.1:(\d+)")


class Member:
    """One process."""

    def __init__(self, service: str, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.service, self.log = service, log
        with log.open("wb") as told:
            self.process = subprocess.Popen(command, stdout=told, stderr=told, env=environment)

    @property
    def url(self) -> str:
        """Where its HTTP answers. Raises: AssertionError: it has not said so yet."""
        found = _AT.search(self.log.read_text())
        assert found, f"{self.service} has not said where it is"
        return f"http://127.0.0.1:{found[1]}"

    def ready(self) -> bool:
        assert self.process.poll() is None, f"{self.service} ended: {self.log.read_text()[-2000:]}"
        try:
            return httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200
        except (AssertionError, httpx.HTTPError):
            return False

    def unready(self) -> dict[str, Any]:
        """Its checks, when it says it is not ready; else nothing."""
        answer = httpx.get(f"{self.url}/readyz", timeout=2)
        return {} if answer.status_code == 200 else dict(answer.json()["checks"])

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


class Fleet:
    """The processes of one installation."""

    def __init__(self, folder: Path, settings: Settings, database: str) -> None:
        self.folder, self.database = folder, database
        self.members: list[Member] = []
        self._count = 0
        quiet = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "CLAIMTRAIL_"))}
        self.environment = {
            **quiet,
            "KAFKA_BOOTSTRAP_SERVERS": settings.bootstrap,
            "CLAIMTRAIL_KAFKA_PREFIX": settings.prefix,
            "CLAIMTRAIL_KAFKA_PARTITIONS": str(settings.partitions),
            "CLAIMTRAIL_KAFKA_SESSION_SECONDS": str(settings.session_seconds),
            "CLAIMTRAIL_LEASE_SECONDS": str(settings.lease_seconds),
            "CLAIMTRAIL_DATABASE_URL": database,
            "CLAIMTRAIL_DATA": str(folder / "data"),
            "CLAIMTRAIL_TRACE_RATIO": "1",
        }

    def start(self, *services: str) -> list[Member]:
        made = []
        for service in services:
            self._count += 1
            log = self.folder / f"{self._count:03}-{service}.log"
            made.append(Member(service, [COMMAND, "serve", service], self.environment, log))
        self.members += made
        return made

    def kill(self, member: Member) -> None:
        """As a power cut would."""
        member.kill()
        self.members.remove(member)

    def replace(self, member: Member) -> Member:
        """Kill it, and start another in its place."""
        self.kill(member)
        return self.start(member.service)[0]

    def ready(self, members: Iterable[Member] | None = None) -> bool:
        return all(member.ready() for member in (self.members if members is None else members))

    def stop(self) -> list[tuple[str, float, int]]:
        """SIGTERM to all; of each its service, how long it took [s], and its exit code."""
        began = time.monotonic()
        for member in self.members:
            member.signal(signal.SIGCONT)
            member.signal(signal.SIGTERM)
        ended = []
        for member in self.members:
            code = member.process.wait(60)
            ended.append((member.service, time.monotonic() - began, code))
        self.members.clear()
        return ended

    @contextmanager
    def store(self, database: str | None = None) -> Iterator[Installation]:
        """The store, to look at; by another way than the processes' where one is given."""
        with Installation(self.folder / "data", database=database or self.database, read_only=True) as opened:
            yield opened

    def logs(self) -> str:
        return "\n".join(f"--- {log.name}\n{log.read_text()[-1500:]}" for log in sorted(self.folder.glob("*.log")))


@contextmanager
def fleet(folder: Path, settings: Settings, database: str, *, reached: str | None = None) -> Iterator[Fleet]:
    """A fleet without members, over a migrated database; whoever is left of it is killed afterwards.

    Its processes have the rights of a service, not those of the database's owner. `reached`: the URL by which they
    reach it.
    """
    role = f"service_{uuid4().hex[:12]}"
    named = sql.Identifier(role)
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'test'").format(named))
    migrate(database, role)
    make_keys(folder / "data", database)
    made = Fleet(folder, settings, make_conninfo(reached or database, user=role, password="test"))
    try:
        yield made
    finally:
        for member in made.members:
            member.kill()
        with psycopg.connect(database, autocommit=True) as owner:
            owner.execute(sql.SQL("DROP OWNED BY {}").format(named))
            owner.execute(sql.SQL("DROP ROLE {}").format(named))


def until(true: Callable[[], bool], what: str, patience: float = PATIENCE, *, every: float = 0.1) -> float:
    """Wait for something to become true; how long it took [s]."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < patience, f"not within {patience:.0f} s: {what}"
        time.sleep(every)
    return time.monotonic() - began
