"""From a payer's answer and the claim it answers to the adjudication that appeals works on: pure."""

from therapy_domain.events.base import Fact
from therapy_domain.events.claim import ClaimAdjudicated, ClaimAssessed, RemittanceReceived
from therapy_domain.events.submission import ClaimSubmitted
from therapy_domain.identity import id_text
from therapy_domain.rulesets.payers import PayerPolicy


def adjudicate(
    assessed: ClaimAssessed,
    assessed_id: str,
    policy: PayerPolicy | None,
    policy_facts: tuple[str, ...],
    remittance: Fact[RemittanceReceived],
    sent: tuple[str, ClaimSubmitted] | None = None,
) -> ClaimAdjudicated:
    """Tie one remittance to its claim.

    Args:    sent: the submission that is answered, with its event id, where there is one.
    Returns: the decision; its basis is the remittance first, then the assessment, the submission and the payer's
             policy facts.
    """
    said = remittance.event
    own_levels = policy.appeal_levels if policy is not None and not policy.medicare_like else ()
    return ClaimAdjudicated(
        case_id=assessed.case_id,
        claim_id=assessed.claim_id,
        org=assessed.org,
        payer_id=assessed.payer_id,
        payer_profile=policy.profile if policy else None,
        appeal_days=own_levels[0].days if own_levels else None,
        discipline=assessed.discipline,
        date_of_service=assessed.date_of_service,
        remittance_id=said.remittance_id,
        outcome=said.outcome,
        paid_cents=said.paid_cents,
        adjustments=said.adjustments,
        received_on=said.received_on,
        notice_date=said.notice_date,
        charge_cents=_charge(said, assessed, sent[1] if sent else None),
        claim_status=said.claim_status,
        payer_claim_number=said.payer_claim_number,
        submission=sent[1].submission if sent else None,
        patient_cents=said.patient_cents,
        paid_lines=said.paid_lines,
        payment=said.payment,
        at=remittance.time,
        ruleset=assessed.ruleset,
        ruleset_hash=assessed.ruleset_hash,
        basis=(id_text(remittance.fact_id), assessed_id, *([sent[0]] if sent else ()), *policy_facts),
    )


def _charge(said: RemittanceReceived, assessed: ClaimAssessed, sent: ClaimSubmitted | None) -> int | None:
    """What the payer answers to: its own figure (of a claim that it split, the part's), else what was sent."""
    if said.charge_cents is not None:
        return said.charge_cents
    if sent is not None:
        return sent.charge_cents
    charges = [line.charge_cents for line in assessed.lines]
    return None if None in charges else sum(charge or 0 for charge in charges)
