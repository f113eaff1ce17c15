"""Who sends and who receives the files of one organization to one payer."""

from dataclasses import dataclass
from typing import Any

from claim_validation.composing import companion
from claim_validation.composing.companion import file_identifier
from claim_validation.composing.places import contact, plain
from claim_validation.submitting import Ready
from interchange.professional import ClaimFault, Receiver, Submitter, check_form
from therapy_domain.errors import InputError
from therapy_domain.events.submission import FilePartner

MUTUALLY_DEFINED = "ZZ"
_LONGEST = 15
"""Characters of an id in an envelope (ISA06, ISA08)."""


@dataclass(frozen=True, slots=True)
class Partners:
    """Both ends of a file, and what keeps them from being named."""

    sender: FilePartner
    receiver: FilePartner
    test: bool
    org: str
    payer_id: str
    faults: tuple[ClaimFault, ...] = ()

    def file_name(self, number: int) -> str:
        """A name that no other file has."""
        owner, payer = (file_identifier(text, 40).lower() for text in (self.org, self.payer_id))
        return f"{owner}-{payer}-{number:09d}.837"


def partners(ready: Ready) -> Partners:
    """Both ends, by the organization's record and what it published for the payer."""
    organization, policy = ready.case.organization, ready.case.policy
    assert organization is not None, "a claim without its organization is kept back"
    assert policy is not None, "the same without its payer"
    told, here = policy.claim_file, organization.event
    desk, name = contact(here), plain(here.name)
    payer = companion(policy).payer
    sender = FilePartner(
        qualifier=told.get("sender_qualifier") or MUTUALLY_DEFINED,
        identifier=told.get("sender_identifier") or here.billing_npi,
        name=name,
        contact_name=desk.name if desk is not None else None,
        contact_phone=desk.phone if desk is not None else None,
    )
    receiver = FilePartner(
        qualifier=told.get("receiver_qualifier") or MUTUALLY_DEFINED,
        identifier=told.get("receiver_identifier") or file_identifier(payer.identifier, _LONGEST),
        name=told.get("receiver_name") or plain(payer.name),
    )
    faults: list[ClaimFault] = []
    if desk is None:
        expected = "a telephone number (organization.configured contact.phone)"
        faults.append(ClaimFault("$.submitter.contact.phone", here.contact.phone, expected, "1000A PER04", "", ""))
    else:
        faults += _malformed("submitter", Submitter(name=name, identifier=sender.identifier, contact=desk))
    faults += _malformed("receiver", Receiver(name=receiver.name, identifier=receiver.identifier))
    faults += [fault for end, who in (("sender", sender), ("receiver", receiver)) for fault in _envelope(end, who)]
    return Partners(
        sender, receiver, bool(told.get("test")), ready.case.org, ready.case.payer_id, tuple(dict.fromkeys(faults))
    )


def _malformed(path: str, part: Any) -> list[ClaimFault]:
    try:
        check_form(part, path)
    except InputError as error:
        loop = "1000A NM1" if path == "submitter" else "1000B NM1"
        return [ClaimFault(f"$.{error.path}", error.value, error.expected, loop, "", "")]
    return []


def _envelope(end: str, who: FilePartner) -> list[ClaimFault]:
    """What an ISA cannot hold: it would be cut off or refused."""
    elements = ("ISA05", "ISA06") if end == "sender" else ("ISA07", "ISA08")
    found = []
    if len(who.qualifier) != 2 or not who.qualifier.isascii() or not who.qualifier.isalnum():
        expected = f"a qualifier of two characters, e.g. ZZ (claim_file.{end}_qualifier of the payer's policy)"
        found.append(ClaimFault(f"$.{end}.qualifier", who.qualifier, expected, elements[0], "", ""))
    plain_id = who.identifier.isascii() and not set(who.identifier) & set("*:^~\n\r")
    if not 2 <= len(who.identifier) <= _LONGEST or not plain_id:
        expected = f"an id of 2 to {_LONGEST} characters (claim_file.{end}_identifier of the payer's policy)"
        found.append(ClaimFault(f"$.{end}.identifier", who.identifier, expected, elements[1], "", ""))
    return found
