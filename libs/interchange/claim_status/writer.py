"""277CA files (005010X214) written, as a payer or clearinghouse would."""

from collections.abc import Iterable
from typing import BinaryIO

from interchange.claim_status.model import ClaimStatus, LevelStatus, LineStatus, Report, Status, StatusCode
from interchange.professional.names import patient_elements
from interchange.x12.output import Envelope, SegmentWriter
from interchange.x12.values import Days, amount_text, day_text, quantity_text

GUIDE = "005010X214"


def write_claim_status(
    out: BinaryIO, envelope: Envelope, reports: Iterable[tuple[Report, Iterable[ClaimStatus]]]
) -> int:
    """Write reports as one interchange, a transaction a report; how many segments it has.

    All claims stand below the report's last provider: a report of several is written as several.

    Raises:  Unwritable: a value holds a delimiter.
    Source:  005010X214.
    """
    writer = SegmentWriter(out, envelope)
    writer.open("HN", GUIDE)
    created = envelope.created
    for report, claims in reports:
        writer.begin("277", GUIDE)
        writer.write("BHT", "0085", "08", report.trace_number, day_text(created), f"{created:%H%M}", "TH")
        _report(writer, report, claims)
        writer.end()
    writer.close()
    return writer.segments


def _report(writer: SegmentWriter, report: Report, claims: Iterable[ClaimStatus]) -> None:
    write = writer.write
    write("HL", "1", "", "20", "1")
    write("NM1", "PR", "2", report.source, *[""] * 4, "PI", report.source_identifier)
    write("TRN", "1", report.trace_number)
    for qualifier, day in (("050", report.received_on), ("009", report.processed_on)):
        if day is not None:
            write("DTP", qualifier, "D8", day_text(day))
    number = 1
    if report.batch is not None:
        number += 1
        write("HL", str(number), "1", "21", "1" if report.providers else "0")
        write("NM1", "41", "2", report.batch.name, *[""] * 4, "46", report.batch.identifier)
        _level(writer, report.batch, "2", ("90", "AA"))
    batch = number
    for provider in report.providers:
        number += 1
        write("HL", str(number), str(batch), "19", "1")
        write("NM1", "85", "2", provider.name, *[""] * 4, "XX", provider.identifier)
        _level(writer, provider, "1", ("QA", "QC"))
    parent = number
    for claim in claims:
        number += 1
        write("HL", str(number), str(parent), "PT")
        _claim(writer, claim)


def _level(writer: SegmentWriter, level: LevelStatus, trace_type: str, quantities: tuple[str, str]) -> None:
    if level.reference:
        writer.write("TRN", trace_type, level.reference)
    for status in level.statuses:
        _status(writer, status)
    for qualifier, count in zip(quantities, (level.accepted, level.rejected), strict=True):
        if count is not None:
            writer.write("QTY", qualifier, str(count))
    for qualifier, cents in (("YU", level.accepted_cents), ("YY", level.rejected_cents)):
        if cents is not None:
            writer.write("AMT", qualifier, amount_text(cents))


def _claim(writer: SegmentWriter, claim: ClaimStatus) -> None:
    write = writer.write
    write("NM1", "QC", *patient_elements(claim.patient))
    write("TRN", "2", claim.claim_control_number)
    for status in claim.statuses:
        _status(writer, status)
    for qualifier, text in (("1K", claim.payer_claim_number), ("D9", claim.clearinghouse_trace)):
        if text:
            write("REF", qualifier, text)
    _days(writer, claim.service_days)
    for line in claim.lines:
        _line(writer, line)


def _line(writer: SegmentWriter, line: LineStatus) -> None:
    code = ("HC", line.code, *line.modifiers)
    writer.write("SVC", code, amount_text(line.charge_cents), *[""] * 4, quantity_text(line.units))
    for status in line.statuses:
        _status(writer, status)
    if line.line_control_number:
        writer.write("REF", "FJ", line.line_control_number)
    _days(writer, line.service_days)


def _status(writer: SegmentWriter, status: Status) -> None:
    first, second, third = (*status.codes, None, None)[:3]
    writer.write(
        "STC",
        _code(first),
        "" if status.effective_on is None else day_text(status.effective_on),
        "WQ" if status.accepted else "U",
        "" if status.charge_cents is None else amount_text(status.charge_cents),
        *[""] * 5,
        _code(second),
        _code(third),
        status.message,
    )


def _code(code: StatusCode | None) -> tuple[str, ...]:
    return () if code is None else (code.category, code.code, code.entity)


def _days(writer: SegmentWriter, days: Days | None) -> None:
    if days is None:
        return
    first, last = map(day_text, days)
    if first == last:
        writer.write("DTP", "472", "D8", first)
    else:
        writer.write("DTP", "472", "RD8", f"{first}-{last}")
