"""The members of a distributed suite, made of an installation: the relay, and a consumer for each service."""

import os
import socket

from service_kit import lease
from service_kit.kafka import receipts
from service_kit.kafka.consumer import Consumer
from service_kit.kafka.envelope import Envelope
from service_kit.kafka.intake import Intake
from service_kit.kafka.relay import Relay
from service_kit.runner import Runner
from service_kit.service import Service
from service_kit.settings import Settings
from service_kit.tables import create_tables
from suite.installation import Installation, first_services, later_services
from suite.topics import topic_map

GROUP = "claimtrail."
TABLES = (*receipts.TABLES, *lease.TABLES)


def own_name() -> str:
    """What tells this process from every other."""
    return f"{socket.gethostname()}:{os.getpid()}"


def services() -> dict[str, Service]:
    """Every service by its name."""
    return {service.name: service for service in (*first_services(), *later_services())}


def prepare(installation: Installation) -> None:
    """Make the tables of this transport beside the log, where the log makes its own."""
    installation.log.ensure_schema(create_tables(*TABLES))


def relay_of(installation: Installation, settings: Settings, holder: str) -> Relay:
    """A relay; one of all its copies sends."""
    envelope = Envelope(installation.key_ring.fingerprint_key())
    topics = topic_map(settings.prefix)
    return Relay(installation.log, envelope, topics, settings, installation.telemetry, holder=holder)


def consumer_of(installation: Installation, service: Service, settings: Settings) -> Consumer:
    """A group member that does one service's work."""
    topics = topic_map(settings.prefix)
    envelope = Envelope(installation.key_ring.fingerprint_key())
    runner = Runner(service, installation.read, installation.codec, installation.telemetry)
    intake = Intake(runner, installation.read, envelope, topics, installation.telemetry)
    listened = topics.listened(service.listens_to)
    return Consumer(intake, listened, settings.prefix + GROUP + service.name, settings, know=intake.know)
