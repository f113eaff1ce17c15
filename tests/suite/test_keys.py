"""Keys are made once and handed out: who has no use for one gets none, and nobody makes another."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from event_log.keyfiles import KeyUnusable
from suite.installation import Installation, KeysMissing, KeysNotMade
from suite.keys import NAMES, make_keys
from suite.migrating import migrate
from support import postgres
from support.command import run
from support.store import claims, send
from support.visits import reference, visit

ALL = sorted([*NAMES, "signing.vkey"])


@pytest.fixture
def database(postgres_server: str) -> Iterator[str]:
    name = postgres.template(postgres_server, "claimtrail_migrated", lambda url: (migrate(url), None)[1])
    with postgres.database(postgres_server, name) as url:
        yield url


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def handed(data: Path, folder: Path, *names: str) -> Path:
    """A directory whose keys are some of these, and cannot be added to."""
    keys = folder / "keys"
    keys.mkdir(parents=True)
    for name in names:
        (keys / name).write_bytes((data / "keys" / name).read_bytes())
    return folder


def keys_in(data: Path) -> list[str]:
    return sorted(path.name for path in (data / "keys").iterdir())


def test_they_are_made_once(data: Path) -> None:
    first = make_keys(data, None)
    before = {name: (data / "keys" / name).read_bytes() for name in ALL}
    assert (first.made, keys_in(data)) == (NAMES, ALL)
    again = make_keys(data, None)
    assert (again.made, again.public_key) == ((), first.public_key)
    assert {name: (data / "keys" / name).read_bytes() for name in ALL} == before


def test_the_command_prints_the_public_half_and_nothing_else(data: Path) -> None:
    told = run("keys", "--data", data, "--json")
    assert told.json["made"] == list(NAMES)
    assert told.json["public_key"] == (data / "keys" / "signing.vkey").read_text().strip()
    assert told.json["public_key"] in run("keys", "--data", data).out


def test_a_log_that_was_written_with_others_gets_no_new_ones(data: Path, database: str) -> None:
    with Installation(data, database=database) as store:
        send(store, [*reference(), *visit()])
    (data / "keys" / "master.key").unlink()
    with pytest.raises(KeysMissing, match="backup"):
        make_keys(data, database)
    assert "master.key" not in keys_in(data)
    told = run("keys", "--data", data, env={"CLAIMTRAIL_DATABASE_URL": database})
    assert told.code == 2
    assert "backup" in told.err


def test_one_of_many_processes_makes_none(data: Path, database: str) -> None:
    with pytest.raises(KeysNotMade, match="claimtrail keys"):
        Installation(data, database=database, makes_keys=False)
    assert not (data / "keys").exists()


def test_without_the_signing_key_a_process_works_and_does_not_sign(data: Path, database: str, tmp_path: Path) -> None:
    public = make_keys(data, database).public_key
    service = handed(data, tmp_path / "service", "master.key", "fingerprint.key", "signing.vkey")
    with Installation(service, database=database, makes_keys=False) as store:
        send(store, [*reference(), *visit()])
        assert len(claims(store)) == 1
    with Installation(service, database=database, read_only=True) as store:
        assert store.log.last_signed() is None
    assert keys_in(service) == ["fingerprint.key", "master.key", "signing.vkey"]
    standing = run("status", "--json", "--data", service, env={"CLAIMTRAIL_DATABASE_URL": database}).json
    assert standing["log"]["public_key"] == public


def test_without_the_master_key_a_process_signs_and_can_open_nothing(data: Path, database: str, tmp_path: Path) -> None:
    make_keys(data, database)
    with Installation(
        handed(data, tmp_path / "service", "master.key", "fingerprint.key"), database=database, makes_keys=False
    ) as store:
        send(store, [*reference(), *visit()])
    relay = handed(data, tmp_path / "relay", "fingerprint.key", "signing.pem", "signing.vkey")
    with Installation(relay, database=database, makes_keys=False, opens=False) as store:
        sealed = next(row for row in store.log.read_all(0, 1000) if b'"sealed"' in row.data)
        with pytest.raises(KeyUnusable, match="was given none"):
            store.codec.decode(sealed)
        head = store.log.head()
    with Installation(relay, database=database, makes_keys=False, opens=False) as store:
        signed = store.log.last_signed()
    assert signed is not None
    assert signed[0] == head
    assert "master.key" not in keys_in(relay)


def test_a_password_may_stand_in_a_file(database: str, data: Path, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("a server that trusts us does not look at it\n")
    told = {}
    for name in ("password", "none"):
        env = {"CLAIMTRAIL_DATABASE_URL": database, "CLAIMTRAIL_DATABASE_PASSWORD_FILE": str(tmp_path / name)}
        told[name] = run("keys", "--data", data, env=env)
    assert (told["password"].code, told["none"].code) == (0, 2)
    assert "none is not there" in told["none"].err
