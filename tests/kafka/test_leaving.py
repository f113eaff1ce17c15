"""Services that worked over Kafka follow the log themselves again; nothing is left behind or done twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service_kit.kafka.intake import LeftKafka
from service_kit.settings import Settings
from suite.distributed import members
from suite.distributed.leaving import leave
from suite.installation import Installation
from suite.migrating import migrate
from support import postgres
from support.command import run
from support.store import claims, send
from support.visits import reference, visit

SETTINGS = Settings(bootstrap="127.0.0.1:9")


@pytest.fixture
def database(postgres_server: str) -> Iterator[str]:
    with postgres.database(postgres_server) as url:
        migrate(url)
        yield url


def test_a_store_that_left_kafka_is_worked_on_by_one_process_again(database: str, tmp_path: Path) -> None:
    with Installation(tmp_path, database=database) as store:
        send(store, [*reference(), *visit("s-1", day="2026-03-02")], work=False)
        intakes = {name: members.intake_of(store, service, SETTINGS) for name, service in members.services().items()}
        for intake in intakes.values():
            intake.load([("some", 0)])
        first = intakes["session-capture"]
        while first.sweep(store.log.head()):  # one has done its work over Kafka, the others nothing yet
            continue
        head = store.log.head()
        store.dispatcher.work_off(own_only=True)
        assert (store.log.head(), claims(store)) == (head, [])
    environment = {"CLAIMTRAIL_DATABASE_URL": database}
    told = run("leave-kafka", "--data", tmp_path, "--json", env=environment).json
    assert set(told) == set(intakes)
    assert told["session-capture"] == 0
    assert told["unit-calculation"] > 0
    assert run("leave-kafka", "--data", tmp_path, "--json", env=environment).json == {}
    with Installation(tmp_path, database=database) as store:
        assert [claim["date_of_service"] for claim in claims(store)] == ["2026-03-02"]
        send(store, visit("s-2", day="2026-03-03"))
        assert [claim["date_of_service"] for claim in claims(store)] == ["2026-03-02", "2026-03-03"]


def test_a_copy_over_kafka_that_still_runs_is_told_so_and_one_that_is_started_anew_comes_back(
    database: str, tmp_path: Path
) -> None:
    with Installation(tmp_path, database=database) as store:
        send(store, [*reference(), *visit("s-1", day="2026-03-02")], work=False)
        service = members.services()["session-capture"]
        intake = members.intake_of(store, service, SETTINGS)
        intake.load([("some", 0)])
        assert leave(store, SETTINGS).keys() == {"session-capture"}
        with pytest.raises(LeftKafka):
            intake.load([("some", 0)])
        head = store.log.head()
        anew = members.intake_of(store, service, SETTINGS)
        anew.load([("some", 0)])
        assert anew.sweep(head) is False
        assert store.log.head() == head  # what was done before stands
