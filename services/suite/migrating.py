"""Bringing a PostgreSQL to this release's schema, and giving services their rights in it."""

from pathlib import Path
from typing import NamedTuple

import psycopg
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from event_log import postgres_schema
from event_log.errors import LogUnavailable, SchemaMismatch
from event_log.postgres_rows import SCHEMA, connect, name_of_any, raise_typed
from suite.schema import REVISION

_STEPS = Path(__file__).parent / "migrations"


class WrongEncoding(LogUnavailable):
    """The database does not keep texts in UTF-8, as hashes need them."""

    code = "wrong-encoding"

    def __init__(self, database: str, found: str) -> None:
        self.database, self.found = database, found
        super().__init__(f"{database} is encoded in {found}; make one in UTF8: CREATE DATABASE … ENCODING 'UTF8'")


class UnknownRole(LogUnavailable):
    """There is no such role to grant to."""

    code = "unknown-role"

    def __init__(self, role: str) -> None:
        self.role = role
        super().__init__(f"there is no role {role}; make it first: CREATE ROLE {role} LOGIN PASSWORD '…'")


class Migrated(NamedTuple):
    """What a migration came to."""

    database: str
    before: str | None
    after: str
    roles: tuple[str, ...]
    """Who holds the services' rights now."""


def migrate(url: str, service_role: str | None = None) -> Migrated:
    """Bring the database to this version, in one transaction; again does nothing. One at a time, others wait.

    Args:    url: of the owner: who may create a schema in the database. service_role: a role to give the services'
             rights; those who hold them already get what new tables ask for.
    Raises:  LogUnreachable, LogUnavailable; WrongEncoding; UnknownRole; SchemaMismatch: the database is newer than
             this release.
    """
    name = name_of_any(url)
    with connect(url) as asked:  # our own words, where it cannot be reached or used
        encoding = asked.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise WrongEncoding(name, str(encoding))
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool)
    try:
        with engine.begin() as connection:
            return _migrated(connection, name, service_role)
    except psycopg.Error as error:
        raise_typed(error, name)


def _migrated(connection: Connection, name: str, service_role: str | None) -> Migrated:
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    driver.execute("SELECT pg_advisory_xact_lock(hashtextextended('claimtrail schema', 0))")
    schema = sql.Identifier(SCHEMA)
    driver.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))
    driver.execute(sql.SQL("SET LOCAL search_path = {}").format(schema))
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_STEPS))
    config.set_main_option("path_separator", "os")
    before = MigrationContext.configure(connection, opts={"version_table_schema": SCHEMA}).get_current_revision()
    if before is not None and before not in {
        step.revision for step in ScriptDirectory.from_config(config).walk_revisions()
    }:
        raise SchemaMismatch(name, before, REVISION)
    command.upgrade(config, "head")
    postgres_schema.close_to_others(driver)
    roles = sorted({*postgres_schema.granted(driver), *([service_role] if service_role else [])})
    for role in roles:
        _grant(driver, role)
    return Migrated(name, before, REVISION, tuple(roles))


def _grant(driver: "psycopg.Connection[tuple[object, ...]]", role: str) -> None:
    try:
        postgres_schema.grant(driver, role)
        driver.execute(
            sql.SQL("GRANT SELECT ON {}.alembic_version TO {}").format(sql.Identifier(SCHEMA), sql.Identifier(role))
        )
    except psycopg.errors.UndefinedObject as error:
        raise UnknownRole(role) from error
