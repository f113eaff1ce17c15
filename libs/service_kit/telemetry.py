"""Traces and metrics by OpenTelemetry, switched on by the standard OTEL_* variables; free when off."""

import os
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import structlog
from opentelemetry import context, metrics, trace
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, TraceFlags

from event_log.protocol import Recorded
from service_kit import names
from service_kit.dead_letters import Failure

if TYPE_CHECKING:
    from service_kit.spans import SpanStore

_log = structlog.get_logger(__name__)
LINKS_A_BATCH = 128
FLUSH_MILLISECONDS = 800
DEFAULT_RATIO = 0.1
"""A span costs as much as a small part of the work on an event: all of them slow an intake by a third."""
_FLAGS_END = 55
_ODD = frozenset("13579bdf")
_NO_PARENT = context.Context()
BATCH_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_OFF: AbstractContextManager[None] = nullcontext()


def _wanted(signal: str) -> str | None:
    """The exporter asked for: `otlp`, `console`, or None when the signal is off."""
    if os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    asked = os.environ.get(f"OTEL_{signal}_EXPORTER")
    if asked is None and any(
        os.environ.get(name) for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")
    ):
        asked = "otlp"
    if asked in (None, "", "none"):
        return None
    if asked not in ("otlp", "console"):
        _log.warning(
            "unknown telemetry exporter",
            variable=f"OTEL_{signal}_EXPORTER",
            value=asked,
            known="otlp, console, none",
        )
        return None
    return asked


def load() -> None:
    """Load the SDK where the OTEL_* variables ask for it: before a fork, so that it is loaded once for both."""
    asked = _wanted("TRACES"), _wanted("METRICS")
    if any(asked):
        from service_kit import telemetry_sdk  # see Telemetry.from_environment

        if "otlp" in asked:
            telemetry_sdk.load_transport()


def _ratio() -> float:
    """How many of the traces that begin here are sampled: CLAIMTRAIL_TRACE_RATIO, from 0 to 1."""
    try:
        return min(1.0, max(0.0, float(os.environ.get("CLAIMTRAIL_TRACE_RATIO") or DEFAULT_RATIO)))
    except ValueError:
        _log.warning("not a number", variable="CLAIMTRAIL_TRACE_RATIO", taken=DEFAULT_RATIO)
        return DEFAULT_RATIO


def _sampled(traceparent: str | None) -> bool:
    """Whether spans of this trace are wanted (W3C trace flags)."""
    return traceparent is not None and traceparent[_FLAGS_END - 1 : _FLAGS_END] in _ODD


def _said(traceparent: str | None) -> SpanContext | None:
    """The span that a `traceparent` names; the SDK's own way takes as long as the rest of a span."""
    if traceparent is None:
        return None
    try:
        trace_id, span_id = int(traceparent[3:35], 16), int(traceparent[36:52], 16)
    except ValueError:
        return None
    said = SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    return said if said.is_valid else None


def _under(traceparent: str | None) -> context.Context:
    """Where a span begins that another one asked for."""
    said = _said(traceparent)
    return trace.set_span_in_context(NonRecordingSpan(said), _NO_PARENT) if said else _NO_PARENT


def _traceparent(span: Span) -> str | None:
    told = span.get_span_context()
    return f"00-{told.trace_id:032x}-{told.span_id:016x}-{told.trace_flags:02x}" if told.is_valid else None


