"""Every event has its topic, all of one stream go one way, and a topic's partitions are fixed when it is made."""

import asyncio
from dataclasses import replace

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from event_log.protocol import Recorded
from service_kit.kafka.topics import create
from service_kit.settings import Settings
from suite.distributed.members import services
from suite.topics import ALL, CLAIMS, CLINIC, FACTS, LOG_TOPICS, REFERENCE, all_topics, place_of, topic_map
from therapy_domain.events import REGISTRY
from therapy_domain.streams import claim_of, fact_stream, sessions_of


def row(stream: str) -> Recorded:
    return Recorded(1, stream, 1, b"i" * 16, "X", 1, None, "o", "", "s", 1, 1, None, None, None, b"{}", b"")


def test_every_event_type_is_in_a_topic_that_the_relay_fills() -> None:
    assert frozenset[str]().union(*(topic.types | topic.also for topic in LOG_TOPICS)) == REGISTRY.keys()


@pytest.mark.parametrize("event_type", sorted(CLINIC.types))
def test_a_fact_goes_to_the_topic_that_lists_its_type(event_type: str) -> None:
    stream = fact_stream(event_type, "/orgs/northside/clinics/elm", "x")
    assert event_type in place_of(row(stream)).topic.types
    assert place_of(row(stream)).topic is (FACTS if stream.startswith("session/") else REFERENCE)


def test_what_is_decided_on_a_case_is_keyed_by_the_case() -> None:
    case = "9f0c5b8e-0000-5000-8000-000000000000"
    for stream in (sessions_of(case), claim_of(case)):
        assert place_of(row(stream)).keyed_by == case
    assert place_of(row(claim_of(case))).topic is CLAIMS


def test_a_service_listens_to_the_topics_of_its_events_and_to_no_other() -> None:
    listened = {name: topic_map("x.").listened(service.listens_to) for name, service in services().items()}
    assert listened == {
        "session-capture": ["x.therapy.facts.v1"],
        "unit-calculation": ["x.therapy.sessions.v1", "x.therapy.reference.v1"],
        "patient-charts": ["x.therapy.units.v1", "x.therapy.reference.v1"],
        "claim-validation": [
            "x.therapy.units.v1",
            "x.therapy.claims.v1",
            "x.therapy.appeals.v1",
            "x.therapy.reference.v1",
        ],
        "appeals": ["x.therapy.claims.v1", "x.therapy.appeals.v1", "x.therapy.reference.v1"],
        "denial-figures": ["x.therapy.claims.v1", "x.therapy.appeals.v1"],
    }


async def described(settings: Settings, names: list[str]) -> dict[str, int]:
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap)
    await admin.start()
    try:
        return {each["topic"]: len(each["partitions"]) for each in await admin.describe_topics(names)}
    finally:
        await admin.close()


def test_topics_are_made_once_and_never_cut_anew(settings: Settings) -> None:
    topics = all_topics(settings.prefix)
    again = asyncio.run(create(topics, settings))
    assert {each.state for each in again} == {"was there"}
    other = asyncio.run(create(topics, replace(settings, partitions=7)))
    assert {(each.state, each.partitions) for each in other} == {("differs", 4)}
    names = [topics.name(topic) for topic in ALL]
    assert asyncio.run(described(settings, names)) == dict.fromkeys(names, 4)
