"""What cannot be understood is refused: the path, the value and, in words, what would be right."""
# ruff: noqa: E501 -- a table reads by the row

import json
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from interchange.arrival import Refused
from interchange.cloudevents import CONTRACT_TYPES, read_event
from therapy_domain.events import REGISTRY

Make = Callable[..., dict[str, Any]]
NPI_WORDS = "an NPI of 10 digits whose last is its Luhn check digit"
ID_WORDS = "an id: a text of 1 to 200 characters, no control characters in it"
TIME_WORDS = "an RFC 3339 time with an offset, e.g. 2026-03-02T09:00:00-05:00"
DAY_WORDS = "a date YYYY-MM-DD that is in the calendar"
ROLES = "one of PT, PTA, OT, OTA, SLP, DC, AIDE, STUDENT"
MISSING = "this field, which is missing"
NOTICE = {"signed_on": "2026-02-27", "kind": "required"}
REASONS = "one of medical_necessity, frequency, maintenance, investigational, excluded, not_a_benefit"
PAIR = {"column_1": "97140", "column_2": "97530", "indicator": 1}


def refused(event: dict[str, Any] | bytes) -> Refused:
    read = read_event(event if isinstance(event, bytes) else orjson.dumps(event))
    assert isinstance(read, Refused), read
    for error in read.errors:
        assert set(error) == {"path", "value", "expected"}
        assert error["path"].startswith("$")
        assert error["expected"]
    return read


@pytest.mark.parametrize(
    ("changes", "path", "value", "expected"),
    [
        ({"specversion": "0.3"}, "$.specversion", "0.3", 'the text "1.0"'),
        ({"specversion": 1.0}, "$.specversion", 1.0, 'the text "1.0"'),
        ({"id": ""}, "$.id", "", "a text of 1 to 1000 characters, no control characters in it"),
        ({"id": 7}, "$.id", 7, "a text of 1 to 1000 characters, no control characters in it"),
        ({"id": "a\nb"}, "$.id", "a\nb", "a text of 1 to 1000 characters, no control characters in it"),
        ({"subject": None}, "$.subject", None, "a text of 1 to 200 characters, no control characters in it"),
        ({"subject": "s" * 201}, "$.subject", "s" * 80, "a text of 1 to 200 characters, no control characters in it"),
        ({"source": "north"}, "$.source", "north", "/orgs/{org}/clinics/{clinic}, or /orgs/{org}"),
        (
            {"source": "/orgs/a/clinics/"},
            "$.source",
            "/orgs/a/clinics/",
            "/orgs/{org}/clinics/{clinic}, or /orgs/{org}",
        ),
        ({"source": "/orgs/a\n"}, "$.source", "/orgs/a\n", "/orgs/{org}/clinics/{clinic}, or /orgs/{org}"),
        ({"source": None}, "$.source", None, "/orgs/{org}/clinics/{clinic}, or /orgs/{org}"),
        ({"time": "2026-03-02T09:00:00"}, "$.time", "2026-03-02T09:00:00", TIME_WORDS),
        ({"time": "2026-03-02 09:00:00Z"}, "$.time", "2026-03-02 09:00:00Z", TIME_WORDS),
        ({"time": "2026-02-30T09:00:00Z"}, "$.time", "2026-02-30T09:00:00Z", TIME_WORDS),
        ({"time": "2026-03-02T24:00:00Z"}, "$.time", "2026-03-02T24:00:00Z", TIME_WORDS),
        ({"time": "2026-03-02T09:00:00+25:00"}, "$.time", "2026-03-02T09:00:00+25:00", TIME_WORDS),
        ({"time": "2026-03-02T09:00:00Z\n"}, "$.time", "2026-03-02T09:00:00Z\n", TIME_WORDS),
        ({"time": "0001-01-01T00:00:00+10:00"}, "$.time", "0001-01-01T00:00:00+10:00", TIME_WORDS),
        ({"time": 1772460000}, "$.time", 1772460000, TIME_WORDS),
        (
            {"datacontenttype": "text/plain"},
            "$.datacontenttype",
            "text/plain",
            "application/json, or no datacontenttype",
        ),
        ({"data_base64": "e30="}, "$.data_base64", "<not shown>", "data, as a JSON object"),
        ({"data": None}, "$.data", None, "an object with the fields of claimtrail.session.opened.v1"),
        ({"data": "{}"}, "$.data", "<not shown>", "an object with the fields of claimtrail.session.opened.v1"),
        ({"data": []}, "$.data", "<not shown>", "an object with the fields of claimtrail.session.opened.v1"),
        ({"ext": 2**60}, "$.ext", str(2**60), "a value that RFC 8785 has a form for"),
    ],
)
def test_an_attribute_that_is_wrong_is_refused(
    envelope: Make, changes: dict[str, Any], path: str, value: object, expected: str
) -> None:
    assert refused(envelope("session.opened", **changes)).errors == (
        {"path": path, "value": value, "expected": expected},
    )


