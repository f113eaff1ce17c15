"""`serve`, `topics` and `leave-kafka`: the suite as separate processes over Kafka and PostgreSQL."""

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from suite.commands.faults import CommandFailed
from suite.commands.serving import bound, hosts_of, warn_of_strangers
from suite.commands.store import DATABASE_VARIABLE, DEFAULT_DATA, AsJson, Data, database_url, writing
from suite.commands.tables import left, right, row, table
from suite.commands.terminal import err, note, out, print_json

if TYPE_CHECKING:
    from service_kit.settings import Settings

LATER = ("console",)
DIFFERS = 1
SWITCH_SECONDS = 0.0005
"""A thread that has its answer from the database waits so long at most for one that computes; by default ten times."""


def _settings() -> "Settings":
    from service_kit.settings import BadSetting, Settings

    try:
        settings = Settings.from_environment()
        settings.brokers()
    except BadSetting as error:
        raise CommandFailed(str(error)) from error
    return settings


def serve(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="What to serve; see above.")],
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0 takes a free one, and says which.")] = 0,
    data: Data = DEFAULT_DATA,
) -> None:
    """Serve one service in a process of its own, against Kafka and PostgreSQL; any number of copies.

    SERVICE is session-capture (which also has the doors by HTTP and Kafka), unit-calculation, claim-validation,
    appeals, audit (claims, histories, status by HTTP), or relay (the log to Kafka; one of its copies sends).
    Each answers /healthz, /readyz and /metrics. Settings: docs/kafka.md.

    \b
    Example: claimtrail serve session-capture --port 8113
    """
    from service_kit.logs import configure_logs
    from suite.collecting import collect_less_garbage
    from suite.distributed.process import Process, served

    if service in LATER:
        raise CommandFailed(f"this release has no {service} yet; it has {', '.join(served())}")
    if service not in served():
        raise CommandFailed(f"there is no service {service!r}; there are {', '.join(served())}")
    database = database_url()
    if database is None:
        raise CommandFailed(f"{DATABASE_VARIABLE} is not set: separate processes share a PostgreSQL")
    settings = _settings()
    configure_logs()
    collect_less_garbage()
    sys.setswitchinterval(SWITCH_SECONDS)
    with bound(host, port) as listening:
        warn_of_strangers(host)
        address = listening.getsockname()
        err().print(f"Claimtrail {service} is at http://{host}:{address[1]}; stop with Ctrl-C", soft_wrap=True)

        async def run() -> None:
            hosts = hosts_of(host)
            try:
                process = Process(service, settings, database=database, data=data, listening=listening, hosts=hosts)
            except ValueError as error:
                raise CommandFailed(str(error)) from error
            await process.run()

        asyncio.run(run())
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # what did not end in its time must not keep the process: nothing of it was committed


def topics(as_json: AsJson = False) -> None:
    """Make Kafka's topics, as KAFKA_BOOTSTRAP_SERVERS and the CLAIMTRAIL_KAFKA_* settings say. Again changes nothing.

    Exit code 1 when a topic is there with another number of partitions: keys go by it, so it is left alone.

    \b
    Example: claimtrail topics
    """
    from aiokafka.errors import KafkaError

    from service_kit.kafka.topics import create
    from suite.topics import all_topics

    settings = _settings()
    try:
        made = asyncio.run(create(all_topics(settings.prefix), settings))
    except KafkaError as error:
        raise CommandFailed(f"Kafka at {settings.brokers()}: {type(error).__name__}: {error}") from error
    if as_json:
        print_json([each._asdict() for each in made])
    else:
        shown = table(left("TOPIC"), right("PARTITIONS"), left(""))
        for each in made:
            row(shown, each.name, str(each.partitions), each.state)
        out().print(shown)
    if differing := [each for each in made if each.state == "differs"]:
        note(f"{len(differing)} have other partitions than {settings.partitions}; they were left as they are")
        raise typer.Exit(DIFFERS)


def leave_kafka(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Go back to one process: work on what the services over Kafka have left, and run them with `claimtrail run` again.

    Stop all copies of `claimtrail serve` first, session-capture's when clinic.events.v1 is taken in. To go over Kafka
    again, start them again.

    \b
    Example: claimtrail leave-kafka
    """
    from service_kit.settings import Settings
    from suite.distributed.leaving import leave

    if database_url() is None:
        raise CommandFailed(f"{DATABASE_VARIABLE} is not set: only services over a PostgreSQL work over Kafka")
    with writing(data) as installation:
        gone = leave(installation, Settings.from_environment())
        installation.work_off()
    if as_json:
        print_json(gone)
        return
    shown = table(left("SERVICE"), right("EVENTS LEFT OVER"))
    for name, events in gone.items():
        row(shown, name, f"{events:,}")
    out().print(shown)
    if not gone:
        note("no service works over Kafka")


def asyncapi(
    schemas: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the JSON Schema of every event there.", file_okay=False)
    ] = None,
) -> None:
    """Print AsyncAPI 3 of every topic: who sends what where, with headers, keys and payloads.

    \b
    Examples: claimtrail asyncapi > docs/asyncapi.yaml
              claimtrail asyncapi --schemas docs/schemas
    """
    from suite.contracts.asyncapi import text
    from suite.contracts.schemas import documents

    if schemas is None:
        typer.echo(text(), nl=False)
        return
    schemas.mkdir(parents=True, exist_ok=True)
    made = documents()
    for name, content in made.items():
        (schemas / name).write_bytes(content)
    note(f"{len(made)} schemas are in {schemas}")
