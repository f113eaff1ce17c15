"""999 files (005010X231A1) and TA1 segments read. They are as small as their faults are few, and handed out whole."""

from typing import BinaryIO, cast

from interchange.acknowledgment.model import (
    GROUP_VERDICTS,
    TRANSACTION_VERDICTS,
    Acknowledgment,
    ElementError,
    GroupAnswer,
    GroupVerdict,
    InterchangeAnswer,
    SegmentError,
    TransactionAnswer,
    TransactionVerdict,
)
from interchange.x12.envelopes import Envelopes
from interchange.x12.errors import BadElement, Misplaced
from interchange.x12.segments import Segment
from interchange.x12.values import moment, whole

MOST_FAULTS = 100_000
"""A file that notes more is refused: our largest batches have fewer elements to find fault with."""


def read_acknowledgment(source: BinaryIO) -> Acknowledgment:
    """Read a file of 999 transactions; TA1 segments between its envelopes are read too.

    Raises:  X12Error: the first fault of the file itself, with the segment's number.
    Source:  005010X231A1; TA1: X12 interchange control structures, 005010.
    """
    groups: list[GroupAnswer] = []
    interchanges: list[InterchangeAnswer] = []
    draft: _GroupDraft | None = None
    faults = 0
    for segment in Envelopes(source, expects=("999", "005010X231")):
        tag = segment.parts[0]
        if tag == "TA1":
            interchanges.append(_interchange(segment))
        elif tag == "AK1":
            draft = _GroupDraft(segment)
        elif tag == "SE":
            if draft is None or draft.answer is None:
                raise Misplaced("an AK1 and its AK9 before it", segment=segment.number, tag=tag)
            groups.append(draft.answer)
            draft = None
        elif draft is not None:
            draft.take(segment)
        elif tag != "ST":
            raise Misplaced("an AK1 before it", segment=segment.number, tag=tag)
        faults += tag in ("IK3", "IK4", "AK2")
        if faults > MOST_FAULTS:
            raise Misplaced(f"at most {MOST_FAULTS} noted faults a file", segment=segment.number, tag=tag)
    return Acknowledgment(tuple(groups), tuple(interchanges))


class _GroupDraft:
    """From an AK1 on."""

    def __init__(self, ak1: Segment) -> None:
        self._ak1 = ak1
        self._transactions: list[TransactionAnswer] = []
        self._ak2: Segment | None = None
        self._segments: list[SegmentError] = []
        self._elements: list[ElementError] = []
        self.answer: GroupAnswer | None = None

    def take(self, segment: Segment) -> None:
        match segment.parts[0]:
            case "AK2":
                self._outside(segment)
                self._ak2, self._segments = segment, []
            case "IK3":
                self._inside(segment)
                self._finish_segment()
                tag, loop, code = segment.element(1), segment.element(3), segment.element(4)
                self._segments.append(SegmentError(tag, whole(segment, 2), loop, code))
            case "CTX" if self._segments and segment.components(1)[0] == "CLM01":
                claim = (*segment.components(1), "")[1]
                self._segments[-1] = self._segments[-1]._replace(claim_control_number=claim)
            case "IK4":
                if not self._segments:
                    raise Misplaced("an IK3 before it", segment=segment.number, tag="IK4")
                self._elements.append(_element(segment))
            case "IK5":
                self._finish_segment()
                self._transactions.append(self._transaction(segment))
                self._ak2 = None
            case "AK9":
                self._outside(segment)
                self.answer = self._group(segment)

    def _inside(self, segment: Segment) -> Segment:
        if self._ak2 is None:
            raise Misplaced("an AK2 before it", segment=segment.number, tag=segment.tag)
        return self._ak2

    def _outside(self, segment: Segment) -> None:
        if self._ak2 is not None or self.answer is not None:
            raise Misplaced("the IK5 of the set before, and one AK9", segment=segment.number, tag=segment.tag)

    def _finish_segment(self) -> None:
        if self._elements:
            self._segments[-1] = self._segments[-1]._replace(elements=tuple(self._elements))
            self._elements = []

    def _transaction(self, ik5: Segment) -> TransactionAnswer:
        ak2 = self._inside(ik5)
        return TransactionAnswer(
            ak2.element(1),
            ak2.element(2),
            cast("TransactionVerdict", _verdict(ik5, TRANSACTION_VERDICTS)),
            ak2.element(3),
            _codes(ik5, 2),
            tuple(self._segments),
        )

    def _group(self, ak9: Segment) -> GroupAnswer:
        verdict = cast("GroupVerdict", _verdict(ak9, GROUP_VERDICTS))
        included, received, accepted = whole(ak9, 2), whole(ak9, 3), whole(ak9, 4)
        if accepted > received or sum(answer.accepted for answer in self._transactions) > accepted:
            expected = "at most the received sets, and at least those named as accepted"
            raise BadElement("AK904", ak9.element(4), expected, segment=ak9.number)
        head = (self._ak1.element(1), self._ak1.element(2), verdict, included, received, accepted)
        return GroupAnswer(*head, self._ak1.element(3), _codes(ak9, 5), tuple(self._transactions))


def _interchange(ta1: Segment) -> InterchangeAnswer:
    match ta1.element(4):
        case "A" | "E" | "R" as verdict:
            return InterchangeAnswer(ta1.element(1), moment(ta1, 2, 3), verdict, ta1.element(5))
        case other:
            raise BadElement("TA104", other, "A, E or R", segment=ta1.number)


def _element(ik4: Segment) -> ElementError:
    numbers: list[int | None] = []
    for text in (*ik4.components(1), "", "")[:3]:
        if text and not (text.isascii() and text.isdigit() and len(text) < 5):
            raise BadElement("IK401", text, "positions, e.g. 3 or 3:2", segment=ik4.number)
        numbers.append(int(text) if text else None)
    position, component, repetition = numbers
    if position is None:
        raise BadElement("IK401", "", "the element's position", segment=ik4.number)
    return ElementError(position, ik4.element(3), component, repetition, ik4.element(2))


def _verdict(segment: Segment, known: tuple[str, ...]) -> str:
    if segment.element(1) not in known:
        raise BadElement(segment.named(1), segment.element(1), "one of " + ", ".join(known), segment=segment.number)
    return segment.element(1)


def _codes(segment: Segment, first: int) -> tuple[str, ...]:
    return tuple(code for code in segment.parts[first : first + 5] if code)