@pytest.mark.parametrize(
    ("kind", "changes", "path", "value", "expected"),
    [
        ("session.opened", {"discipline": "pt"}, "$.data.discipline", "pt", "one of PT, OT, SLP, CHIRO"),
        ("session.opened", {"clinician_npi": "1234567890"}, "$.data.clinician_npi", "1234567890", NPI_WORDS),
        ("session.opened", {"clinician_npi": 1234567893}, "$.data.clinician_npi", 1234567893, NPI_WORDS),
        ("session.opened", {"referring_npi": "12"}, "$.data.referring_npi", "12", NPI_WORDS),
        ("session.opened", {"patient_id": ""}, "$.data.patient_id", "", ID_WORDS),
        ("session.opened", {"patient_id": None}, "$.data.patient_id", None, ID_WORDS),
        ("session.opened", {"date_of_service": "02.03.2026"}, "$.data.date_of_service", "02.03.2026", DAY_WORDS),
        ("session.opened", {"date_of_service": "2026-02-29"}, "$.data.date_of_service", "2026-02-29", DAY_WORDS),
        ("session.opened", {"place_of_service": 11}, "$.data.place_of_service", 11, "a place of service of 2 digits, e.g. 11"),
        ("session.opened", {"diagnoses": "R26.81"}, "$.data.diagnoses", "R26.81", "a list"),
        ("session.opened", {"diagnoses": ["R26.81", "walk"]}, "$.data.diagnoses[1]", "walk", "an ICD-10-CM code, e.g. R26.81"),
        ("session.opened", {"timezone": "New York"}, "$.data.timezone", "New York", "an IANA time zone, e.g. America/New_York"),
        ("session.opened", {"telehealth": "no"}, "$.data.telehealth", "no", "true or false"),
        ("session.opened", {"notice": {**NOTICE, "kind": "ABN"}}, "$.data.notice.kind", "ABN", "one of required, voluntary"),
        ("session.opened", {"notice": {**NOTICE, "signed_on": "today"}}, "$.data.notice.signed_on", "today", DAY_WORDS),
        ("session.opened", {"notice": {**NOTICE, "reason": "her knee"}}, "$.data.notice.reason", "<not shown>", REASONS),
        ("session.opened", {"notice": {"kind": "required"}}, "$.data.notice.signed_on", None, MISSING),
        (
            "session.opened",
            {"place_of_servis": "11"},
            "$.data.place_of_servis",
            "<not shown>",
            "a field of claimtrail.session.opened.v1 (unknown field; nearest: place_of_service)",
        ),
        ("interval.recorded", {"end": "2026-03-02T08:59:59-05:00"}, "$.data.end", "2026-03-02T08:59:59-05:00", "an end that is not before the start"),
        ("interval.recorded", {"end": None}, "$.data.end", None, "a start and an end, or minutes"),
        ("interval.recorded", {"start": None, "end": None}, "$.data.start", None, "a start and an end, or minutes"),
        ("interval.recorded", {"start": "2026-03-02T09:00:00"}, "$.data.start", "2026-03-02T09:00:00", TIME_WORDS),
        ("interval.recorded", {"start": "2026-03-02T09:61:00Z"}, "$.data.start", "2026-03-02T09:61:00Z", TIME_WORDS),
        ("interval.recorded", {"minutes": "15"}, "$.data.minutes", "15", "a whole number"),
        ("interval.recorded", {"minutes": 15.0}, "$.data.minutes", 15.0, "a whole number"),
        ("interval.recorded", {"minutes": True}, "$.data.minutes", True, "a whole number"),
        ("interval.recorded", {"minutes": -1}, "$.data.minutes", -1, "0 or more"),
        ("interval.recorded", {"code": "97112-GP"}, "$.data.code", "97112-GP", "a HCPCS or CPT code of 5 characters, e.g. 97112 or G0283"),
        ("interval.recorded", {"performer": {"id": "1", "role": "MD"}}, "$.data.performer.role", "MD", ROLES),
        ("interval.recorded", {"performer": {"role": "PT"}}, "$.data.performer.id", None, MISSING),
        ("interval.recorded", {"performer": "Dana"}, "$.data.performer", "<not shown>", "an object"),
        (
            "interval.recorded",
            {"performer": {"id": "1", "role": "PT", "rol": "PT"}},
            "$.data.performer.rol",
            "<not shown>",
            "a field of claimtrail.interval.recorded.v1 (unknown field; nearest: role)",
        ),
        ("interval.recorded", {"contact": "one-on-one"}, "$.data.contact", "one-on-one", "one of one_on_one, group, observed, unattended"),
        ("interval.recorded", {"skilled": 1}, "$.data.skilled", 1, "true or false"),
        (
            "interval.started",
            {"end": "2026-03-02T09:28:00-05:00"},
            "$.data.end",
            "<not shown>",
            "a field of claimtrail.interval.started.v1 (unknown field)",
        ),
        ("interval.stopped", {"start": None}, "$.data.start", None, "a field of claimtrail.interval.stopped.v1 (unknown field)"),
        ("note.recorded", {"items": {"exercises": 7}}, "$.data.items.exercises", "<not shown>", "a text"),
        (
            "note.recorded",
            {"items": {"exercizes": "walking"}},
            "$.data.items.exercizes",
            "<not shown>",
            "a field of claimtrail.note.recorded.v1 (unknown field; nearest: exercises)",
        ),
        (
            "note.recorded",
            {"items": {"objective_measures": [{"name": "Berg", "value": True, "unit": "points"}]}},
            "$.data.items.objective_measures[0].value",
            "<not shown>",
            "a number within 2^53, or a text",
        ),
        ("note.recorded", {"items": "walked"}, "$.data.items", "<not shown>", "an object"),
        ("session.signed", {"charges": [{"code": "97112", "units": -1}]}, "$.data.charges[0].units", -1, "0 or more"),
        ("session.signed", {"charges": [{"code": "97112", "units": 1, "modifiers": ["gp"]}]}, "$.data.charges[0].modifiers[0]", "gp", "a modifier of 2 capital letters or digits, e.g. GP"),
        ("session.amended", {"set": {"patient_id": None}}, "$.data.set.patient_id", None, "a value for patient_id, which a session cannot be without"),
        ("session.amended", {"replace_intervals": [7]}, "$.data.replace_intervals[0]", 7, "an object"),
        ("session.amended", {"reason": 5}, "$.data.reason", "<not shown>", "a text"),
        ("organization.configured", {"tax_id": "123-45-6789"}, "$.data.tax_id", "123-45-6789", "a tax id of 9 digits, a hyphen after the second allowed"),
        ("organization.configured", {"fees": {"97112": 45.0}}, '$.data.fees["97112"]', 45.0, "a whole number"),
        ("organization.configured", {"fees": {"x": 1}}, "$.data.fees.x", "x", "a HCPCS or CPT code of 5 characters, e.g. 97112 or G0283"),
        ("organization.configured", {"fees": {"97112": -1}}, '$.data.fees["97112"]', -1, "0 or more"),
        ("patient.registered", {"birth_date": "3.2.1950"}, "$.data.birth_date", "<not shown>", DAY_WORDS),
        ("patient.registered", {"sex": "X"}, "$.data.sex", "<not shown>", "one of F, M, U"),
        ("patient.registered", {"member_ids": {"medicare": 5}}, "$.data.member_ids.medicare", "<not shown>", "a text"),
        ("coverage.verified", {"to": "2025-12-31"}, "$.data.to", "2025-12-31", "a last day that is not before the first"),
        ("coverage.verified", {"member_id": 99}, "$.data.member_id", "<not shown>", "a text"),
        ("coverage.verified", {"authorization": {"number": "A", "from": "2026-01-01"}}, "$.data.authorization.to", None, MISSING),
        ("plan.certified", {"to": None}, "$.data.to", None, DAY_WORDS),
        ("clinician.credentialed", {"name": None}, "$.data.name", None, "a text"),
        ("payer.policy.published", {"extends": "tricare"}, "$.data.extends", "tricare", "one of medicare, commercial-cms, commercial-midpoint, workers-comp"),
        ("payer.policy.published", {"unit_rule": "8-minute"}, "$.data.unit_rule", "8-minute", "one of cms-8-minute, cpt-midpoint"),
        ("payer.policy.published", {"pair_edits": [{**PAIR, "indicator": 2}]}, "$.data.pair_edits[0].indicator", 2, "one of 0, 1, 9"),
        ("payer.policy.published", {"pair_edits": [{"column_1": "97140", "indicator": 1}]}, "$.data.pair_edits[0].column_2", None, MISSING),
        ("payer.policy.published", {"separate_service_modifier": "XE"}, "$.data.separate_service_modifier", "XE", "one of 59, X"),
        ("payer.policy.published", {"performers": {"97112": ["MD"]}}, '$.data.performers["97112"][0]', "MD", ROLES),
        ("remittance.received", {"outcome": "rejected"}, "$.data.outcome", "rejected", "one of paid, denied, partial"),
        ("remittance.received", {"paid_cents": 2**53}, "$.data.paid_cents", str(2**53), "a whole number within 2^53"),
        ("appeal.decided", {"outcome": "won"}, "$.data.outcome", "won", "one of overturned, upheld, partly, dismissed"),
    ],
)  # fmt: skip
def test_a_field_that_is_wrong_is_refused(
    with_data: Make, kind: str, changes: dict[str, Any], path: str, value: object, expected: str
) -> None:
    assert refused(with_data(kind, **changes)).errors == ({"path": path, "value": value, "expected": expected},)


