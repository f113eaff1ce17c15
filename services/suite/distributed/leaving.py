"""The way back from Kafka: services follow the log themselves again."""

from service_kit.kafka.receipts import over_kafka
from service_kit.settings import Settings
from suite.distributed import members
from suite.installation import Installation


def leave(installation: Installation, settings: Settings) -> dict[str, int]:
    """Work on what copies over Kafka have left in the log; from there on the suite does, in one process.

    What a clinic sent to Kafka and the door has not taken in yet stays there: only who serves the door takes it.

    Returns: each service that worked over Kafka, and how many events nobody had worked on.
    """
    here = over_kafka(installation.log)
    return {
        name: members.intake_of(installation, service, settings).leave(installation.log.head())
        for name, service in members.services().items()
        if name in here
    }
