"""The containers for real: up, events by HTTP and Kafka, a service killed, the servers killed, one scaled, down.

Not in CI: it wants a Docker engine and takes minutes (`make containers`). IMAGE_OPTIONS and COMPOSE_FILE are heeded.
"""

import asyncio
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import orjson
import pytest

from service_kit.settings import Settings
from support.command import run
from support.deployment import ROOT
from support.distributed import tell

pytestmark = [
    pytest.mark.torture,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(shutil.which("docker") is None, reason="there is no docker"),
]
DOOR, AUDIT, KAFKA = "http://127.0.0.1:8113", "http://127.0.0.1:8114", "127.0.0.1:9092"
PROJECT = "claimtrailtest"
SERVICES = ("session-capture", "unit-calculation", "claim-validation", "appeals", "relay")
COMPOSE = ("docker-compose",) if shutil.which("docker-compose") else ("docker", "compose")


def do(*words: str, seconds: float = 600) -> str:
    ended = subprocess.run(
        words,
        cwd=ROOT,
        env={**os.environ, "COMPOSE_PROJECT_NAME": PROJECT},
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )
    assert ended.returncode == 0, f"{' '.join(words)}\n{ended.stdout[-3000:]}\n{ended.stderr[-3000:]}"
    return ended.stdout


def until(true: Callable[[], bool], what: str, seconds: float = 180) -> float:
    began = time.monotonic()
    while True:
        try:
            if true():
                return time.monotonic() - began
        except httpx.HTTPError:
            pass
        assert time.monotonic() - began < seconds, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.5)


@pytest.fixture(scope="module")
def up() -> Iterator[None]:
    do("make", "up", seconds=1200)
    try:
        yield
    finally:
        do("make", "down")
        do(*COMPOSE, "down", "--volumes")


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    """What clinics tell, in order; the tests send a third each."""
    made = run("simulate", "--clinics", 2, "--days", 3, "--seed", 7).out
    return made.encode().splitlines()


def third(lines: list[bytes], which: int) -> list[bytes]:
    each = len(lines) // 3
    return lines[which * each :] if which == 2 else lines[which * each : (which + 1) * each]


def by_http(lines: list[bytes]) -> None:
    headers = {"content-type": "application/x-ndjson"}
    answer = httpx.post(f"{DOOR}/v1/events", content=b"\n".join(lines), headers=headers, timeout=120)
    assert answer.status_code == 200, answer.text
    counts = orjson.loads(answer.text.splitlines()[-1])["counts"]
    assert sum(counts.values()) == len(lines)
    assert counts["rejected"] == counts["conflict"] == 0


def by_kafka(lines: list[bytes]) -> None:
    headers = [("content-type", b"application/cloudevents+json")]
    asyncio.run(tell(Settings(bootstrap=KAFKA), [(None, line, headers) for line in lines]))


def expected(lines: list[bytes], folder: Path) -> int:
    """How many claims the embedded suite makes of these."""
    assert run("ingest", "-", "--data", folder / "alone", stdin=b"\n".join(lines)).code == 0
    return len(run("claims", "--json", "--data", folder / "alone").json)


def statuses() -> dict[str, int]:
    """How many claims there are, by status."""
    told: dict[str, int] = httpx.get(f"{AUDIT}/v1/status", timeout=30).raise_for_status().json()["claims"]
    return told


def claims() -> int:
    return sum(count for status, count in statuses().items() if status != "void")


def in_audit(*words: str) -> str:
    return do(*COMPOSE, "exec", "-T", "audit", *words)


def ready(url: str) -> bool:
    return httpx.get(f"{url}/readyz", timeout=10).status_code == 200


def container(service: str) -> str:
    return do(*COMPOSE, "ps", "-q", service).split()[0]


def healthy(service: str) -> bool:
    named = do(*COMPOSE, "ps", "-q", service).split()
    if not named:
        return False
    states = do("docker", "inspect", "--format", "{{.State.Health.Status}}", *named).split()
    return set(states) == {"healthy"}


