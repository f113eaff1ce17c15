"""The long form: every process and server killed and frozen under load, again and again; `make torture`."""

import asyncio
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiokafka.errors import KafkaError

from service_kit.kafka.topics import create
from service_kit.settings import Settings
from suite.topics import all_topics
from support import postgres
from support.distributed import ToSend, tell
from support.fleet import SERVICES, Fleet, fleet, until
from support.kafka_server import NoKafka, OwnKafka
from support.servers import missing
from support.simulated import delivered, embedded, nothing_is_lost_or_doubled, simulated, told

pytestmark = [pytest.mark.torture, pytest.mark.timeout(1800)]
PATIENCE = 300.0
BACK_SECONDS = 15.0
Blow = Callable[[Fleet, random.Random], None]


@contextmanager
def servers(folder: Path) -> Iterator[tuple[OwnKafka, Any]]:
    """A Kafka and a PostgreSQL of our own."""
    server = postgres.carried(f"torture-{os.getpid()}-{folder.name[-20:]}")
    try:
        with OwnKafka(folder / "kafka") as kafka:
            yield kafka, server
    except NoKafka as reason:
        missing(reason)
    finally:
        server.cleanup()


def slowly(settings: Settings, messages: list[ToSend], seconds: float) -> threading.Thread:
    """Send over so long a time."""

    def send() -> None:
        pieces = max(1, int(seconds * 2))
        size = len(messages) // pieces + 1
        for start in range(0, len(messages), size):
            while True:
                try:
                    asyncio.run(tell(settings, messages[start : start + size]))
                    break
                except KafkaError:
                    time.sleep(0.5)  # as a clinic does: it sends again what was not acknowledged
            time.sleep(seconds / pieces)

    thread = threading.Thread(target=send)
    thread.start()
    return thread


def under_load(
    folder: Path,
    blow: Callable[[OwnKafka, Any], Blow],
    *,
    rounds: int,
    seed: int,
    visits: int = 400,
    pause: float = 2.0,
) -> None:
    """Two copies of all, events coming all the while, a blow every few seconds; the claims are those of a calm run."""
    dice = random.Random(seed)
    events = simulated(visits, seed)
    expected = embedded(folder, events)
    with servers(folder) as (kafka, server):
        settings = Settings(bootstrap=kafka.bootstrap, partitions=4, replication=1, session_seconds=6.0)
        asyncio.run(create(all_topics(), settings))
        (folder / "fleet").mkdir()
        with postgres.database(str(server.get_uri())) as database, fleet(folder / "fleet", settings, database) as all_:
            all_.start(*SERVICES, *SERVICES, "relay", "relay")
            until(all_.ready, "all are ready", PATIENCE)
            strike = blow(kafka, server)
            sending = slowly(settings, delivered(events, seed), rounds * (pause + 1.0))
            for _ in range(rounds):
                time.sleep(dice.uniform(0.2, pause))
                strike(all_, dice)
            sending.join()
            back = until(all_.ready, "all are ready again", PATIENCE)
            with all_.store() as store:
                until(lambda: told(store) == expected, "the claims are the same", PATIENCE)
                nothing_is_lost_or_doubled(store, events)
            print(f"\n{rounds} blows, all ready {back:.1f} s after the last")
            assert {code for _, _, code in all_.stop()} == {0}


@pytest.mark.parametrize("seed", range(4))
def test_every_service_is_killed_at_any_moment(tmp_path: Path, seed: int) -> None:
    def kill_one(_kafka: OwnKafka, _server: Any) -> Blow:
        return lambda all_, dice: _ignore(all_.replace(dice.choice(all_.members)))

    under_load(tmp_path, kill_one, rounds=25, seed=seed)


def _ignore(_made: object) -> None:
    return


def test_the_broker_is_killed_and_started_again_and_again(tmp_path: Path) -> None:
    def kill_broker(kafka: OwnKafka, _server: Any) -> Blow:
        def strike(all_: Fleet, dice: random.Random) -> None:
            kafka.kill()
            time.sleep(dice.uniform(0.0, 8.0))
            kafka.start()
            assert until(all_.ready, "all are green again", PATIENCE) < BACK_SECONDS

        return strike

    under_load(tmp_path, kill_broker, rounds=8, seed=11)


def test_the_database_is_killed_and_started_again_and_again(tmp_path: Path) -> None:
    def kill_database(_kafka: OwnKafka, server: Any) -> Blow:
        def strike(all_: Fleet, dice: random.Random) -> None:
            postgres.kill(server)
            time.sleep(dice.uniform(0.0, 8.0))
            server.ensure_postgres_running()
            assert until(all_.ready, "all are green again", PATIENCE) < BACK_SECONDS

        return strike

    under_load(tmp_path, kill_database, rounds=8, seed=12)


