"""A clinic's timesheet: rows become the contract's events, each time the same ones."""

import io
import random
from datetime import datetime

import pytest

from interchange.arrival import Arrived
from interchange.csv_header import COLUMNS
from interchange.csv_rows import CsvEvent, CsvRefused, read_csv
from interchange.lines import read_lines
from therapy_domain.events.session import IntervalRecorded, SessionOpened, SessionSigned

NPI, OTHER_NPI = "1234567893", "1999999984"
GOOD = {
    "org": "north",
    "clinic": "c1",
    "session_id": "S-1",
    "patient_id": "P-1",
    "payer_id": "medicare",
    "discipline": "PT",
    "date_of_service": "2026-03-02",
    "place_of_service": "11",
    "clinician_npi": NPI,
    "diagnoses": "R26.81;M62.81",
    "plan_id": "PLAN-1",
    "interval_id": "I-1",
    "code": "97112",
    "start": "2026-03-02T09:00:00-05:00",
    "end": "2026-03-02T09:28:00-05:00",
    "minutes": "",
    "performer_id": NPI,
    "performer_role": "PT",
    "contact": "one_on_one",
    "activity": "",
    "signed_by_npi": NPI,
    "credentials": "PT, DPT",
    "license_number": "PT-4711",
}


def row(**changes: str) -> str:
    return ",".join('"' + str({**GOOD, **changes}[name]).replace('"', '""') + '"' for name in COLUMNS)


def timesheet(*rows: str, header: str = ",".join(COLUMNS)) -> bytes:
    return "\r\n".join((header, *rows, "")).encode()


def read(raw: bytes) -> list[CsvEvent | CsvRefused]:
    return list(read_csv(read_lines(io.BytesIO(raw), keep_blank=True)))


def events(*rows: str) -> dict[str, Arrived]:
    """By source and id; every row must be good."""
    found = {}
    for item in read(timesheet(*rows)):
        assert isinstance(item, CsvEvent), item
        found[f"{item.arrived.source} {item.arrived.id}"] = item.arrived
    return found


def told(raw: bytes) -> list[tuple[int, str, object, str]]:
    """Row, column, value and what is right, of every fault."""
    refused = [item for item in read(raw) if isinstance(item, CsvRefused)]
    return [
        (item.row, error["path"], error["value"], error["expected"])
        for item in refused
        for error in item.refused.errors
    ]


def test_a_row_becomes_opened_interval_and_signed() -> None:
    items = read(timesheet(row()))
    assert [item.row for item in items] == [2, 2, 2]
    made = events(row())
    source = "/orgs/north/clinics/c1"
    assert list(made) == [
        f"{source} csv:S-1:opened",
        f"{source} csv:S-1:interval:I-1",
        f"{source} csv:S-1:signed:{NPI}",
    ]
    opened, interval, signed = made.values()
    assert opened.subject == interval.subject == signed.subject == "S-1"
    assert opened.time == datetime.fromisoformat("2026-03-02T00:00:00-05:00")
    assert interval.time == signed.time == datetime.fromisoformat("2026-03-02T23:59:59-05:00")
    assert isinstance(opened.event, SessionOpened)
    assert opened.event.diagnoses == ("R26.81", "M62.81")
    assert isinstance(interval.event, IntervalRecorded)
    assert interval.event.activity == "treatment"
    assert isinstance(signed.event, SessionSigned)
    assert signed.event.credentials == "PT, DPT"


def test_minutes_stand_in_place_of_clock_times_and_the_day_is_then_in_utc() -> None:
    opened, interval, signed = events(row(start="", end="", minutes="28")).values()
    assert isinstance(interval.event, IntervalRecorded)
    assert (interval.event.minutes, interval.event.start) == (28, None)
    assert opened.time == datetime.fromisoformat("2026-03-02T00:00:00Z")
    assert signed.time == datetime.fromisoformat("2026-03-02T23:59:59Z")


def test_an_unsigned_row_makes_no_signature_and_a_row_without_clinic_has_the_orgs_source() -> None:
    made = events(row(clinic="", signed_by_npi=""))
    assert list(made) == ["/orgs/north csv:S-1:opened", "/orgs/north csv:S-1:interval:I-1"]


