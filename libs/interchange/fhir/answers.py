"""A payer's answer (one claim of an 835) as FHIR R4 ClaimResponse and ExplanationOfBenefit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from interchange.fhir import systems
from interchange.fhir.claim import bundle, claim_entries
from interchange.fhir.parts import References, Resource, concept, money, service_system
from interchange.professional import CompanionGuide, ProfessionalClaim
from interchange.remittance import Adjustment, ClaimPayment, Payment, ServicePayment

_OWN_CATEGORIES = {("PR", "1"): "deductible", ("PR", "3"): "copay"}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to a claim, and which of its answers it is, from 1: splits and corrections make several."""

    payment: Payment
    claim: ClaimPayment
    number: int = 1


def answer_bundle(
    claim: ProfessionalClaim, guide: CompanionGuide, answers: Sequence[Answer], *, created: date, answered: date
) -> Resource:
    """A collection of the claim, what it points at, and for each answer a ClaimResponse and an ExplanationOfBenefit.

    Args:    created: the day the claim was made. answered: the day its answers came.
    Raises:  InvalidClaim: the claim has faults.
    Source:  HL7 FHIR R4 (4.0.1), ClaimResponse, ExplanationOfBenefit.
    """

    def entries() -> Iterator[tuple[str, Resource]]:
        yield from claim_entries(claim, guide, created=created)
        references = References(claim.claim_id)
        for answer in answers:
            response, benefit = f"response-{answer.number}", f"benefit-{answer.number}"
            yield references.url(response), _response(claim, answer, references, answered)
            yield references.url(benefit), _benefit(claim, answer, references, answered)

    return bundle(entries())


def _both(answer: Answer, references: References, answered: date, role: str) -> Resource:
    """What the two resources have in common."""
    told = answer.claim
    made: Resource = {
        "id": references.id(f"{role}-{answer.number}"),
        "status": "active",
        "type": concept(systems.CLAIM_TYPE, "professional"),
        "use": "claim",
        "patient": references.to("patient"),
        "created": answered.isoformat(),
        "insurer": references.to("payer"),
        "outcome": "complete",
        "disposition": f"claim status {told.status}",
        "total": [
            {"category": concept(systems.ADJUDICATION, "submitted"), "amount": money(told.charge_cents)},
            {"category": concept(systems.ADJUDICATION, "benefit"), "amount": money(told.paid_cents)},
        ],
        "payment": _payment(answer),
    }
    if told.payer_claim_number:
        made["identifier"] = [{"value": told.payer_claim_number}]
    if told.adjustments:
        made["adjudication"] = list(map(_adjustment, told.adjustments))
    if notes := _remarks(told):
        made["processNote"] = [
            {"number": number, "type": "display", "text": remark} for remark, number in notes.items()
        ]
    return made


def _response(claim: ProfessionalClaim, answer: Answer, references: References, answered: date) -> Resource:
    notes, known = _remarks(answer.claim), _lines(claim)
    made: Resource = {
        "resourceType": "ClaimResponse",
        "requestor": references.to("billing"),
        "request": references.to("claim"),
        **_both(answer, references, answered, "response"),
    }
    if claim.prior_authorization is not None:
        made["preAuthRef"] = claim.prior_authorization
    items, added = [], []
    for line in answer.claim.lines:
        if line.line_control_number in known:
            items.append({"itemSequence": known[line.line_control_number], **_decided(line, notes)})
        else:
            added.append({**_service(line), **_decided(line, notes)})
    return made | _filled(item=items, addItem=added)


def _benefit(claim: ProfessionalClaim, answer: Answer, references: References, answered: date) -> Resource:
    notes, known = _remarks(answer.claim), _lines(claim)
    made: Resource = {
        "resourceType": "ExplanationOfBenefit",
        "provider": references.to("billing"),
        "claim": references.to("claim"),
        "claimResponse": references.to(f"response-{answer.number}"),
        "insurance": [{"focal": True, "coverage": references.to("coverage")}],
        **_both(answer, references, answered, "benefit"),
    }
    items, added = [], []
    for line in answer.claim.lines:
        told = {**_service(line), "net": money(line.charge_cents), **_decided(line, notes)}
        if line.line_control_number in known:
            items.append({"sequence": known[line.line_control_number], **told})
        else:
            added.append(told)
    return made | _filled(item=items, addItem=added)


def _filled(**lists: list[Resource]) -> Resource:
    """Those that hold something: FHIR knows no empty list."""
    return {name: found for name, found in lists.items() if found}


def _lines(claim: ProfessionalClaim) -> dict[str, int]:
    return {line.control_number: number for number, line in enumerate(claim.lines, start=1)}


def _remarks(claim: ClaimPayment) -> dict[str, int]:
    """Every remark code of the claim and its lines, numbered from 1."""
    told = [*claim.remarks, *(remark for line in claim.lines for remark in line.remarks)]
    return {remark: number for number, remark in enumerate(dict.fromkeys(told), start=1)}


def _payment(answer: Answer) -> Resource:
    paid = answer.claim.paid_cents
    kind = "complete" if paid >= answer.claim.charge_cents else "partial"
    return {
        "type": concept(systems.PAYMENT_TYPE, kind),
        "date": answer.payment.paid_on.isoformat(),
        "amount": money(paid),
        "identifier": {"value": answer.payment.trace_number},
    }


def _service(line: ServicePayment) -> Resource:
    code = line.procedure.code
    made: Resource = {"productOrService": concept(service_system(code), code)}
    if line.procedure.modifiers:
        made["modifier"] = [concept(service_system(modifier), modifier) for modifier in line.procedure.modifiers]
    if line.service_days is not None:
        first, last = (day.isoformat() for day in line.service_days)
        made |= {"servicedDate": first} if first == last else {"servicedPeriod": {"start": first, "end": last}}
    if line.units is not None:
        made["quantity"] = {"value": float(line.units)}
    return made


def _decided(line: ServicePayment, notes: dict[str, int]) -> Resource:
    made: Resource = {"adjudication": list(_adjudications(line))}
    if line.remarks:
        made["noteNumber"] = [notes[remark] for remark in line.remarks]
    return made


def _adjudications(line: ServicePayment) -> Iterator[Resource]:
    yield {"category": concept(systems.ADJUDICATION, "submitted"), "amount": money(line.charge_cents)}
    if line.allowed_cents is not None:
        yield {"category": concept(systems.ADJUDICATION, "eligible"), "amount": money(line.allowed_cents)}
    yield from map(_adjustment, line.adjustments)
    yield {"category": concept(systems.ADJUDICATION, "benefit"), "amount": money(line.paid_cents)}


def _adjustment(adjustment: Adjustment) -> Resource:
    """The group code is the category; a deductible or a copayment has FHIR's own beside it."""
    coding = [{"system": systems.GROUP_CODE, "code": adjustment.group}]
    if own := _OWN_CATEGORIES.get((adjustment.group, adjustment.reason)):
        coding.insert(0, {"system": systems.ADJUDICATION, "code": own})
    made: Resource = {
        "category": {"coding": coding},
        "reason": concept(systems.CARC, adjustment.reason),
        "amount": money(adjustment.cents),
    }
    if adjustment.quantity is not None:
        made["value"] = float(adjustment.quantity)
    return made