class Telemetry:
    """What the kit tells of its work. `Telemetry()` says nothing; `from_environment` asks the OTEL_* variables."""

    def __init__(self, *, tracing: bool = False, metering: bool = False, ratio: float = 1.0) -> None:
        """`ratio`: of traces that begin here so many are sampled, told by the event's id; senders decide on theirs."""
        self.tracing, self.metering = tracing, metering
        self._sampled_below = round(ratio * 256)
        self._tracer = trace.get_tracer("claimtrail")
        meter = metrics.get_meter("claimtrail")
        self._processed = meter.create_counter(names.METRIC_PROCESSED, unit="{event}")
        self._ingested = meter.create_counter(names.METRIC_INGESTED, unit="{event}")
        self._dead_letters = meter.create_counter(names.METRIC_DEAD_LETTERS, unit="{case}")
        self._seconds = meter.create_histogram(
            names.METRIC_BATCH_SECONDS, unit="s", explicit_bucket_boundaries_advisory=BATCH_SECONDS
        )
        self._relayed = meter.create_counter(names.METRIC_RELAYED, unit="{event}")
        self._parked = meter.create_counter(names.METRIC_PARKED, unit="{message}")
        self._answered = meter.create_histogram(
            names.METRIC_HTTP_SECONDS, unit="s", explicit_bucket_boundaries_advisory=BATCH_SECONDS
        )
        self._recovered = meter.create_counter(names.METRIC_RECOVERED, unit="{event}")
        self._gauges: dict[str, Any] = {}

    @classmethod
    def from_environment(
        cls, service: str = "claimtrail", *, scraped: bool = False, spans: "SpanStore | None" = None
    ) -> "Telemetry":
        """Telemetry as the OTEL_* variables ask for; the SDK is only loaded when they do.

        Args:    scraped: metrics can also be fetched from this process, as Prometheus reads them.
                 spans: where spans are kept, whether or not they are sent anywhere.
        """
        traces, measures = _wanted("TRACES"), _wanted("METRICS")
        if traces or measures or scraped or spans:
            # Here, because the SDK costs 100 ms of start-up that most runs do not need.
            from service_kit import telemetry_sdk

            telemetry_sdk.configure(service, traces=traces, metrics=measures, scraped=scraped, spans=spans)
        return cls(tracing=bool(traces or spans), metering=scraped or measures is not None, ratio=_ratio())

    def batch(
        self, service: str, rows: Sequence[Recorded], destination: str | None = None
    ) -> AbstractContextManager[None]:
        """Around a batch of a service's work, linked to the traces of its events.

        Args:    destination: the topics it came by, over Kafka.
        """
        if not (self.tracing or self.metering):
            return _OFF
        return self._batch(service, rows, destination)

    def case(self, service: str, cause: Recorded) -> AbstractContextManager[str | None]:
        """Around the work on one case: a span in the trace of the event that asked for it.

        Yields: the span's `traceparent`, for the events that come of the work; None when tracing is off.
        """
        return self._case(service, cause) if self.tracing and _sampled(cause.traceparent) else _OFF

    def received(self, event_type: str, event_id: bytes, traceparent: str | None) -> str | None:
        """One event came in: a span in the sender's trace, or the start of a new one.

        Returns: the span's `traceparent`; None when tracing is off.
        """
        if not self.tracing or not (_sampled(traceparent) if traceparent else event_id[-1] < self._sampled_below):
            return None
        attributes = {
            names.MESSAGING_SYSTEM: "claimtrail",
            names.MESSAGING_OPERATION: "receive",
            names.MESSAGING_MESSAGE_ID: event_id.hex(),
            names.EVENT_TYPE: event_type,
        }
        span = self._tracer.start_span(names.SPAN_RECEIVE, _under(traceparent), SpanKind.CONSUMER, attributes)
        span.end()
        return _traceparent(span)

    def ingested(self, outcome: str, count: int) -> None:
        """So many events came in with this outcome."""
        if self.metering:
            self._ingested.add(count, {names.OUTCOME: outcome})

    def dead_letter(self, service: str, row: Recorded, failed: Failure) -> None:
        """The work on a case failed for good; its later events wait."""
        _log.error(
            "dead letter",
            service=service,
            event_id=row.event_id.hex(),
            event_type=row.type,
            position=row.position,
            error=failed.error_type,
            reason=failed.reason,
            attempts=failed.attempts,
        )
        if self.metering:
            self._dead_letters.add(1, {names.MESSAGING_CONSUMER: service, names.ERROR_TYPE: failed.error_type})

    def relayed(self, rows: Sequence[Recorded]) -> None:
        """So many events were acknowledged by the brokers."""
        if self.metering:
            self._relayed.add(len(rows))

    def parked(self, service: str, count: int) -> None:
        """So many messages were no events of this log."""
        if count and self.metering:
            self._parked.add(count, {names.MESSAGING_CONSUMER: service})

    def recovered(self, service: str, count: int) -> None:
        """So many events were read in the log, for their messages were lost."""
        if self.metering:
            self._recovered.add(count, {names.MESSAGING_CONSUMER: service})

    def leads(self, what: str, leads: bool) -> None:
        """Whether this copy leads."""
        self.gauge(names.METRIC_LEADS, int(leads), {names.LEADERSHIP: what})

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered. `route` is its template: what stood in the braces may be about a patient."""
        if self.metering:
            self._answered.record(
                seconds, {names.HTTP_METHOD: method, names.HTTP_ROUTE: route, names.HTTP_STATUS: status}
            )

    def gauge(self, name: str, value: float, attributes: Mapping[str, str], unit: str = "") -> None:
        """How something stands now."""
        if self.metering:
            if name not in self._gauges:
                self._gauges[name] = metrics.get_meter("claimtrail").create_gauge(name, unit)
            self._gauges[name].set(value, dict(attributes))

    def flush(self) -> None:
        """Hand over what was not told yet, within a second or not at all."""
        flush = getattr(trace.get_tracer_provider(), "force_flush", None)
        if self.tracing and flush is not None:
            flush(FLUSH_MILLISECONDS)

    def sending(self, rows: Sequence[Recorded]) -> AbstractContextManager[object]:
        """Around handing a batch to the brokers, linked to the traces of its events."""
        attributes: dict[str, str | int] = {
            names.MESSAGING_SYSTEM: "kafka",
            names.MESSAGING_OPERATION: "send",
            names.MESSAGING_BATCH_COUNT: len(rows),
        }
        return self._around(rows, names.SPAN_SEND, SpanKind.PRODUCER, attributes)

    def prepare_failed(self, service: str, error: str) -> None:
        """Reading ahead failed; each case reads for itself."""
        _log.warning("reading ahead failed", service=service, error=error)

    def _around(
        self, rows: Sequence[Recorded], name: str, kind: SpanKind, attributes: Mapping[str, str | int]
    ) -> AbstractContextManager[object]:
        """A span of a batch; none where no trace of its events is sampled."""
        links = _links(rows) if self.tracing else []
        if not links:
            return _OFF
        return trace.use_span(
            self._tracer.start_span(name, kind=kind, links=links, attributes=attributes), end_on_exit=True
        )

    @contextmanager
    def _batch(self, service: str, rows: Sequence[Recorded], destination: str | None) -> Generator[None]:
        began = time.perf_counter()
        came_by = {names.MESSAGING_DESTINATION: destination} if destination else {}
        attributes: dict[str, str | int] = {
            names.MESSAGING_SYSTEM: "kafka" if destination else "claimtrail",
            names.MESSAGING_OPERATION: "process",
            names.MESSAGING_CONSUMER: service,
            names.MESSAGING_BATCH_COUNT: len(rows),
            **came_by,
        }
        with self._around(rows, names.SPAN_PROCESS.format(service=service), SpanKind.CONSUMER, attributes):
            yield
        if self.metering:
            self._processed.add(len(rows), {names.MESSAGING_CONSUMER: service})
            self._seconds.record(time.perf_counter() - began, {names.MESSAGING_CONSUMER: service})

    @contextmanager
    def _case(self, service: str, cause: Recorded) -> Generator[str | None]:
        attributes: dict[str, str | int] = {
            names.MESSAGING_SYSTEM: "claimtrail",
            names.MESSAGING_OPERATION: "process",
            names.MESSAGING_CONSUMER: service,
            names.MESSAGING_MESSAGE_ID: cause.event_id.hex(),
            names.EVENT_TYPE: cause.type,
            names.EVENT_POSITION: cause.position,
        }
        name = names.SPAN_WORK.format(service=service)
        span = self._tracer.start_span(name, _under(cause.traceparent), SpanKind.CONSUMER, attributes)
        with trace.use_span(span, end_on_exit=True):
            yield _traceparent(span)


def _links(rows: Sequence[Recorded]) -> list[Link]:
    """Links to the traces of some events."""
    wanted = dict.fromkeys(row.traceparent for row in rows if _sampled(row.traceparent))
    return [Link(said) for said in map(_said, list(wanted)[:LINKS_A_BATCH]) if said]