def test_every_person_who_signs_has_a_signature() -> None:
    made = events(row(), row(interval_id="I-2", signed_by_npi=OTHER_NPI), row(interval_id="I-3"))
    assert [name.rpartition(":")[2] for name in made if ":signed:" in name] == [NPI, OTHER_NPI]


def test_a_file_sent_twice_is_the_same_bytes() -> None:
    rows = [row(), row(interval_id="I-2"), row(session_id="S-2")]
    assert events(*rows) == events(*rows)


def test_a_longer_export_in_any_order_changes_no_event() -> None:
    chance = random.Random(3)
    rows = [
        row(session_id=f"S-{session}", interval_id=f"I-{interval}", start=f"2026-03-02T{8 + interval:02}:00:00-05:00",
            end=f"2026-03-02T{8 + interval:02}:15:00-05:00")
        for session in range(5)
        for interval in range(4)
    ]  # fmt: skip
    longest = events(*rows)
    for _ in range(30):
        some = chance.sample(rows, chance.randint(1, len(rows)))
        for name, arrived in events(*some).items():
            assert longest[name].content == arrived.content


def test_the_offset_is_that_of_the_earliest_clock_time_whatever_the_order() -> None:
    """The night the clocks change: the same session has two offsets."""
    early = row(interval_id="I-1", start="2026-03-08T01:30:00-05:00", end="2026-03-08T01:45:00-05:00")
    late = row(interval_id="I-2", start="2026-03-08T03:10:00-04:00", end="2026-03-08T03:30:00-04:00")
    assert events(early, late) == events(late, early)
    assert (
        events(early)["/orgs/north/clinics/c1 csv:S-1:opened"]
        == events(late, early)["/orgs/north/clinics/c1 csv:S-1:opened"]
    )


def test_rows_of_a_session_that_do_not_stand_together_are_one_session() -> None:
    made = events(row(), row(session_id="S-2"), row(interval_id="I-2"))
    assert sum(name.endswith(":opened") for name in made) == 2


def test_the_same_session_id_in_two_clinics_is_two_sessions() -> None:
    made = events(row(), row(clinic="c2", patient_id="P-2"))
    assert sum(name.endswith(":opened") for name in made) == 2


@pytest.mark.parametrize(
    ("changes", "column", "value", "expected"),
    [
        ({"performer_role": "MD"}, "performer_role", "MD", "one of PT, PTA, OT, OTA, SLP, DC, AIDE, STUDENT"),
        ({"performer_role": ""}, "performer_role", None, "this field, which is missing"),
        ({"clinician_npi": "123"}, "clinician_npi", "123", "an NPI of 10 digits whose last is its Luhn check digit"),
        ({"signed_by_npi": "123"}, "signed_by_npi", "123", "an NPI of 10 digits whose last is its Luhn check digit"),
        ({"diagnoses": "R26.81;x"}, "diagnoses", "R26.81;x", "an ICD-10-CM code, e.g. R26.81"),
        ({"date_of_service": "3/2/2026"}, "date_of_service", "3/2/2026", "a date YYYY-MM-DD that is in the calendar"),
        ({"date_of_service": ""}, "date_of_service", None, "a date YYYY-MM-DD that is in the calendar"),
        ({"org": ""}, "org", None, "an organization's id, without slashes and white space"),
        ({"org": "a/clinics/b", "clinic": ""}, "org", "a/clinics/b", "a text without slashes and white space"),
        ({"clinic": "c 1"}, "clinic", "c 1", "a text without slashes and white space"),
        ({"session_id": ""}, "session_id", None, "a text of 1 to 200 characters, no control characters in it"),
        ({"interval_id": ""}, "interval_id", None, "this field, which is missing"),
        ({"minutes": "15.5", "start": ""}, "minutes", "15.5", "a whole number"),
        ({"start": "", "end": ""}, "start", None, "a start and an end, or minutes"),
        ({"end": "2026-03-01T09:00:00Z"}, "end", "2026-03-01T09:00:00Z", "an end that is not before the start"),
        ({"start": "9:00"}, "start", "9:00", "an RFC 3339 time with an offset, e.g. 2026-03-02T09:00:00-05:00"),
        ({"contact": "1:1"}, "contact", "1:1", "one of one_on_one, group, observed, unattended"),
    ],
)  # fmt: skip
def test_a_refused_row_names_its_column(changes: dict[str, str], column: str, value: object, expected: str) -> None:
    good = row(session_id="S-0")
    faults = told(timesheet(good, row(**changes)))
    assert (3, column, value, expected) in faults
    assert {fault[0] for fault in faults} == {3}
    assert len([item for item in read(timesheet(good, row(**changes))) if isinstance(item, CsvEvent)]) == 3


