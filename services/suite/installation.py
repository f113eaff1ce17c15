"""An embedded installation: one directory with the log, its keys and its read models, and the services over it."""

import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import appeals.service
import claim_validation.service
import session_capture.service
import unit_calculation.service
from event_log.keyring import KeyRing
from event_log.notes import Signer
from event_log.sqlite import SqliteLog
from service_kit import dead_letters
from service_kit.dispatcher import Dispatcher
from service_kit.reading import Reader
from service_kit.runner import Runner
from service_kit.service import Service
from service_kit.tables import create_tables
from service_kit.telemetry import Telemetry
from session_capture.door import Door
from suite.codec import SealingCodec
from therapy_domain.rulesets import Ruleset, load

DATA_VARIABLE = "CLAIMTRAIL_DATA"
KEYS_VARIABLE = "CLAIMTRAIL_KEYS"
DEFAULT_DATA = Path("claimtrail-data")


def data_directory(chosen: Path | None) -> Path:
    """The store's directory: as chosen, else CLAIMTRAIL_DATA, else ./claimtrail-data."""
    return chosen or Path(os.environ.get(DATA_VARIABLE) or DEFAULT_DATA)


def keys_directory(data: Path) -> Path:
    """Where the keys are kept, apart from the log: CLAIMTRAIL_KEYS, else `keys` beside it."""
    chosen = os.environ.get(KEYS_VARIABLE)
    return Path(chosen) if chosen else data / "keys"


def services(rules: Ruleset) -> tuple[Service, ...]:
    """The four services, in the order in which events flow."""
    return (
        session_capture.service.service(),
        unit_calculation.service.service(rules),
        claim_validation.service.service(rules),
        appeals.service.service(rules),
    )


class Installation:
    """Everything of one data directory. One process writes; others may open it to read.

    Args:    data: the directory, made when it is not there.
             read_only: take no lock and run no service.
    Raises:  LogInUse: another process writes it. LogMissing: nothing to read. KeyUnusable: a key file is damaged.
    """

    def __init__(self, data: Path, *, read_only: bool = False, extra: Sequence[Service] = ()) -> None:
        self.data, self.keys = data, keys_directory(data)
        self.path = data / "log.sqlite"
        self.rules = load()
        self.telemetry = Telemetry.from_environment()
        self.signer = None if read_only and not self.path.exists() else Signer.in_directory(self.keys)
        self.log = SqliteLog(self.path, signer=self.signer, read_only=read_only)
        self.key_ring = KeyRing(self.keys, self.log, read_only=read_only)
        self.codec = SealingCodec(self.key_ring)
        self.read = Reader(self.log, self.codec)
        if read_only:
            return
        every = (*services(self.rules), *extra)
        tables = [table for service in every for table in service.tables]
        self.log.ensure_schema(create_tables(*dead_letters.TABLES, *tables))
        self.door = Door(
            self.read, self.codec, self.key_ring.fingerprint_key(), self.telemetry, link=self.key_ring.link
        )
        self.dispatcher = Dispatcher(
            self.log, [Runner(service, self.read, self.codec, self.telemetry) for service in every]
        )

    def close(self) -> None:
        """Finish, sign a last checkpoint, let go of the files."""
        self.log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
