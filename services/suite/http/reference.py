"""The OpenAPI document, as truthful as it can be: every status with its problem document."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from suite.http.problems import KINDS, MEDIA_TYPE
from suite.http.shapes import Problem

_SCHEMAS = "#/components/schemas/"
_ALWAYS = (422, 500)
"""Every path may answer these: an unknown parameter, a fault of ours."""


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route: the statuses that it may answer with a problem document."""
    return {status: {"description": _titles(status)} for status in sorted({*statuses, *_ALWAYS})}


def _titles(status: int) -> str:
    return "; ".join(kind.title for kind in KINDS if kind.status == status)


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of the app; made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes, tags=app.openapi_tags
        )
        schemas = made["components"]["schemas"]
        own = Problem.model_json_schema(ref_template=_SCHEMAS + "{model}")
        schemas |= {"Problem": own, **own.pop("$defs", {})}
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        for operations in made["paths"].values():
            for operation in operations.values():
                _mend(operation["responses"])
        app.openapi_schema = made
    return app.openapi_schema


def _mend(responses: dict[str, Any]) -> None:
    for status, response in responses.items():
        if status >= "400":
            response["content"] = {MEDIA_TYPE: {"schema": {"$ref": f"{_SCHEMAS}Problem"}}}
            if status == "503":
                response["headers"] = {"Retry-After": {"schema": {"type": "string"}, "description": "Seconds."}}
