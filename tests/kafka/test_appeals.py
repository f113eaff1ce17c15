"""Deadlines and acts over Kafka: two copies of every service, a clock, and people at work end as in one process."""

import asyncio
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from appeals.acts import File, Send, Take
from appeals.views import appeals_list
from audit.replay import replay
from service_kit.dead_letters import dead_letters
from service_kit.settings import Settings
from suite.appealing import act
from suite.installation import Installation
from suite.ticking import ticker_of
from support.distributed import plant, until
from support.remittances import answered, denied, reviewed
from support.store import claims, send
from support.visits import reference, visit

BY = "A. Biller"
LAST = date(2026, 9, 1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path / "store") as made:
        yield made


@pytest.fixture
def calm(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path / "calm") as made:
        yield made


def visited(number: int) -> list[dict[str, Any]]:
    return [*reference(f"p-{number}"), *visit(f"s-{number}", patient=f"p-{number}")]


def answers(claim: str) -> list[dict[str, Any]]:
    adjustments = denied("50", line=1, cents=13_000), denied("4", line=2, cents=7_000)
    return [answered(claim, "denied", "2026-04-11", *adjustments), reviewed(f"{claim}-A1", "upheld", "2026-06-20")]


def works(store: Installation, claim: str) -> None:
    act(store, f"{claim}-A1", Take(BY))
    act(store, f"{claim}-W1", Send(BY, date(2026, 5, 5), "electronic"))
    act(store, f"{claim}-A2", File(BY, date(2026, 6, 26), "mail", "RR"))


def rows(store: Installation) -> list[dict[str, Any]]:
    return appeals_list(store.read.rows())


async def distributed(store: Installation, settings: Settings, expected: list[dict[str, Any]]) -> None:
    def both(claim: str) -> bool:
        return any(row["item_id"] == f"{claim}-A2" for row in rows(store))

    async with plant(store, settings, copies=2):
        for number in range(6):
            await asyncio.to_thread(send, store, visited(number), work=False)
        await until(lambda: len(claims(store)) == 6, "the claims are there")
        ids = [claim["claim_id"] for claim in claims(store)]
        for claim in ids:
            await asyncio.to_thread(send, store, answers(claim), work=False)
        await until(lambda: all(both(claim) for claim in ids), "every second level is open")
        for claim in ids[:3]:
            await asyncio.to_thread(works, store, claim)
        await asyncio.to_thread(ticker_of(store).tick, LAST)
        await until(lambda: rows(store) == expected, "the worklist is the same")


def test_the_worklist_ends_the_same(store: Installation, calm: Installation, settings: Settings) -> None:
    for number in range(6):
        send(calm, visited(number))
    ids = [claim["claim_id"] for claim in claims(calm)]
    for claim in ids:
        send(calm, answers(claim))
    for claim in ids[:3]:
        works(calm, claim)
    ticker_of(calm).tick(LAST)
    calm.work_off()
    expected = rows(calm)
    assert {row["status"] for row in expected} == {"open", "filed", "decided", "sent"}
    asyncio.run(distributed(store, settings, expected))
    assert dead_letters(store.log.connection()) == []
    assert replay(store.read, store.codec).different == 0
