"""What the whole suite does in a second: clinic events in, assessed claims out, durable; and how it ages.

python bench/suite_bench.py [--quick]
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from audit.history import history
from common import Table, folder
from suite.installation import Installation
from suite.showing import claim
from suite.simulator import Simulation, lines

BODY = "x" * 340


class Visit(Aggregate):
    @event("Opened")
    def __init__(self, body: str) -> None:
        self.count = 1

    @event("Noted")
    def note(self, body: str) -> None:
        self.count += 1


def simulated(file: Path, events: int) -> int:
    """A file of that many simulated clinic events."""
    clinics = max(4, events // 10_000)
    written = 0
    with file.open("wb") as out:
        for line in lines(Simulation(clinics=clinics, days=200, seed=7)):
            out.write(line)
            written += 1
            if written == events:
                break
    return written


def ingested(file: Path, store: Path) -> dict[str, float]:
    """One run of `claimtrail ingest`, from reading to the last assessed claim."""
    command = [str(Path(sys.executable).with_name("claimtrail")), "ingest", "--data", str(store), "--json", str(file)]
    ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return json.loads(ended.stdout)


def library_saves(store: Path, events: int) -> float:
    """The library's rate of saving as many events, ten an aggregate, an aggregate a save (nothing derived)."""
    app = Application(env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(store / "library.db")})
    aggregates = []
    for _ in range(events // 10):
        aggregate = Visit(body=BODY)
        for _ in range(9):
            aggregate.note(body=BODY)
        aggregates.append(aggregate)
    began = time.perf_counter()
    for aggregate in aggregates:
        app.save(aggregate)
    rate = len(aggregates) * 10 / (time.perf_counter() - began)
    app.close()
    return rate


def answers(store: Path, count: int) -> Iterator[tuple[str, float]]:
    """How long one claim's page and history take [ms], for claims spread over the whole log."""
    with Installation(store, read_only=True) as installation:
        rows = installation.log.connection()
        claims = [row[0] for row in rows.execute("SELECT claim_id FROM claim ORDER BY claim_id LIMIT ?", (count,))]
        for claim_id in claims:
            began = time.process_time()
            claim(installation.read, claim_id)
            between = time.process_time()
            history(installation.read, installation.codec, claim_id)
            yield "claim", (between - began) * 1000
            yield "history", (time.process_time() - between) * 1000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    quick = options.parse_args().quick
    table = Table("suite")
    events, repetitions = (6_000, 1) if quick else (60_000, 3)
    with folder() as place:
        file = place / "events.jsonl"
        simulated(file, events)
        rates: list[float] = []

        def ours() -> float:
            rates.append(ingested(file, place / f"store-{len(rates)}")["events_per_second"])
            return rates[-1]

        table.paired(
            "ingest to assessed claims, beside the library's saves alone",
            ours,
            lambda: library_saves(place, events // 6),
            repetitions,
        )
        table.fact("ingest to assessed claims, events/s (median)", median(rates), least=5000)
        size = 20_000 if quick else 720_000
        big, whole = place / "big", place / "big.jsonl"
        simulated(whole, size)
        pieces = cut(whole, 10_000 if quick else 60_000)
        aged = [ingested(piece, big) for piece in pieces]
        table.fact("ingest at the start of the log, events/s", aged[0]["events_per_second"])
        table.fact("ingest at its end, events/s", aged[-1]["events_per_second"])
        table.fact("the same, as a ratio", aged[-1]["events_per_second"] / aged[0]["events_per_second"], least=0.9)
        with Installation(big, read_only=True) as installation:
            table.fact("events in the log by then", installation.log.head())
        table.fact("largest memory of an ingest [MiB]", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
        times: dict[str, list[float]] = {}
        for what, milliseconds in answers(big, 200):
            times.setdefault(what, []).append(milliseconds)
        for what, found in times.items():
            found.sort()
            table.fact(f"{what} of one case, processor ms (median)", median(found))
            table.fact(f"{what} of one case, processor ms (99 of 100)", found[int(len(found) * 0.99)], most=50)
    table.save()


def cut(file: Path, events: int) -> list[Path]:
    """The file in pieces of that many events."""
    pieces: list[Path] = []
    with file.open("rb") as whole:
        while part := [line for line, _ in zip(whole, range(events), strict=False)]:
            pieces.append(file.with_name(f"piece-{len(pieces):03}.jsonl"))
            pieces[-1].write_bytes(b"".join(part))
    file.unlink()
    return pieces


if __name__ == "__main__":
    main()
