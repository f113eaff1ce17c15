"""What the log costs: beside raw SQLite, beside the `eventsourcing` library, alone and in company, short and long.

python bench/event_log_bench.py [--quick]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import orjson
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from common import Table, folder
from event_log import aio, sql, sqlite_folding
from event_log.leaf import leaves_of
from event_log.notes import Signer
from event_log.planning import Draft
from event_log.protocol import Append, NewEvent
from event_log.sqlite import SqliteLog
from event_log.verify import verify

BATCH = 1000
CHOOSER = random.Random(1)

PAYLOAD = orjson.dumps(
    {
        "case_id": "018f3c1e-6c1a-7b1e-9d55-0c1a2b3c4d5e",
        "clinic_id": "clinic-0042",
        "lines": [
            {"cpt": "97112", "minutes": 23, "modifiers": ["GP"], "units": 2},
            {"cpt": "97110", "minutes": 15, "modifiers": ["GP", "59"], "units": 1},
        ],
        "explanation": "38 timed minutes are 3 units; 97112 has 23 of them and the larger remainder",
        "rule": "cms-8-minute",
        "ruleset": "2026.1",
        "session_id": "018f3c1e-6c1a-7b1e-9d55-000000000001",
        "total_minutes": 38,
        "total_units": 3,
    },
    option=orjson.OPT_SORT_KEYS,
)
"""A little over 400 bytes, the shape of a decision about one visit."""


def new_event(case_id: bytes | None = None) -> NewEvent:
    return NewEvent(
        CHOOSER.randbytes(16),
        "claimtrail.session.interval.recorded.v1",
        1,
        PAYLOAD,
        1_767_225_600_000_000,
        "org-0012",
        "device:tablet-17",
        case_id,
        None if case_id is None else CHOOSER.randbytes(16),
        f"00-{CHOOSER.randbytes(16).hex()}-{CHOOSER.randbytes(8).hex()}-00",
        CHOOSER.randbytes(32) if case_id is None else None,
    )


def visits(count: int) -> list[Append]:
    """Visits as they come: a new stream of eight facts each, then three decisions about its new case."""
    appends: list[Append] = []
    made = 0
    while made < count:
        session, case_id = UUID(bytes=CHOOSER.randbytes(16)), CHOOSER.randbytes(16)
        appends.append(Append(f"session/org-0012/clinic-0042/{session}", None, [new_event() for _ in range(8)]))
        appends += [
            Append(f"case/{UUID(bytes=case_id)}/{part}", 0, [new_event(case_id)])
            for part in ("sessions", "units", "claim")
        ]
        made += 11
    return appends


def batches(count: int) -> list[list[Append]]:
    return [visits(BATCH) for _ in range(count)]


def size(work: list[list[Append]]) -> int:
    return sum(len(append.events) for appends in work for append in appends)


def open_log(path: Path) -> SqliteLog:
    return SqliteLog(path / "log.db", signer=Signer.in_directory(path / "keys"))


def fill(log: SqliteLog, count: int) -> None:
    """Grow a log quickly: its durability is waived meanwhile, and what is dirty is written down before measuring."""
    connection = log._writer._connection  # noqa: SLF001  -- the bench times its own statements
    connection.execute("PRAGMA synchronous = OFF")
    while log.head() < count:
        log.commit(visits(BATCH), service="bench")
    connection.execute("PRAGMA synchronous = FULL")
    log.scrub()
    os.sync()


def commit_batches(log: SqliteLog, work: list[list[Append]]) -> float:
    start = time.perf_counter()
    for appends in work:
        log.commit(appends, service="bench")
    return size(work) / (time.perf_counter() - start)


# 1: batches of 1,000


def ours_in_batches(count: int, on_memory: bool) -> float:
    with folder(on_memory) as path, open_log(path) as log:
        work = batches(count)
        return commit_batches(log, work)


def raw_in_batches(count: int, on_memory: bool) -> float:
    """The same rows, encoded before the clock starts, into the same tables and indexes; leaf hashes are given."""
    with folder(on_memory) as path:
        connection = sqlite3.connect(path / "raw.db", isolation_level=None)
        for setting in sql.WRITER_SETTINGS:
            connection.execute(setting)
        # SQLite folds its write-ahead file as often as ours is folded, or it would put off work that ours has done.
        connection.execute(f"PRAGMA wal_autocheckpoint = {sqlite_folding.PAGES}")
        connection.executescript(sql.SCHEMA)
        rows = []
        head = 0
        for appends in batches(count):
            draft = Draft(head, 1, lambda _: 0, {}, distinct=True)
            draft.add(appends, "bench")
            rows.append(draft.rows)
            head = draft.head
        start = time.perf_counter()
        for batch in rows:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(sql.INSERT_EVENT, batch)
            connection.execute("COMMIT")
        rate = head / (time.perf_counter() - start)
        connection.close()
        return rate


class Claim(Aggregate):
    @event("Opened")
    def __init__(self, body: str):
        self.count = 1

    @event("Noted")
    def note(self, body: str):
        self.count += 1


class Claims(Application):
    is_snapshotting_enabled = False


def library(path: Path) -> Claims:
    return Claims(env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(path / "library.db")})


BODY = "x" * 340  # with the library's own fields its stored state is about 470 bytes


def library_in_batches(count: int, on_memory: bool) -> float:
    with folder(on_memory) as path:
        application = library(path)
        application.save(Claim(body=BODY))
        seconds = 0.0
        for _ in range(count):
            claim = Claim(body=BODY)
            for _ in range(BATCH - 1):
                claim.note(body=BODY)
            start = time.perf_counter()
            application.save(claim)
            seconds += time.perf_counter() - start
        application.close()
        return count * BATCH / seconds


# 2: callers in company


def one_append() -> list[Append]:
    return [Append(f"session/org-0012/clinic-0042/{UUID(bytes=CHOOSER.randbytes(16))}", 0, [new_event()])]


def threads(log: SqliteLog, callers: int, each: int) -> float:
    work = [[one_append() for _ in range(each)] for _ in range(callers)]

    def call(mine: list[list[Append]]) -> None:
        for appends in mine:
            log.commit(appends, service="bench")

    running = [threading.Thread(target=call, args=(mine,)) for mine in work]
    start = time.perf_counter()
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return callers * each / (time.perf_counter() - start)


def coroutines(log: SqliteLog, callers: int, each: int, bridged: bool) -> float:
    work = [[one_append() for _ in range(each)] for _ in range(callers)]

    async def call(mine: list[list[Append]]) -> None:
        for appends in mine:
            if bridged:
                await aio.commit(log, appends, service="bench")
            else:
                await asyncio.wrap_future(log.submit(appends, service="bench"))

    async def run() -> float:
        start = time.perf_counter()
        await asyncio.gather(*(call(mine) for mine in work))
        return callers * each / (time.perf_counter() - start)

    return asyncio.run(run())


def company(table: Table, repetitions: int, quick: bool) -> None:
    each, alone = (40, 200) if quick else (150, 800)
    for on_memory, bar in ((False, 10.0), (True, None)):
        place = "memory" if on_memory else "disk"
        with folder(on_memory) as path, open_log(path) as log:
            fill(log, 20_000)
            for _ in range(4):
                threads(log, 1, alone)  # until the write-ahead file no longer grows, as in a log at work
            ways: list[tuple[str, Callable[[], float], float | None]] = [
                ("threads", lambda: threads(log, 64, each), bar),
                ("coroutines (aio.commit)", lambda: coroutines(log, 64, each, True), bar),
                ("coroutines (wrap_future)", lambda: coroutines(log, 64, each, False), None),
            ]
            for name, way, held in ways:
                table.paired(
                    f"{place}: 64 {name} / one caller, an event a commit",
                    way,
                    lambda: threads(log, 1, alone),
                    repetitions,
                    held,
                )
            table.paired(
                f"{place}: 64 coroutines (aio.commit) / one coroutine, an event a commit",
                lambda: coroutines(log, 64, each, True),
                lambda: coroutines(log, 1, alone, True),
                repetitions,
                bar,
            )


# 3: one long stream


def long_stream(table: Table, repetitions: int) -> None:
    events = 10_000
    with folder() as path, open_log(path) as log:
        fill(log, 50_000)
        for _ in range(events // BATCH):
            log.commit([Append("claim/long", None, [new_event() for _ in range(BATCH)])], service="bench")
        application = library(path)
        claim = Claim(body=BODY)
        for number in range(events - 1):
            claim.note(body=BODY)
            if number % 1000 == 0:
                application.save(claim)
        application.save(claim)

        def ours() -> float:
            start = time.perf_counter()
            units = count = 0
            for page in log.read_pages("claim/long"):
                for stored, leaf in zip(page, leaves_of(page), strict=True):
                    if leaf != stored.leaf_hash:
                        raise ValueError(stored.position)
                    units += orjson.loads(stored.data)["total_units"]
                count += len(page)
            if (count, units) != (events, events * 3):
                raise ValueError(count)
            return events / (time.perf_counter() - start)

        def theirs() -> float:
            start = time.perf_counter()
            found: Claim = application.repository.get(claim.id)
            if found.count != events:
                raise ValueError(found.count)
            return events / (time.perf_counter() - start)

        table.paired("10,000-event stream read, hashed, decoded, folded / library", ours, theirs, repetitions, 3.0)
        application.close()


# 4 and 5: a long log


def long_log(table: Table, repetitions: int, quick: bool) -> None:
    events = 100_000 if quick else 1_000_000
    rounds = 5 if quick else 10
    for on_memory in (False, True):
        place = "memory" if on_memory else "disk"
        with folder(on_memory) as path, open_log(path) as long:
            fill(long, events)
            commit_batches(long, batches(3))

            def short(on_memory: bool = on_memory) -> float:
                with folder(on_memory) as other, open_log(other) as log:
                    fill(log, 10_000)
                    return commit_batches(log, batches(rounds))

            table.paired(
                f"{place}: commit at {events:,} events / at 10,000",
                lambda: commit_batches(long, batches(rounds)),
                short,
                repetitions,
                0.9,
            )
            if on_memory:
                continue
            table.paired(
                f"{place}: 64 threads at {events:,} events / at 20,000",
                lambda: threads(long, 64, 100),
                lambda: with_short(lambda log: threads(log, 64, 100)),
                repetitions,
            )
            table.rate(f"{place}: read_all in pages of 1,000", lambda: read_all(long), 3)
            look_ups(table, long)
            long.sign()
            table.rate(f"{place}: verify {events:,} events", lambda: verified(long.path, path), 1 if quick else 3)


def with_short(measure: Callable[[SqliteLog], float]) -> float:
    with folder() as path, open_log(path) as log:
        fill(log, 20_000)
        return measure(log)


def pages(log: SqliteLog) -> Iterator[int]:
    at = 0
    while page := log.read_all(at, 1000):
        at = page[-1].position
        yield len(page)


def read_all(log: SqliteLog) -> float:
    start = time.perf_counter()
    return sum(pages(log)) / (time.perf_counter() - start)


def look_ups(table: Table, log: SqliteLog) -> None:
    """Reading one case or stream somewhere in the log, and asking for ids that are not there."""
    head = log.head()
    sample = [log.read_all(CHOOSER.randrange(head - 20), 20) for _ in range(300)]
    cases = [stored.case_id for page in sample for stored in page if stored.case_id][:300]
    streams = [page[0].stream for page in sample]
    unknown = [CHOOSER.randbytes(16) for _ in range(10_000)]
    known = [stored.event_id for page in sample for stored in page]

    def rate(count: int, work: Callable[[], object]) -> float:
        start = time.perf_counter()
        work()
        return count / (time.perf_counter() - start)

    table.rate("read_case", lambda: rate(len(cases), lambda: [log.read_cases([case]) for case in cases]), 3)
    table.rate("read_stream", lambda: rate(len(streams), lambda: [log.read_stream(name) for name in streams]), 3)
    table.rate("read_streams, all at once", lambda: rate(len(streams), lambda: log.read_streams(streams)), 3)
    table.rate("find, unknown ids", lambda: rate(len(unknown), lambda: log.find(unknown)), 3)
    table.rate("find, known ids", lambda: rate(len(known), lambda: log.find(known)), 3)


def verified(path: Path, keys: Path) -> float:
    start = time.perf_counter()
    result = verify(path, (keys / "keys" / "signing.vkey").read_text())
    if not result.ok:
        raise ValueError(result.reason)
    return result.size / (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, a log of 100,000 events")
    parser.add_argument("--only", choices=("batches", "company", "stream", "long"), help="one part")
    arguments = parser.parse_args()
    quick, only = arguments.quick, arguments.only
    repetitions = 3 if quick else 7
    count = 10 if quick else 30
    table = Table("event_log" + ("_quick" if quick else "") + (f"_{only}" if only else ""))
    if only in (None, "batches"):
        for on_memory in (False, True):
            place = "memory" if on_memory else "disk"
            table.paired(
                f"{place}: commit of 1,000 / executemany of the same rows, no hashes",
                lambda on_memory=on_memory: ours_in_batches(count, on_memory),
                lambda on_memory=on_memory: raw_in_batches(count, on_memory),
                repetitions,
                0.7,
            )
            table.paired(
                f"{place}: commit of 1,000 / the library's save of 1,000",
                lambda on_memory=on_memory: ours_in_batches(count, on_memory),
                lambda on_memory=on_memory: library_in_batches(count, on_memory),
                repetitions,
                0.8,
            )
    if only in (None, "company"):
        company(table, repetitions, quick)
    if only in (None, "stream"):
        long_stream(table, repetitions)
    if only in (None, "long"):
        long_log(table, repetitions, quick)
    table.save()


if __name__ == "__main__":
    main()
