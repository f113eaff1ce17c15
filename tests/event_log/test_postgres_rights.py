"""Who may do what: services append and read, nobody changes what is recorded, not even its owner."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from event_log import postgres_schema
from event_log.errors import LogUnavailable
from event_log.keyring import KeyRing
from event_log.notes import Signer
from event_log.postgres import PostgresLog
from event_log.protocol import Append, Checkpoint, NewEvent
from event_log.verify import verify_postgres
from support import postgres

S = {"service": "test"}
CHANGES = {
    "an event inserted": "INSERT INTO event SELECT 999, stream, 999, 'x', type, 1, NULL, org, actor, service, 0, 0, "
    "NULL, NULL, NULL, data, leaf_hash FROM event LIMIT 1",
    "an event changed": "UPDATE event SET org = 'other'",
    "events removed": "DELETE FROM event",
    "all events removed": "TRUNCATE event",
    "a tree node changed": "UPDATE tree_node SET hash = 'x'",
    "tree nodes removed": "DELETE FROM tree_node",
    "all tree nodes removed": "TRUNCATE tree_node",
    "a checkpoint changed": "UPDATE signed_checkpoint SET note = 'x'",
    "checkpoints removed": "DELETE FROM signed_checkpoint",
    "all checkpoints removed": "TRUNCATE signed_checkpoint",
    "a stream's version changed": "UPDATE stream SET version = 7",
    "the head moved": "UPDATE log_head SET position = 0",
    "a reader's checkpoint moved past the function": "UPDATE checkpoint SET position = 7",
    "a tree node inserted": "INSERT INTO tree_node VALUES(8, 7, 'x')",
    "the guard taken down": "ALTER TABLE event DISABLE TRIGGER ALL",
    "the guard passed by": "SET session_replication_role = replica",
    "a table dropped": "DROP TABLE event",
    "a function replaced": "CREATE OR REPLACE FUNCTION claimtrail.refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "'BEGIN RETURN NULL; END'",
}
EVEN_THE_OWNER_MAY_NOT = [
    "an event changed",
    "events removed",
    "all events removed",
    "a tree node changed",
    "tree nodes removed",
    "all tree nodes removed",
    "a checkpoint changed",
    "checkpoints removed",
    "all checkpoints removed",
    "the guard passed by",
]


def event(number: int) -> NewEvent:
    return NewEvent(number.to_bytes(16, "big"), "t", 1, b"{}", 0, "o", "a")


def as_role(url: str, role: str) -> str:
    return postgres.named(url, psycopg.conninfo.conninfo_to_dict(url)["dbname"], user=role, password="test")


@pytest.fixture(scope="module")
def roles(postgres_server):
    """An owner who is no superuser, and a service's login: names that no other run has."""
    names = [f"test_{what}_{uuid4().hex[:8]}" for what in ("owner", "service")]
    with psycopg.connect(postgres_server, autocommit=True) as server:
        for name in names:
            server.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'test'").format(sql.Identifier(name)))
        yield names
        for name in names:
            server.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def urls(postgres_server, roles):
    """The owner's URL and the service's, over a log with an event and a read model."""
    owner, service = roles
    with postgres.database(postgres_server) as url:
        with psycopg.connect(url, autocommit=True) as server:
            name = sql.Identifier(psycopg.conninfo.conninfo_to_dict(url)["dbname"])
            server.execute(sql.SQL("GRANT CREATE ON DATABASE {} TO {}").format(name, sql.Identifier(owner)))
        with psycopg.connect(as_role(url, owner)) as connection:
            postgres_schema.create(connection)
            connection.execute("CREATE TABLE claimtrail.shown(name text PRIMARY KEY)")
            postgres_schema.close_to_others(connection)
            postgres_schema.grant(connection, service)
        with PostgresLog(as_role(url, owner)) as log:
            log.commit([Append("a", 0, [event(n) for n in range(300)])], **S)
        yield as_role(url, owner), as_role(url, service)


def refused(url: str, statement: str) -> bool:
    with psycopg.connect(url, options="-c search_path=claimtrail") as connection:
        try:
            connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            return True
        finally:
            connection.rollback()
    return False


@pytest.mark.parametrize("what", CHANGES)
def test_a_service_is_refused(urls, what):
    assert refused(urls[1], CHANGES[what])


@pytest.mark.parametrize("what", EVEN_THE_OWNER_MAY_NOT)
def test_even_the_owner_is_refused(urls, what):
    assert refused(urls[0], CHANGES[what])


def test_a_superuser_in_replica_mode_is_refused_too(postgres_server, urls):
    with psycopg.connect(postgres.named(postgres_server, psycopg.conninfo.conninfo_to_dict(urls[0])["dbname"])) as root:
        root.execute("SET session_replication_role = replica")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            root.execute("DELETE FROM claimtrail.event")
        root.rollback()


def test_a_service_can_do_all_that_services_do(urls, tmp_path):
    signer = Signer.in_directory(tmp_path / "keys")
    with PostgresLog(urls[1], signer=signer, notes=tmp_path / "notes.txt") as log:
        ring = KeyRing(tmp_path / "keys", log)
        sealed = ring.seal("patient/ann", b"x", b"")
        before = log.head()
        commit = log.commit(
            [Append("b", None, [event(1000)._replace(data=sealed)])],
            rows=lambda rows: rows.execute("INSERT INTO shown VALUES('x') ON CONFLICT DO NOTHING"),
            checkpoint=Checkpoint("reader", 1),
            **S,
        )
        assert commit.written == 1
        assert log.head() == before + 1
        assert log.connection().execute("SELECT name FROM shown").fetchall() == [("x",)]
        log.commit((), rows=lambda rows: rows.execute("UPDATE shown SET name = 'y'"), **S)
        log.commit((), rows=lambda rows: rows.execute("DELETE FROM shown"), **S)
        ring.destroy("patient/ann")
        assert log.lease("appeals")
    assert (tmp_path / "notes.txt").read_text()
    assert verify_postgres(urls[1], signer.vkey, notes=tmp_path / "notes.txt").ok


def test_a_stranger_may_not_even_look(postgres_server, urls):
    name = f"test_stranger_{uuid4().hex[:8]}"
    with psycopg.connect(postgres_server, autocommit=True) as server:
        server.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'test'").format(sql.Identifier(name)))
        try:
            url = as_role(urls[0], name)
            assert refused(url, "SELECT count(*) FROM claimtrail.event")
            with PostgresLog(url) as log, pytest.raises(LogUnavailable, match="permission denied"):
                log.commit([Append("a", None, [event(5000)])], **S)
        finally:
            server.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))
