"""A claim file out of its record: the same bytes every time."""

import io
from collections.abc import Iterable, Iterator
from hashlib import sha256

from billing.errors import ErasedFromFile, UnknownClaimFile, WrittenOtherwise
from claim_validation.submissions import Sent
from event_log.keyring import Erased
from interchange.claim_file import Batch, write_claims
from interchange.professional import Contact, ProfessionalClaim, Receiver, Submitter, companion_guides
from interchange.x12.output import Envelope, Partner
from service_kit.reading import Reader
from therapy_domain.events.submission import ClaimsExported
from therapy_domain.identity import id_bytes, id_text
from therapy_domain.streams import CLAIM_FILES

CLAIMS_AT_ONCE = 500


def content_of(file: ClaimsExported, claims: Iterable[ProfessionalClaim]) -> bytes:
    """The bytes of a claim file.

    Args:    file: its head; what it says of claims and hash is not looked at. claims: checked, in the file's order.
    """
    out = io.BytesIO()
    write_claims(out, _batch(file), claims, companion_guides()[file.guide], checked=True)
    return out.getvalue()


def _batch(file: ClaimsExported) -> Batch:
    sender, receiver, number = file.sender, file.receiver, file.number
    envelope = Envelope(
        sender=Partner(sender.qualifier, sender.identifier),
        receiver=Partner(receiver.qualifier, receiver.identifier),
        created=file.created.replace(tzinfo=None),
        control_number=number,
        group_control_number=number,
        first_transaction=number,
        test=file.test,
    )
    contact = Contact(name=sender.contact_name or sender.name, phone=sender.contact_phone or "")
    return Batch(
        envelope,
        Submitter(name=sender.name, identifier=sender.identifier, contact=contact),
        Receiver(name=receiver.name, identifier=receiver.identifier),
        reference(number),
    )


def reference(number: int) -> str:
    """Our reference of a file's claims (BHT03): comes back in a 277CA."""
    return f"CT{number:09d}"


def number_of(text: str) -> int | None:
    """The file that such a reference names; None for one that is not of ours."""
    digits = text.strip().removeprefix("CT")
    return int(digits) if text.strip() != digits and digits.isascii() and digits.isdigit() else None


def recorded_file(read: Reader, number: int) -> ClaimsExported:
    """The record of a claim file.

    Raises:  UnknownClaimFile.
    """
    if number < 1:
        raise UnknownClaimFile(number)
    for page in read.log.read_pages(CLAIM_FILES, after_version=number - 1):
        event: ClaimsExported = read.see(page[0]).event
        return event
    raise UnknownClaimFile(number)


def content_again(read: Reader, file: ClaimsExported) -> bytes:
    """A recorded claim file as it was written, byte for byte.

    Raises:  ErasedFromFile. WrittenOtherwise: this release would write it differently.
    """
    try:
        content = content_of(file, sent_claims(read, file))
    except Erased:
        raise ErasedFromFile(file.number) from None
    now = sha256(content).hexdigest()
    if now != file.sha256:
        raise WrittenOtherwise(file.number, recorded=file.sha256, now=now)
    return content


def sent_claims(read: Reader, file: ClaimsExported) -> Iterator[ProfessionalClaim]:
    """The claims of a file, as they were sent, in its order.

    Raises:  ErasedFromFile.
    """
    for start in range(0, len(file.claims), CLAIMS_AT_ONCE):
        part = file.claims[start : start + CLAIMS_AT_ONCE]
        rows = {row.event_id: row for row in read.log.read_events([id_bytes(each.submitted) for each in part])}
        for each in part:
            row = rows[id_bytes(each.submitted)]
            claim = Sent(id_text(row.event_id), read.see(row).event).claim
            if claim is None:
                raise ErasedFromFile(file.number)
            yield claim
