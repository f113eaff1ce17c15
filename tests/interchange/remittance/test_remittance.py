"""835 files as payers send them: read to the cent, whatever their order, extras, delimiters or number of payments."""

import io
import tracemalloc
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interchange.remittance import (
    Adjustment,
    Amount,
    ClaimPayment,
    Party,
    Payment,
    Procedure,
    ProviderAdjustment,
    ServicePayment,
    open_remittance,
    write_remittances,
)
from interchange.remittance.model import GROUP_CODES, STATUSES
from interchange.x12.delimiters import Delimiters
from interchange.x12.errors import BadElement, Misplaced, X12Error
from support.answers import ENVELOPE, PAYER, answers_to, remittance, terms
from support.claims import plain_claim, professional_claims
from support.x12 import recounted
from therapy_domain.errors import InputError

DAY = date(2026, 3, 2)
cents = st.integers(-10_000_000, 10_000_000)
reasons = st.sampled_from(["1", "2", "45", "50", "97", "151", "253", "B7", "B12", "A1", "100"])
counts = st.none() | st.decimals(-99, 999, places=1)
adjustments = st.lists(
    st.builds(Adjustment, st.sampled_from(GROUP_CODES), reasons, cents.filter(bool), counts), max_size=15
)
amounts = st.lists(st.builds(Amount, st.sampled_from(["T", "KH", "ZK", "I", "AU"]), cents), max_size=3)
procedures = st.builds(
    Procedure,
    st.just("HC"),
    st.sampled_from(["97112", "97530", "G0283"]),
    st.sampled_from([(), ("GP",), ("59", "GP"), ("59", "GP", "CQ", "KX")]),
)
some_days = st.dates(date(2025, 1, 1), date(2026, 12, 31))
spans = st.none() | st.tuples(some_days, some_days).map(lambda two: (min(two), max(two)))
remarks = st.lists(st.sampled_from(["MA01", "N130", "M53", "MA130"]), max_size=5, unique=True)


@st.composite
def lines(draw: Any) -> ServicePayment:
    taken = tuple(draw(adjustments))
    paid = draw(cents)
    return ServicePayment(
        procedure=draw(procedures),
        charge_cents=paid + sum(one.cents for one in taken),
        paid_cents=paid,
        units=draw(counts),
        submitted=draw(st.none() | procedures),
        submitted_units=draw(counts),
        revenue_code=draw(st.sampled_from(["", "0420"])),
        service_days=draw(spans),
        line_control_number=draw(st.sampled_from(["", "C1-1", "L/2"])),
        adjustments=taken,
        allowed_cents=draw(st.none() | cents),
        amounts=tuple(draw(amounts)),
        remarks=tuple(draw(remarks)),
    )


@st.composite
def claim_payments(draw: Any) -> ClaimPayment:
    of_lines = tuple(draw(st.lists(lines(), max_size=4)))
    taken = tuple(draw(adjustments))
    paid = draw(cents)
    off = sum(one.cents for one in taken) + sum(one.cents for line in of_lines for one in line.adjustments)
    return ClaimPayment(
        claim_control_number=draw(st.sampled_from(["C1", "C5J2K8Q0V7M3T9XA4"])),
        status=draw(st.sampled_from(STATUSES)),
        charge_cents=paid + off,
        paid_cents=paid,
        patient_cents=draw(st.none() | cents),
        filing_indicator=draw(st.sampled_from(["", "MB", "12"])),
        payer_claim_number=draw(st.sampled_from(["", "ICN1"])),
        place_of_service=draw(st.sampled_from(["", "11"])),
        frequency=draw(st.sampled_from(["", "1", "7"])),
        adjustments=taken,
        lines=of_lines,
        remarks=tuple(draw(remarks)),
        amounts=tuple(draw(amounts)),
        service_days=draw(spans),
        received_on=draw(st.none() | some_days),
        coverage_ended_on=draw(st.none() | some_days),
        original_number=draw(st.sampled_from(["", "ICN0"])),
        rendering_npi=draw(st.sampled_from(["", "1234567893"])),
        crossover_payer=draw(st.sampled_from(["", "BLUE PLAN"])),
    )


