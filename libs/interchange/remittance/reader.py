"""835 files (005010X221A1) read: checked whole first, then claim by claim in constant memory."""

from collections.abc import Iterator
from typing import BinaryIO

from interchange.remittance.model import ClaimPayment, Payment
from interchange.remittance.reading_claim import ClaimDraft
from interchange.remittance.reading_payment import PaymentDraft
from interchange.x12.envelopes import Envelopes
from interchange.x12.errors import Misplaced
from interchange.x12.rereading import Rereadable

MOST_SEGMENTS_A_CLAIM = 50_000
"""The guide allows 999 lines; more segments than this are no claim."""
_NOT_OF_A_CLAIM = frozenset({"LX", "TS2", "TS3", "PLB"})


class RemittanceFile:
    """An 835 file of which every transaction was read to its end, every sum and every control total checked."""

    def __init__(self, source: Rereadable, payments: tuple[Payment, ...]) -> None:
        self._source = source
        self.payments = payments
        """One a transaction, with its provider adjustments."""

    def claims(self) -> Iterator[tuple[Payment, ClaimPayment]]:
        """Every claim with the payment it belongs to, in the file's order; reads the file again."""
        place = 0
        for found in _read(self._source.from_start()):
            if isinstance(found, Payment):
                place += 1
            else:
                yield self.payments[place], found


def open_remittance(source: BinaryIO) -> RemittanceFile:
    """Read and check a file of 835 transactions; several interchanges, groups and transactions may follow each other.

    Args:    source: from where it stands; it must be seekable and stay open and unchanged while claims are read.
    Raises:  X12Error: the first fault, with the segment's number (OutOfBalance for sums); InputError: not seekable.
    Source:  005010X221A1; CMS Pub. 100-04, chapter 22.
    """
    rereadable = Rereadable(source)
    payments = tuple(found for found in _read(rereadable.from_start()) if isinstance(found, Payment))
    return RemittanceFile(rereadable, payments)


def _read(source: BinaryIO) -> Iterator[ClaimPayment | Payment]:
    """The claims of a transaction, then its payment; transaction by transaction."""
    envelopes = Envelopes(source, expects=("835", "005010X221"))
    payment: PaymentDraft | None = None
    claim: ClaimDraft | None = None
    since = 0
    for segment in envelopes:
        tag = segment.parts[0]
        since += 1
        if tag == "ST":
            payment, since = PaymentDraft(envelopes.interchange, segment), 0
            continue
        if payment is None:  # a TA1 between the envelopes
            continue
        if claim is not None and (tag in ("CLP", "SE") or tag in _NOT_OF_A_CLAIM):
            made = claim.done()
            payment.claims_cents += made.paid_cents
            yield made
            claim = None
        if tag == "CLP":
            payment.check_head(segment)
            payment.claims += 1
            claim, since = ClaimDraft(segment, payment.claims), 0
        elif tag == "SE":
            yield payment.done(segment)
            payment = None
        elif claim is not None:
            claim.take(segment)
        elif tag == "SVC":
            raise Misplaced("a CLP before it", segment=segment.number, tag=tag)
        else:
            payment.take(segment)
        if since > MOST_SEGMENTS_A_CLAIM:
            raise Misplaced(f"a claim of at most {MOST_SEGMENTS_A_CLAIM} segments", segment=segment.number, tag=tag)
