"""837P files (005010X222A1): many claims a file, grouped by who bills, streamed."""

from collections.abc import Iterable
from typing import BinaryIO, NamedTuple

from interchange.claim_file.claim_segments import ClaimSegments
from interchange.claim_file.parties import PartySegments
from interchange.professional import (
    BillingProvider,
    CompanionGuide,
    Payer,
    ProfessionalClaim,
    Receiver,
    Submitter,
    Subscriber,
    check_form,
    require_valid,
)
from interchange.x12.errors import Unwritable
from interchange.x12.output import Envelope, SegmentWriter
from interchange.x12.values import day_text
from therapy_domain.errors import DomainError, InputError

GUIDE = "005010X222A1"
MOST_CLAIMS_A_TRANSACTION = 5_000
"""The implementation guide's own recommendation."""
MOST_CLAIMS_A_SUBSCRIBER = 100
_LONGEST_REFERENCE = 30


class NothingToWrite(DomainError):
    """A claim file needs a claim."""

    code = "nothing-to-write"

    def __init__(self) -> None:
        super().__init__("no claim was given; expected one or more")


class WrittenTransaction(NamedTuple):
    """One transaction of a file: what a 999 speaks of."""

    control_number: str
    claim_ids: tuple[str, ...]


class WrittenFile(NamedTuple):
    """What stands in a file that was written."""

    transactions: tuple[WrittenTransaction, ...]
    segments: int

    @property
    def claims(self) -> int:
        """How many claims."""
        return sum(len(transaction.claim_ids) for transaction in self.transactions)


class Batch(NamedTuple):
    """What a file says beside its claims."""

    envelope: Envelope
    """Its delimiters give way to those of the companion guide."""
    submitter: Submitter
    receiver: Receiver
    reference: str
    """Of the batch (BHT03): comes back in the 277CA; at most 30 characters."""


def write_claims(
    out: BinaryIO,
    batch: Batch,
    claims: Iterable[ProfessionalClaim],
    guide: CompanionGuide,
    *,
    checked: bool = False,
) -> WrittenFile:
    """Write claims as one interchange, one at a time.

    Claims of one billing provider that follow each other stand below it together, and of those the ones of one
    subscriber below that: sort them so for a small file. A new transaction begins after 5,000 claims.

    Raises:  InvalidClaim: a claim has faults; NothingToWrite; InputError, Unwritable: the batch's own values.
             What was written until then is no file: it has no trailer.
    Source:  005010X222A1.
    """
    _check(batch)
    writer = SegmentWriter(out, batch.envelope._replace(delimiters=guide.delimiters))
    transactions: list[WrittenTransaction] = []
    transaction: _Transaction | None = None
    for claim in claims:
        if not checked:
            require_valid(claim, guide)
        if transaction is None:
            writer.open("HC", GUIDE)
        elif len(transaction.claim_ids) == MOST_CLAIMS_A_TRANSACTION:
            transactions.append(transaction.end())
        if transaction is None or len(transaction.claim_ids) == MOST_CLAIMS_A_TRANSACTION:
            transaction = _Transaction(writer, batch, guide)
        try:
            transaction.add(claim)
        except Unwritable as error:
            raise Unwritable(error.element, character=error.character, about=f"claim {claim.claim_id}") from None
    if transaction is None:
        raise NothingToWrite
    transactions.append(transaction.end())
    writer.close()
    return WrittenFile(tuple(transactions), writer.segments)


def _check(batch: Batch) -> None:
    for name, part in (("submitter", batch.submitter), ("receiver", batch.receiver)):
        check_form(part, name)
    if not 1 <= len(batch.reference) <= _LONGEST_REFERENCE:
        raise InputError("reference", batch.reference, f"1 to {_LONGEST_REFERENCE} characters")


class _Transaction:
    """One ST to SE, with its hierarchy: billing provider, subscriber, claim."""

    def __init__(self, writer: SegmentWriter, batch: Batch, guide: CompanionGuide) -> None:
        self._writer = writer
        self._parties = PartySegments(writer)
        self._claims = ClaimSegments(writer, guide)
        self._number = writer.begin("837", GUIDE)
        self._billing: BillingProvider | None = None
        self._billing_level = self._levels = 0
        self._subscriber: tuple[Subscriber, Payer] | None = None
        self._of_subscriber = 0
        self.claim_ids: list[str] = []
        created = batch.envelope.created
        writer.write("BHT", "0019", "00", batch.reference, day_text(created), f"{created:%H%M}", "CH")
        self._parties.submitter(batch.submitter)
        self._parties.receiver(batch.receiver)

    def add(self, claim: ProfessionalClaim) -> None:
        if claim.billing != self._billing:
            self._billing, self._subscriber = claim.billing, None
            self._billing_level = self._level("", "20", "1")
            self._parties.billing(claim.billing)
        whom = (claim.subscriber, claim.payer)
        if whom != self._subscriber or self._of_subscriber == MOST_CLAIMS_A_SUBSCRIBER:
            self._subscriber, self._of_subscriber = whom, 0
            self._level(str(self._billing_level), "22", "0")
            self._parties.subscriber(claim.subscriber)
            self._parties.payer(claim.payer)
        self._claims.write(claim)
        self._of_subscriber += 1
        self.claim_ids.append(claim.claim_id)

    def _level(self, parent: str, code: str, has_below: str) -> int:
        self._levels += 1
        self._writer.write("HL", str(self._levels), parent, code, has_below)
        return self._levels

    def end(self) -> WrittenTransaction:
        self._writer.end()
        return WrittenTransaction(self._number, tuple(self.claim_ids))
