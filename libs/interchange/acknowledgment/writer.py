"""999 files (005010X231A1) written, as a payer or clearinghouse would."""

from collections.abc import Iterable
from typing import BinaryIO

from interchange.acknowledgment.model import ElementError, GroupAnswer, SegmentError, TransactionAnswer
from interchange.x12.output import Envelope, SegmentWriter

GUIDE = "005010X231A1"


def write_acknowledgment(out: BinaryIO, envelope: Envelope, groups: Iterable[GroupAnswer]) -> int:
    """Write the answers as one interchange, a transaction a group; how many segments it has.

    Raises:  Unwritable: a value holds a delimiter.
    Source:  005010X231A1.
    """
    writer = SegmentWriter(out, envelope)
    writer.open("FA", GUIDE)
    for group in groups:
        writer.begin("999", GUIDE)
        writer.write("AK1", group.identifier, group.control_number, group.guide)
        for transaction in group.transactions:
            _transaction(writer, transaction)
        counts = (str(group.included), str(group.received), str(group.accepted))
        writer.write("AK9", group.verdict, *counts, *group.codes)
        writer.end()
    writer.close()
    return writer.segments


def _transaction(writer: SegmentWriter, answer: TransactionAnswer) -> None:
    writer.write("AK2", answer.identifier, answer.control_number, answer.guide)
    for segment in answer.segments:
        _segment(writer, segment)
    writer.write("IK5", answer.verdict, *answer.codes)


def _segment(writer: SegmentWriter, error: SegmentError) -> None:
    writer.write("IK3", error.tag, str(error.position), error.loop, error.code)
    if error.claim_control_number:
        writer.write("CTX", ("CLM01", error.claim_control_number))
    for element in error.elements:
        writer.write("IK4", _place(element), element.reference, element.code)


def _place(error: ElementError) -> tuple[str, ...]:
    return tuple(
        "" if number is None else str(number) for number in (error.position, error.component, error.repetition)
    )