@pytest.mark.parametrize(
    ("kind", "subject", "expected"),
    [
        ("clinician.credentialed", "1234567890", "the clinician's NPI: 10 digits whose last is its Luhn check digit"),
        ("organization.configured", "south", "the org of the source: north"),
        (
            "remittance.received",
            "C5J2K8Q0V7M3T9XAI",
            "a claim id: C and 16 Crockford base-32 characters, e.g. C5J2K8Q0V7M3T9XA4",
        ),
        (
            "appeal.decided",
            "C5J2K8Q0V7M3T9XA4",
            "an appeal id: a claim id and -A with the appeal's number, e.g. C5J2K8Q0V7M3T9XA4-A1",
        ),
    ],
)
def test_a_subject_has_the_shape_of_its_kind_of_id(envelope: Make, kind: str, subject: str, expected: str) -> None:
    assert refused(envelope(kind, subject=subject)).errors == (
        {"path": "$.subject", "value": subject, "expected": expected},
    )


def test_an_unknown_type_is_answered_with_the_known_ones(envelope: Make) -> None:
    (error,) = refused(envelope("session.opened", type="claimtrail.sesion.opened.v1")).errors
    assert error["path"] == "$.type"
    assert error["expected"].startswith("one of claimtrail.appeal.decided.v1, ")
    assert error["expected"].endswith("; nearest: claimtrail.session.opened.v1")


