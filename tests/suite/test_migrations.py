"""`claimtrail migrate`: PostgreSQL's schema to this version, again and again, two at once, and nothing drifts."""

import threading
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary
from sqlmodel.sql.sqltypes import AutoString

from event_log import postgres_schema
from event_log.postgres import PostgresLog
from service_kit.tables import create_tables, remove, table_of, upsert
from suite.installation import read_models
from suite.migrating import Migrated, migrate
from suite.schema import REVISION
from support import postgres
from support.command import Claimtrail

CATALOG = {
    "columns": "SELECT table_name, column_name, data_type, is_nullable, collation_name, column_default "
    "FROM information_schema.columns WHERE table_schema = 'claimtrail'",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'claimtrail'",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = 'claimtrail'::regnamespace",
    "functions": "SELECT oid::regprocedure::text, pg_get_functiondef(oid) FROM pg_proc "
    "WHERE pronamespace = 'claimtrail'::regnamespace",
    "triggers": "SELECT tgrelid::regclass::text, tgname, tgenabled, pg_get_triggerdef(oid) FROM pg_trigger "
    "WHERE NOT tgisinternal",
}


@pytest.fixture
def blank(postgres_server: str) -> Iterator[str]:
    """The URL of a database with nothing in it."""
    with postgres.database(postgres_server) as url:
        yield url


@pytest.fixture
def role(postgres_server: str) -> Iterator[str]:
    """A login, gone afterwards."""
    name = f"test_service_{uuid4().hex[:8]}"
    with psycopg.connect(postgres_server, autocommit=True) as server:
        server.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'test'").format(sql.Identifier(name)))
        yield name
        for (database,) in server.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test_%'").fetchall():
            with psycopg.connect(postgres.named(postgres_server, database), autocommit=True) as each:
                each.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(name)))
        server.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def catalog(url: str) -> dict[str, list[tuple[object, ...]]]:
    with psycopg.connect(url) as connection:
        found = {name: sorted(connection.execute(asked).fetchall(), key=repr) for name, asked in CATALOG.items()}
    return {name: [row for row in rows if "alembic_version" not in str(row)] for name, rows in found.items()}


def test_a_migrated_database_equals_what_the_log_and_the_models_say(blank: str, postgres_server: str) -> None:
    migrate(blank)
    with postgres.database(postgres_server) as made:
        with psycopg.connect(made) as connection:
            postgres_schema.create(connection)
        with PostgresLog(made) as log:
            log.ensure_schema(create_tables(*read_models()))
        wanted, found = catalog(made), catalog(blank)
    for name in CATALOG:
        assert found[name] == wanted[name]


def test_read_models_hold_only_what_reads_back_the_same_from_both_databases() -> None:
    for model in read_models():
        for column in table_of(model).columns:
            assert isinstance(column.type, AutoString | Integer | BigInteger | Boolean | LargeBinary), column


def test_every_statement_of_the_read_models_runs(blank: str) -> None:
    migrate(blank)
    with PostgresLog(blank) as log:

        def rows(connection: object) -> None:
            for model in read_models():
                values = {column.name: _example(column.type) for column in table_of(model).columns}
                for statement in (upsert(model), upsert(model), remove(model)):
                    stored = statement.stored([statement.values(values)], "postgresql")
                    connection.executemany(statement.sql, stored)  # type: ignore[attr-defined]  # it is one

        log.commit((), service="test", rows=rows)


def _example(kind: object) -> object:
    if isinstance(kind, LargeBinary):
        return b"\0\xff"
    return True if isinstance(kind, Boolean) else 2**40 if isinstance(kind, Integer) else "Ü?%"


def test_again_does_nothing(blank: str) -> None:
    first = migrate(blank)
    assert (first.before, first.after, first.roles) == (None, REVISION, ())
    before = catalog(blank)
    assert migrate(blank) == Migrated(first.database, REVISION, REVISION, ())
    assert catalog(blank) == before


def test_two_at_once_wait_for_each_other(blank: str) -> None:
    done: list[Migrated] = []
    threads = [threading.Thread(target=lambda: done.append(migrate(blank))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each.before or "" for each in done) == ["", REVISION, REVISION]


def test_the_last_step_is_the_one_this_release_works_with() -> None:
    config = Config()
    config.set_main_option("script_location", "suite:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == REVISION


def test_a_service_role_keeps_its_rights_without_being_named_again(blank: str, role: str) -> None:
    assert migrate(blank, role).roles == (role,)
    assert migrate(blank).roles == (role,)


def test_the_command_says_what_it_did(claimtrail: Claimtrail, blank: str, role: str) -> None:
    env = {"CLAIMTRAIL_DATABASE_URL": blank}
    told = claimtrail("migrate", "--service-role", role, env=env)
    assert (told.code, told.err) == (0, "")
    assert f"schema version {REVISION} (made)" in told.out
    assert role in told.out
    again = claimtrail("migrate", "--json", env=env)
    assert (again.json["before"], again.json["after"], again.json["roles"]) == (REVISION, REVISION, [role])


def test_without_a_database_there_is_nothing_to_migrate(claimtrail: Claimtrail) -> None:
    told = claimtrail("migrate")
    assert told.code == 2
    assert "CLAIMTRAIL_DATABASE_URL" in told.err


def test_an_unknown_role_and_a_server_that_is_away_are_told(claimtrail: Claimtrail, blank: str) -> None:
    told = claimtrail("migrate", "--service-role", "nobody-here", env={"CLAIMTRAIL_DATABASE_URL": blank})
    assert told.code == 2
    assert "CREATE ROLE" in told.err
    away = claimtrail("migrate", env={"CLAIMTRAIL_DATABASE_URL": "postgresql://me:secret@127.0.0.1:1/claims"})
    assert away.code == 2
    assert "cannot be reached" in away.err
    assert "secret" not in away.err


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_in_another_encoding_is_refused(claimtrail: Claimtrail, postgres_server: str, encoding: str) -> None:
    name = f"test_encoding_{uuid4().hex[:8]}"
    with psycopg.connect(postgres_server, autocommit=True) as server:
        made = "CREATE DATABASE {} ENCODING {} LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        server.execute(sql.SQL(made).format(sql.Identifier(name), sql.Literal(encoding)))
        told = claimtrail("migrate", env={"CLAIMTRAIL_DATABASE_URL": postgres.named(postgres_server, name)})
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    assert told.code == 2
    assert encoding in told.err


def test_a_newer_database_is_left_alone(claimtrail: Claimtrail, blank: str) -> None:
    migrate(blank)
    with psycopg.connect(blank) as connection:
        connection.execute("UPDATE claimtrail.alembic_version SET version_num = '9999'")
    told = claimtrail("migrate", env={"CLAIMTRAIL_DATABASE_URL": blank})
    assert told.code == 2
    assert "9999" in told.err
