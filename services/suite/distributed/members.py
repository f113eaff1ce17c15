"""The members of a distributed suite, made of an installation: the relay, a consumer a service, the Kafka door."""

import asyncio
import os
import socket
from collections.abc import Mapping
from functools import partial

from service_kit.kafka.consumer import Consumer
from service_kit.kafka.copies import Copier, DeadLetterCopies, Source
from service_kit.kafka.envelope import Envelope
from service_kit.kafka.intake import Intake
from service_kit.kafka.relay import NAME as RELAY
from service_kit.kafka.relay import Relay, producer
from service_kit.kafka.sweep import Sweep
from service_kit.kafka.topics import Topic
from service_kit.lease import Leadership
from service_kit.runner import Runner
from service_kit.service import Service
from service_kit.settings import Settings
from suite.distributed import door
from suite.distributed.door import ClinicDoor
from suite.installation import Installation, make_services
from suite.topics import CLINIC, topic_map

GROUP = "claimtrail."


def own_name() -> str:
    """What tells this process from every other."""
    return f"{socket.gethostname()}:{os.getpid()}"


def services() -> dict[str, Service]:
    """Every service by its name."""
    return {service.name: service for service in make_services()}


TOGETHER = {"claim-validation": ("patient-charts", "claim-validation"), "appeals": ("appeals", "denial-figures")}
"""Services that are served by one process, in turn: side by side they would change what the other rests on."""


def served_by(process: str) -> tuple[Service, ...]:
    """The services of one process, each with a group of its own."""
    known = services()
    return tuple(known[name] for name in TOGETHER.get(process, (process,)))


def processes() -> tuple[str, ...]:
    """What works on events, process by process, in the order in which events flow."""
    within = {name for process, names in TOGETHER.items() for name in names if name != process}
    return tuple(name for name in services() if name not in within)


def envelope_of(installation: Installation) -> Envelope:
    """What makes this installation's messages and believes only them."""
    return Envelope(installation.key_ring.fingerprint_key())


def relay_of(installation: Installation, settings: Settings, holder: str) -> Relay:
    """A relay; one of all its copies sends."""
    topics = topic_map(settings.prefix)
    return Relay(installation.log, envelope_of(installation), topics, settings, installation.telemetry, holder=holder)


def intake_of(installation: Installation, service: Service, settings: Settings) -> Intake:
    """One service's work on what comes over Kafka."""
    runner = Runner(service, installation.read, installation.codec, installation.telemetry, guarded=True)
    envelope, relay = envelope_of(installation), settings.prefix + RELAY
    return Intake(runner, installation.read, envelope, installation.telemetry, relay=relay)


def consumer_of(
    installation: Installation, service: Service, settings: Settings, turn: asyncio.Lock | None = None
) -> tuple[Consumer, Source]:
    """A group member that does one service's work, and what it has for the dead-letter topic.

    Args:    turn: see Consumer.
    """
    topics, envelope = topic_map(settings.prefix), envelope_of(installation)
    intake, listened = intake_of(installation, service, settings), topics.listened(service.listens_to)
    sweep = Sweep(intake, listened, settings.sweep_seconds)
    consumer = Consumer(intake, listened, settings.prefix + GROUP + service.name, settings, sweep=sweep, turn=turn)
    return consumer, DeadLetterCopies(installation.log, service.name, envelope, topics).copies


def door_of(installation: Installation, settings: Settings) -> tuple[Consumer, Source]:
    """A group member that takes in what clinics send, and what it has for the topic of rejects."""
    handler = ClinicDoor(installation)
    topics = [settings.prefix + CLINIC.name]
    return Consumer(handler, topics, settings.prefix + GROUP + door.NAME, settings), handler.copies


def copier_of(installation: Installation, settings: Settings, name: str, sources: Mapping[Topic, Source]) -> Copier:
    """What sends copies to these topics; of all with the same name one at a time."""
    named = [(settings.prefix + topic.name, source) for topic, source in sources.items()]
    leadership = Leadership(installation.log, f"{settings.prefix}copies-{name}", own_name(), settings.lease_seconds)
    return Copier(installation.log, named, partial(producer, settings), leadership)
