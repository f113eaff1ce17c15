"""A 277CA tells of every claim whether it went into adjudication, and why not."""

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interchange.claim_status import (
    ClaimStatus,
    LevelStatus,
    LineStatus,
    Report,
    Status,
    StatusCode,
    open_claim_status,
    write_claim_status,
)
from interchange.claim_status.model import verdict_of
from interchange.x12.errors import BadElement, Misplaced, X12Error
from support.answers import ENVELOPE, status
from support.claims import professional_claims
from support.x12 import recounted
from therapy_domain.errors import InputError

CLAIMS = list(professional_claims("status", 20))
ANSWERED = status(CLAIMS)
TEXT = ANSWERED.raw.decode()
DAY = date(2026, 3, 3)

codes = st.builds(
    StatusCode, st.sampled_from(["A1", "A2", "A3", "A7"]), st.sampled_from(["20", "562"]), st.sampled_from(["", "85"])
)
statuses = st.lists(
    st.builds(
        Status,
        st.lists(codes, min_size=1, max_size=3).map(tuple),
        st.booleans(),
        st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31)),
        st.none() | st.integers(0, 10**6),
        st.sampled_from(["", "SEE BULLETIN 7"]),
    ),
    min_size=1,
    max_size=3,
).map(tuple)
spans = st.none() | st.sampled_from([(DAY, DAY), (DAY, date(2026, 3, 5))])
lines = st.builds(
    LineStatus,
    code=st.sampled_from(["97112", "G0283"]),
    modifiers=st.sampled_from([(), ("59", "GP")]),
    charge_cents=st.integers(0, 10**6),
    units=st.none() | st.integers(1, 9).map(Decimal),
    statuses=statuses,
    line_control_number=st.sampled_from(["", "C1-1"]),
    service_days=spans,
)
claims = st.builds(
    ClaimStatus,
    claim_control_number=st.sampled_from(["C1", "C2"]),
    statuses=statuses,
    payer_claim_number=st.sampled_from(["", "ICN1"]),
    clearinghouse_trace=st.sampled_from(["", "T1"]),
    service_days=spans,
    lines=st.lists(lines, max_size=3).map(tuple),
)
levels = st.builds(
    LevelStatus,
    reference=st.sampled_from(["", "BATCH-1"]),
    name=st.just("NORTH"),
    identifier=st.just("1234567893"),
    statuses=st.just(()) | statuses,
    accepted=st.none() | st.integers(0, 99),
    rejected=st.none() | st.integers(0, 99),
    accepted_cents=st.none() | st.integers(0, 10**6),
    rejected_cents=st.none() | st.integers(0, 10**6),
)
reports = st.builds(
    Report,
    source=st.just("ACME HEALTH"),
    source_identifier=st.just("60054"),
    trace_number=st.sampled_from(["", "T9"]),
    received_on=st.none() | st.just(DAY),
    processed_on=st.none() | st.just(DAY),
    batch=levels,
    providers=st.lists(levels, max_size=2).map(tuple),
)


def read(raw: bytes) -> tuple[tuple[Report, ...], list[tuple[Report, ClaimStatus]]]:
    file = open_claim_status(io.BytesIO(raw))
    return file.reports, list(file.claims())


@given(st.lists(st.tuples(reports, st.lists(claims, max_size=3)), min_size=1, max_size=3))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_whatever_is_written_is_read_again(answers: list[tuple[Report, list[ClaimStatus]]]) -> None:
    out = io.BytesIO()
    write_claim_status(out, ENVELOPE, answers)
    found, answered = read(out.getvalue())
    assert found == tuple(report for report, _ in answers)
    assert answered == [(report, claim) for report, of in answers for claim in of]
    assert [report.claims for report in found] == [len(of) for _, of in answers]


def test_accepted_and_rejected_claims_are_told_apart() -> None:
    (report,), answers = read(ANSWERED.raw)
    back = [claim for _, claim in answers if claim.verdict == "rejected"]
    taken = [claim for _, claim in answers if claim.verdict == "accepted"]
    assert [claim.claim_control_number for claim in back] == [c.claim_id for n, c in enumerate(CLAIMS) if n % 7 == 3]
    assert len(back) + len(taken) == len(CLAIMS) == report.claims
    assert all(claim.payer_claim_number for claim in taken)
    assert not any(claim.payer_claim_number for claim in back)
    assert report.batch is not None
    assert (report.batch.accepted, report.batch.rejected) == (len(taken), len(back))
    assert report.batch.reference == "BATCH-1"


