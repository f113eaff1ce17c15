"""Streams by name: what is said of one subject stands together, and no id reaches into another's stream."""

import pytest

from therapy_domain import streams

CLINIC, ORG = "/orgs/o/clinics/north", "/orgs/o"


@pytest.mark.parametrize(
    ("event_type", "stream"),
    [
        ("session.opened", "session/o/north/x"),
        ("interval.recorded", "session/o/north/x"),
        ("organization.configured", "organization/o/x"),
        ("patient.registered", "patient/o/x"),
        ("coverage.verified", "patient/o/x"),
        ("plan.certified", "plan/o/x"),
        ("progress.reported", "plan/o/x"),
        ("clinician.credentialed", "clinician/o/x"),
        ("payer.policy.published", "payer/o/x"),
        ("remittance.received", "remittance/o/x"),
        ("appeal.decided", "appeal/o/x"),
    ],
)
def test_a_fact_belongs_to_the_stream_of_its_subject(event_type: str, stream: str) -> None:
    assert streams.fact_stream(f"claimtrail.{event_type}.v1", CLINIC, "x") == stream


def test_sessions_are_a_clinics_own_and_everything_else_an_organizations() -> None:
    assert streams.session_stream(ORG, "x") == "session/o//x"
    assert streams.session_stream("/orgs/o/clinics/south", "x") != streams.session_stream(CLINIC, "x")
    patient = "claimtrail.patient.registered.v1"
    assert streams.fact_stream(patient, ORG, "x") == streams.fact_stream(patient, CLINIC, "x")


def test_a_slash_in_an_id_separates_nothing() -> None:
    assert streams.subject_stream("plan", "a/b", "c") == "plan/a%2Fb/c"
    assert streams.subject_stream("plan", "a", "b/c") == "plan/a/b%2Fc"
    assert streams.session_stream(CLINIC, "x/y") == "session/o/north/x%2Fy"


def test_what_is_readable_in_an_id_stays_so() -> None:
    assert streams.subject_stream("plan", "o", "A b!$&'()*+,;=:@-._~9") == "plan/o/A b!$&'()*+,;=:@-._~9"


def test_what_is_decided_has_a_stream_a_case_and_service() -> None:
    case = "9f0c5b8e-0000-5000-8000-000000000000"
    made = (streams.sessions_of(case), streams.units_of(case), streams.claim_of(case), streams.appeals_of(case))
    assert made == tuple(f"case/{case}/{what}" for what in ("sessions", "units", "claim", "appeals"))
    assert (streams.plans_of("o", "p"), streams.chart_of("o", "p")) == ("plans/o/p", "chart/o/p")


def test_files_and_answers_have_streams_of_their_own() -> None:
    assert streams.file_of(7) == "claim-file/7"
    assert streams.answer_file_of("ab") == "answer-file/ab"
    assert streams.set_aside_of("i-1") == "set-aside/i-1"


def test_only_what_could_be_taken_for_a_separator_is_written_otherwise() -> None:
    kept = "abcXYZ019 !$&'()*+,;=:@-._~"
    assert streams.subject_stream("patient", "o", kept) == f"patient/o/{kept}"
    assert streams.subject_stream("patient", "o/1", "a/b%?#") == "patient/o%2F1/a%2Fb%25%3F%23"
