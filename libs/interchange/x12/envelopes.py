"""Envelopes checked as they pass: interchange, group, transaction, and what their trailers count."""

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, NamedTuple, NoReturn

from interchange.x12.errors import BadElement, ControlMismatch, Misplaced
from interchange.x12.segments import Segment, read_segments
from interchange.x12.values import moment, whole

_LONGEST_CONTROL_NUMBER = 9


class Interchange(NamedTuple):
    """What an ISA says."""

    sender_qualifier: str
    sender: str
    receiver_qualifier: str
    receiver: str
    created: datetime
    """In the sender's own time; X12 tells no zone."""
    control_number: str
    test: bool


class Group(NamedTuple):
    """What a GS says."""

    identifier: str
    """`HP`: what kind of transactions it holds."""
    sender: str
    receiver: str
    created: datetime
    control_number: str
    guide: str
    """The implementation guide, `005010X221A1`."""


class Transaction(NamedTuple):
    """What an ST says."""

    identifier: str
    control_number: str
    guide: str
    """From the ST, or where that does not tell it, from the group."""


class Envelopes:
    """The segments of a file between its envelopes.

    Iterating hands out every `ST` and `SE`, what stands between them, and every `TA1`; the envelopes around stand in
    `interchange`, `group` and `transaction`.

    Args:    expects: the ST01 and the beginning of the guide that the caller reads, e.g. `("835", "005010X221")`.
    Raises:  X12Error, while iterating: see `read_segments`; and Misplaced, BadElement, ControlMismatch, Truncated.
    """

    def __init__(self, source: BinaryIO, expects: tuple[str, str]) -> None:
        self._segments = read_segments(source)
        self._expects = expects
        self.interchange: Interchange | None = None
        self.group: Group | None = None
        self.transaction: Transaction | None = None
        self._groups = self._transactions = self._first = 0

    def __iter__(self) -> Iterator[Segment]:
        for segment in self._segments:
            match segment.parts[0]:
                case "ST":
                    self._open_transaction(segment)
                case "SE":
                    self._close_transaction(segment)
                case "ISA":
                    self._open_interchange(segment)
                    continue
                case "GS":
                    self._open_group(segment)
                    continue
                case "GE":
                    self._close_group(segment)
                    continue
                case "IEA":
                    self._close_interchange(segment)
                    continue
                case tag if self.transaction is None and tag != "TA1":
                    self._misplaced("a transaction (ST) around it", segment)
            yield segment

    def _open_interchange(self, isa: Segment) -> None:
        if self.interchange is not None:
            self._misplaced("the IEA of the interchange before", isa)
        if isa.element(12)[:3] != "005":
            raise BadElement("ISA12", isa.element(12), "00501", segment=isa.number)
        self.interchange = Interchange(
            isa.element(5).strip(),
            isa.element(6).strip(),
            isa.element(7).strip(),
            isa.element(8).strip(),
            moment(isa, 9, 10),
            _control_number(isa, 13),
            test=isa.element(15) == "T",
        )
        self._groups = 0

    def _open_group(self, gs: Segment) -> None:
        if self.interchange is None or self.group is not None:
            self._misplaced("a GS only inside an interchange, after the GE of the group before", gs)
        self.group = Group(
            gs.element(1), gs.element(2), gs.element(3), moment(gs, 4, 5), _control_number(gs, 6), gs.element(8)
        )
        self._transactions = 0

    def _open_transaction(self, st: Segment) -> None:
        if self.group is None or self.transaction is not None:
            self._misplaced("an ST only inside a group, after the SE of the transaction before", st)
        identifier, guide = self._expects
        if st.element(1) != identifier:
            raise BadElement("ST01", st.element(1), identifier, segment=st.number)
        opened = Transaction(st.element(1), _control_number(st, 2), st.element(3) or self.group.guide)
        if not opened.guide.startswith(guide):
            raise BadElement("ST03" if st.element(3) else "GS08", opened.guide, guide, segment=st.number)
        self.transaction, self._first = opened, st.number

    def _close_transaction(self, se: Segment) -> None:
        if self.transaction is None:
            self._misplaced("an ST before it", se)
        _agree(se, 1, se.number - self._first + 1)
        if se.element(2).strip() != self.transaction.control_number:
            _mismatch(se, 2, self.transaction.control_number)
        self.transaction = None
        self._transactions += 1

    def _close_group(self, ge: Segment) -> None:
        if self.group is None or self.transaction is not None:
            self._misplaced("a GS before it, and the SE of the last transaction", ge)
        _agree(ge, 1, self._transactions)
        _same_number(ge, 2, self.group.control_number)
        self.group = None
        self._groups += 1

    def _close_interchange(self, iea: Segment) -> None:
        if self.interchange is None or self.group is not None:
            self._misplaced("an ISA before it, and the GE of the last group", iea)
        _agree(iea, 1, self._groups)
        _same_number(iea, 2, self.interchange.control_number)
        self.interchange = None

    def _misplaced(self, expected: str, segment: Segment) -> NoReturn:
        raise Misplaced(expected, segment=segment.number, tag=segment.tag)


def _control_number(head: Segment, place: int) -> str:
    text = head.element(place).strip()
    if not (text.isascii() and text.isalnum() and len(text) <= _LONGEST_CONTROL_NUMBER):
        expected = f"a control number of 1 to {_LONGEST_CONTROL_NUMBER} letters and digits"
        raise BadElement(head.named(place), text, expected, segment=head.number)
    return text


def _agree(trailer: Segment, place: int, actual: int) -> None:
    if whole(trailer, place) != actual:
        _mismatch(trailer, place, str(actual))


def _same_number(trailer: Segment, place: int, actual: str) -> None:
    """Numbers of groups and interchanges are numeric: leading zeros say nothing."""
    if trailer.element(place).strip().lstrip("0") != actual.lstrip("0"):
        _mismatch(trailer, place, actual)


def _mismatch(trailer: Segment, place: int, actual: str) -> NoReturn:
    raise ControlMismatch(trailer.named(place), stated=trailer.element(place), actual=actual, segment=trailer.number)
