"""Making the keys of an installation, before many processes share them."""

from pathlib import Path
from typing import NamedTuple

from event_log.keyfiles import secret
from event_log.notes import Signer
from suite.installation import (
    FINGERPRINT_KEY,
    MASTER_KEY,
    SIGNING_KEY,
    KeysMissing,
    keys_directory,
    log_file,
)
from suite.schema import check_schema

NAMES = (SIGNING_KEY, FINGERPRINT_KEY, MASTER_KEY)
"""In the order in which they are made: where the last one is, all were."""


class Keys(NamedTuple):
    """The keys of an installation."""

    directory: str
    made: tuple[str, ...]
    """Those that were not there."""
    public_key: str
    """The public half of the signing key, for auditors."""


def make_keys(data: Path, database: str | None) -> Keys:
    """Make those that are missing; again changes nothing.

    Raises:  KeysMissing: there is a log already, which was written with others. LogUnreachable, SchemaMismatch.
             KeyUnusable: a key file is damaged.
    """
    directory = keys_directory(data)
    missing = tuple(name for name in NAMES if not (directory / name).exists())
    if missing:
        place = _written(data, database)
        if place is not None:
            raise KeysMissing(directory, place)
    signer = Signer.in_directory(directory)
    for name in (FINGERPRINT_KEY, MASTER_KEY):
        secret(directory / name)
    return Keys(str(directory), missing, signer.vkey)


def _written(data: Path, database: str | None) -> str | None:
    """Where a log is that holds something; None: nowhere yet."""
    if database is None:
        return str(log_file(data)) if log_file(data).exists() else None
    from event_log.postgres import PostgresLog  # here: who has a directory needs no driver

    with PostgresLog(database, read_only=True) as log:
        check_schema(log)
        return log.database if log.head() else None
