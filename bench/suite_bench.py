"""What the whole suite does in a second: clinic events in, assessed claims out, durable; and how it ages.

python bench/suite_bench.py [--quick]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice
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


def simulated(file: Path, events: int, first_organization: int = 0) -> int:
    """A file of that many simulated clinic events."""
    clinics = max(4, events // 10_000)
    written = 0
    with file.open("wb") as out:
        for line in lines(Simulation(clinics=clinics, days=200, seed=7, first_organization=first_organization)):
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
            claim(installation.read, installation.rules, claim_id)
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
        young, old = grown(place / "young", 7_000), grown(place / "old", 20_000 if quick else 680_000)
        other = place / "other.jsonl"
        simulated(other, events, first_organization=5_000)

        def into(store: Path) -> float:
            with folder() as copy:
                shutil.copytree(store, copy / "store")
                os.sync()
                return ingested(other, copy / "store")["events_per_second"]

        ages = f"{head_of(old):,} events / at {head_of(young):,}"
        label = f"ingest of the same events to assessed claims, at {ages}"
        table.paired(label, lambda: into(old), lambda: into(young), repetitions, 0.9)
        table.fact("largest memory of an ingest [MiB]", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
        times: dict[str, list[float]] = {}
        for what, milliseconds in answers(old, 200):
            times.setdefault(what, []).append(milliseconds)
        for what, found in times.items():
            found.sort()
            table.fact(f"{what} of one case, processor ms (median)", median(found))
            table.fact(f"{what} of one case, processor ms (99 of 100)", found[int(len(found) * 0.99)], most=50)
    table.save()


def grown(store: Path, events: int) -> Path:
    """A store that so many clinic events came into, by the file of 60,000."""
    whole = store.with_suffix(".jsonl")
    simulated(whole, events)
    with whole.open("rb") as all_events:
        piece = store.with_suffix(".piece.jsonl")
        while part := list(islice(all_events, 60_000)):
            piece.write_bytes(b"".join(part))
            ingested(piece, store)
    whole.unlink()
    return store


def head_of(store: Path) -> int:
    """How many events a store's log has."""
    with Installation(store, read_only=True) as installation:
        return installation.log.head()


if __name__ == "__main__":
    main()
