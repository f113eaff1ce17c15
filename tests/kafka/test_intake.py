"""A batch from Kafka is worked on once, whatever is delivered twice, late, by two copies, or not at all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from event_log.memory import MemoryLog
from event_log.sqlite import SqliteLog
from service_kit.dead_letters import dead_letters
from service_kit.errors import UnknownDeadLetter
from service_kit.kafka import receipts
from service_kit.kafka.envelope import LARGEST, Envelope
from service_kit.kafka.receipts import Overtaken, Receipts
from service_kit.tables import create_tables
from support.adder import House
from support.by_hand import PARTITIONS, Copy, Kafka


@pytest.fixture(params=["memory", "sqlite"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    with MemoryLog() if request.param == "memory" else SqliteLog(tmp_path / "log.sqlite") as log:
        log.ensure_schema(create_tables(*receipts.TABLES))
        yield House(log)


@pytest.fixture
def kafka(house: House) -> Kafka:
    return Kafka(house.log)


@pytest.fixture
def copy(house: House) -> Copy:
    return Copy(house.log, house.adder)


def offsets(house: House) -> dict[int, int]:
    stored = Receipts(house.log, "adder").load([("numbers", each) for each in PARTITIONS])
    return {number: at.next_offset for (_, number), at in stored.items()}


def parked(house: House) -> list[tuple[Any, ...]]:
    rows = house.log.connection().execute("SELECT at_offset, reason, body FROM parked_message ORDER BY at_offset")
    return rows.fetchall()


def test_work_and_offsets_are_there_together(house: House, kafka: Kafka, copy: Copy) -> None:
    house.tell(("a", 1), ("b", 2), ("a", 3))
    copy.take(kafka.relay())
    assert house.totals() == {"a": 4, "b": 2}
    assert offsets(house) == {number: len(there) for number, there in kafka.partitions.items()}


def test_what_is_delivered_again_is_not_worked_on_again(house: House, kafka: Kafka, copy: Copy) -> None:
    house.tell(("a", 1), ("b", 2))
    copy.take(kafka.relay())
    house.adder.worked.clear()
    copy.take(kafka.relay(after=0))
    assert house.adder.worked == []
    assert offsets(house) == {number: len(there) for number, there in kafka.partitions.items()}


def test_an_event_twice_in_one_batch_is_worked_on_once(house: House, kafka: Kafka, copy: Copy) -> None:
    house.tell(("a", 1))
    copy.take([*kafka.relay(), *kafka.relay(after=0)])
    assert house.adder.worked == [("a", 1)]


def test_an_event_that_comes_late_is_worked_on(house: House, kafka: Kafka, copy: Copy) -> None:
    house.tell(("a", 1), ("a", 2))
    first, second = house.log.read_all(0, 10, {"Number"})
    copy.take([kafka.put(second)])
    copy.take([kafka.put(first)])
    assert house.adder.worked == [("a", 1), ("a", 1)]


def test_of_two_copies_in_one_partition_the_slower_changes_nothing(house: House, kafka: Kafka, copy: Copy) -> None:
    house.tell(("a", 1))
    zombie = Copy(house.log, house.adder)
    messages = kafka.relay()
    copy.take(messages)
    head, before = house.log.head(), offsets(house)
    house.tell(("a", 5))
    more = kafka.relay()
    with pytest.raises(Overtaken):
        zombie.take([*messages, *more])
    assert (house.log.head(), offsets(house)) == (head + 1, before)
    assert house.totals() == {"a": 1}
    copy.take(more)
    assert house.totals() == {"a": 6}


def test_a_copy_that_was_overtaken_goes_on_where_the_other_came_to(house: House, kafka: Kafka, copy: Copy) -> None:
    house.tell(("a", 1))
    late = Copy(house.log, house.adder)
    messages = kafka.relay()
    copy.take(messages)
    with pytest.raises(Overtaken):
        late.take(messages)
    house.tell(("a", 2))
    late.take(kafka.relay())
    assert house.totals() == {"a": 3}


@pytest.mark.parametrize("value", [b"not json", b"\xff\xfe", None, b"[" * 10_000, b"x" * 2_000_000])
def test_what_is_no_event_is_parked_as_it_came_and_the_rest_goes_on(
    value: bytes | None, house: House, kafka: Kafka, copy: Copy
) -> None:
    house.tell(("a", 1))
    bad = kafka.append(0, value, [("ce_type", b"\xff"), ("x", None)])
    copy.take([bad, *kafka.relay()])
    assert house.totals() == {"a": 1}
    assert [(offset, body) for offset, _, body in parked(house)] == [(0, value)]


def test_a_forged_event_is_parked(house: House, kafka: Kafka, copy: Copy) -> None:
    house.tell(("a", 1))
    (row,) = house.log.read_all(0, 10)
    forged = Envelope(b"f" * 32).send(row._replace(data=orjson.dumps(["Number", "a", 99])), b"key")
    copy.take([kafka.append(0, forged.value, forged.headers)])
    assert house.totals() == {}
    assert len(parked(house)) == 1


def test_data_too_large_for_kafka_is_read_in_the_log(house: House, kafka: Kafka, copy: Copy) -> None:
    case = "c" * (LARGEST + 1)
    house.tell((case, 7))
    (message,) = kafka.relay()
    assert message.value is None
    copy.take([message])
    assert house.totals() == {case: 7}


def test_a_failing_case_waits_and_others_go_on(house: House, kafka: Kafka, copy: Copy) -> None:
    house.adder.poisoned.add("a")
    house.tell(("a", 1), ("b", 2))
    copy.take(kafka.relay())
    house.tell(("a", 5), ("b", 3))
    copy.take(kafka.relay())
    assert house.totals() == {"b": 5}
    (letter,) = house.letters()
    assert (letter["case_key"], letter["waiting"]) == ("a", 2)


def test_another_copy_holds_a_dead_case_too(house: House, kafka: Kafka, copy: Copy) -> None:
    other = Copy(house.log, house.adder)
    house.adder.poisoned.add("a")
    house.tell(("a", 1))
    copy.take(kafka.relay())
    house.adder.poisoned.clear()
    house.tell(("a", 5))
    other.intake._stored.clear()
    other.take(kafka.relay())
    assert house.totals() == {}
    assert house.letters()[0]["waiting"] == 2


def test_redrive_puts_a_case_back_in_order_and_only_once(house: House, kafka: Kafka, copy: Copy) -> None:
    house.adder.poisoned.add("a")
    house.tell(("a", 1), ("a", 2))
    copy.take(kafka.relay())
    house.adder.poisoned.clear()
    letter = house.letters()[0]["id"]
    assert copy.runner.redrive(letter)
    with pytest.raises(UnknownDeadLetter):
        Copy(house.log, house.adder).runner.redrive(letter)
    house.tell(("a", 3))
    copy.take(kafka.relay())
    assert house.totals() == {"a": 6}
    assert dead_letters(house.log.connection()) == []


def test_an_event_held_while_its_case_is_put_back_is_not_left_behind(house: House, kafka: Kafka, copy: Copy) -> None:
    """The redriving copy decides on two events; a third is held before it commits."""
    house.adder.poisoned.add("a")
    house.tell(("a", 1), ("a", 2))
    copy.take(kafka.relay())
    house.adder.poisoned.clear()
    redriving = Copy(house.log, house.adder)
    done: list[int] = []

    def meanwhile() -> None:
        if not done:
            done.append(1)
            house.tell(("a", 3))
            copy.take(kafka.relay())

    house.adder.before_work = meanwhile
    redriving.runner.redrive(house.letters()[0]["id"])
    assert house.totals() == {"a": 6}
    assert house.letters() == []
    assert house.log.connection().execute("SELECT count(*) FROM held_event").fetchone() == (0,)


def test_a_service_that_followed_the_log_before_begins_behind_that(house: House, kafka: Kafka) -> None:
    house.tell(("a", 1))
    house.dispatcher.work_off()
    house.adder.worked.clear()
    copy = Copy(house.log, house.adder)
    house.tell(("b", 1))
    copy.take(kafka.relay())
    assert house.adder.worked == [("b", 1)]


def test_the_inbox_forgets_by_age(house: House, kafka: Kafka, copy: Copy) -> None:
    house.tell(("a", 1), ("b", 2))
    copy.take(kafka.relay())
    inbox = copy.intake.receipts
    assert inbox.prune(before=0) == 0
    assert inbox.prune(before=2**62) == 2
    assert inbox.seen([row.event_id for row in house.log.read_all(0, 10)]) == set()
