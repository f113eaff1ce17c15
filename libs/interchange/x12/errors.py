"""What is wrong with an X12 file, as types: each names the segment, what was found and what would be right."""

import re

from interchange.arrival import NOT_SHOWN
from therapy_domain.errors import DomainError

_TELLS_NOBODY = re.compile(r"[0-9A-Z]{0,3}|-?[0-9]{0,12}\.?[0-9]{0,6}|[0-9]{5,6}X[0-9]{3}[A-Z0-9]{0,2}", re.ASCII)
"""Codes of up to three characters, numbers, and the names of guides: such a value identifies no person."""


class X12Error(DomainError):
    """An X12 file cannot be used: nothing of it was handed out."""

    code = "x12-error"

    def __init__(self, sentence: str, *, segment: int, tag: str) -> None:
        self.segment, self.tag = segment, tag
        """Number of the segment in the file, from 1 (0 = before the first), and its name ('' = none was read)."""
        super().__init__(f"segment {segment}{f' ({tag})' if tag else ''}: {sentence}")


class NotX12(X12Error):
    """The bytes do not begin with an interchange header, or its delimiters cannot be told."""

    code = "not-x12"

    def __init__(self, expected: str, *, segment: int = 0) -> None:
        self.expected = expected
        super().__init__(f"no X12 interchange here; expected {expected}", segment=segment, tag="")


class TrailingData(X12Error):
    """Something stands behind an interchange that is neither padding nor another interchange."""

    code = "trailing-data"

    def __init__(self, *, segment: int, offset: int, length: int) -> None:
        self.offset, self.length = offset, length
        """Of the first such byte in the file, from 0; and how many bytes of it were seen."""
        where = f"at byte {offset} something follows the interchange ({length} bytes or more)"
        super().__init__(f"{where}; expected the end of the file or an ISA", segment=segment, tag="IEA")


class BrokenSegment(X12Error):
    """A segment that is none: cut off, too long, or without a name."""

    code = "broken-segment"

    def __init__(self, expected: str, *, segment: int, tag: str = "") -> None:
        self.expected = expected
        super().__init__(f"not a whole segment; expected {expected}", segment=segment, tag=tag)


class Truncated(X12Error):
    """The file ends before its trailers."""

    code = "truncated"

    def __init__(self, missing: str, *, segment: int, tag: str) -> None:
        self.missing = missing
        super().__init__(f"the file ends here; expected {missing}", segment=segment, tag=tag)


class Misplaced(X12Error):
    """A segment stands where it may not stand, or a required one is not there."""

    code = "misplaced-segment"

    def __init__(self, expected: str, *, segment: int, tag: str) -> None:
        self.expected = expected
        super().__init__(f"out of place; expected {expected}", segment=segment, tag=tag)


class BadElement(X12Error):
    """An element does not hold what it should. `value` is shown only where it can identify nobody."""

    code = "bad-element"

    def __init__(self, element: str, value: str, expected: str, *, segment: int) -> None:
        self.element, self.expected = element, expected
        """`CLP03`, or `SVC01-2` for a component."""
        self.value = value if _TELLS_NOBODY.fullmatch(value) else NOT_SHOWN
        tag = re.match(r"[A-Z0-9]{2,3}(?=[0-9]{2})", element)
        super().__init__(
            f"{element} is {self.value!r}; expected {expected}", segment=segment, tag=tag[0] if tag else ""
        )


class ControlMismatch(X12Error):
    """A trailer does not agree with what came before it: a count, or a control number."""

    code = "control-mismatch"

    def __init__(self, element: str, *, stated: str, actual: str, segment: int) -> None:
        self.element = element
        self.stated, self.actual = (text if _TELLS_NOBODY.fullmatch(text) else NOT_SHOWN for text in (stated, actual))
        sentence = f"{element} says {self.stated!r}; the file has {self.actual!r}"
        super().__init__(sentence, segment=segment, tag=element[:-2])


class Unwritable(DomainError):
    """A value cannot be put into X12 as it is: it holds a delimiter or a line end. The value is not shown."""

    code = "unwritable-value"

    def __init__(self, element: str, *, character: str, about: str = "") -> None:
        self.element, self.character, self.about = element, character, about
        """`NM103`; the delimiter found in it; the claim it belongs to, where there is one."""
        of = f" of {about}" if about else ""
        super().__init__(f"{element}{of} holds {character!r}, which cuts data; expected a value without it")
