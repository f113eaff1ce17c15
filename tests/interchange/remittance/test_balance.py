"""An 835 balances to the cent: line, claim and payment; one that does not is refused whole, saying which sum is off."""

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from interchange.remittance import (
    Adjustment,
    ClaimPayment,
    OutOfBalance,
    Party,
    Payment,
    Procedure,
    ProviderAdjustment,
    ServicePayment,
    open_remittance,
    write_remittances,
)
from support.answers import ENVELOPE, PAYER
from support.x12 import recounted

DAY = date(2026, 3, 2)
PAID = ServicePayment(
    procedure=Procedure("HC", "97112", ("GP",)),
    charge_cents=9000,
    paid_cents=4800,
    units=Decimal(2),
    line_control_number="C1-1",
    adjustments=(Adjustment("CO", "45", 3000), Adjustment("PR", "2", 1200)),
)
DENIED = ServicePayment(
    procedure=Procedure("HC", "97530", ("GP",)),
    charge_cents=5000,
    paid_cents=0,
    adjustments=(Adjustment("CO", "50", 5000),),
    line_control_number="C1-2",
)
CLAIM = ClaimPayment(
    claim_control_number="C1",
    status="1",
    charge_cents=14000,
    paid_cents=4700,
    adjustments=(Adjustment("OA", "253", 100),),
    lines=(PAID, DENIED),
    payer_claim_number="ICN1",
)
PAYMENT = Payment(
    handling="I",
    paid_cents=4650,
    method="ACH",
    paid_on=DAY,
    trace_number="EFT1",
    payer_number="1123456789",
    payer=PAYER,
    payee=Party("NORTH", "XX", "1234567893"),
    provider_adjustments=(
        ProviderAdjustment("1234567893", DAY, "WO", "X", 60),
        ProviderAdjustment("1234567893", DAY, "L6", "", -10),
    ),
)


def text() -> str:
    out = io.BytesIO()
    write_remittances(out, ENVELOPE, [(PAYMENT, [CLAIM])])
    return out.getvalue().decode()


TEXT = text()


def refused(old: str, new: str) -> OutOfBalance:
    assert TEXT.count(old) == 1
    with pytest.raises(OutOfBalance) as caught:
        open_remittance(io.BytesIO(recounted(TEXT.replace(old, new)).encode()))
    return caught.value


def segment_of(beginning: str) -> int:
    return next(n for n, segment in enumerate(TEXT.split("~"), start=1) if segment.startswith(beginning))


def test_what_balances_is_read() -> None:
    file = open_remittance(io.BytesIO(TEXT.encode()))
    assert file.payments == (PAYMENT,)
    assert [claim for _, claim in file.claims()] == [CLAIM]


@pytest.mark.parametrize(
    ("old", "new", "line", "off"),
    [
        ("SVC*HC:97112:GP*90*48*", "SVC*HC:97112:GP*90*47.99*", 1, 1),
        ("SVC*HC:97112:GP*90*48*", "SVC*HC:97112:GP*90.01*48*", 1, 1),
        ("CAS*PR*2*12~", "CAS*PR*2*12.01~", 1, -1),
        ("CAS*PR*2*12~", "CAS*PR*2*-12~", 1, 2400),
        ("CAS*CO*50*50~", "", 2, 5000),
    ],
)
def test_a_line_that_is_off_by_a_cent_is_named(old: str, new: str, line: int, off: int) -> None:
    error = refused(old, new)
    assert (error.level, error.about, error.line, error.off_cents) == ("line", "C1", line, off)
    assert (error.tag, error.segment) == ("SVC", segment_of("SVC*HC:97112" if line == 1 else "SVC*HC:97530"))


@pytest.mark.parametrize(
    ("old", "new", "off"),
    [
        ("CLP*C1*1*140*47*", "CLP*C1*1*140.01*47*", 1),
        ("CLP*C1*1*140*47*", "CLP*C1*1*140*46.99*", 1),
        ("CAS*OA*253*1~", "CAS*OA*253*2~", -100),
        ("CAS*OA*253*1~", "", 100),
    ],
)
def test_a_claim_that_is_off_by_a_cent_is_named(old: str, new: str, off: int) -> None:
    error = refused(old, new)
    assert (error.level, error.about, error.line, error.off_cents) == ("claim", "C1", None, off)
    assert (error.tag, error.segment) == ("CLP", segment_of("CLP"))


@pytest.mark.parametrize(
    ("old", "new", "off"),
    [
        ("BPR*I*46.5*", "BPR*I*46.51*", -1),
        ("PLB*1234567893*20260302*WO:X*.6*L6*-.1~", "PLB*1234567893*20260302*WO:X*.6~", -10),
        ("PLB*1234567893*20260302*WO:X*.6*L6*-.1~", "", 50),
    ],
)
def test_a_payment_that_is_off_by_a_cent_is_named(old: str, new: str, off: int) -> None:
    error = refused(old, new)
    assert (error.level, error.about, error.off_cents) == ("payment", "EFT1", off)
    assert (error.tag, error.segment) == ("BPR", segment_of("BPR"))


def test_the_error_tells_the_whole_sum() -> None:
    error = refused("BPR*I*46.5*", "BPR*I*40*")
    assert (error.from_cents, error.taken_cents, error.paid_cents) == (4700, 50, 4000)
    assert "claims' payments 47 - adjustments .5 - paid 40 = 6.5; expected 0" in str(error)


@pytest.mark.parametrize(("number", "told"), [("C5J2K8Q0V7M3T9XA4", True), ("MUSTER-EVA", False)])
def test_the_sentence_tells_a_claim_number_only_where_it_is_ours(number: str, told: bool) -> None:
    text = TEXT.replace("CLP*C1*1*140*47*", f"CLP*{number}*1*140*46*")
    with pytest.raises(OutOfBalance) as caught:
        open_remittance(io.BytesIO(text.encode()))
    assert caught.value.about == number
    assert (number in str(caught.value)) == told


def test_amounts_for_information_take_part_in_no_sum() -> None:
    raw = recounted(TEXT.replace("REF*6R*C1-1~", "REF*6R*C1-1~AMT*B6*60~AMT*KH*99~"))
    claim = next(claim for _, claim in open_remittance(io.BytesIO(raw.encode())).claims())
    assert claim.lines[0].allowed_cents == 6000


def test_nothing_of_a_file_is_handed_out_when_its_last_claim_is_off() -> None:
    out = io.BytesIO()
    write_remittances(out, ENVELOPE, [(replace(PAYMENT, paid_cents=4700 * 50 - 50), [CLAIM] * 50)])
    place = out.getvalue().rindex(b"CAS*CO*50*50")
    raw = out.getvalue()[:place] + b"CAS*CO*50*49" + out.getvalue()[place + 12 :]
    with pytest.raises(OutOfBalance):
        open_remittance(io.BytesIO(raw))


@pytest.mark.parametrize(
    ("payment", "claim", "level"),
    [
        (replace(PAYMENT, paid_cents=4651), CLAIM, "payment"),
        (PAYMENT, replace(CLAIM, paid_cents=4701), "claim"),
        (PAYMENT, replace(CLAIM, lines=(replace(PAID, charge_cents=9001), replace(DENIED, charge_cents=4999))), "line"),
    ],
)
def test_what_does_not_balance_is_not_written(payment: Payment, claim: ClaimPayment, level: str) -> None:
    out = io.BytesIO()
    with pytest.raises(OutOfBalance) as caught:
        write_remittances(out, ENVELOPE, [(payment, [claim])])
    assert caught.value.level == level
    assert b"IEA" not in out.getvalue()