@st.composite
def payments(draw: Any) -> tuple[Payment, list[ClaimPayment]]:
    claims = draw(st.lists(claim_payments(), max_size=4))
    other = st.builds(
        ProviderAdjustment,
        st.sampled_from(["1234567893", "X"]),
        some_days,
        st.sampled_from(["WO", "FB", "L6"]),
        st.sampled_from(["", "REF-1"]),
        cents,
    )
    plb = tuple(draw(st.lists(other, max_size=9)))
    paid = sum(claim.paid_cents for claim in claims) - sum(one.cents for one in plb)
    payment = Payment(
        handling=draw(st.sampled_from(["I", "H"])),
        paid_cents=paid,
        direction=draw(st.sampled_from(["C", "D"])),
        method=draw(st.sampled_from(["ACH", "CHK", "NON"])),
        paid_on=draw(some_days),
        trace_number="EFT1",
        payer_number="1123456789",
        receiver_number=draw(st.sampled_from(["", "77"])),
        produced_on=draw(st.none() | some_days),
        payer=draw(st.sampled_from([PAYER, Party("P", "XV", "12", (("2U", "60054"), ("NF", "1")))])),
        payee=Party("NORTH", "XX", "1234567893", (("TJ", "123456789"),)),
        provider_adjustments=plb,
    )
    return payment, claims


def read(raw: bytes) -> tuple[tuple[Payment, ...], list[tuple[Payment, ClaimPayment]]]:
    file = open_remittance(io.BytesIO(raw))
    return file.payments, list(file.claims())


@given(st.lists(payments(), min_size=1, max_size=3), st.sampled_from([Delimiters(), Delimiters("|", ">", "!", "\n")]))
@settings(max_examples=70, deadline=None, derandomize=True)
def test_whatever_is_written_is_read_again_to_the_cent(
    given_payments: list[tuple[Payment, list[ClaimPayment]]], delimiters: Delimiters
) -> None:
    out = io.BytesIO()
    write_remittances(out, ENVELOPE._replace(delimiters=delimiters), given_payments)
    found, claims = read(out.getvalue())
    assert found == tuple(payment for payment, _ in given_payments)
    assert claims == [(payment, claim) for payment, of in given_payments for claim in of]
    assert [payment.claims for payment in found] == [len(of) for _, of in given_payments]


CLAIMS = list(professional_claims("remittance", 30))
ANSWERED = remittance(CLAIMS, 3)
TEXT = ANSWERED.raw.decode()


def test_splits_reversals_corrections_and_denials_are_read_in_their_order() -> None:
    _, claims = read(ANSWERED.raw)
    assert tuple(claim for _, claim in claims) == ANSWERED.claims
    answers = [claim for _, claim in claims]
    taken_back = [pair for pair in pairwise(answers) if pair[1].is_reversal]
    assert taken_back
    for former, reversal in taken_back:
        assert reversal.claim_control_number == former.claim_control_number
        assert (reversal.paid_cents, reversal.charge_cents) == (-former.paid_cents, -former.charge_cents)
        assert reversal.original_number == former.payer_claim_number
    assert {claim.status for claim in answers} >= {"1", "4", "22"}


def test_a_split_claim_comes_twice_and_its_parts_add_up() -> None:
    from interchange.simulated_payer import Received, Split, adjudicate

    claim = next(claim for claim in CLAIMS if len(claim.lines) > 2)
    first, second = adjudicate(claim, Split(first_lines=1), Received("ICN9", DAY))
    assert first.claim_control_number == second.claim_control_number == claim.claim_id
    assert first.charge_cents + second.charge_cents == claim.charge_cents
    assert len(first.lines) + len(second.lines) == len(claim.lines)
    assert first.payer_claim_number != second.payer_claim_number


def test_the_envelope_of_a_payment_is_known() -> None:
    (payment,), _ = read(ANSWERED.raw)
    assert payment.interchange is not None
    assert (payment.interchange.sender, payment.control_number) == ("PAYER", "0001")


