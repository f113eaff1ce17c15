"""Which schema version of a PostgreSQL this release works with."""

from typing import TYPE_CHECKING

from event_log.errors import SchemaMismatch

if TYPE_CHECKING:
    from event_log.postgres_reader import PostgresReading

REVISION = "0003"
"""The last step in suite/migrations."""


def check_schema(log: "PostgresReading") -> None:
    """Raises: SchemaMismatch: the database is older or newer than this release, or holds no log."""
    import psycopg  # here: who has a directory needs no driver

    try:
        row = log.connection().execute("SELECT version_num FROM alembic_version").fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        row = None
    if row is None or row[0] != REVISION:
        raise SchemaMismatch(log.database, None if row is None else row[0], REVISION)
