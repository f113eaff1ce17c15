"""Keys for personal data, one a subject: made when first needed, destroyed to forget.

A data key is stored wrapped by the installation's master key, in the log's own database. A new key waits in memory
until the next commit, which writes it before any event: no event sealed with a key is ever stored without it. To
forget a subject its key is destroyed; the sealed bytes stay in the log, under their hashes, and mean nothing.

Where other processes write the log too, a new key is stored aside before it is used: two that need one for the same
subject at once must seal with the same. A server that crashes may lose what was stored aside, while this process still
has the key: so the next commit asks again for every key that something was sealed with since the last one.
"""

import hmac
import os
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from event_log import sealing
from event_log.errors import LogBusy, LogError
from event_log.keyfiles import KeyUnusable, secret
from event_log.protocol import EventLog, Rows, RowsConnection

CACHE = 4096
"""Opened keys held in memory."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS data_key(
  subject TEXT PRIMARY KEY, owner TEXT, wrapped BLOB, created_at INTEGER NOT NULL, destroyed_at INTEGER
) STRICT, WITHOUT ROWID
"""
_OWNED = "CREATE INDEX IF NOT EXISTS data_key_by_owner ON data_key(owner) WHERE owner IS NOT NULL"
_INSERT = "INSERT INTO data_key(subject, wrapped, created_at) VALUES(?, ?, ?) ON CONFLICT DO NOTHING"
_SELECT = "SELECT wrapped, destroyed_at FROM data_key WHERE subject = ?"
_STORED = "SELECT subject, wrapped FROM data_key WHERE subject IN ({marks})"
_ANY = "SELECT subject, wrapped FROM data_key WHERE wrapped IS NOT NULL LIMIT 1"
_LINK = "UPDATE data_key SET owner = ? WHERE subject = ?"
_OWNED_BY = """
WITH RECURSIVE family(subject) AS (
  SELECT subject FROM data_key WHERE owner = ?
  UNION SELECT data_key.subject FROM data_key JOIN family ON data_key.owner = family.subject
) SELECT subject FROM family
"""
_DESTROY = (
    "INSERT INTO data_key(subject, wrapped, created_at, destroyed_at) VALUES(?, NULL, ?, ?) ON CONFLICT(subject) "
    "DO UPDATE SET wrapped = NULL, destroyed_at = coalesce(data_key.destroyed_at, excluded.destroyed_at)"
)
_DESTROYED = "SELECT count(*) FROM data_key WHERE destroyed_at IS NOT NULL"
DESTROYED_ELSEWHERE_SECONDS = 2.0
"""What other processes destroy is forgotten here within so many seconds."""
_SERVICE = "keyring"
_CHUNK = 100


class Erased(LogError):
    """The subject's key was destroyed: what it sealed is gone for good."""

    code = "erased"

    def __init__(self, subject: str) -> None:
        self.subject = subject
        super().__init__(f"the data of {subject} was erased: its key is destroyed")


class UnknownSubject(LogError):
    """No key was ever made for this subject."""

    code = "unknown-subject"

    def __init__(self, subject: str) -> None:
        self.subject = subject
        super().__init__(f"there is no key for {subject}; is this the database its data was sealed for?")


class _New(NamedTuple):
    """A key not yet stored."""

    wrapped: bytes
    created_at: int


class _Opened:
    """A key in memory."""

    __slots__ = ("cipher", "sure", "wrapped")

    def __init__(self, cipher: AESGCM, wrapped: bytes) -> None:
        self.cipher, self.wrapped = cipher, wrapped
        self.sure = False
        """A commit of this process has found it stored: it is on disk."""


