"""The OpenTelemetry SDK, set up once a process. Exporters work in the background and drop what they cannot send."""

import atexit

from opentelemetry import metrics as metrics_api
from opentelemetry import trace as trace_api
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import ConsoleMetricExporter, MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter


def configure(service: str, *, traces: str | None, metrics: str | None, scraped: bool = False) -> None:
    """Set up what the OTEL_* variables ask for; standard variables set endpoints, headers and intervals.

    Args:    scraped: metrics also stand in prometheus_client's registry.
    """
    resource = Resource.create({"service.name": service})
    if traces is not None:
        provider = TracerProvider(resource=resource)
        provider.add_span_processor(
            BatchSpanProcessor(OTLPSpanExporter() if traces == "otlp" else ConsoleSpanExporter())
        )
        trace_api.set_tracer_provider(provider)
        atexit.register(provider.shutdown)
    readers: list[MetricReader] = []
    if metrics is not None:
        exporter = OTLPMetricExporter() if metrics == "otlp" else ConsoleMetricExporter()
        readers.append(PeriodicExportingMetricReader(exporter))
    if scraped:
        from opentelemetry.exporter.prometheus import PrometheusMetricReader

        readers.append(PrometheusMetricReader())
    if readers:
        meters = MeterProvider(resource=resource, metric_readers=readers)
        metrics_api.set_meter_provider(meters)
        atexit.register(meters.shutdown)
