"""The log in one SQLite file: any number of readers, one writing process, group commit."""

import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Self

from event_log.errors import LogClosed, LogInUse, LogMissing, ReadOnly
from event_log.grouping import GroupCommit, now
from event_log.notes import Signer
from event_log.protocol import NOTHING, Participant, Recorded, Rows
from event_log.sqlite_reader import SqliteReading, typed
from event_log.sqlite_writer import Writer

_POLL_SECONDS = 0.01


def notes_beside(path: Path) -> Path:
    """Where the signed checkpoints of this log are also written, so that a cut log is noticed."""
    return path.with_name(f"{path.name}.checkpoints.txt")


class SqliteLog(GroupCommit, SqliteReading):
    """See protocol.EventLog. One process writes; others open it with `read_only=True`.

    Args:
        path: the database file, made when it is not there.
        signer: signs checkpoints; without one the log has hashes, but no signatures.
        clock: microseconds since the epoch, for `recorded_at`.
        read_only: do not write, take no lock.
    Raises: LogInUse, LogMissing (read_only), LogUnavailable.
    """

    def __init__(
        self,
        path: Path,
        *,
        signer: Signer | None = None,
        clock: Callable[[], int] = now,
        read_only: bool = False,
    ) -> None:
        GroupCommit.__init__(self)
        SqliteReading.__init__(self, path)
        self._writer: Writer | None = None
        if read_only:
            if not path.exists():
                raise LogMissing(path)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(path)
        try:
            self._writer = Writer(path, clock, signer, notes_beside(path))
        except BaseException as error:
            os.close(self._lock)
            if isinstance(error, sqlite3.Error):
                raise typed(error, path) from error
            raise
        self._where = self._writer.where
        self._begin(self._writer)

    def _writing(self) -> Writer:
        if self._closed:
            raise LogClosed
        if self._writer is None:
            raise ReadOnly
        return self._writer

    def head(self) -> int:
        """See protocol.EventLog."""
        return super().head() if self._writer is None or self._closed else self._writer.head

    def read_all(
        self, after: int, limit: int, types: Collection[str] | None = None, upto: int | None = None
    ) -> list[Recorded]:
        """See protocol.EventLog; what was just written is at hand."""
        if self._writer is not None and not self._closed:
            found = self._writer.tail.read(after, limit, types, self._writer.head if upto is None else upto)
            if found is not None:
                return found
        return super().read_all(after, limit, types, upto)

    def versions(self, streams: Collection[str]) -> dict[str, int]:
        """See protocol.EventLog; remembered by the writer for the streams it wrote lately."""
        if self._writer is None:
            return super().versions(streams)
        known = {stream: self._writer.known_version(stream) for stream in streams}
        asked = super().versions([stream for stream, version in known.items() if version is None])
        return {stream: asked[stream] if version is None else version for stream, version in known.items()}

    def read_streams(
        self,
        streams: Collection[str],
        upto: int | None = None,
        as_of: int | None = None,
        *,
        behind: Mapping[str, int] = NOTHING,
    ) -> dict[str, list[Recorded]]:
        """See protocol.EventLog; all streams as of one moment, even while the whereabouts learn of a new one."""
        if upto is None and self._writer is not None:
            upto = self._writer.head
        return super().read_streams(streams, upto, as_of, behind=behind)

    def wait(self, after: int, timeout: float) -> bool:
        """See protocol.EventLog; a read-only log looks again every 10 ms."""
        end = time.monotonic() + timeout
        if self._writer is None:
            return self._poll(after, end)
        with self._woken:
            self._waiters += 1
            try:
                while self._writer.head <= after:
                    left = end - time.monotonic()
                    if left <= 0 or self._closed:
                        return False
                    self._woken.wait(left)
            finally:
                self._waiters -= 1
        return True

    def _poll(self, after: int, end: float) -> bool:
        seen = None
        while True:
            ((version,),) = self._rows("PRAGMA data_version")
            if version != seen and self.head() > after:
                return True
            seen = version
            left = end - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(_POLL_SECONDS, left))

    def ensure_schema(self, create: Rows) -> None:
        """See protocol.EventLog."""
        with self._turn:
            self._writing().create(create)

    def join(self, participant: Participant) -> None:
        """See protocol.EventLog."""
        with self._turn:
            self._writing().participants.append(participant)

    def scrub(self) -> None:
        """See protocol.EventLog."""
        with self._turn:
            self._writing().scrub()

    def sign(self) -> None:
        """Sign a checkpoint over everything written so far."""
        with self._turn:
            self._writing().sign_now()

    def lease(self, name: str) -> bool:
        """See protocol.EventLog; who writes is alone."""
        del name
        self._writing()
        return True

    def close(self) -> None:
        """See protocol.EventLog."""
        if not self._end():
            return
        if self._writer is not None:
            with self._turn:
                self._writer.sign_now()
        self._readers.close()
        with self._woken:
            self._woken.notify_all()
        if self._writer is not None:
            self._writer.close()
            os.close(self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _lock(path: Path) -> int:
    """Hold the lock file beside the log as long as this process writes. Raises: LogInUse."""
    file = path.with_name(f"{path.name}.lock")
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.read(descriptor, 100).decode(errors="replace").strip() or "unknown"
        os.close(descriptor)
        raise LogInUse(path, holder) from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"process {os.getpid()}\n".encode(), 0)
    return descriptor
