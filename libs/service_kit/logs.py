"""Logs by structlog, to standard error: readable on a terminal, JSON lines elsewhere. Never patient data."""

import logging
import os
import sys

import structlog
from opentelemetry import trace
from structlog.typing import EventDict, WrappedLogger


def _with_trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"], event["span_id"] = f"{context.trace_id:032x}", f"{context.span_id:016x}"
    return event


def configure_logs() -> None:
    """Write logs to standard error at the level of CLAIMTRAIL_LOG_LEVEL (default WARNING)."""
    wanted = os.environ.get("CLAIMTRAIL_LOG_LEVEL", "WARNING").upper()
    level = logging.getLevelNamesMapping().get(wanted, logging.WARNING)
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_trace,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
