"""The second transport: the relay beside a raw producer, the suite over Kafka beside the embedded one, and telemetry.

python bench/distributed_bench.py [--quick] [--only relay|suite|telemetry]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import orjson

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "helpers"))

from common import Table, folder
from interchange.cloudevents import read_event
from service_kit.kafka.envelope import Sent
from service_kit.kafka.intake import key_of
from service_kit.kafka.relay import EVENTS_A_BATCH, producer
from service_kit.kafka.topics import create
from service_kit.settings import Settings
from suite.distributed import members
from suite.installation import Installation
from suite.migrating import migrate
from suite.simulator import Simulation, lines
from suite.ticking import tell as tell_day
from suite.topics import all_topics, topic_map
from support import postgres
from support.distributed import tell
from support.fleet import COMMAND, SERVICES, fleet, until
from support.kafka_server import OwnKafka
from support.store import claims

STRUCTURED = [("content-type", b"application/cloudevents+json")]


def simulated(events: int) -> list[bytes]:
    found = lines(Simulation(clinics=max(4, events // 10_000), days=200, seed=7))
    return [line for line, _ in zip(found, range(events), strict=False)]


def fresh(kafka: str) -> Settings:
    """Topics of their own."""
    settings = Settings(bootstrap=kafka, prefix=f"b{uuid.uuid4().hex[:8]}.", partitions=6, replication=1)
    asyncio.run(create(all_topics(settings.prefix), settings))
    return settings


@contextmanager
def database(server: str) -> Iterator[str]:
    with postgres.database(server) as url:
        migrate(url)
        yield url


async def relayed(store: Installation, settings: Settings) -> float:
    """Events a second from the log to the brokers' acknowledgements."""
    relay = members.relay_of(store, settings, "bench")
    head = store.log.head()
    relay.start()
    while relay.position == 0:  # the first batch also waits for the new topics' leaders
        await asyncio.sleep(0.001)
    first, began = relay.position, time.perf_counter()
    while relay.position < head:
        await asyncio.sleep(0.001)
    rate = (head - first) / (time.perf_counter() - began)
    await relay.stop()
    return rate


async def produced(sent: list[tuple[str, Sent]], settings: Settings) -> float:
    """The same messages, made before, by a producer alone."""
    async with producer(settings) as sending:

        async def send(chunk: list[tuple[str, Sent]]) -> None:
            futures = [
                await sending.send(settings.prefix + topic, each.value, each.key, headers=each.headers)
                for topic, each in chunk
            ]
            await asyncio.gather(*futures)

        await send(sent[:EVENTS_A_BATCH])
        began = time.perf_counter()
        for start in range(EVENTS_A_BATCH, len(sent), EVENTS_A_BATCH):
            await send(sent[start : start + EVENTS_A_BATCH])
        return (len(sent) - EVENTS_A_BATCH) / (time.perf_counter() - began)


def bench_relay(table: Table, kafka: str, server: str, *, quick: bool) -> None:
    with folder() as place, database(server) as url, Installation(place / "data", database=url) as store:
        events = simulated(5_000 if quick else 30_000)
        for start in range(0, len(events), 1_000):
            store.door.receive([read_event(each) for each in events[start : start + 1_000]])
        store.work_off()
        topics, envelope = topic_map(), members.envelope_of(store)
        sent = [
            (topics.place(row).topic.name, envelope.send(row, key_of(row, topics, envelope)))
            for row in store.log.read_all(0, 1_000_000)
        ]
        table.fact("messages that the relay sends", len(sent))
        table.paired(
            "relay, log on PostgreSQL to acknowledged / raw producer, same bytes",
            lambda: asyncio.run(relayed(store, fresh(kafka))),
            lambda: asyncio.run(produced(sent, fresh(kafka))),
            1 if quick else 5,
            0.5,
        )


class Ran(NamedTuple):
    """One `claimtrail ingest`."""

    a_second: float
    """Events a second by the clock, from reading to the last assessed claim."""
    a_processor_second: float
    """Events a second of processor time, of all its processes, from their start to their end."""


def ingested(file: Path, store: Path, **environment: str) -> Ran:
    quiet = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "CLAIMTRAIL_"))}
    with subprocess.Popen(
        [COMMAND, "ingest", "--data", str(store), "--json", str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**quiet, **environment},
    ) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.read())
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in (0, 1), process.returncode
    return Ran(float(told["events_per_second"]), told["events"] / (used.ru_utime + used.ru_stime))