def test_events_become_claims_whatever_is_killed(up: None, lines: list[bytes], tmp_path: Path) -> None:
    wanted = expected(third(lines, 0) + third(lines, 1), tmp_path)
    assert wanted > 20
    by_http(third(lines, 0))
    for service in SERVICES:
        do("docker", "kill", "--signal", "KILL", container(service))
    began = time.monotonic()
    by_kafka(third(lines, 1))
    do(*COMPOSE, "up", "--detach", "--scale", "unit-calculation=2")
    until(lambda: claims() >= wanted, f"{wanted} claims are there")
    print(f"\n{wanted} claims, {time.monotonic() - began:.0f} s after the services were killed")
    assert claims() == wanted
    assert len(do(*COMPOSE, "ps", "-q", "unit-calculation").split()) == 2


@pytest.mark.parametrize("server", ["kafka", "postgres"])
def test_a_server_that_is_killed_is_missed_and_found_again(up: None, server: str) -> None:
    do("docker", "kill", "--signal", "KILL", container(server))
    red = until(lambda: not ready(DOOR), "the door is not ready", 30)
    do(*COMPOSE, "up", "--detach", "--no-recreate", server)
    until(lambda: healthy(server), f"{server} is healthy")
    green = until(lambda: ready(DOOR) and ready(AUDIT), "the door is ready again", 60)
    print(f"\n{server}: red after {red:.1f} s, green {green:.1f} s after it was healthy")


def test_new_events_are_worked_on_after_all_that(up: None, lines: list[bytes], tmp_path: Path) -> None:
    wanted = expected(lines, tmp_path)
    assert wanted > claims()
    by_http(third(lines, 2))
    until(lambda: claims() >= wanted, f"{wanted} claims are there")
    assert claims() == wanted


def test_claims_go_out_as_files_and_their_payers_answers_come_in(up: None, tmp_path: Path) -> None:
    exported = orjson.loads(in_audit("claimtrail", "export", "837", "-o", "/outbox", "--json"))
    assert exported["files"]
    do("docker", "cp", f"{container('audit')}:/outbox", str(tmp_path))
    claim_files = sorted((tmp_path / "outbox").iterdir())
    assert len(claim_files) == len(exported["files"])
    assert run("simulate-payer", *claim_files, "-o", tmp_path / "inbox").code == 0
    order = (".999", ".277", ".835")
    answers = sorted((tmp_path / "inbox").iterdir(), key=lambda each: (order.index(each.suffix), len(each.name)))
    x12 = {"content-type": "application/edi-x12"}
    for each in answers:
        told = httpx.post(f"{DOOR}/v1/answers", content=each.read_bytes(), headers=x12, timeout=60)
        assert told.json()["outcome"] == "taken", told.text
    until(lambda: statuses().get("paid", 0) > 0, "claims are paid")
    until(lambda: not statuses().get("submitted"), "no claim waits for an answer")
    print(f"\n{len(claim_files)} claim files, {len(answers)} answers; {statuses()}")


def test_the_clock_tells_the_day(up: None) -> None:
    def behind() -> str:
        ask = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8080/metrics').read().decode())"
        told = re.search(r"^claimtrail_clock_behind_days(?:{.*})? (\S+)$", in_audit("python", "-c", ask), re.MULTILINE)
        assert told
        return told[1]

    until(lambda: behind() == "0.0", "the clock is not behind", 90)


def test_the_log_verifies_and_who_opens_cannot_sign(up: None) -> None:
    told = do(*COMPOSE, "exec", "-T", "relay", "claimtrail", "verify")
    assert re.match(r"verified [\d,]+ events, each against its hash; [1-9]\d* checkpoints hold", told), told
    for service in (*SERVICES, "audit"):
        held = do(*COMPOSE, "exec", "-T", service, "ls", "/keys").split()
        own = "signing.pem" if service == "relay" else "master.key"
        assert held == sorted(["fingerprint.key", own, "signing.vkey"])


def test_every_process_ends_within_its_time(up: None) -> None:
    began = time.monotonic()
    do(*COMPOSE, "stop", *SERVICES, "audit")
    took = time.monotonic() - began
    print(f"\nall services stopped after {took:.1f} s")
    for service in (*SERVICES, "audit"):
        for each in do(*COMPOSE, "ps", "-q", service).split() or do(*COMPOSE, "ps", "-aq", service).split():
            assert do("docker", "inspect", "--format", "{{.State.ExitCode}}", each).strip() == "0"
