"""What a 999 and a TA1 say, as values: was what we sent understood, and where not."""

from datetime import datetime
from typing import Literal, NamedTuple, get_args

GroupVerdict = Literal["A", "E", "P", "R", "M", "W", "X"]
TransactionVerdict = Literal["A", "E", "R", "M", "W", "X"]
"""A accepted; E accepted with errors noted; P part of the group accepted; R rejected; M, W, X rejected for security."""
GROUP_VERDICTS: tuple[str, ...] = get_args(GroupVerdict)
TRANSACTION_VERDICTS: tuple[str, ...] = get_args(TransactionVerdict)


class ElementError(NamedTuple):
    """One element that was found fault with (IK4). The faulty value itself is not kept: it may identify a patient."""

    position: int
    """In the segment, from 1."""
    code: str
    """`1` required and missing, `5` too long, `6` bad character, `7` bad code, `8` bad date, `I9` guide, …"""
    component: int | None = None
    repetition: int | None = None
    reference: str = ""
    """The data element's number in the X12 dictionary."""


class SegmentError(NamedTuple):
    """One segment that was found fault with (IK3)."""

    tag: str
    position: int
    """In its transaction, from 1 (the ST)."""
    loop: str = ""
    code: str = ""
    """`3` required and missing, `8` has faulty elements, `I6`, `I9` against the guide, …"""
    elements: tuple[ElementError, ...] = ()
    claim_control_number: str = ""
    """Our claim that it belongs to, where the answer tells it (CTX of CLM01)."""


class TransactionAnswer(NamedTuple):
    """The answer to one transaction set of ours (AK2 to IK5)."""

    identifier: str
    """`837`."""
    control_number: str
    """Ours (ST02)."""
    verdict: TransactionVerdict
    guide: str = ""
    codes: tuple[str, ...] = ()
    """Why the set as a whole was found fault with, at most five."""
    segments: tuple[SegmentError, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether its claims go on to the payer's claim edits."""
        return self.verdict in ("A", "E")


class GroupAnswer(NamedTuple):
    """The answer to one functional group of ours (AK1 to AK9)."""

    identifier: str
    """`HC`."""
    control_number: str
    """Ours (GS06)."""
    verdict: GroupVerdict
    included: int
    received: int
    accepted: int
    """Transaction sets by our count, by theirs, and accepted."""
    guide: str = ""
    codes: tuple[str, ...] = ()
    transactions: tuple[TransactionAnswer, ...] = ()
    """Those that the answer names: of an accepted group there may be none."""


class InterchangeAnswer(NamedTuple):
    """A TA1: the answer to an envelope of ours."""

    control_number: str
    """Ours (ISA13)."""
    created: datetime
    """Ours (ISA09, ISA10)."""
    verdict: Literal["A", "E", "R"]
    code: str
    """Why, `000` = no fault."""


class Acknowledgment(NamedTuple):
    """Everything that one file answers."""

    groups: tuple[GroupAnswer, ...] = ()
    interchanges: tuple[InterchangeAnswer, ...] = ()
