"""From a dispute and its record to a letter, or to what is missing for it: pure.

No letter says what the record does not show (ETH-001): every sentence of fact comes from a piece of evidence, and where
the argument rests on a piece that is not there, there is no letter.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from therapy_domain.appeals.deadlines import level
from therapy_domain.appeals.denials import appeal_rights
from therapy_domain.appeals.evidence import Evidence, Gap, Item, gather
from therapy_domain.appeals.evidence.finding import item
from therapy_domain.appeals.letter import Cited, Exhibit, Fact, Letter, Party, Reason, Service
from therapy_domain.appeals.phrases import opening, request, title
from therapy_domain.appeals.record import Dispute, Record
from therapy_domain.appeals.words import day_words, dollars
from therapy_domain.errors import DomainError
from therapy_domain.events.appeal import AppealOpened, CorrectionRequested, RemedyProposed
from therapy_domain.events.reference import OrganizationConfigured, PatientRegistered
from therapy_domain.rulesets.arguments import arguments
from therapy_domain.rulesets.codes import codes
from therapy_domain.rulesets.deadline_tables import AppealLevel

Purpose = Literal["appeal", "escalation", "vacate", "reopening", "corrected-claim"]
Matter = AppealOpened | CorrectionRequested | RemedyProposed
_ABOUT_THE_REQUEST = ("filing",)
"""What a dismissal or a late decision is argued with: the request itself, not the services."""


class Unsupported(DomainError):
    """The record does not support the argument (ETH-001): no letter is made of it."""

    code = "unsupported-argument"

    def __init__(self, item_id: str, missing: Sequence[Gap]) -> None:
        self.item_id, self.missing = item_id, tuple(missing)
        words = "; ".join(gap.words for gap in missing)
        super().__init__(f"{item_id}: the record does not support the argument (ETH-001): {words}")


class NoLetter(DomainError):
    """Nothing that a letter could ask for."""

    code = "no-letter"

    def __init__(self, item_id: str, why: str) -> None:
        self.item_id, self.why = item_id, why
        super().__init__(f"{item_id}: {why}")


class CauseMissing(DomainError):
    """The letter needs a reason that only a person can state."""

    code = "cause-missing"

    def __init__(self, item_id: str, what: str, source: str) -> None:
        self.item_id, self.what, self.source = item_id, what, source
        super().__init__(f"{item_id}: {what} ({source}); state it with the letter")


@dataclass(frozen=True)
class Wish:
    """What is to be written."""

    purpose: Purpose
    dated: date
    signer: str | None = None
    """Who signs; None leaves a line to write on."""
    cause: str | None = None
    """Good cause, as a person states it: for coming late, for new evidence, for vacating a dismissal."""
    evidence_closed_on: date | None = None
    """When the evidence closed at a lower level (42 CFR 405.966); None where it is open."""


def purpose_of(matter: Matter) -> Purpose:
    """What a letter about it asks for, unless something else is wanted.

    Raises:  NoLetter: it asks for none.
    """
    match matter:
        case AppealOpened():
            return "appeal"
        case CorrectionRequested():
            return "corrected-claim"
        case RemedyProposed(remedy="reopening"):
            return "reopening"
        case RemedyProposed():
            what = "a bill to the patient" if matter.remedy == "bill-patient" else "a write-off"
            raise NoLetter(matter.item_id, f"{what} is proposed: there is nothing to write to the payer")


def evidence_for(matter: Matter, dispute: Dispute, purpose: Purpose) -> tuple[Evidence, tuple[str, ...]]:
    """What the record shows for a letter, and the keys of what its argument rests on."""
    if purpose in ("escalation", "vacate") or _against(matter) == "dismissal":
        return gather(dispute, _ABOUT_THE_REQUEST), _ABOUT_THE_REQUEST
    rows = arguments(dispute.record.rules).against(_carcs(matter))
    must = tuple(dict.fromkeys(key for row in rows for key in row.must))
    may = tuple(dict.fromkeys(key for row in rows for key in row.may))
    return gather(dispute, (*must, *may, *matter.evidence)), must


def compose(matter: Matter, dispute: Dispute, wish: Wish) -> Letter:
    """The letter.

    Raises:  NoLetter: a court wants a complaint; the decision is not late. Unsupported: what the argument rests on is
             not on record. CauseMissing: a person has to state why.
    """
    item_id = _item_id(matter)
    if isinstance(matter, AppealOpened):
        _check_reviewer(matter, dispute)
    evidence, must = evidence_for(matter, dispute, wish.purpose)
    missing = [gap for key in must if not evidence.supports(key) for gap in evidence.found[key].gaps]
    record = dispute.record
    organization, patient = record.case.organization, record.case.patient
    if organization is None:
        missing.append(Gap("sender", "the organization is not configured: there is no sender"))
    if patient is None:
        missing.append(Gap("patient", "the patient is not registered"))
    if missing or organization is None or patient is None:
        raise Unsupported(item_id, missing)
    _check_late(item_id, dispute, wish)
    exhibits = _exhibits(matter, dispute, evidence, wish)
    _check_cause(matter, exhibits, wish, dispute)
    numbers = {exhibit.key: exhibit.number for exhibit in exhibits}
    facts = [
        Fact(sentence, numbers[found.item.key] if found.item is not None else None)
        for found in evidence.found.values()
        for sentence in found.says
    ]
    return Letter(
        title=title(matter, wish.purpose, dispute.program),
        dated=wish.dated,
        sender=_sender(organization.event),
        addressee=_addressee(matter, dispute),
        about=tuple(_about(matter, record, patient.event)),
        opening=opening(matter, wish.purpose, dispute),
        services=tuple(_services(dispute)),
        reasons=tuple(_reasons(dispute)),
        rules=tuple(_rules(matter, dispute, wish)),
        facts=tuple(facts),
        request=tuple(request(matter, wish.purpose, dispute, wish.cause)),
        signature=_signature(organization.event, wish),
        exhibits=exhibits,
    )


def _check_late(item_id: str, dispute: Dispute, wish: Wish) -> None:
    filed = dispute.record.filed
    if wish.purpose != "escalation" or filed is None:
        return
    if filed.decision_due is None or wish.dated <= filed.decision_due:
        due = "no day is set" if filed.decision_due is None else f"it is due by {day_words(filed.decision_due)}"
        raise NoLetter(item_id, f"the decision is not late on {day_words(wish.dated)}: {due}")


def _against(matter: Matter) -> str:
    return matter.against if isinstance(matter, AppealOpened) else "denial"


def _item_id(matter: Matter) -> str:
    return matter.appeal_id if isinstance(matter, AppealOpened) else matter.item_id


def _carcs(matter: Matter) -> list[str]:
    return [reason.partition("-")[2] for reason in matter.reasons]


def _row(matter: AppealOpened, dispute: Dispute) -> AppealLevel:
    number = matter.level if dispute.program == "medicare-part-b" else 1
    return level(number, dispute.record.rules, program=dispute.program, on=matter.received_on)


def _check_reviewer(matter: AppealOpened, dispute: Dispute) -> None:
    row = _row(matter, dispute)
    if row.amount == "court":
        raise NoLetter(matter.appeal_id, f"{row.name} begins with a complaint in {row.reviewer} ({row.source})")


def _check_cause(matter: Matter, exhibits: Iterable[Exhibit], wish: Wish, dispute: Dispute) -> None:
    if wish.cause or not isinstance(matter, AppealOpened):
        return
    row = _row(matter, dispute)
    if wish.purpose == "vacate":
        raise CauseMissing(matter.appeal_id, "good and sufficient cause to vacate", row.vacate_source or row.source)
    if wish.purpose == "appeal" and wish.dated > matter.file_by:
        late = f"the last day to file was {day_words(matter.file_by)}: good cause for coming late"
        raise CauseMissing(matter.appeal_id, late, "42 CFR 405.942(b)" if row.vacate_source else row.source)
    new = [exhibit for exhibit in exhibits if exhibit.new]
    if new:
        words = ", ".join(f"{exhibit.title}" for exhibit in new)
        what = f"evidence that was not there when it closed ({words}): good cause for it"
        raise CauseMissing(matter.appeal_id, what, row.new_evidence_source or row.source)


def _exhibits(matter: Matter, dispute: Dispute, evidence: Evidence, wish: Wish) -> tuple[Exhibit, ...]:
    """The payer's answer, and behind it what is argued with, in the order of the argument."""
    record = dispute.record
    answer = item("answer", "The payer's answer to the claim", _answer(dispute), dispute, [record.adjudicated_id])
    argued = (found.item for found in evidence.found.values() if found.item is not None and found.says)
    closed = wish.evidence_closed_on
    of = f"Claim {matter.claim_id}, date of service {day_words(dispute.day)}, our reference {_item_id(matter)}"
    return tuple(
        Exhibit(number, each.key, each.title, each.lines, each.references, of, new=_is_new(each, closed))
        for number, each in enumerate((answer, *argued), start=1)
    )


