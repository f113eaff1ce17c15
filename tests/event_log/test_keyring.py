"""Personal data: sealed under a key a patient; the key destroyed, the data is gone and every proof stands."""

from __future__ import annotations

import random
import stat
import threading

import pytest

from event_log.keyfiles import KeyUnusable
from event_log.keyring import Erased, KeyRing, UnknownSubject, fingerprint
from event_log.memory import MemoryLog
from event_log.postgres import PostgresLog
from event_log.protocol import Append
from event_log.sealing import SealBroken
from event_log.sqlite import SqliteLog
from event_log.verify import verify

S = {"service": "test"}
ANN = "patient/org-1/ann"


@pytest.fixture
def ring(log, tmp_path):
    return KeyRing(tmp_path / "keys", log)


def keys_stored(log):
    return {subject for (subject,) in log.connection().execute("SELECT subject FROM data_key")}


def test_what_is_sealed_opens_again(ring, log):
    sealed = ring.seal(ANN, b"knee hurts", b"event-1")
    assert b"knee" not in sealed
    assert sealed != ring.seal(ANN, b"knee hurts", b"event-1")
    assert ring.open(ANN, sealed, b"event-1") == b"knee hurts"
    log.commit((), **S)
    assert ring.open(ANN, sealed, b"event-1") == b"knee hurts"


def test_sealed_bytes_cannot_be_changed_moved_or_opened_for_another(ring):
    sealed = ring.seal(ANN, b"knee hurts", b"event-1")
    ring.seal("patient/org-1/bob", b"x", b"")
    for subject, bad, aad in (
        (ANN, sealed, b"event-2"),
        (ANN, sealed[:-1] + bytes([sealed[-1] ^ 1]), b"event-1"),
        (ANN, b"\x02" + sealed[1:], b"event-1"),
        (ANN, sealed[:20], b"event-1"),
        (ANN, b"", b"event-1"),
        ("patient/org-1/bob", sealed, b"event-1"),
    ):
        with pytest.raises(SealBroken):
            ring.open(subject, bad, aad)
    with pytest.raises(UnknownSubject):
        ring.open("patient/org-1/nobody", sealed, b"event-1")


def test_a_key_is_stored_with_the_first_commit_that_can_hold_its_events(ring, log, event):
    sealed = ring.seal(ANN, b"x", b"")
    assert keys_stored(log) == ({ANN} if isinstance(log, PostgresLog) else set())  # there others must agree on it
    log.commit([Append("a", 0, [event(data=sealed)])], **S)
    assert keys_stored(log) == {ANN}


def test_a_key_waits_on_when_the_commit_fails(ring, log, event):
    sealed = ring.seal(ANN, b"x", b"")
    with pytest.raises(ZeroDivisionError):
        log.commit([Append("a", 0, [event()])], rows=lambda _: 1 / 0, **S)
    assert keys_stored(log) <= {ANN}
    log.commit([Append("a", 0, [event(data=sealed)])], **S)
    assert keys_stored(log) == {ANN}


