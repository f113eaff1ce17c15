"""What is understood is accepted, whatever a payer would say of it."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from interchange.arrival import Arrived, fingerprint
from interchange.cloudevents import CONTRACT_TYPES, read_event
from therapy_domain.identity import fact_id

Make = Callable[..., dict[str, Any]]


def arrived(event: dict[str, Any] | bytes) -> Arrived:
    read = read_event(event if isinstance(event, bytes) else orjson.dumps(event))
    assert isinstance(read, Arrived), read
    return read


def test_every_type_of_the_contract_has_an_example(envelope: Make) -> None:
    assert len(CONTRACT_TYPES) == 17
    for name in CONTRACT_TYPES:
        arrived(envelope(name.removeprefix("claimtrail.").removesuffix(".v1")))


def test_an_event_arrives_with_its_attributes(envelope: Make) -> None:
    read = arrived(envelope("session.opened", comexampleline=7, dataschema="https://example.org/s"))
    assert (read.org, read.clinic, read.id, read.subject) == ("north", "c1", "e-000001", "S-1")
    assert read.type == read.event.type == "claimtrail.session.opened.v1"
    assert read.time == datetime.fromisoformat("2026-03-02T14:30:00Z")
    assert read.time.utcoffset() == timedelta(hours=-5)
    assert read.fact_id == fact_id(read.source, read.id)
    assert read.extensions == {
        "comexampleline": 7,
        "dataschema": "https://example.org/s",
        "datacontenttype": "application/json",
    }
    assert len(fingerprint(bytes(32), read.content)) == 32


def test_a_mapping_arrives_as_its_json_does(envelope: Make, kind: str) -> None:
    assert arrived(orjson.dumps(envelope(kind))) == read_event(envelope(kind))


def test_what_is_stored_reads_back_to_the_same_bytes(envelope: Make, kind: str) -> None:
    event = arrived(envelope(kind)).event
    assert type(event).model_validate_json(event.canonical()) == event
    assert type(event).model_validate_json(event.canonical()).canonical() == event.canonical()


def test_an_event_whose_source_has_no_clinic_is_accepted(envelope: Make) -> None:
    read = arrived(envelope("session.opened", source="/orgs/north"))
    assert (read.org, read.clinic) == ("north", None)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("session.signed", {"credentials": "", "license_number": "", "charges": []}),
        ("session.signed", {"credentials": None, "license_number": None, "charges": None}),
        ("session.opened", {"diagnoses": [], "payer_id": "nobody knows it", "plan_id": "", "referring_npi": ""}),
        ("session.opened", {"date_of_service": "1999-12-31", "timezone": "US/Eastern"}),
        ("interval.recorded", {"end": "2026-03-02T09:00:00-05:00"}),
        ("interval.recorded", {"end": "2026-03-02T14:00:00Z"}),
        ("interval.recorded", {"end": "2026-03-04T09:00:00-05:00"}),
        ("interval.recorded", {"minutes": 5}),
        ("interval.recorded", {"start": None, "end": None, "minutes": 0}),
        ("interval.recorded", {"start": None, "end": None, "minutes": 1441}),
        ("interval.recorded", {"activity": None, "supervisor_npi": "", "technique": ""}),
        ("interval.recorded", {"code": "99999", "performer": {"id": "", "role": "AIDE"}}),
        ("interval.recorded", {"start": "2026-03-02t09:00:00.123456789-05:00"}),
        ("note.recorded", {"items": {}}),
        ("note.recorded", {"items": {"exercises": "", "objective_measures": []}}),
        ("note.recorded", {"items": {"exercises": "x" * 100_000}}),
        ("session.amended", {"replace_intervals": None, "remove_intervals": [], "set": {}}),
        ("organization.configured", {"fees": {}, "clinics": [], "tax_id": "123456789"}),
        ("patient.registered", {"member_ids": {}, "given_name": "", "birth_date": "1901-01-01"}),
        ("coverage.verified", {"to": "9999-12-31", "covered_codes": []}),
        ("plan.certified", {"certified_by_npi": "", "certified_on": None, "goals": []}),
        ("remittance.received", {"adjustments": [], "paid_cents": -100}),
    ],
)
def test_what_is_understood_but_would_not_be_paid_is_accepted(
    with_data: Make, kind: str, changes: dict[str, Any]
) -> None:
    arrived(with_data(kind, **changes))


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("session.opened", ("plan_id", "referring_npi", "authorization_number", "timezone", "telehealth", "notice")),
        ("interval.recorded", ("activity", "technique", "supervisor_npi", "skilled")),
        ("interval.started", ("activity", "technique", "supervisor_npi", "skilled")),
        ("session.signed", ("credentials", "license_number", "charges")),
        ("session.amended", ("replace_intervals", "remove_intervals", "set")),
        ("patient.registered", ("address",)),
        (
            "coverage.verified",
            ("to", "covered_codes", "authorization", "kx_used_cents", "kx_used_ot_cents"),
        ),
        (
            "plan.certified",
            (
                *("certified_by_npi", "certified_on", "initial_evaluation_on", "interventions"),
                *("established_on", "sent_on", "order_on_file", "habilitative"),
            ),
        ),
        (
            "payer.policy.published",
            (
                *("unit_limits", "pair_edits", "separate_service_modifier", "telehealth_codes", "telehealth_modifier"),
                *("habilitation_modifiers", "daily_max_units", "performers", "modifier_order"),
            ),
        ),
        ("remittance.received", ("notice_date",)),
        ("appeal.decided", ("paid_cents",)),
    ],
)
def test_what_is_optional_may_be_absent(without: Make, kind: str, names: tuple[str, ...]) -> None:
    arrived(without(kind, *names))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",) * 2,
        ("00-00000000000000000000000000000000-b7ad6b7169203331-01", None),
        ("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", None),
        ("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", None),
        ("nonsense", None),
        (7, None),
        (None, None),
    ],
)
def test_a_malformed_trace_context_is_dropped_and_the_event_accepted(
    envelope: Make, given: object, kept: str | None
) -> None:
    assert arrived(envelope("session.voided", traceparent=given)).traceparent == kept


def test_other_media_types_that_are_json_are_accepted(envelope: Make) -> None:
    for media_type in ("application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.x+json", None):
        arrived(envelope("session.voided", datacontenttype=media_type))


def test_a_byte_order_mark_and_white_space_around_are_passed_over(envelope: Make) -> None:
    raw = orjson.dumps(envelope("session.voided"))
    assert arrived(b"\xef\xbb\xbf " + raw + b" \r\n").content == arrived(raw).content


@pytest.mark.parametrize(
    "time",
    [
        "2026-03-02T14:30:00Z",
        "2026-03-02T14:30:00z",
        "2026-03-02t14:30:00.000+00:00",
        "2026-03-02T09:30:00-05:00",
        "2026-03-03T00:00:00.0+09:30",
    ],
)
def test_the_same_instant_is_the_same_content(envelope: Make, time: str) -> None:
    assert arrived(envelope("session.voided", time=time)).content == arrived(envelope("session.voided")).content


def test_the_content_is_as_the_contract_says_to_the_nanosecond(envelope: Make) -> None:
    read = arrived(envelope("interval.stopped", time="2026-03-02T09:30:00.123456780-05:00"))
    assert read.content == (
        b'{"data":{"end":"2026-03-02T09:28:00.5-05:00","interval_id":"I-1"},"subject":"S-1",'
        b'"time":"2026-03-02T14:30:00.12345678Z","type":"claimtrail.interval.stopped.v1"}'
    )
    assert read.time.microsecond == 123456


def test_order_white_space_escapes_and_number_forms_are_not_content(envelope: Make, kind: str) -> None:
    event = envelope(kind)
    turned = json.dumps(dict(reversed(event.items())), indent=3, ensure_ascii=True).replace("/", "\\u002f")
    read = arrived(event)
    assert arrived(turned.encode()) == read
    other_numbers = orjson.dumps(event).replace(b'"value":44,', b'"value":4.4e1,')
    assert arrived(other_numbers).content == read.content


def test_another_subject_type_time_or_field_is_another_content(envelope: Make, with_data: Make) -> None:
    contents = {
        arrived(envelope("session.voided", **changes)).content
        for changes in ({}, {"subject": "S-2"}, {"time": "2026-03-02T14:30:00.000000001Z"})
    }
    contents |= {arrived(with_data("session.voided", reason="other")).content}
    assert len(contents) == 4


def test_source_id_trace_and_extensions_are_not_content(envelope: Make) -> None:
    other = envelope("session.voided", source="/orgs/south", id="e-2", traceparent=None, dataschema="x")
    assert arrived(other).content == arrived(envelope("session.voided")).content
