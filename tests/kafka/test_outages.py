"""Servers may be killed and stand still: nothing is lost or doubled, and all go on by themselves."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from event_log.errors import LogUnavailable
from service_kit.dead_letters import dead_letters
from service_kit.kafka.topics import create
from service_kit.settings import Settings
from suite.installation import Installation
from suite.topics import all_topics
from support import postgres
from support.distributed import plant, tell, until
from support.fleet import SERVICES, fleet
from support.fleet import until as wait_until
from support.kafka_server import NoKafka, OwnKafka
from support.servers import missing
from support.simulated import delivered, embedded, nothing_is_lost_or_doubled, simulated, told
from support.store import claims, send
from support.visits import reference, visit

RED_SECONDS, BACK_SECONDS = 10.0, 15.0


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[OwnKafka]:
    try:
        with OwnKafka(tmp_path / "kafka") as made:
            yield made
    except NoKafka as reason:
        missing(reason)


@pytest.fixture
def own_settings(own_kafka: OwnKafka) -> Settings:
    made = Settings(bootstrap=own_kafka.bootstrap, partitions=4, replication=1, session_seconds=6.0)
    asyncio.run(create(all_topics(), made))
    return made


@pytest.fixture
def own_postgres(tmp_path: Path) -> Iterator[Any]:
    server = postgres.carried(f"outages-{os.getpid()}")
    yield server
    server.cleanup()


@pytest.mark.timeout(240)
def test_a_killed_server_turns_all_red_and_its_return_green(
    own_kafka: OwnKafka, own_settings: Settings, own_postgres: Any, tmp_path: Path
) -> None:
    """The broker, the database, and both at once; events come before and after each."""
    events = simulated(visits=60, seed=4)
    expected = embedded(tmp_path, events)
    messages = delivered(events, seed=4)
    outages: list[tuple[str, tuple[Callable[[], object], ...], tuple[Callable[[], object], ...]]] = [
        ("broker", (own_kafka.kill,), (own_kafka.start,)),
        ("database", (partial(postgres.kill, own_postgres),), (own_postgres.ensure_postgres_running,)),
    ]
    outages.append(("both", *(tuple(each for outage in outages for each in outage[side]) for side in (1, 2))))
    times: dict[str, tuple[float, float]] = {}
    (tmp_path / "fleet").mkdir()
    with (
        postgres.database(str(own_postgres.get_uri())) as database,
        fleet(tmp_path / "fleet", own_settings, database) as processes,
    ):
        members = processes.start(*SERVICES, "relay")
        wait_until(processes.ready, "all are ready")
        for number, (what, kill, start) in enumerate(outages):
            asyncio.run(tell(own_settings, messages[number::4]))
            for each in kill:
                each()
            red = wait_until(lambda: all(each.unready() for each in members), f"all are red: {what}", patience=30)
            for each in start:
                each()
            times[what] = red, wait_until(processes.ready, f"all are green again: {what}", patience=60)
        asyncio.run(tell(own_settings, messages[len(outages) :: 4]))
        with processes.store() as store:
            wait_until(lambda: told(store) == expected, "the claims are the same")
            nothing_is_lost_or_doubled(store, events)
    print(f"\nred, and green again after [s]: {times}")
    assert all(red < RED_SECONDS and green < BACK_SECONDS for red, green in times.values()), times


def test_a_consumer_that_stopped_fetching_is_started_anew(settings: Settings, tmp_path: Path) -> None:
    """As in aio-libs/aiokafka#1154: it is a member of its group, answers, and takes nothing."""
    settings = replace(settings, stalled_seconds=2.0)

    async def run() -> None:
        with Installation(tmp_path / "store") as store:
            async with plant(store, settings) as running:
                await asyncio.to_thread(send, store, reference(), work=False)
                await until(lambda: all(each.answers for each in running.consumers), "all answer")
                deaf = [each for each in running.consumers if "session-capture" in each.group]
                for each in deaf:
                    assert each._client is not None
                    each._client.getmany = never  # type: ignore[method-assign]  # a fault put in
                for number in range(3):  # the call in flight may still bring something
                    await asyncio.to_thread(send, store, visit(f"s-{number}", day=f"2026-03-0{number + 2}"), work=False)
                    await asyncio.sleep(0.3)
                await until(lambda: len(claims(store)) == 3, "all claims are there", patience=40)
                assert any(each.restarts for each in deaf)

    asyncio.run(run())


async def never(*_given: Any, **_more: Any) -> dict[Any, Any]:
    await asyncio.sleep(3600)
    return {}


def test_the_database_may_stand_still_while_messages_come(settings: Settings, tmp_path: Path) -> None:
    """Its faults hold the work up; no case is set aside for them, and nobody has to put anything back."""

    async def run() -> None:
        with Installation(tmp_path / "store") as store:
            async with plant(store, settings) as running:
                await until(lambda: all(each.answers for each in running.consumers), "all answer")
                commit, broken_until = store.log.commit, time.monotonic() + 3.0

                def breaking(*given: Any, **more: Any) -> Any:
                    if time.monotonic() < broken_until:
                        raise LogUnavailable("the disk is away")
                    return commit(*given, **more)

                events = [*reference(), *visit()]
                await asyncio.to_thread(send, store, events, work=False)
                store.log.commit = breaking  # type: ignore[method-assign]  # a fault put in
                await until(lambda: any(each.fault for each in running.consumers), "somebody is held up")
                await until(lambda: len(claims(store)) == 1, "the claim is there")
                await until(lambda: not any(each.fault for each in running.consumers), "nobody is held up any more")
                assert dead_letters(store.log.connection()) == []

    asyncio.run(run())