def test_frozen_copies_wake_after_their_partitions_moved(tmp_path: Path) -> None:
    """SIGSTOP past the session timeout, SIGCONT: what the woken one had in hand changes nothing any more."""

    def freeze(_kafka: OwnKafka, _server: Any) -> Blow:
        def strike(all_: Fleet, dice: random.Random) -> None:
            services = [dice.choice((*SERVICES, "relay")) for _ in range(2)]
            frozen = [next(each for each in all_.members if each.service == service) for service in services]
            for member in frozen:
                member.signal(signal.SIGSTOP)
            time.sleep(dice.uniform(7.0, 12.0))
            for member in frozen:
                member.signal(signal.SIGCONT)

        return strike

    under_load(tmp_path, freeze, rounds=8, seed=13)


def test_copies_come_and_go_every_few_seconds(tmp_path: Path) -> None:
    def rebalance(_kafka: OwnKafka, _server: Any) -> Blow:
        def strike(all_: Fleet, dice: random.Random) -> None:
            member = dice.choice([each for each in all_.members if each.service != "relay"])
            all_.start(member.service)
            member.signal(signal.SIGTERM)
            member.process.wait(30)
            all_.members.remove(member)

        return strike

    under_load(tmp_path, rebalance, rounds=15, seed=14, pause=1.0)


def test_a_thousand_poison_bodies_among_ten_thousand_good_ones(tmp_path: Path) -> None:
    events = simulated(visits=1_500, seed=15)[:10_000]
    expected = embedded(tmp_path, events)
    dice = random.Random(15)
    poison = [b"not json", b"\xff\xfe", None, b"[" * 10_000, b"x" * 900_000, b'{"specversion": "1.0"}', b"{}"]
    bad: list[ToSend] = [(b"poison", dice.choice(poison), []) for _ in range(1_000)]
    messages = [*delivered(events, seed=15), *bad]
    dice.shuffle(messages)
    with servers(tmp_path) as (kafka, server):
        settings = Settings(bootstrap=kafka.bootstrap, partitions=4, replication=1)
        asyncio.run(create(all_topics(), settings))
        (tmp_path / "fleet").mkdir()
        with (
            postgres.database(str(server.get_uri())) as database,
            fleet(tmp_path / "fleet", settings, database) as all_,
        ):
            all_.start(*SERVICES, *SERVICES, "relay")
            until(all_.ready, "all are ready", PATIENCE)
            asyncio.run(tell(settings, messages))
            with all_.store() as store:
                until(lambda: told(store) == expected, "the good work is done", PATIENCE)
                nothing_is_lost_or_doubled(store, events)
                asked = "SELECT count(*), min(length(errors)) FROM rejected_message"
                count, shortest = store.log.connection().execute(asked).fetchone()
            assert count == len(bad)
            assert shortest > 10


def test_two_thousand_visits_end_in_the_same_claims(tmp_path: Path) -> None:
    """The key test in its long form: two copies of each, shuffled and doubled; then the same with a copy killed."""
    under_load(tmp_path, lambda _k, _s: lambda all_, dice: None, rounds=5, seed=16, visits=2_000)


def test_a_relay_that_dies_is_replaced_within_fifteen_seconds(tmp_path: Path) -> None:
    events = simulated(visits=40, seed=17)
    expected = embedded(tmp_path, events)
    with servers(tmp_path) as (kafka, server):
        settings = Settings(bootstrap=kafka.bootstrap, partitions=4, replication=1)
        settings = replace(settings, lease_seconds=Settings().lease_seconds)
        asyncio.run(create(all_topics(), settings))
        (tmp_path / "fleet").mkdir()
        with (
            postgres.database(str(server.get_uri())) as database,
            fleet(tmp_path / "fleet", settings, database) as all_,
        ):
            all_.start(*SERVICES)
            first, _ = all_.start("relay", "relay")
            until(all_.ready, "all are ready", PATIENCE)
            first.signal(signal.SIGSTOP)  # dead for all others, but its connections stand
            asyncio.run(tell(settings, delivered(events, seed=17)))
            with all_.store() as store:
                took = until(lambda: told(store) == expected, "the claims are the same", PATIENCE)
            assert took < 20.0
            first.signal(signal.SIGCONT)
            time.sleep(2.0)
            with all_.store() as store:
                assert told(store) == expected
                nothing_is_lost_or_doubled(store, events)
