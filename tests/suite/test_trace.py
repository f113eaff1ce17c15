"""`claimtrail trace` draws a claim's way from recent spans, or from the log alone; neither shows a secret."""

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from service_kit.spans import Span, SpanStore, in_file
from suite.installation import spans_file
from suite.tracing import NotOpenYet, keeping
from support.command import Claimtrail
from support.histories import claim_of, rich_history
from support.store import send
from support.visits import reference, visit

SEND = """
import sys, pathlib
from interchange.cloudevents import read_event
from service_kit.spans import in_file
from service_kit.telemetry import Telemetry
from suite.installation import Installation, spans_file
data = pathlib.Path(sys.argv[1])
telemetry = Telemetry.from_environment(spans=in_file(spans_file(data), 10_000))
with Installation(data, telemetry=telemetry) as store:
    store.door.receive([read_event(line) for line in sys.stdin.buffer])
    store.work_off()
"""
SECRETS = ("Specimen", "Alex", "1950-05-05", "1EG4TE5MK73", "Tandem stance", "p-1", "p-2")


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("traced") / "store"
    paths = os.pathsep.join(path for path in sys.path if path)
    subprocess.run(
        [sys.executable, "-c", SEND, str(data)],
        input=b"\n".join(orjson.dumps(each) for each in rich_history()),
        check=True,
        env={**os.environ, "PYTHONPATH": paths, "CLAIMTRAIL_TRACE_RATIO": "1"},
    )
    return data


def test_one_trace_leads_from_the_clinics_event_through_every_service(claimtrail: Claimtrail, traced: Path) -> None:
    told = claimtrail("trace", claim_of("p-2"), "--data", traced, "--json").json
    (whole,) = [each for each in told["traces"] if any(event["type"] == "AppealOpened" for event in each["events"])]
    names = [span["name"] for span in whole["spans"] if span["trace_id"] == whole["trace_id"]]
    assert names[0] == "receive clinic event"
    assert {"work claim-validation", "work appeals"} <= set(names)
    assert any(span["linked"] for span in whole["spans"])


def test_it_is_drawn_below_each_other(claimtrail: Claimtrail, traced: Path) -> None:
    drawn = claimtrail("trace", claim_of("p-2"), "--data", traced).out
    assert "    work unit-calculation: SessionRecorded" in drawn
    assert "      work claim-validation: UnitsCalculated" in drawn
    assert "█" in drawn


def test_batches_stand_below_what_made_the_events_in_them(claimtrail: Claimtrail, traced: Path) -> None:
    lines = claimtrail("trace", claim_of("p-2"), "--data", traced).out.splitlines()
    made = next(number for number, line in enumerate(lines) if line.startswith("  work session-capture"))
    assert lines[made + 1].startswith("    process unit-calculation (")
    assert "─" in lines[made + 1]


def test_without_spans_the_log_tells_the_times(claimtrail: Claimtrail, tmp_path: Path) -> None:
    from suite.installation import Installation

    with Installation(tmp_path / "store") as store:
        send(store, [*reference(), *visit()])
    told = claimtrail("trace", claim_of("p-1"), "--data", tmp_path / "store")
    assert "ClaimAssessed by claim-validation" in told.out
    assert "no spans are kept" in told.err


def test_an_unknown_claim_is_named(claimtrail: Claimtrail, traced: Path) -> None:
    told = claimtrail("trace", "C0000000000000000", "--data", traced)
    assert told.code == 1
    assert "C0000000000000000" in told.err


def test_no_span_holds_anything_of_a_patient(traced: Path) -> None:
    kept = b"".join(each.read_bytes() for each in traced.glob("spans.sqlite*"))
    assert len(kept) > 10_000
    assert [secret for secret in SECRETS if secret.encode() in kept] == []


def span(number: int) -> Span:
    return (f"{number:016x}", f"{number % 3:032x}", None, "work", "s", "consumer", number, number, "{}")


def test_only_the_latest_spans_are_kept(tmp_path: Path) -> None:
    store = in_file(spans_file(tmp_path), 50)
    for start in range(0, 400, 10):
        spans = [span(number) for number in range(start, start + 10)]
        store.keep(spans, [("f" * 32, each[0], "a" * 16) for each in spans])
    numbers = sorted(int(each["span_id"], 16) for each in store.of([f"{each:032x}" for each in range(3)]))
    assert numbers == list(range(350, 400))
    assert len(store.of(["f" * 32])) == 50


def test_spans_before_the_store_is_open_are_dropped(tmp_path: Path) -> None:
    store = keeping(tmp_path, lambda: None, shared=True, most=10)
    assert isinstance(store, SpanStore)
    with pytest.raises(NotOpenYet):
        store.keep([span(1)], [])
    assert keeping(tmp_path, lambda: None, shared=True, most=0) is None
