"""Segments to bytes: counted, absent elements at the end left out, values that hold a delimiter refused."""

from collections.abc import Sequence
from datetime import datetime
from typing import BinaryIO, NamedTuple

from interchange.x12.delimiters import STANDARD, Delimiters
from interchange.x12.errors import Unwritable
from interchange.x12.values import day_text
from therapy_domain.errors import InputError

Part = str | Sequence[str]
"""An element; or, as a sequence, the components of one."""
_FLUSH_AT = 256
VERSION = "00501"


class Partner(NamedTuple):
    """One end of an interchange."""

    qualifier: str
    """`ZZ` mutually defined, `30` tax id, `01` D-U-N-S, …"""
    identifier: str
    """At most 15 characters; also the application code of the group."""


class Envelope(NamedTuple):
    """Everything around the transactions of one file. Numbers and times come from whoever keeps them."""

    sender: Partner
    receiver: Partner
    created: datetime
    """In the sender's own time."""
    control_number: int
    """Of the interchange, 1 to 999,999,999."""
    group_control_number: int
    first_transaction: int = 1
    """Control number of the first transaction; the next ones count up."""
    test: bool = False
    acknowledgment_requested: bool = True
    delimiters: Delimiters = STANDARD
    line_end: str = ""
    """Written behind every segment, for people's eyes; line feed or carriage return and line feed."""


class SegmentWriter:
    """Writes one interchange of one group.

    `open`, then of every transaction `begin`, `write` and `end`, then `close`.
    """

    def __init__(self, out: BinaryIO, envelope: Envelope) -> None:
        self._out, self._envelope = out, envelope
        self._delimiters = envelope.delimiters.checked()
        self._tail = self._delimiters.segment + _line_end(envelope.line_end)
        self._held: list[str] = []
        self._in_transaction = 0
        self._number = ""
        self.segments = self.transactions = 0

    def open(self, identifier: str, guide: str) -> None:
        """Write ISA and GS.

        Raises:  InputError: a control number or a partner's id that does not fit its element.
        """
        envelope = self._envelope
        _fits(envelope)
        day, time = day_text(envelope.created), f"{envelope.created:%H%M}"
        sender, receiver = envelope.sender, envelope.receiver
        self._isa(sender, receiver, day[2:], time)
        group = str(envelope.group_control_number)
        self.write("GS", identifier, sender.identifier, receiver.identifier, day, time, group, "X", guide)

    def _isa(self, sender: Partner, receiver: Partner, day: str, time: str) -> None:
        none, envelope = " " * 10, self._envelope
        number, asked = f"{envelope.control_number:09d}", str(int(envelope.acknowledgment_requested))
        ends = (sender.qualifier, f"{sender.identifier:15}", receiver.qualifier, f"{receiver.identifier:15}")
        for place, text in zip((5, 6, 7, 8), ends, strict=True):
            self._refuse_delimiters("ISA", place, text)
        usage = "T" if envelope.test else "P"
        rest = (day, time, self._delimiters.repetition, VERSION, number, asked, usage, self._delimiters.component)
        self._put(self._delimiters.element.join(("ISA", "00", none, "00", none, *ends, *rest)))

    def begin(self, identifier: str, guide: str = "") -> str:
        """Open a transaction; its control number."""
        self._number = f"{self._envelope.first_transaction + self.transactions:04d}"
        self._in_transaction = 0
        self.write("ST", identifier, self._number, guide)
        return self._number

    def write(self, tag: str, *elements: Part) -> None:
        """One segment.

        Raises:  Unwritable: an element or component holds a delimiter or a line end.
        """
        separator, component, repetition, end = self._delimiters
        parts = [tag]
        components = 0
        for element in elements:
            if isinstance(element, str):
                parts.append(element)
            else:
                pieces = list(element)
                while pieces and not pieces[-1]:
                    pieces.pop()
                components += max(len(pieces) - 1, 0)
                parts.append(component.join(pieces))
        while not parts[-1]:
            parts.pop()
        text = separator.join(parts)
        if (
            text.count(separator) != len(parts) - 1
            or text.count(component) != components
            or end in text
            or repetition in text
            or "\n" in text
            or "\r" in text
        ):
            self._find_delimiter(tag, elements)
        self._put(text)

    def end(self) -> None:
        """Close the transaction."""
        self.write("SE", str(self._in_transaction + 1), self._number)
        self.transactions += 1

    def close(self) -> None:
        """Write the trailers, and everything that is still held."""
        self.write("GE", str(self.transactions), str(self._envelope.group_control_number))
        self.write("IEA", "1", f"{self._envelope.control_number:09d}")
        self._flush()

    def _put(self, text: str) -> None:
        self._held.append(text + self._tail)
        self.segments += 1
        self._in_transaction += 1
        if len(self._held) >= _FLUSH_AT:
            self._flush()

    def _flush(self) -> None:
        self._out.write("".join(self._held).encode())
        self._held.clear()

    def _find_delimiter(self, tag: str, elements: tuple[Part, ...]) -> None:
        for place, element in enumerate(elements, start=1):
            for text in (element,) if isinstance(element, str) else element:
                self._refuse_delimiters(tag, place, text)
        raise AssertionError(f"{tag}: more delimiters than parts")

    def _refuse_delimiters(self, tag: str, place: int, text: str) -> None:
        for character in (*self._delimiters, "\n", "\r"):
            if character in text:
                raise Unwritable(f"{tag}{place:02d}", character=character)


def _line_end(text: str) -> str:
    if text not in ("", "\n", "\r\n"):
        raise InputError("line_end", text, "nothing, a line feed, or a carriage return and a line feed")
    return text


def _fits(envelope: Envelope) -> None:
    for name in ("control_number", "group_control_number", "first_transaction"):
        if not 1 <= getattr(envelope, name) <= 999_999_999:
            raise InputError(name, getattr(envelope, name), "a number from 1 to 999,999,999")
    for name, partner in (("sender", envelope.sender), ("receiver", envelope.receiver)):
        if len(partner.qualifier) != 2:
            raise InputError(f"{name}.qualifier", partner.qualifier, "a qualifier of two characters, e.g. ZZ")
        if not 2 <= len(partner.identifier) <= 15 or not partner.identifier.isascii():
            raise InputError(f"{name}.identifier", partner.identifier, "2 to 15 ASCII characters")
