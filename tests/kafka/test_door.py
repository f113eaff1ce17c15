"""The Kafka door is the same door: every mode of CloudEvents, the same outcomes, refusals with their reasons."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from interchange.cloudevents import read_event
from service_kit.kafka.receipts import Overtaken
from service_kit.settings import Settings
from session_capture.door import Answer
from suite.distributed.clinic_messages import events_in
from suite.distributed.door import ClinicDoor
from suite.installation import Installation
from suite.topics import DEAD_LETTERS, REJECTS
from support.distributed import ToSend, all_messages, plant, tell, until
from support.histories import rich_history
from support.messages import Message
from support.store import claims, opened, send
from support.visits import reference, visit

STRUCTURED = [("content-type", b"application/cloudevents+json; charset=UTF-8")]
BATCHED = [("content-type", b"application/cloudevents-batch+json")]
EVENT = visit("s-1")[0]


def message(value: bytes | None, headers: Any = (), offset: int = 0) -> Message:
    return Message("clinic.events.v1", 0, offset, b"s-1", value, list(headers))


def binary(event: dict[str, Any]) -> tuple[bytes, list[tuple[str, bytes]]]:
    attributes = {name: value for name, value in event.items() if name != "data"}
    headers = [(f"ce_{name}", value.encode()) for name, value in attributes.items()]
    return orjson.dumps(event["data"]), [("content-type", b"application/json"), *headers]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Installation]:
    with opened(tmp_path) as made:
        yield made


def test_an_event_is_the_same_in_every_mode() -> None:
    plain = read_event(orjson.dumps(EVENT))
    value, headers = binary(EVENT)
    assert events_in(message(orjson.dumps(EVENT), STRUCTURED)) == [plain]
    assert events_in(message(orjson.dumps(EVENT))) == [plain]
    assert events_in(message(orjson.dumps([EVENT, EVENT]), BATCHED)) == [plain, plain]
    (by_header,) = events_in(message(value, headers))
    assert by_header.content == plain.content  # type: ignore[union-attr]  # the test knows which
    assert by_header.fact_id == plain.fact_id  # type: ignore[union-attr]  # the test knows which


@pytest.mark.parametrize(
    ("value", "headers", "path"),
    [
        (None, [], "$"),
        (b"", STRUCTURED, "$"),
        (b"not json", STRUCTURED, "$"),
        (b"\xff\xfe\x00", [], "$"),
        (b"[" * 10_000, BATCHED, "$"),
        (b"[" * 10_000, [], "$"),
        (b'{"a": 1}', BATCHED, "$"),
        (b"{}", [("ce_specversion", b"1.0"), ("ce_id", b"\xff\xfe")], "$.id"),
        (b"{", [("ce_specversion", b"1.0")], "$.data"),
        (b'{"x": "' + b"y" * 9_000_000 + b'"}', [], "$"),
        (orjson.dumps({**EVENT, "type": "claimtrail.session.opened.v9"}), STRUCTURED, "$.type"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_its_path(value: bytes | None, headers: Any, path: str) -> None:
    (refused,) = events_in(message(value, headers))
    assert path in {fault["path"] for fault in refused.errors}  # type: ignore[union-attr]  # the test knows which


def rejects(store: Installation) -> list[tuple[Any, ...]]:
    asked = "SELECT at_offset, place, outcome, errors FROM rejected_message ORDER BY partition_number, at_offset, place"
    return store.log.connection().execute(asked).fetchall()


def test_facts_rejects_and_offset_are_there_together(store: Installation) -> None:
    door = ClinicDoor(store)
    other = {**EVENT, "data": {**EVENT["data"], "place_of_service": "12"}}
    bad = {**EVENT, "id": "bad", "data": {**EVENT["data"], "discipline": "XX"}}
    taken = door.take([message(orjson.dumps([EVENT, EVENT, other, bad]), BATCHED, 7)])
    assert [stored.next_offset for stored in taken.values()] == [8]
    assert [(row[:3]) for row in rejects(store)] == [(7, 2, "conflict"), (7, 3, "rejected")]
    (fault,) = orjson.loads(rejects(store)[1][3])
    assert (fault["path"], fault["value"]) == ("$.data.discipline", "XX")
    assert "PT" in fault["expected"]


def test_a_message_delivered_again_is_a_duplicate(store: Installation) -> None:
    door = ClinicDoor(store)
    door.take([message(orjson.dumps(EVENT))])
    head = store.log.head()
    ClinicDoor(store).take([message(orjson.dumps(EVENT))])
    assert store.log.head() == head


def test_a_frozen_door_that_wakes_keeps_nothing(store: Installation) -> None:
    zombie, door = ClinicDoor(store), ClinicDoor(store)
    for each in (zombie, door):
        each.load([("clinic.events.v1", 0)])
    door.take([message(orjson.dumps(EVENT))])
    head = store.log.head()
    with pytest.raises(Overtaken):
        zombie.take([message(orjson.dumps(visit("s-2")[0]))])
    assert store.log.head() == head
    assert store.door.receive([read_event(orjson.dumps(visit("s-2")[0]))])[0].outcome == "accepted"


def test_all_doors_answer_alike(store: Installation, tmp_path: Path) -> None:
    events = [*reference(), *visit(), *visit(), visit("s-9")[1], {**EVENT, "data": {}}, {**EVENT, "subject": ""}]
    seen: list[Answer] = []
    receive = store.door.receive

    def listening(*given: Any) -> list[Answer]:
        seen.extend(receive(*given))
        return seen

    store.door.receive = listening  # type: ignore[method-assign]  # the test knows which
    ClinicDoor(store).take([message(orjson.dumps(each), STRUCTURED, number) for number, each in enumerate(events)])
    with Installation(tmp_path / "other") as other:
        assert seen == send(other, events)


def test_from_kafka_to_claims_with_poison_between(store: Installation, settings: Settings, tmp_path: Path) -> None:
    """Good work is done while poison waits; each refusal is in the table and in the topic."""
    history = rich_history()
    dice = random.Random(3)
    messages: list[ToSend] = []
    for number, each in enumerate(history):
        key = each["subject"].encode()
        if number % 3 == 0:
            value, headers = binary(each)
            messages.append((key, value, headers))
        else:
            messages.append((key, orjson.dumps(each), STRUCTURED))
        messages += dice.choices([(key, b"poison", []), (key, None, []), (key, b"\xff", [("ce_specversion", b"\xff")])])
    with Installation(tmp_path / "calm") as calm:
        send(calm, history)
        expected = claims(calm)

    async def run() -> None:
        async with plant(store, settings, copies=2):
            await tell(settings, messages)
            await until(lambda: claims(store) == expected, "the claims are the same")
            await until(lambda: len(rejects(store)) == len(history), "every poison is in the table")
            topic = settings.prefix + REJECTS.name
            told: list[Any] = []
            while len(told) < len(history):
                told = await all_messages(settings, [topic])
            documents = [orjson.loads(each.value) for each in told]
            assert Counter(each["outcome"] for each in documents) == {"rejected": len(history)}
            assert all(each["errors"][0]["expected"] for each in documents)
            assert await all_messages(settings, [settings.prefix + DEAD_LETTERS.name]) == []

    asyncio.run(run())