def test_our_own_decisions_cannot_be_sent(envelope: Make) -> None:
    for name in REGISTRY.keys() - set(CONTRACT_TYPES):
        assert refused(envelope("session.opened", type=name)).errors[0]["path"] == "$.type"


def test_every_required_field_is_missed_by_its_path(envelope: Make, kind: str) -> None:
    event = envelope(kind, data={})
    missing = {
        field.alias or name
        for name, field in REGISTRY[event["type"]].model_fields.items()
        if field.is_required() or name in ("start",)
    }
    told = {error["path"].removeprefix("$.data.") for error in refused(event).errors}
    assert told == missing - ({"start"} if kind == "interval.recorded" and "start" not in told else set())


def test_every_attribute_is_missed_at_once() -> None:
    read = refused(b"{}")
    assert (read.id, read.source) == (None, None)
    assert [error["path"] for error in read.errors] == [
        *("$.specversion", "$.id", "$.source", "$.type", "$.subject", "$.time", "$.data")
    ]


def test_all_faults_of_an_event_are_told_at_once(with_data: Make) -> None:
    event = with_data(
        "interval.recorded", end="2026-03-02T08:00:00-05:00", contact="x", performer={"id": "1", "role": "x"}, foo=1
    )
    read = refused({**event, "time": "yesterday"})
    assert (read.id, read.source) == ("e-000001", "/orgs/north/clinics/c1")
    assert [error["path"] for error in read.errors] == [
        *("$.time", "$.data.end", "$.data.performer.role", "$.data.contact", "$.data.foo")
    ]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", "one JSON object, a CloudEvents 1.0 envelope; found line 1 column 1: Expecting value"),
        (b"{", "one JSON object, a CloudEvents 1.0 envelope; found"),
        (b'{"id": "\xff"}', "one JSON object, a CloudEvents 1.0 envelope; found byte 8 is not UTF-8"),
        (b"[]", "one JSON object, a CloudEvents 1.0 envelope a line (an array"),
        (b"7", "one JSON object, a CloudEvents 1.0 envelope"),
        (b"null", "one JSON object, a CloudEvents 1.0 envelope"),
        (b"[", "one JSON object, a CloudEvents 1.0 envelope a line (an array"),
        (b'{"a":' * 5000, "one JSON object, a CloudEvents 1.0 envelope; found nested too deep"),
        ('{"a":1}'.encode("utf-16"), "one JSON object, a CloudEvents 1.0 envelope; found byte 0 is not UTF-8"),
    ],
)
def test_what_is_no_json_object_is_refused_whole(raw: bytes, expected: str) -> None:
    (error,) = refused(raw).errors
    assert error["path"] == "$"
    assert error["expected"].startswith(expected)


