"""An installation: the log and its read models in a directory or in PostgreSQL, its keys, the services over it."""

import os
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from sqlmodel import SQLModel

import appeals.service
import billing.figures.service
import billing.views
import claim_validation.charting
import claim_validation.service
import session_capture.service
import unit_calculation.service
from event_log.errors import LogError
from event_log.following import WholeLog
from event_log.keyfiles import secret
from event_log.keyring import KeyRing
from event_log.notes import Signer
from event_log.sqlite import SqliteLog
from rule_releases.recording import carry_over
from rule_releases.rulesets import Rulesets
from service_kit import dead_letters, lease, spans
from service_kit.dispatcher import Dispatcher, Progress
from service_kit.kafka import receipts
from service_kit.reading import Reader, Room
from service_kit.runner import Runner
from service_kit.service import Service
from service_kit.tables import create_tables
from service_kit.telemetry import Telemetry
from service_kit.telemetry import load as load_telemetry
from session_capture.door import Door
from suite import rejects
from suite.assistant import Assistant
from suite.codec import SealingCodec
from suite.schema import check_schema
from therapy_domain.rulesets import Ruleset

if TYPE_CHECKING:
    from event_log.postgres import PostgresLog

DATA_VARIABLE = "CLAIMTRAIL_DATA"
DATABASE_VARIABLE = "CLAIMTRAIL_DATABASE_URL"
KEYS_VARIABLE = "CLAIMTRAIL_KEYS"
DEFAULT_DATA = Path("claimtrail-data")
MASTER_KEY, FINGERPRINT_KEY, SIGNING_KEY = "master.key", "fingerprint.key", "signing.pem"


def data_directory(chosen: Path | None) -> Path:
    """The store's directory: as chosen, else CLAIMTRAIL_DATA, else ./claimtrail-data."""
    return chosen or Path(os.environ.get(DATA_VARIABLE) or DEFAULT_DATA)


def keys_directory(data: Path) -> Path:
    """Where the keys are kept, apart from the log: CLAIMTRAIL_KEYS, else `keys` beside it."""
    chosen = os.environ.get(KEYS_VARIABLE)
    return Path(chosen) if chosen else data / "keys"


def log_file(data: Path) -> Path:
    """Where the embedded log is."""
    return data / "log.sqlite"


def notes_file(data: Path) -> Path:
    """Where this process also writes the checkpoints it signs of a log on PostgreSQL."""
    return data / "log.checkpoints.txt"


def spans_file(data: Path) -> Path:
    """Where recent spans of a store in a directory are kept."""
    return data / "spans.sqlite"


ASSISTED = frozenset({claim_validation.charting.NAME, claim_validation.service.NAME})
"""The services that an assistant runs: with them each of the two processes has about half of the work."""
FARTHEST_BEHIND = 12_000
"""So many positions they are behind at most when the next events are read in: what was written last is then still at
hand where they are (event_log/window.py), however long an intake is."""
_A_LOOK = 0.05


def make_services(rulesets: Rulesets | None = None) -> tuple[Service, ...]:
    """All services, in the order in which events flow."""
    rulesets = rulesets or Rulesets()
    return (
        session_capture.service.service(),
        unit_calculation.service.service(rulesets),
        claim_validation.charting.service(rulesets),
        claim_validation.service.service(rulesets),
        appeals.service.service(rulesets),
        billing.figures.service.service(rulesets),
    )


def _assistants(rulesets: Rulesets) -> tuple[Service, ...]:
    return tuple(service for service in make_services(rulesets) if service.name in ASSISTED)


def service_names() -> tuple[str, ...]:
    """All services, in the order in which events flow."""
    return tuple(service.name for service in make_services())


def read_models() -> tuple[type[SQLModel], ...]:
    """The tables of all services, of what could not be processed, of both transports, and of recent spans."""
    of_services = (table for service in make_services() for table in service.tables)
    return (
        *dead_letters.TABLES,
        *lease.TABLES,
        *receipts.TABLES,
        *rejects.TABLES,
        *spans.TABLES,
        *of_services,
        *billing.views.TABLES,
    )


