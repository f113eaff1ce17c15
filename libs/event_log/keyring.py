"""Keys for personal data, one a subject: made when first needed, destroyed to forget.

A data key is stored wrapped by the installation's master key, in the log's own database. A new key waits in memory
until the next commit, which writes it before any event: no event sealed with a key is ever stored without it. To
forget a subject its key is destroyed; the sealed bytes stay in the log, under their hashes, and mean nothing.

Where other processes write the log too, a new key is stored aside before it is used: two that need one for the same
subject at once must seal with the same.
"""

import hmac
import os
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from event_log import sealing
from event_log.errors import LogError
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


class KeyRing:
    """Seals and opens by subject, a string such as `patient/{org}/{id}`. Safe to use from many threads.

    Args:
        keys_dir: where `master.key` and `fingerprint.key` are kept, both made on first use (mode 0600).
        log: where data keys are stored. With a read-only log only `open` works.
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
        self._clock = clock
        self._lock = threading.Lock()
        self._ciphers: OrderedDict[str, AESGCM] = OrderedDict()
        self._new: dict[str, _New] = {}
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
                self._ciphers.pop(member, None)
                self._new.pop(member, None)
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
                self._ciphers.clear()
            self.when_destroyed_elsewhere()

    def write(self, connection: RowsConnection) -> Callable[[], None] | None:
        """Store the keys that wait, inside a commit's transaction (see protocol.Participant)."""
        if not self._new and not self._links:
            return None
        with self._lock:
            new, links = dict(self._new), dict(self._links)
        connection.executemany(_INSERT, [(subject, *key) for subject, key in new.items()])
        connection.executemany(_LINK, [(owner, subject) for subject, owner in links.items()])
        return lambda: self._stored(new, links)

    def _stored(self, new: dict[str, _New], links: dict[str, str]) -> None:
        with self._lock:
            for subject in new:
                self._new.pop(subject, None)
            for subject, owner in links.items():
                if self._links.get(subject) == owner:
                    del self._links[subject]

    def _cipher(self, subject: str, *, make: bool) -> AESGCM:
        self._forget_destroyed()
        with self._lock:
            cipher = self._ciphers.get(subject)
            if cipher is not None:
                self._ciphers.move_to_end(subject)
                return cipher
            cipher = self._fetch(subject, make=make)
            self._ciphers[subject] = cipher
            if len(self._ciphers) > CACHE:
                self._ciphers.popitem(last=False)
            return cipher

    def _fetch(self, subject: str, *, make: bool) -> AESGCM:
        """The subject's key from those waiting, else from the database, else a new one. Under the lock."""
        new = self._new.get(subject)
        if new is not None:
            return self._unwrap(subject, new.wrapped)
        row = self._query(_SELECT, subject)
        if row is not None:
            wrapped, destroyed_at = row
            if destroyed_at is not None or wrapped is None:
                raise Erased(subject)
            return self._unwrap(subject, wrapped)
        if not make:
            raise UnknownSubject(subject)
        key = AESGCM.generate_key(256)
        nonce = os.urandom(12)
        wrapped = nonce + self._wrapping().encrypt(nonce, key, subject.encode())
        if self._aside is not None:
            return self._agreed(subject, wrapped, self._aside)
        self._new[subject] = _New(wrapped, self._clock())
        return AESGCM(key)

    def _agreed(self, subject: str, wrapped: bytes, aside: Callable[[Rows], None]) -> AESGCM:
        """The key that all processes use: ours, or the one that another was faster to store."""

        def store(rows: RowsConnection) -> None:
            nonlocal wrapped
            rows.execute(_INSERT, (subject, wrapped, self._clock()))
            wrapped, destroyed_at = rows.execute(_SELECT, (subject,)).fetchone()
            if destroyed_at is not None:
                raise Erased(subject)

        aside(store)
        return self._unwrap(subject, wrapped)

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


def _nothing() -> None:
    return


def _create(rows: RowsConnection) -> None:
    if isinstance(rows, sqlite3.Connection):  # on PostgreSQL the migrations make it
        rows.execute(_SCHEMA)
        rows.execute(_OWNED)


def fingerprint(key: bytes, content: bytes) -> bytes:
    """The keyed hash of content, 32 bytes: equal contents are recognised, nothing is revealed."""
    return hmac.digest(key, content, "sha256")
