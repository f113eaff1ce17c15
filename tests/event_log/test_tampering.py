"""Whoever changes the stored log is found out, and where."""

from __future__ import annotations

import random
import shutil
import sqlite3

import pytest

from event_log import sql
from event_log.leaf import leaf_of
from event_log.merkle import Growth
from event_log.notes import Signer
from event_log.protocol import Append, NewEvent, Recorded
from event_log.sqlite import SqliteLog
from event_log.verify import verify

SIZE = 700
COLUMNS = sql.COLUMNS.split(", ")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A log of 700 events in 40 streams, signed at 400 and at its stop."""
    folder = tmp_path_factory.mktemp("written")
    signer = Signer.in_directory(folder / "keys")
    chooser = random.Random(1)
    clock = iter(range(1_000_000, 9_000_000, 1000)).__next__
    appends: list[Append] = []
    with SqliteLog(folder / "log.db", signer=signer, clock=clock) as log:
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
            appends.append(Append(f"session/{number % 40}", None, [event]))
            if number % 10 == 0:
                log.commit(appends, service="capture")
                appends.clear()
            if number == 400:
                log.sign()
    assert verify(folder / "log.db", signer.vkey).ok
    return folder


@pytest.fixture
def tamper(written, tmp_path):
    """tamper(change) runs `change(connection)` on a copy with all its guards taken down, and verifies the copy."""
    vkey = (written / "keys" / "signing.vkey").read_text()

    def run(change, *, strict=True):
        path = tmp_path / "log.db"
        for name in ("log.db", "log.db.checkpoints.txt"):
            shutil.copy(written / name, tmp_path / name)
        connection = sqlite3.connect(path, isolation_level=None)
        for trigger in ("event_is_never_changed", "event_is_never_deleted"):
            connection.execute(f"DROP TRIGGER {trigger}")
        if not strict:
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute("UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '') WHERE name = 'event'")
            connection.execute("PRAGMA writable_schema = RESET")
        change(connection)
        connection.close()
        return verify(path, vkey)

    return run


def flipped(value: object, chooser: random.Random) -> object:
    if value is None:
        return chooser.randbytes(16)
    if isinstance(value, int):
        return value ^ (1 << chooser.randrange(40))
    raw = bytearray(value.encode() if isinstance(value, str) else value)
    raw[chooser.randrange(len(raw))] ^= 1 << chooser.randrange(7)
    return raw.decode(errors="replace") if isinstance(value, str) else bytes(raw)


def test_a_flipped_bit_in_any_column_is_found_where_it_is(tamper):
    chooser = random.Random(3)
    for column in COLUMNS:
        for _ in range(14):
            position = chooser.randint(1, SIZE)

            def change(c, column=column, position=position):
                (value,) = c.execute(f"SELECT {column} FROM event WHERE position = ?", (position,)).fetchone()
                new = flipped(value, chooser)
                if value is None and column == "traceparent":
                    new = "00-"
                if column in {"position", "version"}:
                    new = value ^ (1 << chooser.randrange(10, 40))  # a place nobody has
                c.execute(f"UPDATE event SET {column} = ? WHERE position = ?", (new, position))

            result = tamper(change)
            assert not result.ok, (column, position)
            assert result.first_bad_position == position, (column, position, result)


@pytest.mark.parametrize("column", [c for c in COLUMNS if c != "position"])
def test_a_value_of_another_kind_is_found(tamper, column):
    def change(c):
        (kind,) = c.execute(f"SELECT typeof({column}) FROM event WHERE position = 101").fetchone()
        other = {"text": "blob", "blob": "text", "integer": "text", "null": "text"}[kind]
        c.execute(f"UPDATE event SET {column} = CAST({column} AS {other}) WHERE position = 101")
        if kind == "integer":  # without STRICT the column turns digits into a number again
            c.execute(f"UPDATE event SET {column} = 'x' || {column} WHERE position = 101")

    result = tamper(change, strict=False)
    assert not result.ok
    assert result.first_bad_position == 101


@pytest.mark.parametrize("position", [1, 2, 255, 256, 257, 399, 400, 401, 699])
def test_a_deleted_row_is_found(tamper, position):
    result = tamper(lambda c: c.execute("DELETE FROM event WHERE position = ?", (position,)))
    assert (result.ok, result.first_bad_position) == (False, position)


@pytest.mark.parametrize("kept", [0, 1, 255, 256, 399, 400, 401, 699])
def test_a_cut_end_is_found(tamper, kept):
    result = tamper(lambda c: c.execute("DELETE FROM event WHERE position > ?", (kept,)))
    assert (result.ok, result.first_bad_position) == (False, kept + 1)
    assert "cut" in result.reason


def test_a_cut_end_is_found_when_the_stored_checkpoints_and_tree_are_cut_too(tamper):
    def change(c):
        c.execute("DELETE FROM event WHERE position > 500")
        c.execute("DELETE FROM signed_checkpoint WHERE size > 500")
        c.execute("DELETE FROM tree_node WHERE level = 8 AND (place + 1) * 256 > 500")

    result = tamper(change)
    assert (result.ok, result.bad_range) == (False, (501, SIZE))


@pytest.mark.parametrize(("one", "two"), [(1, 2), (5, 600), (256, 257), (699, 700)])
def test_swapped_rows_are_found(tamper, one, two):
    def change(c):
        for old, new in ((one, -1), (two, one), (-1, two)):
            c.execute("UPDATE event SET position = ? WHERE position = ?", (new, old))

    result = tamper(change)
    assert (result.ok, result.first_bad_position) == (False, one)


def shift_from(c, position):
    c.execute("UPDATE event SET position = -position WHERE position >= ?", (position,))
    c.execute("UPDATE event SET position = 1 - position WHERE position < 0")


@pytest.mark.parametrize("position", [1, 300, 700])
def test_an_inserted_row_is_found(tamper, position):
    def change(c):
        row = list(c.execute(f"SELECT {sql.COLUMNS} FROM event WHERE position = 123").fetchone())
        shift_from(c, position)
        row[0], row[1], row[2], row[3] = position, "forged", 1, b"f" * 16
        c.execute(sql.INSERT_EVENT, row)

    result = tamper(change)
    assert (result.ok, result.first_bad_position) == (False, position)


def rehash(c, *, nodes=False):
    """What an attacker does who knows how the log is made: all leaves, and the tree, made again."""
    growth = Growth()
    for row in c.execute(f"SELECT {sql.COLUMNS} FROM event ORDER BY position").fetchall():
        leaf = leaf_of(Recorded._make(row))
        c.execute("UPDATE event SET leaf_hash = ? WHERE position = ?", (leaf, row[0]))
        growth, made = growth.add([leaf])
        if nodes:
            for level, place, node in made:
                c.execute("UPDATE tree_node SET hash = ? WHERE level = ? AND place = ?", (node, level, place))


def test_leaves_made_again_are_found_by_the_stored_tree(tamper):
    def change(c):
        c.execute("UPDATE event SET data = '{}' WHERE position = 300")
        c.execute("UPDATE event SET data = CAST(data AS BLOB) WHERE position = 300")
        rehash(c)

    result = tamper(change, strict=False)
    assert not result.ok
    assert result.bad_range == (257, 400)
    assert result.first_bad_position == 257


def test_a_whole_tree_made_again_is_found_by_the_first_checkpoint_that_disagrees(tamper):
    def change(c):
        c.execute("UPDATE event SET org = 'org-2' WHERE position = 450")
        rehash(c, nodes=True)

    result = tamper(change)
    assert (result.ok, result.bad_range) == (False, (401, SIZE))
    assert result.covered_upto == 400

    def earlier(c):
        c.execute("UPDATE event SET org = 'org-2' WHERE position = 30")
        rehash(c, nodes=True)

    assert tamper(earlier).bad_range == (1, 400)


def test_a_row_taken_out_with_everything_made_again_is_found(tamper):
    def change(c):
        c.execute("DELETE FROM event WHERE position = 80")
        c.execute("UPDATE event SET position = -position WHERE position > 80")
        c.execute("UPDATE event SET position = -position - 1 WHERE position < 0")
        rehash(c, nodes=True)

    result = tamper(change)
    assert (result.ok, result.bad_range) == (False, (1, 400))


def test_a_checkpoint_forged_or_signed_by_another_is_not_trusted(tamper, tmp_path):
    other = Signer.in_directory(tmp_path / "other")

    def change(c):
        growth = Growth()
        growth, _ = growth.add([leaf for (leaf,) in c.execute("SELECT leaf_hash FROM event ORDER BY position")])
        note = other.sign(f"{other.name}\n{SIZE}\n{__import__('base64').b64encode(growth.root()).decode()}\n")
        c.execute("UPDATE signed_checkpoint SET note = ? WHERE size = ?", (note, SIZE))

    result = tamper(change)
    assert not result.ok
    assert "cannot be trusted" in result.reason
    edited = tamper(lambda c: c.execute("UPDATE signed_checkpoint SET note = replace(note, '400', '401')"))
    assert not edited.ok


def test_an_index_that_hides_an_event_is_found(tamper):
    def change(c):
        c.execute("PRAGMA writable_schema = ON")
        c.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, 'version)', 'version) WHERE version <> 3') "
            "WHERE name = 'stream_in_piece'"
        )
        c.execute("PRAGMA writable_schema = RESET")
        c.execute("REINDEX")
        c.execute("PRAGMA writable_schema = ON")
        c.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, ' WHERE version <> 3', '') WHERE name = 'stream_in_piece'"
        )

    assert not tamper(change).ok


def test_without_the_public_key_roots_are_compared_and_signatures_not(written):
    result = verify(written / "log.db")
    assert result.ok
    assert result.signed_by is None
    assert result.checkpoints_checked == 4


def test_random_damage_to_the_file_is_found_or_harmless(written, tmp_path):
    vkey = (written / "keys" / "signing.vkey").read_text()
    original = (written / "log.db").read_bytes()
    with SqliteLog(written / "log.db", read_only=True) as log:
        truth = log.read_all(0, SIZE + 1)
    chooser = random.Random(11)
    path = tmp_path / "log.db"
    shutil.copy(written / "log.db.checkpoints.txt", tmp_path)
    found = 0
    for _ in range(120):
        raw = bytearray(original)
        raw[chooser.randrange(100, len(raw))] ^= 1 << chooser.randrange(8)
        path.write_bytes(raw)
        if verify(path, vkey).ok:
            with SqliteLog(path, read_only=True) as log:
                assert log.read_all(0, SIZE + 1) == truth
                streams = log.read_streams({e.stream for e in truth})
                assert sorted(e for events in streams.values() for e in events) == truth
        else:
            found += 1
        for name in ("-wal", "-shm"):
            (tmp_path / f"log.db{name}").unlink(missing_ok=True)
    assert found > 30
