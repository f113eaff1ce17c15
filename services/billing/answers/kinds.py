"""Of which kind a payer's file is, by its first transaction."""

from typing import BinaryIO

from billing.answers.taking import Kind
from interchange.x12.errors import Misplaced, X12Error
from interchange.x12.segments import read_segments

_KINDS: dict[str, Kind] = {"835": "835", "277": "277CA", "999": "999"}
_FIRST_SEGMENTS = 20


def kind_of(source: BinaryIO) -> Kind:
    """The kind; the file stands at its beginning afterwards.

    Raises:  X12Error: it is no X12, or holds another kind of transaction.
    """
    found: X12Error = Misplaced("a transaction (ST) of an 835, 277CA or 999", segment=0, tag="")
    try:
        for segment in read_segments(source):
            if segment.tag == "TA1":
                return "999"
            if segment.tag == "ST":
                kind = _KINDS.get(segment.element(1))
                if kind is not None:
                    return kind
                raise Misplaced("an 835, 277CA or 999", segment=segment.number, tag="ST")
            if segment.number > _FIRST_SEGMENTS:
                break
    finally:
        source.seek(0)
    raise found
