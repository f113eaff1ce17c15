"""What of a store is proved by its log alone, wherever that is kept, with no key that opens or signs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from audit.evidence.bundle import Bundle, bundle
from event_log.keyring import KeyRing
from event_log.sqlite import SqliteLog
from event_log.verify import Progress, Verification, verify, verify_postgres
from service_kit.reading import Reader
from suite.codec import SealingCodec
from suite.installation import keys_directory, log_file, notes_file
from suite.schema import check_schema

if TYPE_CHECKING:
    from event_log.postgres import PostgresLog


def public_key(data: Path) -> str | None:
    """The public half of the signing key, as it stands beside the keys; None where there is none."""
    beside = keys_directory(data) / "signing.vkey"
    return beside.read_text().strip() if beside.exists() else None


def check(data: Path, database: str | None, key: str | None, progress: Progress | None = None) -> Verification:
    """The whole log against its hashes and signed checkpoints.

    Args:    database: the PostgreSQL that holds the log; None: the directory does. key: the log's public key.
    Raises:  LogMissing, LogUnreachable, SchemaMismatch; BadNote: `key` is none.
    """
    if database is None:
        return verify(log_file(data), key, progress)
    with _on_server(database):  # its schema is looked at
        pass
    return verify_postgres(database, key, progress, notes_file(data))


def evidence(data: Path, database: str | None, claim_id: str) -> Bundle:
    """The evidence of one claim.

    Args:    database: as for `check`.
    Raises:  what `bundle` raises; LogMissing, LogUnreachable, SchemaMismatch.
    """
    with SqliteLog(log_file(data), read_only=True) if database is None else _on_server(database) as log:
        codec = SealingCodec(KeyRing(keys_directory(data), log, read_only=True, opens=False))
        return bundle(Reader(log, codec), log, claim_id)


@contextmanager
def _on_server(database: str) -> "Iterator[PostgresLog]":
    from event_log.postgres import PostgresLog  # here: who has a directory needs no driver

    with PostgresLog(database, read_only=True) as log:
        check_schema(log)
        yield log
