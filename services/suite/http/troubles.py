"""Which problem an exception is: of the router, of a parameter, of the store."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import Scope

from event_log.errors import DiskFull, LogBusy, LogError
from suite.http.problems import (
    BAD_PARAMETER,
    INTERNAL,
    NOT_FOUND,
    REFUSED_BY_HTTP,
    STORE_BUSY,
    STORE_FULL,
    STORE_UNAVAILABLE,
    WRONG_METHOD,
    Fault,
    Problem,
)
from therapy_domain.strict_json import shown

_RETRY_BUSY, _RETRY_FULL, _RETRY_UNAVAILABLE = "1", "60", "10"
"""When to try again [s]."""

_WORDS: Mapping[str, str] = {
    "greater_than_equal": "{ge} or more",
    "less_than_equal": "{le} or less",
    "missing": "this parameter, which is missing",
    "string_too_long": "at most {max_length} characters",
    "string_too_short": "at least {min_length} characters",
}


def as_problem(error: Exception, scope: Scope | None = None) -> Problem:
    """The problem that this exception is, met in that request; a fault of ours when it is none that we know."""
    match error:
        case Problem():
            return error
        case RequestValidationError():
            return _of_parameters(error.errors())
        case HTTPException():
            return _of_router(error, scope or {})
        case LogError() | sqlite3.Error():
            return _of_store(error)
    return Problem(INTERNAL, "The request met a fault of ours; the log of the service says where.")


def of_group(error: BaseException) -> Exception:
    """The exception that a task group wrapped, when it is one alone."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error if isinstance(error, Exception) else RuntimeError(type(error).__name__)


def _of_store(error: LogError | sqlite3.Error) -> Problem:
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if isinstance(error, LogBusy) or code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        detail, kind, retry = "Another program holds the store; try again shortly.", STORE_BUSY, _RETRY_BUSY
    elif isinstance(error, DiskFull) or code == sqlite3.SQLITE_FULL:
        detail, kind, retry = "There is no room to write; nothing of this was kept.", STORE_FULL, _RETRY_FULL
    else:
        detail, kind, retry = "The store cannot be used now.", STORE_UNAVAILABLE, _RETRY_UNAVAILABLE
    return Problem(kind, detail, headers={"Retry-After": retry})


def _of_router(error: HTTPException, scope: Mapping[str, Any]) -> Problem:
    headers = dict(error.headers or {})
    if error.status_code == 404:
        fault = Fault("path", shown(scope.get("path")), "a path that /openapi.json lists")
        return Problem(NOT_FOUND, "No such path; /openapi.json lists them all.", errors=[fault], headers=headers)
    if error.status_code == 405:
        allowed = headers.get("Allow") or headers.get("allow", "")
        fault = Fault("method", shown(scope.get("method")), allowed)
        return Problem(WRONG_METHOD, f"This path answers {allowed} only.", errors=[fault], headers=headers)
    if 400 <= error.status_code < 500:
        return Problem(REFUSED_BY_HTTP._replace(status=error.status_code), "The request is malformed.", headers=headers)
    return Problem(INTERNAL, "The request met a fault of ours; the log of the service says where.")


def _of_parameters(details: Sequence[Mapping[str, Any]]) -> Problem:
    faults = [_fault(detail) for detail in details]
    named = ", ".join(dict.fromkeys(fault.path for fault in faults))
    return Problem(BAD_PARAMETER, f"Not understood: {named}.", errors=faults)


def _fault(detail: Mapping[str, Any]) -> Fault:
    kind, context = detail["type"], detail.get("ctx") or {}
    path = ".".join(str(part) for part in detail["loc"][:2])
    if kind == "literal_error":
        expected = "one of " + str(context["expected"]).replace("'", "").replace(" or ", ", ")
    elif kind in _WORDS:
        expected = _WORDS[kind].format_map(context)
    else:
        expected = str(detail["msg"])
    return Fault(path, None if kind == "missing" else shown(detail.get("input")), expected)
