"""Signing the log's checkpoints on PostgreSQL: whoever holds the key may, one at a time, from what it saw before."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg

from event_log import treehead
from event_log.errors import LogError
from event_log.merkle import Growth, NodeSource
from event_log.notes import BadNote, Signer
from event_log.postgres_rows import Connection

_log = logging.getLogger(__name__)

SIGN_EVENTS = 10_000
SIGN_SECONDS = 10.0
LOOK_SECONDS = 1.0
"""How often it is looked whether so many events came, of whichever process."""
_LEAVES_AT_ONCE = 50_000

_STANDS = (
    b"SELECT log_head.position, coalesce(last.size, 0), last.note, "
    b"extract(epoch FROM clock_timestamp() - last.signed_at)::float8 "
    b"FROM log_head LEFT JOIN LATERAL "
    b"(SELECT size, note, signed_at FROM signed_checkpoint ORDER BY size DESC LIMIT 1) last ON true"
)
_TURN = b"SELECT pg_try_advisory_xact_lock(hashtextextended('claimtrail notary', 0))"
_INSERT = b"INSERT INTO signed_checkpoint(size, note) VALUES(%s, %s)"


class TreeChanged(Exception):
    """The stored tree is not the one that was signed last: nothing is signed on top of it."""

    code = "tree-changed"

    def __init__(self, size: int) -> None:
        self.size = size
        super().__init__(f"the stored log does not give the root that was signed for its first {size} events")


class Notary:
    """Signs, inserts and publishes checkpoints.

    Args:    connected: gives the writer's connection. source: reads stored nodes and leaves.
             notes: the file that checkpoints are also written to; None: none.
    """

    def __init__(
        self, connected: Callable[[], Connection], source: NodeSource, signer: Signer, notes: Path | None
    ) -> None:
        self._connected, self._source, self._signer, self._notes = connected, source, signer, notes
        self._growth: Growth | None = None
        self._waiting_since: float | None = None
        self._looked = time.monotonic()
        self._changed = False

    def due(self) -> float:
        """In how many seconds to look again."""
        return max(0.0, self._looked + LOOK_SECONDS - time.monotonic())

    def attend(self, *, last: bool = False) -> None:
        """Sign when it is time to (or at the `last` moment of a clean stop). A database out of reach is tried later."""
        self._looked = time.monotonic()
        if self._changed:
            return
        try:
            with suppress(psycopg.Error, LogError):
                self._attend(now=last)
        except TreeChanged as error:
            self._changed = True
            _log.error("no checkpoint is signed any more: %s; run `claimtrail verify`", error)

    def _attend(self, *, now: bool) -> None:
        connection = self._connected()
        head, size, _, age = self._stands(connection)
        if head == size:
            self._waiting_since = None
            return
        if self._waiting_since is None:
            self._waiting_since = time.monotonic()
        waited = time.monotonic() - self._waiting_since
        if now or head - size >= SIGN_EVENTS or (waited >= SIGN_SECONDS and (age is None or age >= SIGN_SECONDS)):
            self._sign(connection)

    def _stands(self, connection: Connection) -> tuple[int, int, str | None, float | None]:
        """The last position, how many events are under a checkpoint, its note, and how old it is [s]."""
        row = connection.execute(_STANDS, prepare=True).fetchone()
        assert row is not None
        return row[0], row[1], row[2], row[3]

    def _sign(self, connection: Connection) -> None:
        note = None
        with connection.transaction():
            taken = connection.execute(_TURN).fetchone()
            if taken is None or not taken[0]:
                return  # another process is at it
            head, size, signed, _ = self._stands(connection)
            if head > size:
                growth = self._grown(head, size, signed)
                note = treehead.sign(growth.size, growth.root(), self._signer)
                connection.execute(_INSERT, (growth.size, note))
        self._waiting_since = None
        if note is not None and self._notes is not None:
            treehead.append_note(self._notes, note)

    def _grown(self, head: int, size: int, signed: str | None) -> Growth:
        """The tree of `head` leaves: what this process saw before, and the leaves since.

        Raises: TreeChanged: what is stored is not what was signed.
        """
        growth = self._growth
        if growth is None or growth.size > head:
            growth = Growth.of(self._source, size)
            if signed is not None and not self._agrees(growth, signed):
                raise TreeChanged(size)
        while growth.size < head:
            start = growth.size
            leaves = self._source.nodes(0, start, min(head - start, _LEAVES_AT_ONCE))
            if not leaves:
                raise TreeChanged(start)
            growth, _ = growth.add(leaves)
        self._growth = growth
        return growth

    def _agrees(self, growth: Growth, note: str) -> bool:
        try:
            return treehead.verified(note, self._signer.verifier).root == growth.root()
        except BadNote:
            return treehead.unverified(note).root == growth.root()  # signed by another key of ours, before