def _is_new(item: Item, closed: date | None) -> bool:
    """Whether a part of it came on record after the evidence closed. The payer's own answer is never new."""
    if closed is None or item.key == "answer":
        return False
    return any(each.recorded_at.date() > closed for each in item.references)


def _answer(dispute: Dispute) -> Iterable[str]:
    said = dispute.record.adjudicated
    noticed = f", notice of {day_words(said.notice_date)}" if said.notice_date else ""
    yield f"Remittance {said.remittance_id}, received on {day_words(said.received_on)}{noticed}"
    yield f"Claim {said.claim_id}: {said.outcome}, paid {dollars(said.paid_cents)}"
    for each in said.adjustments:
        line = f"line {each.line}" if each.line else "the whole claim"
        remarks = f", remarks {', '.join(each.rarcs)}" if each.rarcs else ""
        yield f"{each.group}-{each.carc}, {line}: {dollars(each.amount_cents)}{remarks}"


def _sender(organization: OrganizationConfigured) -> Party:
    address = organization.address
    lines = [address.line1, address.line2 or "", f"{address.city}, {address.state} {address.zip}"]
    lines += [f"NPI {organization.billing_npi}", f"Tax id {organization.tax_id}"]
    lines += [f"{organization.contact.name}, {organization.contact.phone}"]
    return Party(organization.name, tuple(filter(None, lines)))