@pytest.mark.parametrize(
    ("categories", "verdict"),
    [
        (["A1"], "accepted"),
        (["A2"], "accepted"),
        (["A0"], "forwarded"),
        (["A4"], "not-found"),
        (["A5"], "split"),
        (["A3"], "rejected"),
        (["A6"], "rejected"),
        (["A7"], "rejected"),
        (["A8"], "rejected"),
        (["A1", "A2", "A7"], "rejected"),
        (["E0"], "other"),
        ([], "other"),
    ],
)
def test_the_category_decides_and_a_rejection_outweighs(categories: list[str], verdict: str) -> None:
    told = tuple(Status((StatusCode(category, "20"),), accepted=True) for category in categories)
    assert verdict_of(told) == verdict


def test_a_batch_that_is_rejected_has_no_claims_below_it() -> None:
    status_of_batch = Status((StatusCode("A3", "24", "41"),), accepted=False, effective_on=DAY)
    batch = LevelStatus(reference="BATCH-1", name="NORTH", identifier="N1", statuses=(status_of_batch,))
    out = io.BytesIO()
    write_claim_status(out, ENVELOPE, [(Report(source="ACME", source_identifier="60054", batch=batch), [])])
    (report,), answers = read(out.getvalue())
    assert (report.batch, answers) == (batch, [])
    assert batch.verdict == "rejected"


def test_nobodys_name_is_kept() -> None:
    told = repr(read(ANSWERED.raw)).upper()
    assert not [c.subscriber.member_id for c in CLAIMS if c.subscriber.member_id in told]


def test_what_we_do_not_know_is_passed_over() -> None:
    text = TEXT.replace("~TRN*2*C", "~REF*EA*1~PER*IC**TE*5125550100~TRN*2*C").replace(
        "~SVC*", "~REF*BLT*111~QTY*X*1~SVC*"
    )
    assert [claim for _, claim in read(recounted(text).encode())[1]] == list(ANSWERED.claims)


def first_claim() -> str:
    return f"TRN*2*{CLAIMS[0].claim_id}~"


@pytest.mark.parametrize(
    ("old", "new", "kind", "where"),
    [
        ("HL*1**20*1", "HL*1**25*1", BadElement, "HL03"),
        ("HL*2*1*21*1", "HL*2*1*77*1", BadElement, "HL03"),
        ("HL*1**20*1~", "", Misplaced, "HL"),
        (first_claim(), "TRN*2~", BadElement, "TRN02"),
        ("STC*A2:20*20260320*WQ", "STC*A2:20*20260320*XX", BadElement, "STC03"),
        ("STC*A2:20*20260320*WQ", "STC*A2*20260320*WQ", BadElement, "STC01"),
        ("STC*A2:20*20260320*WQ", "STC**20260320*WQ", BadElement, "STC01"),
        ("STC*A2:20*20260320*WQ", "STC*A2:20*20260332*WQ", BadElement, "STC02"),
        ("SVC*HC:", "SVC*HC::", BadElement, "SVC01"),
        ("QTY*90*", "QTY*90*x", BadElement, "QTY02"),
        ("DTP*050*D8*20260320", "DTP*050*D8*", BadElement, "DTP03"),
    ],
)
def test_what_cannot_be_understood_is_named(old: str, new: str, kind: type[Any], where: str) -> None:
    assert old in TEXT
    with pytest.raises(kind) as caught:
        read(recounted(TEXT.replace(old, new, 1)).encode())
    assert where in (caught.value.tag, getattr(caught.value, "element", ""))
    assert caught.value.segment > 0


def test_a_claim_without_a_status_says_nothing_and_is_refused() -> None:
    text = TEXT.replace(first_claim(), first_claim() + first_claim(), 1)
    with pytest.raises(BadElement) as caught:
        read(recounted(text).encode())
    assert caught.value.element == "STC01"


def test_a_claim_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interchange.claim_status.reader.MOST_SEGMENTS_A_CLAIM", 20)
    with pytest.raises(X12Error):
        read(recounted(TEXT.replace(first_claim(), first_claim() + "REF*X*Y~" * 30, 1)).encode())


def test_a_file_that_cannot_be_read_twice_is_refused() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    with pytest.raises(InputError):
        open_claim_status(Pipe(ANSWERED.raw))


def test_what_is_only_for_writing_is_not_compared() -> None:
    claim = ANSWERED.claims[0]
    assert isinstance(claim, ClaimStatus)
    assert replace(claim, patient=None) == claim
    assert "patient" not in repr(claim)