def test_two_threads_that_need_a_new_key_at_once_share_it(ring, log):
    barrier = threading.Barrier(8)
    sealed = []

    def seal(number):
        for round_ in range(20):
            barrier.wait()
            sealed.append((round_, ring.seal(f"patient/{round_}", b"x%d" % number, b"")))
            log.commit((), **S)

    threads = [threading.Thread(target=seal, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sealed) == 160
    for round_, box in sealed:
        assert ring.open(f"patient/{round_}", box, b"").startswith(b"x")


def test_a_destroyed_key_opens_nothing_and_is_never_made_again(ring, log, event):
    sealed = ring.seal(ANN, b"x", b"")
    log.commit([Append("a", 0, [event(data=sealed)])], **S)
    assert ring.destroy(ANN) == (ANN,)
    for attempt in (lambda: ring.open(ANN, sealed, b""), lambda: ring.seal(ANN, b"y", b"")):
        with pytest.raises(Erased) as erased:
            attempt()
        assert erased.value.subject == ANN
    ((wrapped, destroyed_at),) = log.connection().execute("SELECT wrapped, destroyed_at FROM data_key").fetchall()
    assert wrapped is None
    assert destroyed_at > 0
    assert ring.destroy(ANN) == (ANN,)


def test_a_key_destroyed_before_it_was_stored_is_destroyed(ring):
    sealed = ring.seal(ANN, b"x", b"")
    ring.destroy(ANN)
    with pytest.raises(Erased):
        ring.open(ANN, sealed, b"")


def test_destroying_the_owners_key_destroys_what_it_owns(ring, log):
    subjects = ["note/1", "note/2", "note/2/page"]
    boxes = {subject: ring.seal(subject, b"x", b"") for subject in [*subjects, "note/3"]}
    ring.link("note/1", ANN)
    log.commit((), **S)
    ring.link("note/2", ANN)
    ring.link("note/2/page", "note/2")
    assert set(ring.destroy(ANN)) == {ANN, *subjects}
    for subject in subjects:
        with pytest.raises(Erased):
            ring.open(subject, boxes[subject], b"")
    assert ring.open("note/3", boxes["note/3"], b"") == b"x"


def test_keys_survive_a_restart_and_other_masters_do_not_open_them(tmp_path, event):
    with SqliteLog(tmp_path / "log.db") as log:
        sealed = KeyRing(tmp_path / "keys", log).seal(ANN, b"x", b"")
        assert log.head() == 0
        late = KeyRing(tmp_path / "keys", log)
        mine = late.seal("patient/other", b"y", b"")
        log.commit([Append("a", 0, [event()])], **S)
    with SqliteLog(tmp_path / "log.db", read_only=True) as log:
        ring = KeyRing(tmp_path / "keys", log, read_only=True)
        assert ring.open(ANN, sealed, b"") == b"x"
        assert ring.open("patient/other", mine, b"") == b"y"
        with pytest.raises(KeyUnusable):
            KeyRing(tmp_path / "other keys", log, read_only=True).open(ANN, sealed, b"")


def test_key_files_are_kept_from_others_and_broken_ones_are_named(tmp_path):
    ring = KeyRing(tmp_path / "keys", MemoryLog())
    assert len(ring.fingerprint_key()) == 32
    assert ring.fingerprint_key() == ring.fingerprint_key()
    assert fingerprint(ring.fingerprint_key(), b"a") != fingerprint(ring.fingerprint_key(), b"b")
    for name in ("master.key", "fingerprint.key"):
        assert stat.S_IMODE((tmp_path / "keys" / name).stat().st_mode) == 0o600
    (tmp_path / "keys" / "master.key").write_bytes(b"short")
    with pytest.raises(KeyUnusable, match=r"master\.key"):
        KeyRing(tmp_path / "keys", MemoryLog())


def test_the_bytes_of_destroyed_keys_are_gone_from_the_files_and_every_proof_stands(tmp_path, event):
    chooser = random.Random(5)
    subjects = [f"patient/org-1/{chooser.randrange(10**9)}" for _ in range(300)]
    with SqliteLog(tmp_path / "log.db") as log:
        ring = KeyRing(tmp_path / "keys", log)
        for number, subject in enumerate(subjects):
            sealed = ring.seal(subject, b"private", b"")
            if number % 3 == 0:
                ring.link(subject, f"owner/{number % 7}")
            log.commit([Append(subject, 0, [event(data=sealed)])], **S)
        wrapped = dict(log.connection().execute("SELECT subject, wrapped FROM data_key").fetchall())
        for subject in subjects[::10]:
            ring.destroy(subject)
        on_disk = b"".join(file.read_bytes() for file in tmp_path.glob("log.db*"))
        for number, subject in enumerate(subjects):
            assert (wrapped[subject] in on_disk) == (number % 10 != 0), subject
    assert verify(tmp_path / "log.db").ok
