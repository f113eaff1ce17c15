"""Whoever changes a log on PostgreSQL is found out, and where: also a superuser who took all guards down."""

from __future__ import annotations

import base64
import random

import psycopg
import pytest

from event_log.leaf import leaf_of
from event_log.merkle import Growth
from event_log.notes import Signer
from event_log.postgres import PostgresLog
from event_log.postgres_reader import COLUMNS
from event_log.protocol import Append, NewEvent, Recorded
from event_log.verify import verify_postgres
from support import postgres

SIZE = 700
GUARDED = ("event", "tree_node", "signed_checkpoint")


@pytest.fixture(scope="module")
def written(module_database, tmp_path_factory):
    """A log of 700 events in 40 streams, signed at 400 and at its stop; its folder has keys and notes."""
    folder = tmp_path_factory.mktemp("written")
    signer = Signer.in_directory(folder / "keys")
    chooser = random.Random(1)
    clock = iter(range(1_000_000, 9_000_000, 1000)).__next__
    appends: list[Append] = []
    with PostgresLog(module_database, signer=signer, notes=folder / "notes.txt", clock=clock) as log:
        for number in range(1, SIZE + 1):
            event = NewEvent(
                chooser.randbytes(16),
                f"claimtrail.type{number % 5}.v1",
                1,
                b'{"units":%d}' % number,
                number * 1000,
                "org-1",
                "device:7",
                chooser.randbytes(16) if number % 2 else None,
                chooser.randbytes(16) if number % 3 else None,
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" if number % 4 else None,
                chooser.randbytes(32) if number % 5 else None,
            )
            appends.append(Append(f"session/ü/{number % 40}", None, [event]))
            if number % 10 == 0:
                log.commit(appends, service="capture")
                appends.clear()
            if number == 400:
                log.sign()
    result = verify_postgres(module_database, signer.vkey, notes=folder / "notes.txt")
    assert result.ok
    assert (result.checkpoints_checked, result.covered_upto, result.uncovered) == (4, SIZE, None)
    return folder


@pytest.fixture
def tamper(postgres_server, module_database, written):
    """tamper(change) runs `change(connection)` as superuser on an unguarded copy, and verifies the copy."""
    vkey = (written / "keys" / "signing.vkey").read_text()
    name = psycopg.conninfo.conninfo_to_dict(module_database)["dbname"]

    def run(change, *, notes=written / "notes.txt"):
        with postgres.database(postgres_server, name) as url:
            with psycopg.connect(url, autocommit=True, options="-c search_path=claimtrail") as connection:
                for table in GUARDED:
                    connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
                change(connection)
            return verify_postgres(url, vkey, notes=notes)

    return run


def flipped(value, chooser):
    if value is None:
        return chooser.randbytes(16)
    if isinstance(value, int):
        return value ^ (1 << chooser.randrange(10, 40))
    raw = bytearray(value.encode() if isinstance(value, str) else value)
    raw[chooser.randrange(len(raw))] ^= 1 << chooser.randrange(5)
    return raw.decode(errors="replace").replace("\0", "x") if isinstance(value, str) else bytes(raw)


@pytest.mark.parametrize("column", COLUMNS.split(", "))
def test_a_flipped_bit_in_any_column_is_found_where_it_is(tamper, column):
    chooser = random.Random(column)
    position = chooser.randint(1, SIZE)

    def change(c):
        (value,) = c.execute(f"SELECT {column} FROM event WHERE position = %s", (position,)).fetchone()
        new = "00-" if value is None and column == "traceparent" else flipped(value, chooser)
        c.execute(f"UPDATE event SET {column} = %s WHERE position = %s", (new, position))

    result = tamper(change)
    assert (result.ok, result.first_bad_position) == (False, position), result


@pytest.mark.parametrize("position", [1, 256, 257, 400, 699])
def test_a_deleted_row_is_found(tamper, position):
    result = tamper(lambda c: c.execute("DELETE FROM event WHERE position = %s", (position,)))
    assert (result.ok, result.first_bad_position) == (False, position)


@pytest.mark.parametrize("kept", [0, 399, 400, 699])
def test_a_cut_end_is_found(tamper, kept):
    result = tamper(lambda c: c.execute("DELETE FROM event WHERE position > %s", (kept,)))
    assert (result.ok, result.first_bad_position) == (False, kept + 1)
    assert "cut" in result.reason


def cut_everywhere(c):
    c.execute("DELETE FROM event WHERE position > 500")
    c.execute("DELETE FROM signed_checkpoint WHERE size > 500")
    c.execute("DELETE FROM tree_node WHERE level = 8 AND (place + 1) * 256 > 500")
    c.execute("UPDATE log_head SET position = 500")
    c.execute("UPDATE stream SET version = (SELECT max(version) FROM event WHERE event.stream = stream.name)")


def test_a_cut_end_is_found_by_the_notes_when_everything_in_the_database_was_cut_too(tamper):
    result = tamper(cut_everywhere)
    assert (result.ok, result.bad_range) == (False, (501, SIZE))
    assert tamper(cut_everywhere, notes=None).ok  # the database alone cannot tell: keep the notes elsewhere


@pytest.mark.parametrize(("one", "two"), [(1, 2), (256, 257), (699, 700)])
def test_swapped_rows_are_found(tamper, one, two):
    def change(c):
        for old, new in ((one, -1), (two, one), (-1, two)):
            c.execute("UPDATE event SET position = %s WHERE position = %s", (new, old))

    result = tamper(change)
    assert (result.ok, result.first_bad_position) == (False, one)


