"""Traces and metrics are switched on by the standard variables, and carry no patient data."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest

from service_kit.telemetry import Telemetry
from service_kit.trace_context import continued, is_traceparent, started_by, trace_id
from support.visits import reference, visit

SEND = """
import sys, pathlib, orjson
from interchange.cloudevents import read_event
from suite.installation import Installation
store = Installation(pathlib.Path(sys.argv[1]))
store.door.receive([read_event(line) for line in sys.stdin.buffer])
store.work_off()
store.close()
"""


def run(folder: Path, **variables: str) -> str:
    events = b"\n".join(orjson.dumps(each) for each in [*reference(), *visit()])
    paths = os.pathsep.join(path for path in sys.path if path)
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    ended = subprocess.run(
        [sys.executable, "-c", SEND, str(folder / "store")],
        input=events,
        capture_output=True,
        check=True,
        env={**quiet, "PYTHONPATH": paths, "CLAIMTRAIL_TRACE_RATIO": "1", **variables},
    )
    return ended.stdout.decode()


def test_nothing_is_told_when_nothing_is_asked_for(tmp_path: Path) -> None:
    assert run(tmp_path) == ""


def test_spans_and_metrics_of_every_service_are_told_without_patient_data(tmp_path: Path) -> None:
    told = run(tmp_path, OTEL_TRACES_EXPORTER="console", OTEL_METRICS_EXPORTER="console")
    for name in ("session-capture", "unit-calculation", "claim-validation"):
        assert f'"process {name}"' in told
        assert f'"work {name}"' in told
    assert "claimtrail.events.processed" in told
    for secret in ("Specimen", "Alex", "1950-05-05", "1EG4TE5MK73", "Tandem stance", "p-1"):
        assert secret not in told


def test_of_traces_that_begin_here_so_many_are_sampled(tmp_path: Path) -> None:
    told = run(tmp_path, OTEL_TRACES_EXPORTER="console", CLAIMTRAIL_TRACE_RATIO="0")
    assert "receive clinic event" not in told
    assert '"work ' not in told


def test_a_dead_collector_costs_nothing_but_a_warning(tmp_path: Path) -> None:
    run(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9", OTEL_EXPORTER_OTLP_TIMEOUT="1")


def test_a_collector_that_never_answers_holds_nothing_up_not_even_the_end(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        began = time.monotonic()
        run(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{deaf.getsockname()[1]}",
            OTEL_EXPORTER_OTLP_TIMEOUT="120")  # fmt: skip
        assert time.monotonic() - began < 25  # the SDK by itself would wait for it for half a minute, twice


@pytest.mark.parametrize("value", ["", "none"])
def test_an_exporter_may_be_switched_off_by_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", value)
    assert not Telemetry.from_environment().tracing


def test_a_trace_goes_on_through_decisions() -> None:
    cause = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    made = continued(cause, bytes(range(16)))
    assert is_traceparent(made)
    assert trace_id(made) == trace_id(cause)
    assert made != cause
    assert is_traceparent(started_by(bytes(range(1, 17))))
    assert not is_traceparent("00-" + "0" * 32 + "-b7ad6b7169203331-01")
