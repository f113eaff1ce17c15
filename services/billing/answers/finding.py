"""Which claim an answer belongs to: by the numbers of its lines, then by its own."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from event_log.protocol import RowsConnection

CLAIM_NUMBER = re.compile(r"C[0-9A-HJKMNP-TV-Z]{16}", re.ASCII)
_LINE_NUMBER = re.compile(rf"({CLAIM_NUMBER.pattern})\.([1-9][0-9]{{0,6}})\.([1-9][0-9]{{0,2}})", re.ASCII)
_AT_ONCE = 500


class LineNumber(NamedTuple):
    """A control number of ours, taken apart."""

    claim_id: str
    submission: int
    line: int


class Numbers(NamedTuple):
    """The numbers of ours in an answer."""

    claim_id: str | None
    """None where none has the form of ours, or lines name several claims."""
    submission: int | None
    several: bool = False
    fallback: str | None = None
    """The answer's own number, where its lines name another claim."""


class Known(NamedTuple):
    """A claim of this store."""

    case: str
    claim_id: str
    org: str


Unmatched = Literal["unknown-claim", "several-claims"]


def line_number(text: str) -> LineNumber | None:
    """A line's control number of ours; None for any other text.

    >>> line_number("C5J2K8Q0V7M3T9XA4.2.1")
    LineNumber(claim_id='C5J2K8Q0V7M3T9XA4', submission=2, line=1)
    """
    found = _LINE_NUMBER.fullmatch(text.strip().upper())
    return LineNumber(found[1], int(found[2]), int(found[3])) if found else None


def numbers(own: str, lines: Iterable[str]) -> Numbers:
    """What an answer says of whose it is.

    Args:    own: the number of the whole claim. lines: those of its lines.
    """
    told = [each for each in map(line_number, lines) if each is not None]
    claims = {each.claim_id for each in told}
    mine = own.strip().upper()
    claim_id = mine if CLAIM_NUMBER.fullmatch(mine) else None
    if len(claims) > 1:
        return Numbers(None, None, several=True)
    if claims:
        return Numbers(told[0].claim_id, max(each.submission for each in told), fallback=claim_id)
    return Numbers(claim_id, None)


def known_claims(rows: RowsConnection, wanted: Iterable[str]) -> dict[str, Known]:
    """The claims of these numbers that are in the store."""
    found: dict[str, Known] = {}
    whole = sorted(set(wanted))
    for start in range(0, len(whole), _AT_ONCE):
        chunk = whole[start : start + _AT_ONCE]
        marks = ",".join("?" * len(chunk))
        for claim_id, case, org in rows.execute(
            f"SELECT claim_id, case_id, org FROM claim WHERE claim_id IN ({marks})",  # noqa: S608 -- marks only
            chunk,
        ):
            found[claim_id] = Known(case, claim_id, org)
    return found


def matched(told: Sequence[Numbers], rows: RowsConnection) -> list[Known | Unmatched]:
    """The claim of each answer, or why there is none."""
    wanted = {each for one in told for each in (one.claim_id, one.fallback) if each is not None}
    known: Mapping[str, Known] = known_claims(rows, wanted)
    return [_one(each, known) for each in told]


def _one(told: Numbers, known: Mapping[str, Known]) -> Known | Unmatched:
    if told.several:
        return "several-claims"
    for claim_id in (told.claim_id, told.fallback):
        if claim_id is not None and claim_id in known:
            return known[claim_id]
    return "unknown-claim"
