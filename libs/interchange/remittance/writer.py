"""835 files (005010X221A1) written: what a payer would send, balanced or not at all."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import BinaryIO

from interchange.professional.names import patient_elements
from interchange.remittance.balance import check_claim, check_line, check_payment
from interchange.remittance.model import (
    Adjustment,
    ClaimPayment,
    Party,
    Payment,
    Procedure,
    ProviderAdjustment,
    ServicePayment,
)
from interchange.x12.output import Envelope, SegmentWriter
from interchange.x12.values import Days, amount_text, day_text, quantity_text
from therapy_domain.errors import InputError

GUIDE = "005010X221A1"
_TRIPLETS_A_CAS = _PAIRS_A_PLB = 6
_REMARKS_A_MOA = 5


def write_remittances(
    out: BinaryIO, envelope: Envelope, payments: Iterable[tuple[Payment, Iterable[ClaimPayment]]]
) -> int:
    """Write payments with their claims as one interchange, a transaction a payment; how many segments it has.

    Raises:  OutOfBalance: a line, a claim or a payment; Unwritable: a value holds a delimiter. What was written
             until then is no file: it has no trailer.
    Source:  005010X221A1.
    """
    writer = SegmentWriter(out, envelope)
    writer.open("HP", GUIDE)
    for payment, claims in payments:
        _payment(writer, payment, claims)
    writer.close()
    return writer.segments


def _payment(writer: SegmentWriter, payment: Payment, claims: Iterable[ClaimPayment]) -> None:
    write = writer.write
    writer.begin("835")
    first = writer.segments + 1
    money = (payment.handling, amount_text(payment.paid_cents), payment.direction, payment.method)
    write("BPR", *money, *[""] * 11, day_text(payment.paid_on))
    write("TRN", "1", payment.trace_number, payment.payer_number, payment.receiver_number)
    if payment.produced_on is not None:
        write("DTM", "405", day_text(payment.produced_on))
    _party(writer, "PR", payment.payer)
    _party(writer, "PE", payment.payee)
    paid = 0
    for number, claim in enumerate(claims):
        if number == 0:
            write("LX", "1")
        paid += claim.paid_cents
        _claim(writer, claim)
    _provider_adjustments(writer, payment.provider_adjustments)
    adjusted = sum(adjustment.cents for adjustment in payment.provider_adjustments)
    check_payment(payment.trace_number, paid, adjusted, payment.paid_cents, first)
    writer.end()


def _party(writer: SegmentWriter, role: str, party: Party) -> None:
    writer.write("N1", role, party.name, party.qualifier, party.identifier)
    if party.line1:
        writer.write("N3", party.line1, party.line2)
    if party.city:
        writer.write("N4", party.city, party.state, party.zip)
    for qualifier, number in party.more:
        writer.write("REF", qualifier, number)
    if party.phone:
        writer.write("PER", "BL", "", "TE", party.phone)


def _claim(writer: SegmentWriter, claim: ClaimPayment) -> None:
    write = writer.write
    check_claim(claim)
    write(
        "CLP",
        claim.claim_control_number,
        claim.status,
        amount_text(claim.charge_cents),
        amount_text(claim.paid_cents),
        "" if claim.patient_cents is None else amount_text(claim.patient_cents),
        claim.filing_indicator,
        claim.payer_claim_number,
        claim.place_of_service,
        claim.frequency,
    )
    _adjustments(writer, claim.adjustments)
    write("NM1", "QC", *patient_elements(claim.patient))
    if claim.rendering_npi:
        write("NM1", "82", "1", *[""] * 5, "XX", claim.rendering_npi)
    if claim.crossover_payer:
        write("NM1", "TT", "2", claim.crossover_payer, *[""] * 4, "PI", claim.crossover_payer)
    if claim.remarks:
        if len(claim.remarks) > _REMARKS_A_MOA:
            raise InputError("remarks", len(claim.remarks), f"at most {_REMARKS_A_MOA} remark codes a claim")
        write("MOA", "", "", *claim.remarks)
    if claim.original_number:
        write("REF", "F8", claim.original_number)
    _days(writer, claim.service_days, ("232", "232", "233"))
    if claim.coverage_ended_on is not None:
        write("DTM", "036", day_text(claim.coverage_ended_on))
    if claim.received_on is not None:
        write("DTM", "050", day_text(claim.received_on))
    for amount in claim.amounts:
        write("AMT", amount.qualifier, amount_text(amount.cents))
    for number, line in enumerate(claim.lines, start=1):
        check_line(claim.claim_control_number, number, line, writer.segments + 1)
        _line(writer, line)


def _line(writer: SegmentWriter, line: ServicePayment) -> None:
    write = writer.write
    write(
        "SVC",
        _procedure(line.procedure),
        amount_text(line.charge_cents),
        amount_text(line.paid_cents),
        line.revenue_code,
        quantity_text(line.units),
        _procedure(line.submitted),
        quantity_text(line.submitted_units),
    )
    _days(writer, line.service_days, ("472", "150", "151"))
    _adjustments(writer, line.adjustments)
    if line.line_control_number:
        write("REF", "6R", line.line_control_number)
    if line.allowed_cents is not None:
        write("AMT", "B6", amount_text(line.allowed_cents))
    for amount in line.amounts:
        write("AMT", amount.qualifier, amount_text(amount.cents))
    for remark in line.remarks:
        write("LQ", "HE", remark)


def _procedure(procedure: Procedure | None) -> Sequence[str]:
    return () if procedure is None else (procedure.qualifier, procedure.code, *procedure.modifiers)


def _days(writer: SegmentWriter, days: Days | None, qualifiers: tuple[str, str, str]) -> None:
    """Qualifiers of a single day, of a first and of a last one."""
    if days is None:
        return
    single, first, last = qualifiers
    if days[0] == days[1]:
        writer.write("DTM", single, day_text(days[0]))
    else:
        writer.write("DTM", first, day_text(days[0]))
        writer.write("DTM", last, day_text(days[1]))


def _adjustments(writer: SegmentWriter, adjustments: Sequence[Adjustment]) -> None:
    for group, found in groupby(adjustments, key=lambda adjustment: adjustment.group):
        of_group = list(found)
        for start in range(0, len(of_group), _TRIPLETS_A_CAS):
            elements: list[str] = []
            for adjustment in of_group[start : start + _TRIPLETS_A_CAS]:
                elements += (adjustment.reason, amount_text(adjustment.cents), quantity_text(adjustment.quantity))
            writer.write("CAS", group, *elements)


def _provider_adjustments(writer: SegmentWriter, adjustments: Sequence[ProviderAdjustment]) -> None:
    for (provider, period), found in groupby(adjustments, key=lambda one: (one.provider, one.fiscal_period)):
        of_provider = list(found)
        for start in range(0, len(of_provider), _PAIRS_A_PLB):
            elements: list[str | tuple[str, str]] = []
            for adjustment in of_provider[start : start + _PAIRS_A_PLB]:
                elements += ((adjustment.reason, adjustment.reference), amount_text(adjustment.cents))
            writer.write("PLB", provider, day_text(period), *elements)
