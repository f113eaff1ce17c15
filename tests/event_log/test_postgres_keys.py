"""No event is stored without the key that it was sealed with, also where the server lost the key in a crash."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from event_log.errors import LogBusy
from event_log.keyring import Erased, KeyRing
from event_log.postgres import PostgresLog
from event_log.protocol import Append, NewEvent

ANN = "patient/org-1/ann"


@pytest.fixture
def log(log_database: str) -> Iterator[PostgresLog]:
    with PostgresLog(log_database) as made:
        yield made


def other(database: str, keys: Path) -> tuple[PostgresLog, KeyRing]:
    """Another process."""
    log = PostgresLog(database)
    return log, KeyRing(keys, log)


def lose_keys(database: str) -> None:
    """As a server does that is killed before what was stored aside is on disk."""
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute("DELETE FROM claimtrail.data_key")


def sealed_event(ring: KeyRing, event: Callable[[], NewEvent]) -> NewEvent:
    return event()._replace(data=ring.seal(ANN, b"knee hurts", b""))


def keep(log: PostgresLog, event: NewEvent) -> None:
    log.commit([Append("s", None, [event])], service="test")


def read(database: str, keys: Path) -> list[bytes]:
    log, ring = other(database, keys)
    with log:
        return [ring.open(ANN, row.data, b"") for row in log.read_all(0, 10)]


def test_a_key_that_a_crash_took_is_stored_again_with_the_event(
    log: PostgresLog, log_database: str, tmp_path: Path, event: Callable[[], NewEvent]
) -> None:
    ring = KeyRing(tmp_path, log)
    first = sealed_event(ring, event)
    lose_keys(log_database)
    keep(log, first)
    assert read(log_database, tmp_path) == [b"knee hurts"]


def test_so_is_one_that_another_process_made(
    log: PostgresLog, log_database: str, tmp_path: Path, event: Callable[[], NewEvent]
) -> None:
    ring = KeyRing(tmp_path, log)
    making, others = other(log_database, tmp_path)
    others.seal(ANN, b"x", b"")
    second = sealed_event(ring, event)
    making.close()
    lose_keys(log_database)
    keep(log, second)
    assert read(log_database, tmp_path) == [b"knee hurts"]


def test_where_another_process_made_another_key_since_the_event_is_sealed_again(
    log: PostgresLog, log_database: str, tmp_path: Path, event: Callable[[], NewEvent]
) -> None:
    ring = KeyRing(tmp_path, log)
    sealed = sealed_event(ring, event)
    lose_keys(log_database)
    making, others = other(log_database, tmp_path)
    with making:
        keep(making, sealed_event(others, event))
    with pytest.raises(LogBusy, match="try again"):
        keep(log, sealed)
    assert log.head() == 1
    keep(log, sealed_event(ring, event))
    assert read(log_database, tmp_path) == [b"knee hurts"] * 2


def test_a_key_that_another_process_destroyed_stores_nothing_any_more(
    log: PostgresLog, log_database: str, tmp_path: Path, event: Callable[[], NewEvent]
) -> None:
    ring = KeyRing(tmp_path, log)
    sealed = sealed_event(ring, event)
    destroying, others = other(log_database, tmp_path)
    with destroying:
        others.destroy(ANN)
    with pytest.raises(LogBusy):
        keep(log, sealed)
    with pytest.raises(Erased):
        ring.seal(ANN, b"knee hurts", b"")
    assert log.head() == 0


def test_a_key_once_on_disk_is_not_asked_for_again(
    log: PostgresLog, log_database: str, tmp_path: Path, event: Callable[[], NewEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = KeyRing(tmp_path, log)
    keep(log, sealed_event(ring, event))
    ring.seal(ANN, b"more", b"")
    monkeypatch.setattr("event_log.keyring._stored_keys", lambda *_: pytest.fail("asked"))
    keep(log, sealed_event(ring, event))
    assert log.head() == 2


FAMILY = [ANN, "patient/org-1/bob", "patient/org-1/cai"]


def test_the_keys_of_a_batch_are_made_in_one_transaction_and_are_those_of_all_processes(
    log: PostgresLog, log_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = KeyRing(tmp_path, log)
    making, others = other(log_database, tmp_path)
    with making:
        theirs = others.seal(ANN, b"knee hurts", b"")
        asides: list[int] = []
        aside = ring._aside
        assert aside is not None
        monkeypatch.setattr(ring, "_aside", lambda write: (asides.append(1), aside(write)))
        ring.ready([*FAMILY, *FAMILY])
        ours = [ring.seal(subject, b"knee hurts", b"") for subject in FAMILY]
        ring.ready(FAMILY)
        assert asides == [1]
        assert ring.open(ANN, theirs, b"") == b"knee hurts"
        opened = [others.open(subject, sealed, b"") for subject, sealed in zip(FAMILY, ours, strict=True)]
        assert opened == [b"knee hurts"] * 3


def test_a_key_made_ready_that_a_crash_took_is_stored_again_with_the_event(
    log: PostgresLog, log_database: str, tmp_path: Path, event: Callable[[], NewEvent]
) -> None:
    ring = KeyRing(tmp_path, log)
    ring.ready(FAMILY)
    lose_keys(log_database)
    keep(log, sealed_event(ring, event))
    assert read(log_database, tmp_path) == [b"knee hurts"]


def test_no_key_is_made_ready_for_whom_one_was_destroyed(log: PostgresLog, tmp_path: Path) -> None:
    ring = KeyRing(tmp_path, log)
    ring.destroy(ANN)
    ring.ready(FAMILY)
    with pytest.raises(Erased):
        ring.seal(ANN, b"knee hurts", b"")
    assert ring.seal(FAMILY[1], b"knee hurts", b"")
