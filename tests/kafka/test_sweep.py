"""What Kafka lost is found in the log, whatever the offsets say, and without waiting for another message."""

import asyncio
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition

from event_log.memory import MemoryLog
from event_log.protocol import Checkpoint
from event_log.sqlite import SqliteLog
from service_kit.kafka import receipts
from service_kit.kafka.receipts import Receipts, reached
from service_kit.kafka.sweep import Sweep
from service_kit.tables import create_tables
from support.adder import House
from support.by_hand import PARTITIONS, Copy, Kafka


@pytest.fixture(params=["memory", "sqlite"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    with MemoryLog() if request.param == "memory" else SqliteLog(tmp_path / "log.sqlite") as log:
        log.ensure_schema(create_tables(*receipts.TABLES))
        yield House(log)


@pytest.fixture
def copy(house: House) -> Copy:
    return Copy(house.log, house.adder)


class Client:
    """What a round asks of a consumer: whose the partitions are, and where they begin and end."""

    def __init__(self, kafka: Kafka, *, owned: Iterable[int] = PARTITIONS) -> None:
        self._kafka, self._owned = kafka, owned
        self.expired: set[int] = set()

    def assignment(self) -> set[TopicPartition]:
        return {TopicPartition("numbers", each) for each in self._owned}

    def partitions_for_topic(self, _topic: str) -> Iterable[int]:
        return PARTITIONS

    async def end_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return {each: len(self._kafka.partitions[each.partition]) for each in partitions}

    async def beginning_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        ends = await self.end_offsets(partitions)
        return {each: end if each.partition in self.expired else 0 for each, end in ends.items()}


def swept(copy: Copy, kafka: Kafka, client: Client | None = None, seconds: float = 5.0) -> None:
    """One round; as the relay would, the log is noted as sent up to where it was."""
    log = copy.read.log
    log.commit((), service="test", checkpoint=Checkpoint("relay", kafka.relayed))
    sweep = Sweep(copy.intake, ["numbers"], 0.0)

    async def in_turn(work: Any, *given: Any) -> Any:
        return work(*given)

    asked = client or Client(kafka)
    asyncio.run(asyncio.wait_for(sweep._round(lambda: asked, in_turn), seconds))  # type: ignore[arg-type]  # a Client


def cases(word: str) -> list[str]:
    """So many that every partition has some."""
    return [f"{word}-{number}" for number in range(30)]


def test_what_was_lost_is_found_without_another_message(house: House, copy: Copy) -> None:
    kafka = Kafka(house.log)
    house.tell(*((case, 1) for case in cases("lost")))
    kafka.relay()
    kafka.lose()
    swept(copy, kafka)
    assert house.totals() == dict.fromkeys(cases("lost"), 1)


def test_a_topic_that_grew_past_the_old_offset_hides_nothing(house: House, copy: Copy) -> None:
    """Made anew, and longer than before when the copy goes on where it was: no offset tells."""
    kafka = Kafka(house.log)
    house.tell(*((case, 1) for case in cases("old")))
    copy.take(kafka.relay())
    kafka.lose()
    house.tell(*((case, 2) for case in [*cases("hidden"), *cases("read")]))
    messages = kafka.relay()
    copy.take([each for each in messages if each.offset >= offsets(copy)[each.partition]])
    assert set(house.totals().values()) == {1, 2}
    assert len(house.totals()) < 90
    swept(copy, kafka)
    assert house.totals() == dict.fromkeys(cases("old"), 1) | dict.fromkeys([*cases("hidden"), *cases("read")], 2)


def offsets(copy: Copy) -> dict[int, int]:
    return {number: at.next_offset for (_, number), at in copy.intake.receipts.known().items()}


def test_messages_that_expired_in_an_idle_partition_are_found(house: House, copy: Copy) -> None:
    kafka = Kafka(house.log)
    house.tell(("a", 1))
    (message,) = kafka.relay()
    client = Client(kafka)
    client.expired.add(message.partition)
    swept(copy, kafka, client)
    assert house.totals() == {"a": 1}


def test_what_is_only_late_is_left_to_its_messages(house: House, copy: Copy) -> None:
    kafka = Kafka(house.log)
    house.tell(*((case, 1) for case in cases("late")))
    kafka.relay()
    with pytest.raises(TimeoutError):
        swept(copy, kafka, seconds=0.3)
    assert house.adder.worked == []


def test_what_the_relay_has_not_sent_yet_is_not_lost(house: House, copy: Copy) -> None:
    kafka = Kafka(house.log)
    house.tell(("a", 1))
    swept(copy, kafka)
    assert house.totals() == {}


def test_one_copy_looks_for_all(house: House, copy: Copy) -> None:
    kafka = Kafka(house.log)
    house.tell(("a", 1))
    kafka.relay()
    kafka.lose()
    swept(copy, kafka, Client(kafka, owned=PARTITIONS[1:]))
    assert house.totals() == {}


def test_what_was_swept_is_not_looked_at_again(house: House, copy: Copy) -> None:
    kafka = Kafka(house.log)
    house.tell(("a", 1), ("b", 2))
    copy.take(kafka.relay())
    swept(copy, kafka)
    copy.intake.receipts.prune(before=2**62)
    house.adder.worked.clear()
    swept(copy, kafka)
    assert house.adder.worked == []


def test_a_message_that_comes_after_all_is_not_worked_on_again(house: House, copy: Copy) -> None:
    kafka = Kafka(house.log)
    house.tell(("a", 1))
    messages = kafka.relay()
    kafka.lose()
    swept(copy, kafka)
    house.adder.worked.clear()
    copy.take(messages)
    assert (house.adder.worked, house.totals()) == ([], {"a": 1})


def test_a_service_is_done_up_to_the_first_event_that_nobody_worked_on(house: House, copy: Copy) -> None:
    """However far it has come in other partitions."""
    kafka = Kafka(house.log)
    house.tell(*((case, 1) for case in cases("some")))
    first, *others = kafka.relay()
    copy.take(others)
    (done,) = reached(house.log, [house.adder.service()]).values()
    assert done == 0
    copy.take([first])
    assert reached(house.log, [house.adder.service()]) == {"adder": house.log.head()}
    assert Receipts(house.log, "another").done(["Number"]) == 0