class KeyRing:
    """Seals and opens by subject, a string such as `patient/{org}/{id}`. Safe to use from many threads.

    Args:
        keys_dir: where `master.key` and `fingerprint.key` are kept, both made on first use (mode 0600).
        log: where data keys are stored.
        read_only: make no key: only what has one is sealed and opened.
        opens: False: the master key is not asked for; nothing can be sealed or opened.
        clock: microseconds since the epoch.
    Raises: KeyUnusable.
    """

    def __init__(
        self,
        keys_dir: Path,
        log: EventLog,
        *,
        clock: Callable[[], int] = lambda: time.time_ns() // 1000,
        read_only: bool = False,
        opens: bool = True,
    ) -> None:
        self._keys_dir = keys_dir
        self._master_file = keys_dir / "master.key"
        self._log = log
        self._clock, self._read_only = clock, read_only
        self._lock = threading.Lock()
        self._opened: OrderedDict[str, _Opened] = OrderedDict()
        self._new: dict[str, _New] = {}
        self._unsure: dict[str, _Opened] = {}
        """Keys that something was sealed with, and that a crash of the server may have taken from it."""
        self._links: dict[str, str] = {}
        self._aside: Callable[[Rows], None] | None = None if read_only else getattr(log, "aside", None)
        self._looked, self._destroyed = -DESTROYED_ELSEWHERE_SECONDS, -1
        self.when_destroyed_elsewhere: Callable[[], None] = _nothing
        """Called when keys that another process destroyed are forgotten here: what they opened is to be, too."""
        if not read_only:
            log.ensure_schema(_create)
        self._master: AESGCM | None = self._open_master(read_only=read_only) if opens else None
        if not read_only:
            log.join(self)

    def _open_master(self, *, read_only: bool) -> AESGCM:
        """The master key; a new one only where no data key was ever wrapped by another."""
        row = self._query(_ANY)
        if not self._master_file.exists() and (read_only or row is not None):
            raise KeyUnusable(self._master_file, "master key, and the log's data keys need it")
        self._master = master = AESGCM(secret(self._master_file))
        if row is not None:
            self._unwrap(*row)
        return master

    def fingerprint_key(self) -> bytes:
        """The installation's key for keyed hashes (HMAC-SHA-256), 32 bytes, made on first use."""
        return secret(self._keys_dir / "fingerprint.key")

    def seal(self, subject: str, plaintext: bytes, aad: bytes) -> bytes:
        """Seal for the subject, whose key is made if it has none. Raises: Erased."""
        return sealing.seal(self._cipher(subject, make=True), plaintext, aad)

    def open(self, subject: str, sealed: bytes, aad: bytes) -> bytes:
        """What was sealed. Raises: Erased; UnknownSubject; sealing.SealBroken."""
        return sealing.unseal(self._cipher(subject, make=False), sealed, aad, subject)

    def ready(self, subjects: Iterable[str]) -> None:
        """Where other processes write the log, too: have these subjects' keys at hand, before something is sealed.

        A new key is then stored with all others of the batch, where alone it takes a transaction of its own. For a
        subject whose key was destroyed nothing is done: who seals for it is told.
        """
        if self._aside is None:
            return
        self._forget_destroyed()
        with self._lock:
            held = self._opened.keys() | self._unsure.keys()
            asked = [subject for subject in dict.fromkeys(subjects) if subject not in held]
            if not asked:
                return
            stored = _stored_keys(self._log.connection(), asked)
            made = {subject: self._made(subject)[1] for subject in asked if subject not in stored}
            if made:
                stored |= self._agreed(made, self._aside)
            for subject, wrapped in stored.items():
                if wrapped is not None:
                    self._hold(subject, self._unwrapped(subject, wrapped))

    def link(self, subject: str, owner: str) -> None:
        """Destroying the owner's key will destroy the subject's too; stored with the next commit. Raises: Erased."""
        self._cipher(subject, make=True)
        with self._lock:
            self._links[subject] = owner

    def destroy(self, subject: str) -> tuple[str, ...]:
        """Destroy the subject's key and those of all it owns, for good; returns the subjects destroyed.

        The wrapped bytes are overwritten in the database and its write-ahead file. Copies elsewhere (backups)
        are out of reach, as is the master key's owner who kept one.
        """
        family: list[str] = []

        def store(rows: RowsConnection) -> None:
            owned = [member for (member,) in rows.execute(_OWNED_BY, (subject,)).fetchall()]
            family[:] = dict.fromkeys([subject, *owned])
            now = self._clock()
            rows.executemany(_DESTROY, [(member, now, now) for member in family])

        self._log.commit((), service=_SERVICE, rows=store)
        with self._lock:
            for member in family:
                self._opened.pop(member, None)
                self._new.pop(member, None)
                self._unsure.pop(member, None)
        self._log.scrub()
        return tuple(family)

    def _forget_destroyed(self) -> None:
        """Forget all opened keys when another process destroyed one; asks the database now and then."""
        now = time.monotonic()
        if self._aside is None or now < self._looked + DESTROYED_ELSEWHERE_SECONDS:
            return
        self._looked = now
        row = self._query(_DESTROYED)
        if row is not None and row[0] != self._destroyed:
            self._destroyed = row[0]
            with self._lock:
                self._opened.clear()
            self.when_destroyed_elsewhere()

    def write(self, connection: RowsConnection) -> Callable[[], None] | None:
        """Store the keys that wait, inside a commit's transaction (see protocol.Participant).

        Raises: LogBusy: another process destroyed a key, or made another after the server lost ours in a crash.
        """
        if not self._new and not self._links and not self._unsure:
            return None
        with self._lock:
            new, links, unsure = dict(self._new), dict(self._links), dict(self._unsure)
        connection.executemany(_INSERT, [(subject, *key) for subject, key in new.items()])
        self._make_sure(connection, unsure)
        connection.executemany(_LINK, [(owner, subject) for subject, owner in links.items()])
        return lambda: self._stored(new, links, unsure)

    def _make_sure(self, connection: RowsConnection, unsure: dict[str, _Opened]) -> None:
        """Find these keys stored, or store them again."""
        found = _stored_keys(connection, unsure)
        if lost := sorted(unsure.keys() - found.keys()):
            now = self._clock()
            connection.executemany(_INSERT, [(subject, unsure[subject].wrapped, now) for subject in lost])
            found |= _stored_keys(connection, lost)
        others = [subject for subject, wrapped in found.items() if wrapped != unsure[subject].wrapped]
        if others:
            with self._lock:
                for subject in others:
                    self._opened.pop(subject, None)
                    self._unsure.pop(subject, None)
            raise LogBusy(f"another process has made or destroyed {len(others)} keys meanwhile; try again")

    def _stored(self, new: dict[str, _New], links: dict[str, str], sure: dict[str, _Opened]) -> None:
        with self._lock:
            for subject in new:
                self._new.pop(subject, None)
            for subject, owner in links.items():
                if self._links.get(subject) == owner:
                    del self._links[subject]
            for subject, opened in sure.items():
                opened.sure = True
                if self._unsure.get(subject) is opened:
                    del self._unsure[subject]

    def _cipher(self, subject: str, *, make: bool) -> AESGCM:
        self._forget_destroyed()
        with self._lock:
            opened = self._opened.get(subject)
            if opened is not None:
                self._opened.move_to_end(subject)
            else:
                opened = self._hold(subject, self._fetch(subject, make=make))
            if make and not opened.sure and self._aside is not None:
                self._unsure[subject] = opened
            return opened.cipher

    def _hold(self, subject: str, opened: _Opened) -> _Opened:
        self._opened[subject] = opened
        if len(self._opened) > CACHE:
            self._opened.popitem(last=False)
        return opened

    def _fetch(self, subject: str, *, make: bool) -> _Opened:
        """The subject's key from those waiting, else from the database, else a new one. Under the lock."""
        new = self._new.get(subject)
        if new is not None:
            return self._unwrapped(subject, new.wrapped)
        row = self._query(_SELECT, subject)
        if row is not None:
            wrapped, destroyed_at = row
            if destroyed_at is not None or wrapped is None:
                raise Erased(subject)
            return self._unwrapped(subject, wrapped)
        if subject in self._unsure:  # a crash of the server took it; the next commit stores it again
            return self._unsure[subject]
        if not make or self._read_only:  # a key made here would never be stored, and what it seals be lost
            raise UnknownSubject(subject)
        key, wrapped = self._made(subject)
        if self._aside is None:
            self._new[subject] = _New(wrapped, self._clock())
            return _Opened(AESGCM(key), wrapped)
        agreed = self._agreed({subject: wrapped}, self._aside)[subject]
        if agreed is None:
            raise Erased(subject)
        return self._unwrapped(subject, agreed)

    def _made(self, subject: str) -> tuple[bytes, bytes]:
        """A new key, and the same wrapped."""
        key, nonce = AESGCM.generate_key(256), os.urandom(12)
        return key, nonce + self._wrapping().encrypt(nonce, key, subject.encode())

    def _unwrapped(self, subject: str, wrapped: bytes) -> _Opened:
        return _Opened(self._unwrap(subject, wrapped), bytes(wrapped))

    def _agreed(self, made: Mapping[str, bytes], aside: Callable[[Rows], None]) -> dict[str, bytes | None]:
        """The keys that all processes use, by subject: ours, or those that another was faster to store; None where
        that is destroyed by now."""
        found: dict[str, bytes | None] = {}

        def store(rows: RowsConnection) -> None:
            now = self._clock()
            rows.executemany(_INSERT, [(subject, made[subject], now) for subject in sorted(made)])
            found.update(_stored_keys(rows, made))

        aside(store)
        return found

    def _query(self, statement: str, *values: str) -> tuple[Any, ...] | None:
        try:
            row: tuple[Any, ...] | None = self._log.connection().execute(statement, values).fetchone()
        except sqlite3.OperationalError:
            return None  # a log opened for reading that never had keys
        return row

    def _wrapping(self) -> AESGCM:
        if self._master is None:
            raise KeyUnusable(self._master_file, "master key; this process was given none")
        return self._master

    def _unwrap(self, subject: str, wrapped: bytes) -> AESGCM:
        try:
            return AESGCM(self._wrapping().decrypt(wrapped[:12], wrapped[12:], subject.encode()))
        except InvalidTag as error:
            raise KeyUnusable(self._master_file, f"master key that opens the data key of {subject}") from error


def _stored_keys(connection: RowsConnection, subjects: Collection[str]) -> dict[str, bytes | None]:
    """The wrapped keys that are stored for these subjects; None where one was destroyed."""
    found: dict[str, bytes | None] = {}
    asked = sorted(subjects)
    for start in range(0, len(asked), _CHUNK):
        chunk = asked[start : start + _CHUNK]
        rows = connection.execute(_STORED.format(marks=",".join("?" * len(chunk))), chunk)
        found |= {subject: None if wrapped is None else bytes(wrapped) for subject, wrapped in rows.fetchall()}
    return found


def _nothing() -> None:
    return


def _create(rows: RowsConnection) -> None:
    if isinstance(rows, sqlite3.Connection):  # on PostgreSQL the migrations make it
        rows.execute(_SCHEMA)
        rows.execute(_OWNED)


def fingerprint(key: bytes, content: bytes) -> bytes:
    """The keyed hash of content, 32 bytes: equal contents are recognised, nothing is revealed."""
    return hmac.digest(key, content, "sha256")
