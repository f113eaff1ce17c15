"""Examples for the OpenAPI document: the contract's, of invented people."""

import json
from typing import Any

OPENED: dict[str, Any] = {
    "specversion": "1.0",
    "id": "evt-1001",
    "source": "/orgs/riverbend/clinics/north",
    "type": "claimtrail.session.opened.v1",
    "subject": "visit-17",
    "time": "2026-03-02T09:00:00-05:00",
    "data": {
        "patient_id": "p-204",
        "payer_id": "medicare",
        "discipline": "PT",
        "date_of_service": "2026-03-02",
        "place_of_service": "11",
        "clinician_npi": "1234567893",
        "diagnoses": ["R26.81"],
        "plan_id": "plan-88",
    },
}
INTERVAL: dict[str, Any] = {
    "specversion": "1.0",
    "id": "evt-1002",
    "source": "/orgs/riverbend/clinics/north",
    "type": "claimtrail.interval.recorded.v1",
    "subject": "visit-17",
    "time": "2026-03-02T09:28:00-05:00",
    "data": {
        "interval_id": "i-1",
        "code": "97112",
        "start": "2026-03-02T09:00:00-05:00",
        "end": "2026-03-02T09:28:00-05:00",
        "performer": {"id": "1234567893", "role": "PT"},
        "contact": "one_on_one",
    },
}
SIGNED: dict[str, Any] = {
    "specversion": "1.0",
    "id": "evt-1003",
    "source": "/orgs/riverbend/clinics/north",
    "type": "claimtrail.session.signed.v1",
    "subject": "visit-17",
    "time": "2026-03-02T10:05:00-05:00",
    "data": {"clinician_npi": "1234567893", "credentials": "PT, DPT", "license_number": "PT-5521"},
}
EVENTS = (OPENED, INTERVAL, SIGNED)

UNITS: dict[str, Any] = {
    "payer": "medicare",
    "discipline": "PT",
    "date_of_service": "2026-03-02",
    "intervals": [
        {"code": "97112", "minutes": 28, "role": "PT"},
        {"code": "97530", "minutes": 16, "role": "PT"},
        {"code": "97112", "minutes": 5, "role": "PT", "activity": "setup"},
    ],
}
DEADLINES: dict[str, dict[str, Any]] = {
    "appeal": {"program": "medicare-part-b", "level": 1, "notice_date": "2026-02-03"},
    "timely-filing": {"kind": "timely-filing", "program": "medicare-part-b", "date_of_service": "2026-03-02"},
    "amount-in-controversy": {
        "kind": "amount-in-controversy",
        "program": "medicare-part-b",
        "level": 3,
        "filed_on": "2026-03-02",
    },
    "appeal-rights": {
        "kind": "appeal-rights",
        "program": "medicare-part-b",
        "group": "CO",
        "carc": "50",
        "rarcs": ["N115"],
    },
}


def _answer(event: dict[str, Any], outcome: str = "accepted") -> dict[str, Any]:
    return {"id": event["id"], "source": event["source"], "outcome": outcome, "errors": []}


def _counts(**told: int) -> dict[str, int]:
    return {"accepted": 0, "duplicate": 0, "parked": 0, "conflict": 0, "rejected": 0} | told


RECEIPTS: dict[str, Any] = {
    "one": {"value": {"counts": _counts(accepted=1), "results": [_answer(OPENED)]}},
    "several": {
        "value": {
            "counts": _counts(accepted=2, duplicate=1),
            "results": [_answer(OPENED, "duplicate"), _answer(INTERVAL), _answer(SIGNED)],
        }
    },
}
ANSWER_LINES = "".join(
    json.dumps(line) + "\n"
    for line in (
        *({"line": number, **_answer(event)} for number, event in enumerate(EVENTS, start=1)),
        {"counts": _counts(accepted=3)},
    )
)

_ENVELOPE: dict[str, Any] = {
    "type": "object",
    "required": ["specversion", "id", "source", "type", "subject", "time", "data"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "description": "Unique within `source`; the two are the idempotency key."},
        "source": {"type": "string", "description": "/orgs/{org}/clinics/{clinic}, or /orgs/{org}."},
        "type": {"type": "string", "description": "One of the contract's event types."},
        "subject": {"type": "string", "description": "The id of the thing it is about."},
        "time": {"type": "string", "format": "date-time"},
        "traceparent": {"type": "string"},
        "data": {"type": "object", "description": "The fields of the type."},
    },
}
EVENTS_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/cloudevents+json": {"schema": _ENVELOPE, "example": OPENED},
        "application/cloudevents-batch+json": {
            "schema": {"type": "array", "items": _ENVELOPE, "maxItems": 10_000},
            "example": list(EVENTS),
        },
        "application/x-ndjson": {
            "schema": {"type": "string", "description": "One envelope a line, as many as there are."},
            "example": "".join(json.dumps(event) + "\n" for event in EVENTS),
        },
        "application/json": {
            "schema": {"type": "object", "description": "The data alone; its attributes are in `ce-` headers."},
            "example": OPENED["data"],
        },
    },
}


def _question(name: str, examples: dict[str, dict[str, Any]]) -> dict[str, Any]:
    one = {"type": "object", "description": f"{name}, as contract and errors tell it."}
    return {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"oneOf": [one, {"type": "array", "items": one, "maxItems": 1_000}]},
                "examples": {key: {"value": value} for key, value in examples.items()},
            }
        },
    }


UNITS_BODY = _question("A day of one patient", {"one": UNITS})
DEADLINES_BODY = _question("A question", DEADLINES)
