"""The OpenTelemetry SDK, set up once a process. Exporters work in the background and drop what they cannot send."""

import atexit
import importlib
import logging
import os
from collections.abc import Callable, Sequence
from threading import Event, Thread

import orjson
import structlog
from opentelemetry import metrics as metrics_api
from opentelemetry import trace as trace_api
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import ConsoleMetricExporter, MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from service_kit.spans import Span, SpanStore

_log = structlog.get_logger(__name__)


QUEUE, DELAY_MILLISECONDS, AT_ONCE = 16_384, 1_000, 2_048
_MICROSECOND = 1_000
LAST_SECONDS = 1.0


class Keeping(SpanExporter):
    """Puts spans into a store; what it cannot put there is dropped."""

    def __init__(self, store: SpanStore, service: str) -> None:
        self._store, self._service = store, service

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Keep them."""
        try:
            self._store.keep(
                [_kept(span, self._service) for span in spans],
                [
                    (f"{each.context.trace_id:032x}", f"{span.context.span_id:016x}", f"{each.context.span_id:016x}")
                    for span in spans
                    for each in span.links
                ],
            )
        except Exception as error:  # noqa: BLE001 -- telemetry never stops the work
            _log.warning("spans are lost", spans=len(spans), error=type(error).__name__)
            return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS


def _kept(span: ReadableSpan, service: str) -> Span:
    return (
        f"{span.context.span_id:016x}",
        f"{span.context.trace_id:032x}",
        f"{span.parent.span_id:016x}" if span.parent else None,
        span.name,
        service,
        span.kind.name.lower(),
        (span.start_time or 0) // _MICROSECOND,
        (span.end_time or 0) // _MICROSECOND,
        orjson.dumps(dict(span.attributes or {})).decode(),
    )


def configure(
    service: str, *, traces: str | None, metrics: str | None, scraped: bool = False, spans: SpanStore | None = None
) -> None:
    """Set up what the OTEL_* variables ask for; standard variables set endpoints, headers and intervals.

    Args:    scraped: metrics also stand in prometheus_client's registry. spans: where spans are kept, too.
    """
    # A warning for every span that finds no room takes as long as half a span; the exporter says why there is none.
    logging.getLogger("opentelemetry.sdk._shared_internal").setLevel(logging.ERROR)
    resource = Resource.create({"service.name": service})
    if traces is not None or spans is not None:
        # Which traces are sampled was decided before a span is made; OTEL_TRACES_SAMPLER may still say otherwise.
        sampler = None if "OTEL_TRACES_SAMPLER" in os.environ else ALWAYS_ON
        provider = TracerProvider(sampler, resource, shutdown_on_exit=False)
        if traces is not None:
            exporter = OTLPSpanExporter() if traces == "otlp" else ConsoleSpanExporter()
            provider.add_span_processor(BatchSpanProcessor(exporter))
        if spans is not None:
            keeping = Keeping(spans, service)
            provider.add_span_processor(BatchSpanProcessor(keeping, QUEUE, DELAY_MILLISECONDS, AT_ONCE))
        trace_api.set_tracer_provider(provider)
        _at_the_end(provider.shutdown)
    readers: list[MetricReader] = []
    if metrics is not None:
        telling = OTLPMetricExporter() if metrics == "otlp" else ConsoleMetricExporter()
        readers.append(PeriodicExportingMetricReader(telling))
    if scraped:
        from opentelemetry.exporter.prometheus import PrometheusMetricReader

        readers.append(PrometheusMetricReader())
    if readers:
        meters = MeterProvider(resource=resource, metric_readers=readers, shutdown_on_exit=False)
        metrics_api.set_meter_provider(meters)
        _at_the_end(meters.shutdown)


def load_transport() -> None:
    """What the exporters load when they are made."""
    importlib.import_module("requests")


def _at_the_end(shutdown: Callable[[], object]) -> None:
    """Hand over what is left when the process ends, but do not let it wait for a collector that is away or slow."""
    ending = Event()

    def hand_over() -> None:
        ending.wait()
        shutdown()

    waiting = Thread(target=hand_over, name="last telemetry", daemon=True)
    waiting.start()  # now, because at the end no thread can be started

    def end() -> None:
        ending.set()
        waiting.join(LAST_SECONDS)

    atexit.register(end)