@pytest.mark.parametrize("position", [1, 300, 700])
def test_an_inserted_row_is_found(tamper, position):
    def change(c):
        c.execute("UPDATE event SET position = -position WHERE position >= %s", (position,))
        c.execute("UPDATE event SET position = 1 - position WHERE position < 0")
        others = COLUMNS.removeprefix("position, stream, version, event_id, ")
        c.execute(
            f"INSERT INTO event({COLUMNS}) SELECT %s, 'forged', 1, %s, {others} FROM event WHERE position = 123",
            (position, b"f" * 16),
        )

    result = tamper(change)
    assert (result.ok, result.first_bad_position) == (False, position)


def rehash(c, *, nodes=False):
    """What an attacker does who knows how the log is made: all leaves, and the tree, made again."""
    growth = Growth()
    for row in c.execute(f"SELECT {COLUMNS} FROM event ORDER BY position").fetchall():
        leaf = leaf_of(Recorded._make(row))
        c.execute("UPDATE event SET leaf_hash = %s WHERE position = %s", (leaf, row[0]))
        growth, made = growth.add([leaf])
        for level, place, node in made if nodes else ():
            c.execute("UPDATE tree_node SET hash = %s WHERE level = %s AND place = %s", (node, level, place))


def test_leaves_made_again_are_found_by_the_stored_tree(tamper):
    def change(c):
        c.execute("UPDATE event SET data = '{}' WHERE position = 300")
        rehash(c)

    result = tamper(change)
    assert (result.ok, result.bad_range) == (False, (257, 400))


def test_a_whole_tree_made_again_is_found_by_the_first_checkpoint_that_disagrees(tamper):
    def change(c):
        c.execute("UPDATE event SET org = 'org-2' WHERE position = 450")
        rehash(c, nodes=True)

    result = tamper(change)
    assert (result.ok, result.bad_range, result.covered_upto) == (False, (401, SIZE), 400)


def test_a_row_taken_out_with_everything_made_again_is_found(tamper):
    def change(c):
        c.execute("DELETE FROM event WHERE position = 80")
        c.execute("UPDATE event SET position = -position WHERE position > 80")
        c.execute("UPDATE event SET position = -position - 1 WHERE position < 0")
        rehash(c, nodes=True)

    result = tamper(change)
    assert (result.ok, result.bad_range) == (False, (1, 400))


def test_a_checkpoint_signed_by_another_is_not_trusted(tamper, tmp_path):
    other = Signer.in_directory(tmp_path / "other")

    def change(c):
        growth, _ = Growth().add([leaf for (leaf,) in c.execute("SELECT leaf_hash FROM event ORDER BY position")])
        note = other.sign(f"{other.name}\n{SIZE}\n{base64.b64encode(growth.root()).decode()}\n")
        c.execute("UPDATE signed_checkpoint SET note = %s WHERE size = %s", (note, SIZE))

    result = tamper(change)
    assert not result.ok
    assert "cannot be trusted" in result.reason


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("UPDATE stream SET version = version + 1 WHERE name = 'session/ü/7'", "stream"),
        ("INSERT INTO stream VALUES('never seen', 3)", "stream"),
        ("UPDATE log_head SET position = position + 1", "log_head"),
        ("ALTER TABLE event ALTER org DROP NOT NULL; UPDATE event SET org = NULL WHERE position = 9", "wrong kind"),
    ],
)
def test_tables_that_do_not_agree_with_the_events_are_found(tamper, change, named):
    result = tamper(lambda c: c.execute(change))
    assert not result.ok
    assert named in result.reason


def test_a_notary_signs_nothing_on_top_of_a_changed_tree(postgres_server, module_database, written, caplog):
    name = psycopg.conninfo.conninfo_to_dict(module_database)["dbname"]
    signer = Signer.in_directory(written / "keys")
    with postgres.database(postgres_server, name) as url:
        with psycopg.connect(url, autocommit=True, options="-c search_path=claimtrail") as c:
            c.execute("ALTER TABLE event DISABLE TRIGGER ALL; ALTER TABLE tree_node DISABLE TRIGGER ALL")
            c.execute("UPDATE event SET org = 'org-2' WHERE position = 650")
            rehash(c, nodes=True)
        with PostgresLog(url, signer=signer) as log:
            log.commit([Append("a", 0, [NewEvent(b"n" * 16, "t", 1, b"{}", 0, "o", "a")])], service="test")
        with PostgresLog(url, read_only=True) as log:
            assert log.last_signed()[0] == SIZE
    assert "no checkpoint is signed any more" in caplog.text


def test_several_processes_with_the_key_sign_one_after_the_other(log_database, tmp_path, monkeypatch):
    monkeypatch.setattr("event_log.postgres_notary.SIGN_EVENTS", 20)
    monkeypatch.setattr("event_log.postgres_notary.LOOK_SECONDS", 0.01)
    signer = Signer.in_directory(tmp_path / "keys")
    with (
        PostgresLog(log_database, signer=signer, notes=tmp_path / "one.txt") as one,
        PostgresLog(log_database, signer=signer, notes=tmp_path / "two.txt") as two,
        PostgresLog(log_database) as without_key,
    ):
        for number in range(150):
            new = NewEvent(number.to_bytes(16, "big"), "t", 1, b"{}", 0, "o", "a")
            (one, two, without_key)[number % 3].commit([Append("a", None, [new])], service="test")
    for notes in ("one.txt", "two.txt"):
        result = verify_postgres(log_database, signer.vkey, notes=tmp_path / notes)
        assert result.ok
        assert result.covered_upto == 150
        assert result.checkpoints_checked > 3
