"""The whole log of a store against its hashes and signed checkpoints, wherever it is kept."""

from pathlib import Path

from event_log.verify import Progress, Verification, verify, verify_postgres
from suite.installation import keys_directory, log_file, notes_file
from suite.schema import check_schema


def public_key(data: Path) -> str | None:
    """The public half of the signing key, as it stands beside the keys; None where there is none."""
    beside = keys_directory(data) / "signing.vkey"
    return beside.read_text().strip() if beside.exists() else None


def check(data: Path, database: str | None, key: str | None, progress: Progress | None = None) -> Verification:
    """Check it.

    Args:    database: the PostgreSQL that holds the log; None: the directory does. key: the log's public key.
    Raises:  LogMissing, LogUnreachable, SchemaMismatch; BadNote: `key` is none.
    """
    if database is None:
        return verify(log_file(data), key, progress)
    from event_log.postgres import PostgresLog  # here: who has a directory needs no driver

    with PostgresLog(database, read_only=True) as log:
        check_schema(log)
    return verify_postgres(database, key, progress, notes_file(data))