class KeysMissing(LogError):
    """There is a log, but not the keys it was written with: new ones would open nothing in it."""

    code = "keys-missing"

    def __init__(self, keys: Path, log: str) -> None:
        self.keys, self.log = keys, log
        super().__init__(
            f"{log} is there, but its keys are not in {keys}; put them back from your backup, "
            f"or say where they are with {KEYS_VARIABLE}"
        )


class KeysNotMade(LogError):
    """There is neither a log nor keys, and this process is not the one that makes them."""

    code = "keys-not-made"

    def __init__(self, keys: Path) -> None:
        self.keys = keys
        super().__init__(
            f"there are no keys in {keys}; make them once with `claimtrail keys` and hand them to every process, "
            f"or say where they are with {KEYS_VARIABLE}"
        )


class StoreEmpty(LogError):
    """The database holds no event yet, and there are no keys."""

    code = "store-empty"

    def __init__(self, database: str) -> None:
        self.database = database
        super().__init__(f"{database} holds no event yet; send some with `claimtrail ingest FILE`")


class Installation:
    """Everything of one store. A directory is written by one process, a database by any number; others may read.

    Args:    data: the directory, made when it is not there; of a store in a database it holds the keys.
             database: the PostgreSQL that holds log and read models; None: the directory does.
             read_only: take no lock and run no service. whole: all of the log will be read.
             assisted: run some services in a second process; only before this process has threads.
             room: how much of what was read is kept at hand.
             telemetry: what this process tells; without it what the OTEL_* variables ask for.
             makes_keys: make the keys of a new store; one of many processes must not, or each would make its own.
             opens: False: of a store in a database, without the master key; nothing is sealed or opened.
    Raises:  LogInUse: another process writes the directory. LogMissing, StoreEmpty: nothing to read. KeyUnusable: a
             key file is damaged. KeysMissing: a log without its keys. KeysNotMade: a new store without keys.
             LogUnreachable, SchemaMismatch: the database.
    """

    def __init__(
        self,
        data: Path,
        *,
        database: str | None = None,
        read_only: bool = False,
        whole: bool = False,
        assisted: bool = False,
        room: Room = Room(),  # noqa: B008 -- it is never changed
        telemetry: Telemetry | None = None,
        makes_keys: bool = True,
        opens: bool = True,
    ) -> None:
        self.data, self.keys, self.database = data, keys_directory(data), database
        self._makes_keys, self._opens = makes_keys, opens
        self.place = str(data)
        """Where the store is, in words."""
        embedded = database is None
        self.rulesets = Rulesets()
        assisted = assisted and embedded and not read_only
        if assisted:
            load_telemetry()
        self._assistant = Assistant(partial(_assistants, self.rulesets)) if assisted else None
        self.telemetry = telemetry or Telemetry.from_environment()
        self.log: SqliteLog | PostgresLog = (
            self._file(log_file(data), read_only=read_only)
            if database is None
            else self._database(database, read_only=read_only)
        )
        self.key_ring = KeyRing(self.keys, self.log, read_only=read_only, opens=opens)
        self.codec = SealingCodec(self.key_ring)
        self._whole = WholeLog(log_file(data)) if embedded and read_only and whole else None
        self.read = Reader(self._whole or self.log, self.codec, room)
        self.key_ring.when_destroyed_elsewhere = self.read.forget
        if read_only:
            return
        carry_over(self.read, self.log, self.codec)
        if embedded:
            self.log.ensure_schema(create_tables(*(each for each in read_models() if each not in spans.TABLES)))
        self.door = Door(
            self.read,
            self.codec,
            self.key_ring.fingerprint_key(),
            self.telemetry,
            link=self.key_ring.link,
            ready=self.key_ring.ready,
            shared=not embedded,
        )
        away = ASSISTED if self._assistant else frozenset()
        here = tuple(service for service in make_services(self.rulesets) if service.name not in away)
        self.dispatcher = Dispatcher(
            self.log,
            [self._runner(service) for service in here],
            elsewhere=dict if embedded else lambda: receipts.reached(self.log, here),
        )
        if self._assistant:
            self._assistant.open(self.log, log_file(data), self.keys)

    def _file(self, path: Path, *, read_only: bool) -> SqliteLog:
        master = self.keys / MASTER_KEY
        if path.exists() and not master.exists():
            raise KeysMissing(self.keys, str(path))
        if not read_only:
            secret(master)  # before the log: a process killed between the two must not leave a log without keys
        self.signer = None if read_only and not path.exists() else Signer.in_directory(self.keys)
        return SqliteLog(path, signer=self.signer, read_only=read_only)

    def _database(self, url: str, *, read_only: bool) -> "PostgresLog":
        from event_log.postgres import PostgresLog  # here: who has a directory needs no driver

        with PostgresLog(url, read_only=True) as log:
            check_schema(log)
            self.place = log.database
            empty = log.head() == 0
        if not self._keys_are_there(read_only=read_only):
            if not empty:
                raise KeysMissing(self.keys, log.database)
            if read_only:
                raise StoreEmpty(log.database)
            if not self._makes_keys:
                raise KeysNotMade(self.keys)
        self.signer = Signer.in_directory(self.keys) if self._signs(read_only=read_only) else None
        return PostgresLog(url, signer=self.signer, notes=notes_file(self.data), read_only=read_only)

    def _keys_are_there(self, *, read_only: bool) -> bool:
        needed = [*([MASTER_KEY] if self._opens else []), *([] if read_only else [FINGERPRINT_KEY])]
        return all((self.keys / name).exists() for name in needed)

    def _signs(self, *, read_only: bool) -> bool:
        """Whoever has the signing key. It is made before the master key: where only that is, it was held back."""
        makes = self._makes_keys and not read_only and not (self.keys / MASTER_KEY).exists()
        return makes or (self.keys / SIGNING_KEY).exists()

    @property
    def rules(self) -> Ruleset:
        """The ruleset release in force."""
        return self.rulesets.current(self.read)

    def take_turn(self) -> None:
        """Work off what there is for the services here, and let an assistant come close."""
        self.dispatcher.work_off(own_only=True)
        while self._assistant is not None and self._assistant.is_alive:
            head, reached = self.log.head(), self.log.checkpoints()
            if head - min(reached.get(name, 0) for name in ASSISTED) <= FARTHEST_BEHIND:
                return
            self.log.wait(head, _A_LOOK)

    def work_off(self, progress: Progress | None = None) -> None:
        """Until no service has anything to do."""
        while self._assistant is not None:
            self.dispatcher.work_off(progress)
            head, reached = self.log.head(), self._assistant.work_off()
            if reached is None:
                self._take_over()
                continue
            here = min(runner.position for runner in self.dispatcher.runners)  # what follows the assistant's services
            if here >= head and reached >= head == self.log.head():
                return
        self.dispatcher.work_off(progress)

    def _runner(self, service: Service) -> Runner:
        # A lease may be lost for a moment: on a database that many write, what was read is held against the log again.
        return Runner(service, self.read, self.codec, self.telemetry, guarded=self.database is not None)

    def _take_over(self) -> None:
        """The assistant is gone: its services go on here, from their checkpoints."""
        assert self._assistant is not None
        self._assistant.close()
        self._assistant = None
        self.dispatcher = Dispatcher(self.log, [self._runner(service) for service in make_services(self.rulesets)])

    def close(self) -> None:
        """Finish, sign a last checkpoint, let go of the files."""
        if self._assistant is not None:
            self._assistant.close()
        if self._whole is not None:
            self._whole.close()
        self.log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
