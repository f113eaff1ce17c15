"""docker-compose.yml says what it must: every service, in order, on loopback, pinned, with its own keys only."""

import re
import shutil
import subprocess
import sys
from typing import Any

import pytest

from service_kit.settings import Settings, documented
from suite.distributed.process import served
from support.deployment import OUR_IMAGE, PORT, ROOT, compose, in_the_clear, served_by, version

FILE = compose()
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
OURS = {name: each for name, each in SERVICES.items() if served_by(each.get("command", []))}
JOBS = ("passwords", "migrate", "keys", "topics")
WATCHERS = ("collector", "jaeger", "prometheus", "grafana")
LIMITED = pytest.mark.parametrize("name", sorted(SERVICES))


def mounted(name: str) -> dict[str, str]:
    """Where a service's volumes are, by volume."""
    return dict(volume.split(":")[:2] for volume in SERVICES[name].get("volumes", []))


def test_the_file_follows_the_compose_specification() -> None:
    asked = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"]
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="docker-compose is not installed")
def test_docker_compose_can_read_it() -> None:
    asked = ["docker-compose", "--profile", "observability", "config", "--services"]
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    assert set(told.stdout.split()) == set(SERVICES), told.stderr


def test_every_service_of_the_code_is_there_and_none_more() -> None:
    assert {served_by(each["command"]) for each in OURS.values()} == set(served())
    assert all(served_by(each["command"]) == name for name, each in OURS.items())
    assert set(SERVICES) == {*OURS, *JOBS, *WATCHERS, "kafka", "postgres"}


def test_every_service_answers_where_its_health_is_asked_for() -> None:
    for each in OURS.values():
        assert each["command"][2:] == ["--host", "0.0.0.0", "--port", str(PORT)]
        assert "healthcheck" not in each  # the image has it
    assert all(SERVICES[name]["healthcheck"]["test"] for name in ("kafka", "postgres"))


def test_ports_are_published_on_loopback_only() -> None:
    published = [port for each in SERVICES.values() for port in each.get("ports", [])]
    assert len(published) == 6
    assert all(port.startswith("127.0.0.1:") for port in published)
    assert "ports" not in SERVICES["postgres"]
    assert not any("network_mode" in each and each["network_mode"] != "none" for each in SERVICES.values())


@LIMITED
def test_images_are_pinned(name: str) -> None:
    image, _, tag = SERVICES[name]["image"].rpartition(":")
    assert re.fullmatch(r"v?\d+(\.\d+)*", tag), f"{image} has the tag {tag!r}"
    if image == OUR_IMAGE:
        assert tag == version()


@LIMITED
def test_resources_are_limited(name: str) -> None:
    assert SERVICES[name]["mem_limit"]
    assert SERVICES[name].get("cpus") or name in JOBS


@LIMITED
def test_nobody_gets_more_rights(name: str) -> None:
    each = SERVICES[name]
    assert "no-new-privileges:true" in each["security_opt"]
    assert not each.get("privileged")
    assert name == "postgres" or each["cap_drop"] == ["ALL"]
    if name in OURS:
        assert each["read_only"] is True
        assert "user" not in each  # the image's own


@LIMITED
def test_no_secret_is_in_the_file(name: str) -> None:
    assert in_the_clear(SERVICES[name].get("environment", {})) == []


def test_the_sieve_for_secrets_holds_them_back() -> None:
    assert in_the_clear({"POSTGRES_PASSWORD": "x"}) == ["POSTGRES_PASSWORD"]
    assert in_the_clear({"URL": "postgresql://me:x@there/db"}) == ["URL"]
    assert in_the_clear({"POSTGRES_PASSWORD_FILE": "/run/x", "URL": "postgresql://me@there/db"}) == []


def test_services_start_behind_the_jobs_and_the_jobs_behind_the_servers() -> None:
    done, healthy = {"condition": "service_completed_successfully"}, {"condition": "service_healthy"}
    for each in OURS.values():
        assert each["depends_on"] == {"keys": done, "topics": done}
    assert SERVICES["keys"]["depends_on"] == {"migrate": done}
    assert SERVICES["migrate"]["depends_on"] == {"postgres": healthy}
    assert SERVICES["topics"]["depends_on"] == {"kafka": healthy}
    assert SERVICES["postgres"]["depends_on"] == {"passwords": done}
    assert all(SERVICES[job]["restart"] == "no" for job in JOBS)


def test_who_signs_cannot_open_and_who_opens_cannot_sign() -> None:
    holders = {name: set(mounted(name)) & {"keys", "keys-of-services", "keys-of-relay"} for name in SERVICES}
    assert {name: keys for name, keys in holders.items() if keys} == {
        "keys": {"keys", "keys-of-services", "keys-of-relay"},
        "relay": {"keys-of-relay"},
        **{name: {"keys-of-services"} for name in OURS if name != "relay"},
    }
    script = SERVICES["keys"]["command"][0]
    handed = {line.rsplit("/", 1)[1]: line for line in script.splitlines() if line.startswith("install")}
    assert "signing.pem" not in handed["services"]
    assert "master.key" not in handed["relay"]


def test_the_owner_of_the_database_is_nobody_but_the_migration() -> None:
    assert {name for name in SERVICES if "owner-password" in mounted(name)} == {"passwords", "postgres", "migrate"}
    for each in OURS.values():
        assert each["environment"]["CLAIMTRAIL_DATABASE_URL"].startswith("postgresql://claimtrail_service@")


def test_who_watches_reaches_neither_the_database_nor_kafka() -> None:
    assert all("suite" not in SERVICES[name]["networks"] for name in WATCHERS)
    assert all(SERVICES[name]["profiles"] == ["observability"] for name in WATCHERS)
    assert FILE["networks"]["suite"]["internal"] is True


def test_copies_need_neither_a_name_nor_a_port() -> None:
    for name in set(OURS) - {"session-capture", "audit"}:
        assert not {"container_name", "ports"} & SERVICES[name].keys()


def test_every_setting_is_one_that_the_code_knows() -> None:
    known = {variable for variable, _, _ in documented()} | {
        *("CLAIMTRAIL_DATA", "CLAIMTRAIL_DATABASE_PASSWORD_FILE", "CLAIMTRAIL_DATABASE_URL", "CLAIMTRAIL_HOSTS"),
        *("CLAIMTRAIL_KEYS", "CLAIMTRAIL_LOG_LEVEL", "CLAIMTRAIL_TRACE_RATIO"),
        *("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_METRICS_EXPORTER", "OTEL_TRACES_EXPORTER", "TZ"),
    }
    for name in (*OURS, *JOBS):
        assert set(SERVICES[name].get("environment", {})) <= known
    Settings.from_environment({name: str(value) for name, value in SERVICES["relay"]["environment"].items()})


def test_every_volume_is_used_and_every_file_is_there() -> None:
    sources = [source for name in SERVICES for source in mounted(name)]
    assert {source for source in sources if not source.startswith(".")} == set(FILE["volumes"])
    assert all((ROOT / source).exists() for source in sources if source.startswith("."))