def test_what_json_does_not_allow_is_refused_by_its_path(envelope: Make) -> None:
    raw = json.dumps(envelope("remittance.received"))
    for written in ("NaN", "-Infinity", "1e999"):
        read = refused(raw.replace('"paid_cents": 4100', f'"paid_cents": {written}').encode())
        assert read.errors == ({"path": "$.data.paid_cents", "value": written, "expected": "a finite number"},)
        assert read.id == "e-000001"


def test_a_name_that_stands_twice_is_refused(envelope: Make) -> None:
    raw = orjson.dumps(envelope("session.opened"))
    for twice in (b'"patient_id":"P-2",', b'"patient\\u005fid" : "P:2",', b'"patient_id":"P\\u003a2",'):
        (error,) = refused(raw.replace(b'"data":{', b'"data":{' + twice)).errors
        assert error == {"path": "$.data.patient_id", "value": "given twice", "expected": "every name once"}


def test_a_colon_written_as_an_escape_is_no_repetition(with_data: Make) -> None:
    raw = orjson.dumps(with_data("session.voided", reason="why: so"))
    assert read_event(raw) == read_event(raw.replace(b"why:", b"why\\u003a"))


def test_texts_that_no_database_holds_are_refused(with_data: Make, envelope: Make) -> None:
    words = "a text without U+0000 and without half of a surrogate pair"
    (error,) = refused(with_data("session.voided", reason="a\0b")).errors
    assert error == {"path": "$.data.reason", "value": "<not shown>", "expected": words}
    raw = orjson.dumps(envelope("session.voided"))
    (error,) = refused(raw.replace(b"booked twice", b"\\ud800")).errors
    assert error == {"path": "$.data.reason", "value": "<not shown>", "expected": words}


def test_deep_nesting_is_refused_and_not_followed(with_data: Make) -> None:
    for levels in (40, 150, 240, 800):
        raw = orjson.dumps(with_data("session.voided", reason="deep"))
        refused(raw.replace(b'"deep"', b"[" * levels + b"]" * levels))
        refused(raw.replace(b'"data"', b'"ext":' + b"[" * levels + b'{"a":1e400}' + b"]" * levels + b',"data"'))


def test_a_text_of_two_megabytes_is_shown_by_its_beginning(with_data: Make) -> None:
    (error,) = refused(with_data("session.opened", patient_id="x" * 2_000_000)).errors
    assert error["value"] == "x" * 80


def test_many_faults_are_told_up_to_a_hundred(with_data: Make) -> None:
    assert len(refused(with_data("session.opened", **{f"field{n}": n for n in range(5000)})).errors) == 100


def test_values_of_python_that_json_has_not_are_refused(with_data: Make) -> None:
    for value in (float("nan"), {1, 2}, 2**70, object(), "\ud800", {7: 1}):
        read = read_event(with_data("session.voided", reason=value))
        assert isinstance(read, Refused)
        assert read.errors[0]["path"] == "$.data.reason"