def _addressee(matter: Matter, dispute: Dispute) -> Party:
    policy = dispute.record.case.policy
    payer = policy.name if policy is not None else dispute.record.case.payer_id
    if dispute.program != "medicare-part-b":
        return Party(payer, ("Appeals",) if isinstance(matter, AppealOpened) else ("Claims",))
    row = _row(matter, dispute) if isinstance(matter, AppealOpened) else level(1, dispute.record.rules)
    return Party(row.reviewer[0].upper() + row.reviewer[1:], (payer,))


def _about(matter: Matter, record: Record, patient: PatientRegistered) -> Iterable[tuple[str, str]]:
    yield "Patient", f"{patient.given_name} {patient.family_name}"
    yield "Date of birth", day_words(patient.birth_date)
    member = patient.member_ids.get(record.case.payer_id)
    if member:
        yield "Member number", member
    yield "Claim", matter.claim_id
    yield "Date of service", day_words(record.case.date_of_service)
    yield "Our reference", _item_id(matter)
    if isinstance(matter, AppealOpened):
        what = {"denial": "Determination", "escalation": "Request to go on"}.get(matter.against, "Decision")
        yield f"{what} received", day_words(matter.received_on)
        yield "Last day to file", day_words(matter.file_by)
    yield "In dispute", dollars(matter.amount_cents)


def _services(dispute: Dispute) -> Iterable[Service]:
    names = codes(dispute.record.rules)
    for each in dispute.services:
        yield Service(
            line=str(each.line),
            code=each.code,
            name=names[each.code].name if each.code in names else "",
            units=str(each.units),
            modifiers=" ".join(each.modifiers),
            charge="-" if each.charge_cents is None else dollars(each.charge_cents),
            denied="-" if each.denied_cents is None else dollars(each.denied_cents),
        )


def _reasons(dispute: Dispute) -> Iterable[Reason]:
    told: dict[str, str] = {}
    for each in dispute.adjustments:
        rights = appeal_rights(each.group, each.carc, each.rarcs, dispute.record.rules, program=dispute.program)
        told.setdefault(" ".join((f"{each.group}-{each.carc}", *each.rarcs)), rights.meaning)
    return (Reason(code, meaning) for code, meaning in told.items())


def _rules(matter: Matter, dispute: Dispute, wish: Wish) -> Iterable[Cited]:
    if isinstance(matter, AppealOpened):
        row = _row(matter, dispute)
        if wish.purpose == "escalation":
            words = "Where the time to decide has passed, the appellant may ask that the next level take it over."
            return [Cited(words, row.escalation_source or row.source)]
        if wish.purpose == "vacate":
            words = "A reviewer may vacate its dismissal within 180 days of the notice, for good and sufficient cause."
            return [Cited(words, row.vacate_source or row.source)]
        if matter.against == "dismissal":
            words = "The level above may review a dismissal; where it was wrong, it is vacated and the request decided."
            return [Cited(words, matter.source)]
    rows = arguments(dispute.record.rules).against(_carcs(matter))
    return [Cited(*row.rule_for(dispute.program)) for row in rows]


def _signature(organization: OrganizationConfigured, wish: Wish) -> tuple[str, ...]:
    return ("", wish.signer or "Name:", f"for {organization.name}", f"NPI {organization.billing_npi}", "Date:")