def distributed(events: list[bytes], place: Path, kafka: str, server: str, expected: list[dict[str, Any]]) -> float:
    """Events a second from the first one sent to the last claim assessed; broker and database on the same cores."""
    settings = replace(fresh(kafka), session_seconds=30.0)
    with database(server) as url, fleet(place, settings, url) as processes:
        processes.environment.pop("CLAIMTRAIL_TRACE_RATIO")  # tests sample every trace; here it is as it comes
        processes.start(*SERVICES, "relay")
        until(processes.ready, "all are ready")
        messages = [(orjson.loads(each)["subject"].encode(), each, STRUCTURED) for each in events]
        began = time.perf_counter()
        asyncio.run(tell(settings, messages))
        with processes.store() as store:
            told = Counter(claim["status"] for claim in expected)
            asked = "SELECT status, count(*) FROM claim GROUP BY status"  # cheap: who looks works on the same two cores
            while dict(store.log.connection().execute(asked).fetchall()) != told or claims(store) != expected:
                time.sleep(0.1)
                assert time.perf_counter() - began < 600, processes.logs()
        rate = len(events) / (time.perf_counter() - began)
        processes.stop()
    return rate


def bench_suite(table: Table, kafka: str, server: str, *, quick: bool) -> None:
    events = simulated(3_000 if quick else 20_000)
    with folder() as place:
        file = place / "events.jsonl"
        file.write_bytes(b"".join(events))
        ingested(file, place / "calm")
        with Installation(place / "calm") as calm:
            tell_day(calm, datetime.now().astimezone().date())  # as the clock of the separate processes does
            expected = claims(calm)
        count = 0

        def over_kafka() -> float:
            nonlocal count
            count += 1
            own = place / f"fleet-{count}"
            own.mkdir()
            return distributed(events, own, kafka, server, expected)

        def embedded() -> float:
            nonlocal count
            count += 1
            return ingested(file, place / f"store-{count}").a_second

        table.paired(
            "clinic events to assessed claims, over Kafka / embedded", over_kafka, embedded, 1 if quick else 3, 0.3
        )


class _Slow(BaseHTTPRequestHandler):
    """A collector that takes five seconds for every request."""

    def do_POST(self) -> None:
        time.sleep(5)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


def bench_telemetry(table: Table, *, quick: bool) -> None:
    """With telemetry and without in turn, the order changing; of each pair both the clock and the processor."""
    events = simulated(4_000 if quick else 60_000)
    slow = ThreadingHTTPServer(("127.0.0.1", 0), _Slow)
    threading.Thread(target=slow.serve_forever, daemon=True).start()
    with folder() as place:
        file = place / "events.jsonl"
        file.write_bytes(b"".join(events))
        count = 0

        def run(**environment: str) -> Ran:
            nonlocal count
            count += 1
            store = place / f"store-{count}"
            ran = ingested(file, store, **environment)
            shutil.rmtree(store)
            return ran

        for what, endpoint in (("dead", "http://127.0.0.1:9"), ("slow", f"http://127.0.0.1:{slow.server_port}")):
            asked = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}
            pairs = []
            for number in range(1 if quick else 6):
                ways = [asked, {}] if number % 2 else [{}, asked]
                pair = [run(**way) for way in ways]
                pairs.append(pair if number % 2 else pair[::-1])
            for by, column in (("the processor", 1), ("the clock", 0)):
                table.pairs(
                    f"ingest with telemetry and a {what} collector / without, by {by}",
                    [(with_it[column], without[column]) for with_it, without in pairs],
                    0.95,
                )
    slow.shutdown()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    options.add_argument("--only", choices=["relay", "suite", "telemetry"])
    asked = options.parse_args()
    table = Table("distributed")
    with folder() as place:
        if asked.only != "telemetry":
            with postgres.server(f"bench-{os.getpid()}") as server, OwnKafka(place / "kafka") as kafka:
                if asked.only in (None, "relay"):
                    bench_relay(table, kafka.bootstrap, server, quick=asked.quick)
                if asked.only in (None, "suite"):
                    bench_suite(table, kafka.bootstrap, server, quick=asked.quick)
        if asked.only in (None, "telemetry"):
            bench_telemetry(table, quick=asked.quick)
    table.save()


if __name__ == "__main__":
    main()
