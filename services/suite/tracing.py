"""A claim's traces: what worked on it when and for how long, from recent spans; and what the log itself knows of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from audit.history import case_of, sound_events_of
from event_log.protocol import EventLog, Recorded, Rows
from service_kit.spans import SpanStore, found_in_file, in_file
from service_kit.trace_context import trace_id
from suite.installation import Installation, spans_file
from therapy_domain.identity import id_text


class NotOpenYet(Exception):
    """Spans that come before the store is open are dropped."""

    code = "not-open-yet"


def keeping(data: Path, log: Callable[[], EventLog | None], *, shared: bool, most: int) -> SpanStore | None:
    """Where a process keeps its spans; None where it is to keep none.

    Args:    log: the log, once it is open. shared: it is in a database, and the spans go there too.
    """
    if most == 0:
        return None
    if not shared:
        return in_file(spans_file(data), most)

    def opened() -> Any:
        found = log()
        if found is None:
            raise NotOpenYet
        return found

    def write(rows: Rows) -> None:
        opened().aside(rows)

    return SpanStore(write, lambda: opened().connection(), most)


def kept(installation: Installation) -> SpanStore | None:
    """The spans that the processes of an installation kept; None where none ever did."""
    if installation.database is not None:
        return SpanStore(lambda _rows: None, installation.log.connection, 0)
    path = spans_file(installation.data)
    return found_in_file(path) if path.exists() else None


def traces_of(installation: Installation, claim_id: str) -> dict[str, Any]:
    """What happened for a claim, trace by trace: `claimtrail trace --json`.

    Returns: `traces`, in the order in which they began; each has its `events` in the log and its `spans`, also those
             of batches and of the relay (`linked`: the trace's spans whose events were in it).
    Raises:  UnknownClaim, RecordChanged.
    """
    read = installation.read
    events = sound_events_of(read, case_of(read, claim_id))
    by_trace: dict[str, list[Recorded]] = {}
    for row in events:
        if found := trace_id(row.traceparent):
            by_trace.setdefault(found, []).append(row)
    store = kept(installation)
    spans = store.of(by_trace) if store else []
    traces = [_trace(found, rows, spans) for found, rows in by_trace.items()]
    traces.sort(key=lambda trace: (trace["began_at"], trace["trace_id"]))
    return {"claim_id": claim_id, "spans": len(spans), "traces": traces}


def _trace(found: str, rows: Sequence[Recorded], spans: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    own = [
        {**span, "linked": [to for trace, to in span["linked"] if trace == found]}
        for span in spans
        if span["trace_id"] == found or any(trace == found for trace, _ in span["linked"])
    ]
    return {
        "trace_id": found,
        "began_at": min([row.recorded_at for row in rows] + [span["started_at"] for span in own]),
        "ended_at": max([row.recorded_at for row in rows] + [span["ended_at"] for span in own]),
        "decides": any(not row.type.startswith("claimtrail.") for row in rows),
        "events": [
            {
                "position": row.position,
                "type": row.type,
                "service": row.service,
                "event_id": id_text(row.event_id),
                "recorded_at": row.recorded_at,
                "span_id": (row.traceparent or "")[36:52],
            }
            for row in rows
        ],
        "spans": own,
    }
