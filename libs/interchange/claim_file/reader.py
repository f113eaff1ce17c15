"""837P files (005010X222A1) read: what a payer makes of them. Checked whole first, then claim by claim."""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from interchange.claim_file.reading_claim import ClaimDraft
from interchange.claim_file.reading_parties import BillingDraft, SubscriberDraft
from interchange.professional import ProfessionalClaim
from interchange.x12.envelopes import Envelopes, Interchange
from interchange.x12.errors import BadElement, Misplaced
from interchange.x12.rereading import Rereadable
from interchange.x12.segments import Segment


class ReceivedTransaction(NamedTuple):
    """One transaction of a claim file, as its receiver sees it."""

    interchange: Interchange | None
    group_control_number: str
    control_number: str
    reference: str
    """Of the batch (BHT03)."""
    submitter: str
    submitter_identifier: str
    claims: int
    charge_cents: int


class ClaimFile:
    """A claim file of which every transaction was read to its end and every control total checked."""

    def __init__(self, source: Rereadable, transactions: tuple[ReceivedTransaction, ...]) -> None:
        self._source = source
        self.transactions = transactions

    def claims(self) -> Iterator[tuple[ReceivedTransaction, ProfessionalClaim]]:
        """Every claim with its transaction, in the file's order; reads the file again."""
        place = 0
        for found in _read(self._source.from_start()):
            if isinstance(found, ReceivedTransaction):
                place += 1
            else:
                yield self.transactions[place], found


def open_claims(source: BinaryIO) -> ClaimFile:
    """Read and check a file of professional claims whose patients are the subscribers.

    What our own claims do not say (a second payer, a pay-to plan, drugs, …) is passed over. A claim comes as the
    file has it: `faults` tells whether it is one that may be sent.

    Args:    source: from where it stands; it must be seekable and stay open and unchanged while claims are read.
    Raises:  X12Error: the first fault, with the segment's number; InputError: not seekable.
    Source:  005010X222A1.
    """
    rereadable = Rereadable(source)
    found = _read(rereadable.from_start())
    return ClaimFile(rereadable, tuple(one for one in found if isinstance(one, ReceivedTransaction)))


def _read(source: BinaryIO) -> Iterator[ProfessionalClaim | ReceivedTransaction]:
    """The claims of a transaction, then the transaction."""
    envelopes = Envelopes(source, expects=("837", "005010X222"))
    walk = _Walk()
    for segment in envelopes:
        match segment.parts[0]:
            case "ST":
                walk = _Walk()
            case "SE":
                yield from walk.finish_claim()
                group = envelopes.group.control_number if envelopes.group is not None else ""
                yield walk.transaction(envelopes.interchange, group, segment.element(2))
            case "TA1":
                continue
            case "HL" | "CLM":
                yield from walk.finish_claim()
                walk.open(segment)
            case _:
                walk.take(segment)


class _Walk:
    """Where in the levels of a transaction the reading stands."""

    def __init__(self) -> None:
        self._reference = ""
        self._submitter: tuple[str, str] = ("", "")
        self._billing: BillingDraft | None = None
        self._subscriber: SubscriberDraft | None = None
        self._claim: ClaimDraft | None = None
        self._claims = self._cents = 0

    def open(self, segment: Segment) -> None:
        """A level or a claim begins."""
        level = segment.element(3) if segment.tag == "HL" else ""
        match segment.tag, level:
            case "HL", "20":
                self._billing, self._subscriber = BillingDraft(), None
            case "HL", "22" if self._billing is not None:
                self._subscriber = SubscriberDraft()
            case "CLM", _ if self._subscriber is not None and self._billing is not None:
                billing = self._billing.done(segment)
                self._claim = ClaimDraft(segment, billing, *self._subscriber.done(segment))
            case "HL", "23":
                raise BadElement("HL03", level, "20 or 22: patients who are the subscribers", segment=segment.number)
            case "HL", level if level not in ("20", "22"):
                raise BadElement("HL03", level, "20 or 22", segment=segment.number)
            case _:
                expected = "the levels of billing provider (HL*20) and subscriber (HL*22) before it"
                raise Misplaced(expected, segment=segment.number, tag=segment.tag)

    def take(self, segment: Segment) -> None:
        """One more segment of whatever is open."""
        if self._claim is not None:
            self._claim.take(segment)
        elif self._subscriber is not None:
            self._subscriber.take(segment)
        elif self._billing is not None:
            self._billing.take(segment)
        elif segment.tag == "BHT":
            self._reference = segment.element(3)
        elif segment.tag == "NM1" and segment.element(1) == "41":
            self._submitter = (segment.element(3), segment.element(9))

    def finish_claim(self) -> Iterator[ProfessionalClaim]:
        """The claim that was being read, if there was one."""
        if self._claim is not None:
            claim = self._claim.done()
            self._claims += 1
            self._cents += claim.charge_cents
            self._claim = None
            yield claim

    def transaction(self, interchange: Interchange | None, group: str, number: str) -> ReceivedTransaction:
        """At the end of the transaction."""
        head = (interchange, group, number, self._reference, *self._submitter)
        return ReceivedTransaction(*head, self._claims, self._cents)
