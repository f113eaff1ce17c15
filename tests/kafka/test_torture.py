"""The long form: every process and server killed and frozen under load, again and again; `make torture`."""

import asyncio
import random
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from service_kit.settings import Settings
from support import postgres
from support.distributed import ToSend, tell
from support.fleet import SERVICES, until
from support.simulated import delivered, embedded, simulated
from support.torture import PATIENCE, Blow, Site, frozen, same_claims, site, under_load

pytestmark = [pytest.mark.torture, pytest.mark.timeout(1800)]


@pytest.mark.parametrize("seed", range(4))
def test_every_service_is_killed_at_any_moment(tmp_path: Path, seed: int) -> None:
    def kill_one(struck: Site, dice: random.Random) -> None:
        struck.processes.replace(dice.choice(struck.processes.members))

    under_load(tmp_path, kill_one, rounds=60, seed=seed)


def kill_broker(struck: Site, dice: random.Random) -> None:
    struck.kafka.kill()
    time.sleep(dice.uniform(0.0, 8.0))
    struck.kafka.start()
    struck.all_are_back()


def kill_database(struck: Site, dice: random.Random) -> None:
    postgres.kill(struck.postgres)
    time.sleep(dice.uniform(0.0, 8.0))
    struck.postgres.ensure_postgres_running()
    struck.all_are_back()


def kill_both(struck: Site, dice: random.Random) -> None:
    postgres.kill(struck.postgres)
    struck.kafka.kill()
    time.sleep(dice.uniform(0.0, 8.0))
    starting = [struck.kafka.start, struck.postgres.ensure_postgres_running]
    dice.shuffle(starting)
    for start in starting:
        start()
    struck.all_are_back()


@pytest.mark.parametrize(
    ("blow", "seed"), [(kill_broker, 11), (kill_database, 12), (kill_both, 13)], ids=["broker", "database", "both"]
)
def test_servers_are_killed_and_started_again_and_again(tmp_path: Path, blow: Blow, seed: int) -> None:
    under_load(tmp_path, blow, rounds=12, seed=seed)


def test_frozen_copies_wake_after_their_partitions_moved(tmp_path: Path) -> None:
    """SIGSTOP past the session timeout, SIGCONT: what the woken one had in hand changes nothing any more."""

    def freeze(struck: Site, dice: random.Random) -> None:
        frozen(struck, dice, 2, dice.uniform(6.5, 10.0))

    under_load(tmp_path, freeze, rounds=12, seed=14)


def test_copies_come_and_go_every_few_seconds(tmp_path: Path) -> None:
    def rebalance(struck: Site, dice: random.Random) -> None:
        members = struck.processes.members
        member = dice.choice([each for each in members if each.service != "relay"])
        struck.processes.start(member.service)
        member.signal(signal.SIGTERM)
        member.process.wait(30)
        members.remove(member)

    under_load(tmp_path, rebalance, rounds=40, seed=15, pause=1.0)


def test_a_thousand_poison_bodies_among_ten_thousand_good_ones(tmp_path: Path) -> None:
    events = simulated(visits=1_500, seed=16)[:10_000]
    expected = embedded(tmp_path, events)
    dice = random.Random(16)
    poison = [b"not json", b"\xff\xfe", None, b"[" * 10_000, b"x" * 900_000, b'{"specversion": "1.0"}', b"{}"]
    bad: list[ToSend] = [(b"poison", dice.choice(poison), []) for _ in range(1_000)]
    messages = [*delivered(events, seed=16), *bad]
    dice.shuffle(messages)
    with site(tmp_path) as struck:
        struck.processes.start(*SERVICES, *SERVICES, "relay")
        until(struck.processes.ready, "all are ready", PATIENCE)
        began = time.monotonic()
        asyncio.run(tell(struck.settings, messages))
        same_claims(struck, expected, events)
        print(f"\n{len(messages)} messages, {len(bad)} of them poison: done after {time.monotonic() - began:.0f} s")
        with struck.processes.store() as store:
            asked = "SELECT count(*), min(length(errors)) FROM rejected_message"
            count, shortest = store.log.connection().execute(asked).fetchone()
    assert count == len(bad)
    assert shortest > 10


def test_two_thousand_visits_end_in_the_same_claims(tmp_path: Path) -> None:
    """The key test in its long form: two copies of each, shuffled and doubled."""
    under_load(tmp_path, lambda _struck, _dice: None, rounds=5, seed=17, visits=2_000)


def test_a_relay_that_dies_is_replaced_within_fifteen_seconds(tmp_path: Path) -> None:
    events = simulated(visits=40, seed=18)
    expected = embedded(tmp_path, events)
    with site(tmp_path) as struck:
        struck.settings = replace(struck.settings, lease_seconds=Settings().lease_seconds)
        struck.processes.start(*SERVICES)
        first, _ = struck.processes.start("relay", "relay")
        until(struck.processes.ready, "all are ready", PATIENCE)
        first.signal(signal.SIGSTOP)  # dead for all others, but its connections stand
        asyncio.run(tell(struck.settings, delivered(events, seed=18)))
        took = same_claims(struck, expected, events)
        print(f"\nthe claims are there {took:.1f} s after the relay died")
        assert took < 20.0
        first.signal(signal.SIGCONT)
        time.sleep(2.0)
        same_claims(struck, expected, events)
