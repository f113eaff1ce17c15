"""The installation as the billing room works on it."""

from billing.answers.port import Port
from billing.exporting import Store
from suite.installation import Installation


def billing_store(installation: Installation) -> Store:
    """What exports and imports read and write."""
    return Store(
        read=installation.read,
        log=installation.log,
        codec=installation.codec,
        rules=lambda: installation.rules,
        work_off=installation.work_off,
    )


def answer_port(installation: Installation) -> Port:
    """What taking in payers' answers reads and writes."""
    return Port(
        read=installation.read,
        log=installation.log,
        codec=installation.codec,
        rules=lambda: installation.rules,
        receive=installation.door.receive,
        work=installation.work_off,
    )
