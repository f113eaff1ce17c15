"""The event models against the contract, and version 1 of every event as it is stored."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import TypeAdapter, ValidationError

from therapy_domain.events import REGISTRY, Event
from therapy_domain.events.base import split_source
from therapy_domain.events.reference import CoverageVerified, PatientRegistered, PlanCertified, ProgressReported
from therapy_domain.events.session import (
    CompleteInterval,
    Interval,
    IntervalRecorded,
    NoteRecorded,
    SessionAmended,
    SessionChange,
    SessionOpened,
    SessionRecorded,
    SessionVoided,
)
from therapy_domain.fields import (
    DiagnosisCode,
    Identifier,
    Instant,
    LocalDate,
    ModifierCode,
    Npi,
    Number,
    OptionalIdentifier,
    OptionalNpi,
    ServiceCode,
    TaxId,
    Timezone,
    npi_is_valid,
)

GOLDEN = Path(__file__).parent / "golden"
OURS = {name: model for name, model in REGISTRY.items() if model.__module__.startswith("therapy_domain.")}
CONTRACT = [
    "claimtrail.session.opened.v1",
    "claimtrail.interval.recorded.v1",
    "claimtrail.interval.started.v1",
    "claimtrail.interval.stopped.v1",
    "claimtrail.note.recorded.v1",
    "claimtrail.session.signed.v1",
    "claimtrail.session.amended.v1",
    "claimtrail.session.voided.v1",
    "claimtrail.organization.configured.v1",
    "claimtrail.patient.registered.v1",
    "claimtrail.coverage.verified.v1",
    "claimtrail.plan.certified.v1",
    "claimtrail.progress.reported.v1",
    "claimtrail.clinician.credentialed.v1",
    "claimtrail.payer.policy.published.v1",
    "claimtrail.remittance.received.v1",
    "claimtrail.appeal.decided.v1",
]


def golden(model: type[Event]) -> Path:
    return GOLDEN / f"{model.type.removeprefix('claimtrail.').removesuffix('.v1')}.{model.version}.json"


def test_the_contracts_types_are_known_and_no_others_bear_its_name() -> None:
    assert sorted(name for name in OURS if name.startswith("claimtrail.")) == sorted(CONTRACT)


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_event_has_a_golden_file_that_reads_back_to_the_same_bytes(name: str) -> None:
    model = OURS[name]
    stored = golden(model).read_bytes().removesuffix(b"\n")
    assert model.model_validate_json(stored).canonical() == stored


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_golden_file_has_every_field_of_its_event(name: str) -> None:
    model = OURS[name]
    stored = orjson.loads(golden(model).read_bytes())
    fields = {field.alias or key for key, field in model.model_fields.items()}
    assert fields - stored.keys() <= {"minutes"}


def test_no_golden_file_is_left_of_an_event_that_is_gone() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {golden(model).name for model in OURS.values()}


def test_every_event_has_a_description_and_refuses_unknown_fields() -> None:
    for name, model in OURS.items():
        assert model.__doc__, name
        assert model.model_config["extra"] == "forbid"
        assert model.model_config["frozen"]


def test_what_identifies_a_person_is_marked() -> None:
    assert set(PatientRegistered.personal) == {
        *("family_name", "given_name", "birth_date", "sex", "member_ids", "address")
    }
    assert CoverageVerified.personal == ("member_id",)
    assert NoteRecorded.personal == ("items",)
    assert SessionVoided.personal == SessionAmended.personal == ("reason",)
    assert SessionRecorded.personal == ("note",)
    assert PlanCertified.personal == ("goals", "certified_by_name")
    assert ProgressReported.personal == ("measures",)


def reads(kind: Any, *values: Any) -> bool:
    """Whether every one of these JSON values is accepted (or, with some not, none)."""
    results = set()
    for value in values:
        try:
            TypeAdapter(kind).validate_json(orjson.dumps(value))
            results.add(True)
        except ValidationError:
            results.add(False)
    assert len(results) == 1, (values, results)
    return results.pop()


def test_an_npi_has_ten_digits_and_a_check_digit() -> None:
    assert reads(Npi, "1234567893", "1999999984", "1679576722")
    assert not reads(Npi, "1234567890", "123456789", "12345678930", "١٢٣٤٥٦٧٨٩٣", "123456789X", "", None, 1234567893)
    assert [number for number in range(10) if npi_is_valid(f"123456789{number}")] == [3]
    assert reads(OptionalNpi, "1234567893", "", None)
    assert not reads(OptionalNpi, "1234567890", " ", 0)


def test_codes_have_their_shapes() -> None:
    assert reads(ServiceCode, "97112", "G0283", "0552T", "99999")
    assert not reads(ServiceCode, "9711", "971122", "g0283", "97112 ", "97 12", "", None, 97112)
    assert reads(DiagnosisCode, "R26.81", "R2681", "G35", "M62.81", "S06.0X0A", "C7A.00", "Z91.81", "U07.1")
    assert not reads(DiagnosisCode, "r26.81", "R2", "R26.", "726.81", "R26.81234", "R26-81", "", None)
    assert reads(ModifierCode, "GP", "59", "X1")
    assert not reads(ModifierCode, "G", "GPP", "gp", "", None)
    assert reads(TaxId, "123456789", "12-3456789")
    assert not reads(TaxId, "12345678", "123-45-6789", "12 3456789", 123456789)


def test_a_local_date_is_a_day_of_the_calendar() -> None:
    assert reads(LocalDate, "2024-02-29", "0001-01-01", "9999-12-31")
    assert not reads(LocalDate, "2026-02-29", "2026-2-9", "20260209", "2026-02-09T00:00:00Z", 1772460000, "", None)
    assert not reads(LocalDate, "２０２６-02-09", "2026-02-09 ", "2026-02-00", "0000-01-01")


def test_an_instant_has_an_offset_and_is_possible() -> None:
    assert reads(Instant, "2026-03-02T09:00:00-05:00", "2026-03-02t09:00:00.123456789z", "2026-03-02T09:00:00-00:00")
    assert not reads(Instant, "2026-03-02T09:00:00", "2026-03-02T09:00Z", "2026-03-02 09:00:00Z", "2026-03-02", 0)
    assert not reads(Instant, "2026-03-02T24:00:00Z", "2026-03-02T09:00:60Z", "2026-02-30T09:00:00Z")
    assert not reads(Instant, "0001-01-01T00:00:00+01:00", "9999-12-31T23:00:00-05:00", "2026-03-02T09:00:00+24:00")


def test_in_python_dates_and_instants_are_told_apart_and_naive_times_refused() -> None:
    assert TypeAdapter(LocalDate).validate_python(date(2026, 3, 2)) == date(2026, 3, 2)
    assert TypeAdapter(Instant).validate_python(datetime(2026, 3, 2, tzinfo=UTC))
    for kind, value in ((LocalDate, datetime(2026, 3, 2, 9, tzinfo=UTC)), (Instant, date(2026, 3, 2))):
        with pytest.raises(ValidationError):
            TypeAdapter(kind).validate_python(value)
    with pytest.raises(ValidationError):
        TypeAdapter(Instant).validate_python(datetime(2026, 3, 2))  # noqa: DTZ001 -- naive is the point


def test_an_id_is_any_text_without_control_characters() -> None:
    assert reads(Identifier, "a", " ", "Ä/ö 7", "\U0001f600" * 200)
    assert not reads(Identifier, "", "a\n", "\x7f", "\x00", "x" * 201, None, 7)
    assert TypeAdapter(OptionalIdentifier).validate_json('""') is None


def test_a_timezone_is_a_name_of_the_iana() -> None:
    assert reads(Timezone, "America/New_York", "UTC", "US/Eastern")
    assert not reads(Timezone, "New York", "EDT", "../etc/passwd", "", "Europe/Nowhere", None)


def test_a_measured_value_is_a_number_that_is_kept_or_a_text() -> None:
    assert reads(Number, 0, -3, 0.82, "4-/5", "", 2**53 - 1)
    assert not reads(Number, True, None, [], 2**53, -1e16)


def interval(**changes: Any) -> bytes:
    return orjson.dumps(
        {"interval_id": "I", "code": "97112", "performer": {"id": "x", "role": "PT"}, "contact": "group", **changes}
    )


def test_an_interval_is_whole_by_the_clock_or_in_minutes() -> None:
    start, end = "2026-03-02T09:00:00-05:00", "2026-03-02T14:00:00Z"
    assert IntervalRecorded.model_validate_json(interval(start=start, end=end)).seconds == 0
    assert IntervalRecorded.model_validate_json(interval(minutes=15)).seconds is None
    both = IntervalRecorded.model_validate_json(interval(start=start, end=end, minutes=15))
    assert (both.seconds, both.minutes) == (0, 15)
    for bad in ({}, {"start": start}, {"end": end}, {"start": start, "end": "2026-03-02T13:59:59Z", "minutes": 9}):
        with pytest.raises(ValidationError):
            CompleteInterval.model_validate_json(interval(**bad))
    assert Interval.model_validate_json(interval(start=start)).end is None


def test_a_change_keeps_what_it_clears_and_only_that() -> None:
    amended = SessionAmended.model_validate_json('{"reason": "r", "set": {"plan_id": null, "payer_id": "acme"}}')
    assert amended.canonical() == b'{"reason":"r","set":{"payer_id":"acme","plan_id":null}}'
    again = SessionAmended.model_validate_json(amended.canonical())
    assert again.set is not None
    assert again.set.model_fields_set == {"plan_id", "payer_id"}
    assert SessionAmended(reason="r", set=SessionChange()).canonical() == b'{"reason":"r","set":{}}'
    assert SessionAmended(reason="r").canonical() == b'{"reason":"r"}'


def test_a_change_may_set_every_field_of_opened_and_no_other() -> None:
    assert SessionChange.model_fields.keys() == SessionOpened.model_fields.keys()


def test_a_plan_has_a_last_day_and_a_coverage_need_not() -> None:
    assert PlanCertified.model_fields["to"].is_required()
    assert not CoverageVerified.model_fields["to"].is_required()


def test_a_source_names_the_org_and_perhaps_the_clinic() -> None:
    assert split_source("/orgs/north") == ("north", None)
    assert split_source("/orgs/north/clinics/c1") == ("north", "c1")
    for bad in ("/orgs/", "/orgs/a/", "/orgs/a/clinics/", "/orgs/a/clinics/b/c", "/orgs/a\n", "/orgs/a b", "x/orgs/a"):
        with pytest.raises(ValueError, match="not a source"):
            split_source(bad)
