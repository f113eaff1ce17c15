"""What a topic is, which one an event goes to, and making them."""

import ssl
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code
from aiokafka.partitioner import DefaultPartitioner

from event_log.protocol import Recorded
from service_kit.settings import Settings

REQUEST_SECONDS = 8.0
"""A request that a broker did not answer for so long is given up, and its connection with it [s]."""
MOST_COPIES = 3
"""With so many, one broker may be away and nothing that was acknowledged is lost."""

KeyedBy = Literal["case", "stream", "subject"]


@dataclass(frozen=True)
class Topic:
    """One topic: its name without a prefix, what its keys are, and the event types in it."""

    name: str
    about: str
    keyed_by: KeyedBy
    """`case`: the case id. `stream`: a keyed hash of the stream's name. `subject`: as whoever sends it sees fit."""
    types: frozenset[str] = frozenset()
    also: frozenset[str] = frozenset()
    """Types that come with those: only who listens to one of `types` wants them here."""
    in_the_clear: bool = False
    """Its values hold personal data unsealed: it has a retention of its own."""


class Place(NamedTuple):
    """Where an event goes: the topic, and what its key is made of."""

    topic: Topic
    keyed_by: str
    """The case id, or the stream whose name is hashed."""


@dataclass(frozen=True)
class TopicMap:
    """The topics of an installation."""

    topics: tuple[Topic, ...]
    place: Callable[[Recorded], Place]
    """Where an event of the log goes; all events of one stream go to one partition."""
    prefix: str = ""

    def name(self, topic: Topic) -> str:
        """The topic as Kafka knows it."""
        return self.prefix + topic.name

    def listened(self, types: Iterable[str]) -> list[str]:
        """The topics, as Kafka knows them, in which events of these types may be."""
        wanted = frozenset(types)
        return [self.name(topic) for topic in self.topics if topic.types & wanted]


KEYS_REMEMBERED = 50_000
_chosen = DefaultPartitioner()


@lru_cache(KEYS_REMEMBERED)
def _number_of(key: bytes, count: int) -> int:
    number: int = _chosen(key, range(count), ())
    return number


def partition_of(key: bytes, partitions: Sequence[int]) -> int:
    """The partition that Kafka's own clients choose for a key (murmur2), of these in order."""
    return partitions[_number_of(key, len(partitions))]


def connection(settings: Settings) -> dict[str, Any]:
    """What every client of aiokafka needs to reach the brokers.

    Raises:  BadSetting: nobody said where they are. OSError: a file of the settings cannot be read.
    """
    words: dict[str, Any] = {
        "bootstrap_servers": settings.brokers(),
        "security_protocol": settings.protocol,
        "request_timeout_ms": int(REQUEST_SECONDS * 1000),
    }
    if settings.protocol.endswith("SSL"):
        words["ssl_context"] = ssl.create_default_context(cafile=settings.ca_file or None)
    if settings.protocol.startswith("SASL"):
        words["sasl_mechanism"] = "SCRAM-SHA-512"
        words["sasl_plain_username"] = settings.sasl_user
        words["sasl_plain_password"] = Path(settings.sasl_password_file).read_text().strip()
    return words


class TopicsMissing(Exception):
    """Topics that were never made, or are gone."""

    code = "topics-missing"

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        super().__init__(f"there is no topic {', '.join(names)}; make them with `claimtrail topics`")


async def check_there(names: Collection[str], settings: Settings) -> None:
    """Raises:  TopicsMissing. KafkaError: the brokers cannot be reached."""
    admin = AIOKafkaAdminClient(**connection(settings))
    await admin.start()
    try:
        if missing := sorted(set(names) - set(await admin.list_topics())):
            raise TopicsMissing(missing)
    finally:
        await admin.close()


class Created(NamedTuple):
    """How one topic stands after `create`."""

    name: str
    partitions: int
    state: Literal["created", "was there", "differs"]
    """`differs`: it was there with another number of partitions, and was left alone: keys would move."""


async def create(topics: TopicMap, settings: Settings) -> list[Created]:
    """Make the topics that are not there yet; those that are there are only looked at.

    Raises:  KafkaError: the broker refused, or cannot be reached.
    """
    admin = AIOKafkaAdminClient(**connection(settings))
    await admin.start()
    try:
        known = await _partitions(admin, [topics.name(topic) for topic in topics.topics])
        new = [topic for topic in topics.topics if topics.name(topic) not in known]
        if new:
            await _create(admin, topics, new, settings)
        return [_created(topics.name(topic), known, settings.partitions) for topic in topics.topics]
    finally:
        await admin.close()


async def _create(admin: AIOKafkaAdminClient, topics: TopicMap, new: Sequence[Topic], settings: Settings) -> None:
    copies = settings.replication or min(MOST_COPIES, len((await admin.describe_cluster())["brokers"]))
    wanted = [
        NewTopic(topics.name(topic), settings.partitions, copies, topic_configs=_configs(topic, copies, settings))
        for topic in new
    ]
    answer = await admin.create_topics(wanted)
    for name, code, *_ in answer.topic_errors:
        if code and for_code(code) is not TopicAlreadyExistsError:
            raise for_code(code)(f"topic {name} could not be created")


def _configs(topic: Topic, copies: int, settings: Settings) -> dict[str, str]:
    hours = settings.clinic_retention_hours if topic.in_the_clear else settings.retention_hours
    configs = {
        "retention.ms": str(hours * 3_600_000),
        "cleanup.policy": "delete",
        "message.timestamp.type": "LogAppendTime",  # retention goes by the brokers' clocks, not by a sender's
    }
    if copies >= MOST_COPIES:
        configs["min.insync.replicas"] = str(MOST_COPIES - 1)
    return configs


async def _partitions(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, int]:
    there = set(await admin.list_topics()) & set(names)
    if not there:
        return {}
    return {each["topic"]: len(each["partitions"]) for each in await admin.describe_topics(sorted(there))}


def _created(name: str, known: Mapping[str, int], wanted: int) -> Created:
    if name not in known:
        return Created(name, wanted, "created")
    return Created(name, known[name], "was there" if known[name] == wanted else "differs")
