"""One claim as a document: on the paper form, or in FHIR with the payer's answers."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from billing.claim_files import recorded_file
from billing.errors import NothingToShow, NotSendable
from billing.exporting import Store
from claim_validation.composing import companion
from claim_validation.gathering import as_it_stands
from claim_validation.state import CLAIM
from claim_validation.submissions import Sent
from claim_validation.submitting import decide
from interchange.cms1500 import cms1500
from interchange.fhir import Answer, answer_bundle, claim_bundle
from interchange.professional import CompanionGuide, ProfessionalClaim, companion_guides, extended
from interchange.remittance import Adjustment, ClaimPayment, Party, Payment, Procedure, ServicePayment
from interchange.simulated_payer import payee
from therapy_domain.events import claim as said
from therapy_domain.events.claim import ClaimAdjudicated, PaymentReference
from therapy_domain.streams import claim_of

_AS_SENT = {"nine_digit_zip": False, "member_id": ".*"}
"""What was sent is shown as it was sent."""


class _Shown(NamedTuple):
    """A claim to show."""

    claim: ProfessionalClaim
    guide: CompanionGuide
    created: date
    answers: Sequence[ClaimAdjudicated]


def paper_form(store: Store, case: str, claim_id: str) -> str:
    """The claim on our drawing of the CMS-1500, as HTML to print: as it was sent last, else as it would be sent.

    Raises:  NotSendable: the record lacks what the form needs. NothingToShow: nothing is left of the claim.
    """
    shown = _shown(store, case, claim_id)
    return cms1500(shown.claim, shown.guide)


def fhir(store: Store, case: str, claim_id: str) -> dict[str, Any]:
    """The claim as a FHIR R4 bundle; with a ClaimResponse and an ExplanationOfBenefit for each of the payer's answers.

    Raises:  NotSendable, NothingToShow.
    """
    shown = _shown(store, case, claim_id)
    if not shown.answers:
        return claim_bundle(shown.claim, shown.guide, created=shown.created)
    answers = [_answer(answer, number, shown.claim) for number, answer in enumerate(shown.answers, start=1)]
    answered = max(answer.received_on for answer in shown.answers)
    return answer_bundle(shown.claim, shown.guide, answers, created=shown.created, answered=answered)


def _shown(store: Store, case: str, claim_id: str) -> _Shown:
    state = store.read.fold(claim_of(case), CLAIM).state
    answers = sorted(state.adjudicated.values(), key=lambda answer: (answer.at, answer.basis))
    last: Sent | None = state.sent[-1] if state.sent else None
    if last is not None and last.claim is not None:
        claim = last.claim
        base = recorded_file(store.read, last.event.file).guide
        guide = extended(companion_guides()[base], "as sent", _AS_SENT)
        return _Shown(claim, guide, last.event.exported_on, answers)
    ready = as_it_stands(case, store.read, store.rules())
    if ready is None or ready.case.policy is None:
        raise NothingToShow(claim_id)
    day = ready.assessed.event.today
    decided = decide(ready, day, store.rules())
    if decided.claim is None:
        raise NotSendable(claim_id, decided.faults)
    return _Shown(decided.claim, companion(ready.case.policy).guide, day, answers)


def _answer(answer: ClaimAdjudicated, number: int, claim: ProfessionalClaim) -> Answer:
    """An answer as an 835 tells it, out of what is recorded of it."""
    of = answer.payment
    payment = Payment(
        handling="I",
        paid_cents=answer.paid_cents,
        method=of.method if of is not None else "NON",
        paid_on=of.paid_on if of is not None else answer.notice_date or answer.received_on,
        trace_number=of.trace_number if of is not None else answer.remittance_id,
        payer_number=of.payer_number if of is not None else "",
        payer=_payer(of, claim),
        payee=payee(claim.billing),
    )
    lines = tuple(_line(line, answer, claim) for line in answer.paid_lines or ())
    told = {line.line for line in answer.paid_lines or ()}
    of_claim = [one for one in answer.adjustments if one.line is None or one.line not in told]
    remarks = tuple(dict.fromkeys(code for one in of_claim for code in one.rarcs))
    paid = ClaimPayment(
        claim_control_number=claim.claim_id,
        status=answer.claim_status or ("4" if answer.outcome == "denied" else "1"),
        charge_cents=answer.charge_cents if answer.charge_cents is not None else claim.charge_cents,
        paid_cents=answer.paid_cents,
        patient_cents=answer.patient_cents,
        payer_claim_number=answer.payer_claim_number or "",
        adjustments=tuple(_adjustment(one) for one in of_claim),
        lines=lines,
        remarks=remarks,
    )
    return Answer(payment, paid, number)


def _payer(of: PaymentReference | None, claim: ProfessionalClaim) -> Party:
    return Party(of.payer if of is not None else claim.payer.name)


def _line(line: said.PaidLine, answer: ClaimAdjudicated, claim: ProfessionalClaim) -> ServicePayment:
    ours = claim.lines[line.line - 1] if line.line is not None and line.line <= len(claim.lines) else None
    mine = [one for one in answer.adjustments if line.line is not None and one.line == line.line]
    code = line.code or (ours.code if ours is not None else "")
    return ServicePayment(
        procedure=Procedure("HC", code, ours.modifiers if ours is not None else ()),
        charge_cents=line.charge_cents,
        paid_cents=line.paid_cents,
        units=Decimal(ours.units) if ours is not None else None,
        service_days=(ours.service_date, ours.service_date) if ours is not None else None,
        line_control_number=ours.control_number if ours is not None else "",
        adjustments=tuple(_adjustment(one) for one in mine),
        allowed_cents=line.allowed_cents,
        remarks=tuple(dict.fromkeys(code for one in mine for code in one.rarcs)),
    )


def _adjustment(one: said.Adjustment) -> Adjustment:
    return Adjustment(one.group, one.carc, one.amount_cents)
