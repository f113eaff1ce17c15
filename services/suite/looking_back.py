"""Processes that look at a whole log together, each with connections and keys of its own, opened to read."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path

from audit.past import Past
from event_log.errors import LogError
from event_log.following import WholeLog
from event_log.keyring import KeyRing
from event_log.protocol import EventLog
from rule_releases.rulesets import Rulesets
from service_kit.reading import Reader
from service_kit.workers import Workers
from suite.codec import SealingCodec
from suite.collecting import collect_less_garbage
from suite.installation import keys_directory, log_file
from therapy_domain.rulesets import load

MOST = 16
"""Each process holds about 300 MiB."""
WORTH_IT_BYTES, WORTH_IT_EVENTS = 16 * 1024 * 1024, 5_000
"""A shorter log, of some hundred claims, is looked at in about a second."""


def workers_for(data: Path, database: str | None) -> AbstractContextManager[Workers[Past] | None]:
    """A process for each core, where there are several and the store is long enough; they open it when work comes.

    Fork, not spawn: what is imported and built is there at once, and shared. So call it before this process has threads
    or an open database.
    """
    count = min(_cores(), MOST)
    if count < 2 or not (_is_long(log_file(data)) if database is None else _holds_many(database)):
        return nullcontext()
    load()
    collect_less_garbage()
    return Workers(count, partial(_opened, data, database))


def _cores() -> int:
    """Those that this process may use."""
    affinity: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def _is_long(log: Path) -> bool:
    files = (log, log.with_name(f"{log.name}-wal"))
    return sum(file.stat().st_size for file in files if file.exists()) >= WORTH_IT_BYTES


def _holds_many(database: str) -> bool:
    """Looked up by a connection that is closed again: an open one would not survive the fork."""
    from event_log.postgres import PostgresLog  # here: who has a directory needs no driver

    try:
        with PostgresLog(database, read_only=True) as log:
            return log.head() >= WORTH_IT_EVENTS
    except LogError:
        return False  # whoever opens it to read says what is wrong with it


@contextmanager
def _opened(data: Path, database: str | None) -> Iterator[Past]:
    with _log(data, database) as log:
        codec = SealingCodec(KeyRing(keys_directory(data), log, read_only=True))
        yield Past(Reader(log, codec), codec, Rulesets())


def _log(data: Path, database: str | None) -> EventLog:
    if database is None:
        return WholeLog(log_file(data))
    from event_log.postgres import PostgresLog  # here: who has a directory needs no driver

    return PostgresLog(database, read_only=True)