def test_a_row_that_says_otherwise_of_its_session_is_refused() -> None:
    raw = timesheet(
        row(), row(interval_id="I-2", patient_id="P-2", plan_id=""), row(interval_id="I-3", diagnoses="R26.81; M62.81")
    )
    assert told(raw) == [
        (3, "patient_id", "P-2", "what row 2 says of the same session"),
        (3, "plan_id", None, "what row 2 says of the same session"),
    ]
    assert len(read(raw)) == 5


def test_a_signature_that_differs_from_the_persons_first_is_refused() -> None:
    assert told(timesheet(row(), row(interval_id="I-2", credentials="PTA"))) == [
        (3, "credentials", "PTA", "what row 2 says of the same signature")
    ]


def test_a_bad_interval_does_not_keep_its_session_from_opening() -> None:
    raw = timesheet(row(code="x"), row(interval_id="I-2"))
    assert [(type(item), item.row) for item in read(raw)] == [
        *((CsvRefused, 2), (CsvEvent, 3), (CsvEvent, 3), (CsvEvent, 3))
    ]


def test_the_header_is_told_what_it_lacks_and_what_it_should_not_have() -> None:
    assert told(timesheet(row(), header=",".join(COLUMNS).replace("patient_id", "patientid"))) == [
        (1, "patientid", "patientid", "a column (unknown; nearest: patient_id)"),
        (1, "patient_id", None, "this column, which is missing"),
    ]
    assert told(timesheet(row(), header=",".join((*COLUMNS, "code")))) == [(1, "code", "code", "every column once")]
    (fault,) = told(timesheet(header=";".join(COLUMNS)))
    assert fault[3] == "column names separated by commas, not by ';'"
    for empty in (b"", b"\n\n", b"\xef\xbb\xbf"):
        assert told(empty) == [(1, "header", None, "a header row with the names of the columns")]


def test_columns_of_what_may_be_absent_may_be_left_out_and_stand_in_any_order() -> None:
    names = [name for name in reversed(COLUMNS) if name not in ("clinic", "plan_id", "minutes", "activity")]
    raw = ("\n".join((" , ".join(names), ",".join(f'"{GOOD[name]}"' for name in names)))).encode()
    assert len(read(raw)) == 3


def test_a_byte_order_mark_quotes_and_lines_within_quotes_are_read() -> None:
    signed = read(b"\xef\xbb\xbf" + timesheet("", row(credentials='PT\n\n"the" DPT'), ",,,,", row(session_id="S-2")))
    assert [item.row for item in signed] == [3, 3, 3, 7, 7, 7]
    assert isinstance(signed[2], CsvEvent)
    assert isinstance(signed[2].arrived.event, SessionSigned)
    assert signed[2].arrived.event.credentials == 'PT\n\n"the" DPT'
    assert signed[2].raw == row(credentials='PT\n\n"the" DPT').encode() + b"\r"


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (b'north,"c1', "a row of cells separated by commas"),
        (b"north,c1", "23 cells, as the header has"),
        (b"north,\xff", "text in UTF-8"),
        (b'"a"b,c', "a row of cells separated by commas"),
    ],
)
def test_a_damaged_row_takes_no_other_row_with_it(damage: bytes, expected: str) -> None:
    raw = timesheet(row(), "DAMAGE", row(interval_id="I-2"), *(row(interval_id=f"I-{n}") for n in range(3, 70)))
    faults = told(raw.replace(b"DAMAGE", damage))
    assert [fault[:2] for fault in faults] == [(3, "row")]
    assert faults[0][3].startswith(expected)
    assert len(read(raw.replace(b"DAMAGE", damage))) == 1 + 1 + 69 + 1
