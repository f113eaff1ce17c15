"""Topics of its own for each test, on the run's broker."""

import asyncio
import uuid

import pytest

from service_kit.kafka.topics import create
from service_kit.settings import Settings
from suite.topics import all_topics
from support.kafka_server import NoKafka, server
from support.servers import missing


@pytest.fixture(scope="session")
def kafka() -> str:
    try:
        return server()
    except NoKafka as reason:
        missing(reason)


@pytest.fixture
def settings(kafka: str) -> Settings:
    """Settings with topics that were made for this test alone."""
    prefix = f"t{uuid.uuid4().hex[:10]}."
    made = Settings(bootstrap=kafka, prefix=prefix, partitions=4, replication=1, session_seconds=6.0)
    asyncio.run(create(all_topics(prefix), made))
    return made