def test_what_we_do_not_know_is_passed_over() -> None:
    extra = "ZZZ*1*2~CUR*PR*USD~RDM*EM*X~"
    raw = TEXT.replace("LX*1~", f"{extra}LX*1~TS3*1*2*3~QTY*CA*1~")
    raw = raw.replace("~SVC*", "~PER*CX**TE*5125550100~QTY*ZK*1~REF*1L*G~K9*X~SVC*")
    raw = raw.replace("~REF*6R*", "~REF*LU*11~QTY*ZL*2~LQ*RX*77~ABC*X~REF*6R*")
    assert tuple(claim for _, claim in read(recounted(raw).encode())[1]) == ANSWERED.claims


def test_nobodys_name_is_kept() -> None:
    _, claims = read(ANSWERED.raw)
    names = {claim.subscriber.name.family.upper() for claim in CLAIMS} | {c.subscriber.member_id for c in CLAIMS}
    told = repr(claims).upper()
    assert not [name for name in names if name in told and name.isalnum()]


def test_several_interchanges_give_their_payments_one_after_another() -> None:
    other = remittance(CLAIMS[:4], 9, ENVELOPE._replace(delimiters=Delimiters("|", ">", "!", "\n"), control_number=6))
    found, claims = read(ANSWERED.raw + b"\r\n" + other.raw)
    assert found == (ANSWERED.head, other.head)
    assert tuple(claim for _, claim in claims) == ANSWERED.claims + other.claims
    assert {payment.interchange.control_number for payment in found if payment.interchange} == {
        "000000005",
        "000000006",
    }


def test_a_ta1_between_the_envelopes_says_nothing_of_payments() -> None:
    raw = TEXT.replace("GS*HP", "TA1*000000009*260302*1200*A*000~GS*HP", 1)
    assert len(read(raw.encode())[1]) == len(ANSWERED.claims)


def test_a_paid_unit_that_is_not_told_is_not_made_up() -> None:
    raw = plain_text().replace("*1*.95**1~", "*1*.95~")
    assert read(raw.encode())[1][0][1].lines[0].units is None


@pytest.mark.parametrize(
    ("old", "new", "element"),
    [
        ("BPR*I*", "BPR*I*x", "BPR02"),
        ("*C*CHK*", "*X*CHK*", "BPR03"),
        ("*20260320~TRN", "*20260230~TRN", "BPR16"),
        ("TRN*1*EFT77", "TRN*1*", "TRN02"),
        ("*1123456789~", "*~", "TRN03"),
        ("DTM*405*20260320", "DTM*405*26-03-20", "DTM02"),
        ("PLB*", "PLB*X*", "PLB02"),
        (":OLD-1*12.34", ":OLD-1*MUSTER", "PLB04"),
        ("*WO:OLD-1*", "*:OLD-1*", "PLB03"),
    ],
)
def test_a_head_or_foot_that_cannot_be_read_is_named(old: str, new: str, element: str) -> None:
    raw = TEXT.replace(old, new, 1).encode()
    with pytest.raises(BadElement) as caught:
        read(raw)
    assert caught.value.element == element
    assert "MUSTER" not in str(caught.value)


PLAIN_CLAIM = ClaimPayment(
    claim_control_number="C1",
    status="1",
    charge_cents=100,
    paid_cents=90,
    adjustments=(Adjustment("CO", "45", 5),),
    lines=(
        ServicePayment(
            procedure=Procedure("HC", "97112"),
            charge_cents=100,
            paid_cents=95,
            units=Decimal(1),
            service_days=(DAY, DAY),
            adjustments=(Adjustment("PR", "2", 5),),
            remarks=("N130",),
            allowed_cents=95,
        ),
    ),
    remarks=("MA01",),
    received_on=DAY,
    amounts=(Amount("AU", 1),),
)


PAYMENT = replace(terms(CLAIMS), paid_cents=90)


def plain_text() -> str:
    out = io.BytesIO()
    write_remittances(out, ENVELOPE, [(PAYMENT, [PLAIN_CLAIM])])
    return out.getvalue().decode()


