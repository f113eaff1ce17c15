"""Who watches a process asks for its address, and hears of every request, but of nobody in it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi import APIRouter

from suite.distributed import health
from suite.http import claims
from suite.http.app import assembled
from suite.http.house import House


class Heard:
    def __init__(self) -> None:
        self.answers: list[tuple[str, str, int]] = []

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        assert seconds >= 0
        self.answers.append((method, route, status))


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def client(installation, client_of, heard: Heard):
    failing = APIRouter()

    @failing.get("/v1/fails")
    def fails() -> None:
        raise RuntimeError("inside")

    app = assembled([claims.router, health.router, failing], hosts=frozenset({"localhost"}), measures=heard)
    app.state.house = House(installation, body_limit=1000)
    app.state.health = health.Health()
    return client_of(app)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_under_any_hosts_name_they_are_answered(client, path: str) -> None:
    assert client.get(path, headers={"host": "10.0.0.7:8080"}).status_code == 200


def test_everything_else_is_not(client) -> None:
    assert client.get("/v1/claims", headers={"host": "10.0.0.7:8080"}).status_code == 421


def test_an_answer_is_told_by_its_route_never_by_what_was_asked_for(client, heard: Heard) -> None:
    local = {"host": "localhost"}
    client.get("/v1/claims/C5J2K8Q0V7M3T9XA4?x=1", headers=local)
    client.get("/v1/claims", headers=local)
    client.get("/nowhere/p-1", headers=local)
    client.get("/v1/fails", headers=local)
    client.ask("BREW", "/v1/claims", headers=local)
    assert heard.answers == [
        ("GET", "/v1/claims/{claim_id}", 422),
        ("GET", "/v1/claims", 200),
        ("GET", "unmatched", 404),
        ("GET", "/v1/fails", 500),
        ("_OTHER", "/v1/claims", 405),
    ]


_TOLD = """
import sys, pathlib
from fastapi.testclient import TestClient
from opentelemetry import trace
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import generate_latest
from service_kit.telemetry import Telemetry
from suite.http import claims
from suite.http.app import assembled
from suite.http.house import House
from suite.installation import Installation

telemetry = Telemetry.from_environment("any", scraped=True)
spans = InMemorySpanExporter()
trace.get_tracer_provider().add_span_processor(SimpleSpanProcessor(spans))
app = assembled([claims.router], measures=telemetry)
with Installation(pathlib.Path(sys.argv[1])) as store:
    app.state.house = House(store, body_limit=1000)
    TestClient(app).get("/v1/claims?org=secret", headers={"traceparent": f"00-{1:032x}-{1:016x}-01"})
print("told:", "secret" in "".join(span.to_json() for span in spans.get_finished_spans()))
sys.stdout.buffer.write(generate_latest())
"""


def test_a_request_is_counted_once_and_no_span_tells_what_it_asked_for(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _TOLD, str(tmp_path / "store")]
    env = {**os.environ, "OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    told = subprocess.run(command, capture_output=True, text=True, check=True, env=env).stdout
    assert "told: False\n" in told
    counts = re.findall(r"^http_server_request_duration_seconds_count{.*} (\S+)$", told, re.MULTILINE)
    assert list(map(float, counts)) == [1.0]
