"""What tests of all rooms share: the PostgreSQL, and how patient property tests are."""

import os
from collections.abc import Callable, Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from event_log import postgres_schema
from support import postgres

# How long an example takes tells of the machine's other work, not of the code.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A server's URL, as its superuser."""
    with postgres.server(os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())) as url:
        yield url


def make_empty_log(url: str) -> None:
    """The log's own schema in an empty database."""
    with psycopg.connect(url) as connection:
        postgres_schema.create(connection)
        postgres_schema.close_to_others(connection)


@pytest.fixture(scope="session")
def empty_log_maker() -> Callable[[str], None]:
    """What makes a log in an empty database."""
    return make_empty_log


@pytest.fixture(scope="session")
def empty_log(postgres_server: str) -> str:
    """The name of a database with an empty log, to copy."""
    return postgres.template(postgres_server, "claimtrail_empty_log", make_empty_log)


@pytest.fixture(scope="module")
def module_database(postgres_server: str, empty_log: str) -> Iterator[str]:
    """The URL of a database with a log, the module's own."""
    with postgres.database(postgres_server, empty_log) as url:
        yield url


@pytest.fixture
def log_database(module_database: str) -> str:
    """The URL of a database with an empty log, as its owner."""
    postgres.empty(module_database)
    return module_database