@pytest.mark.parametrize(
    ("old", "new", "element"),
    [
        ("CLP*C1*1*", "CLP**1*", "CLP01"),
        ("CLP*C1*1*", "CLP*C1*5*", "CLP02"),
        ("CLP*C1*1*1*", "CLP*C1*1**", "CLP03"),
        ("CLP*C1*1*1*.9", "CLP*C1*1*1*.905", "CLP04"),
        ("CAS*CO*45*", "CAS*XX*45*", "CAS01"),
        ("CAS*CO*45*.05", "CAS*CO", "CAS02"),
        ("CAS*CO*45*.05", "CAS*CO*45", "CAS03"),
        ("CAS*CO*45*.05", "CAS*CO*45*.05*x", "CAS04"),
        ("CAS*CO*45*.05", "CAS*CO*45*.05**4-5*.0", "CAS05"),
        ("CAS*CO*45*.05", "CAS*CO*45*.05" + "*" * 18 + "1", "CAS02"),
        ("MOA***MA01", "MOA***MUSTER", "MOA03"),
        ("DTM*050*20260302", "DTM*050*0302", "DTM02"),
        ("AMT*AU*.01", "AMT*AU*", "AMT02"),
        ("SVC*HC:97112", "SVC*97112", "SVC01"),
        ("SVC*HC:97112", "SVC*HC:", "SVC01"),
        ("SVC*HC:97112*1*", "SVC*HC:97112*-*", "SVC02"),
        ("*.95**1~", "*.95**one~", "SVC05"),
        ("DTM*472*20260302", "DTM*472*20261302", "DTM02"),
        ("AMT*B6*.95", "AMT*B6*1,00", "AMT02"),
        ("LQ*HE*N130", "LQ*HE*130", "LQ02"),
    ],
)
def test_an_element_that_cannot_be_read_is_named(old: str, new: str, element: str) -> None:
    text = plain_text()
    assert text.count(old) == 1
    with pytest.raises(BadElement) as caught:
        read(text.replace(old, new).encode())
    assert caught.value.element == element
    place = next(
        n for n, part in enumerate(text.split("~"), start=1) if part.startswith(old.partition("*")[0]) or old in part
    )
    assert caught.value.segment >= place


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("TRN*1*EFT77*1123456789~", ""),
        ("N1*PR*", "N1*P5*"),
        ("N1*PE*", "N1*87*"),
        ("CLP*C1*1*1*.9~", ""),
    ],
)
def test_what_has_to_stand_before_a_claim_or_a_line_is_missed(old: str, new: str) -> None:
    text = plain_text()
    assert old in text
    with pytest.raises(Misplaced):
        read(recounted(text.replace(old, new)).encode())


def test_a_file_that_cannot_be_read_twice_is_refused() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    with pytest.raises(InputError):
        open_remittance(Pipe(ANSWERED.raw))


def test_reading_begins_where_the_file_stands() -> None:
    source = io.BytesIO(b"header of some envelope\n" + ANSWERED.raw)
    source.seek(24)
    file = open_remittance(source)
    assert len(list(file.claims())) == len(list(file.claims())) == len(ANSWERED.claims)


def test_more_remarks_than_fit_are_not_written() -> None:
    claim = replace(PLAIN_CLAIM, remarks=("M1",) * 6)
    with pytest.raises(InputError):
        write_remittances(io.BytesIO(), ENVELOPE, [(PAYMENT, [claim])])


def test_a_claim_without_end_is_refused_before_it_fills_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interchange.remittance.reader.MOST_SEGMENTS_A_CLAIM", 50)
    with pytest.raises(X12Error):
        read(TEXT.replace("LX*1~", "LX*1~" + "REF*X*Y~" * 60).encode())


def test_memory_stays_flat_while_claims_stream() -> None:
    def peak(count: int) -> int:
        out = io.BytesIO()
        answers = answers_to([plain_claim()], 1)[:1] * count
        payment = replace(PAYMENT, paid_cents=answers[0].paid_cents * count)
        write_remittances(out, ENVELOPE, [(payment, answers)])
        out.seek(0)
        tracemalloc.start()
        file = open_remittance(out)
        assert sum(1 for _ in file.claims()) == count
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(3000) < 1_500_000  # a few chunks of the file; the claims together take four times as much
