"""One file through its whole life: out as an 837P, answered by 999, 277CA and 835, and every answer finds its claim."""

import io
from datetime import date

from interchange.acknowledgment import SegmentError, read_acknowledgment, write_acknowledgment
from interchange.claim_file import open_claims, write_claims
from interchange.claim_status import LevelStatus, StatusCode, open_claim_status, write_claim_status
from interchange.professional import companion_guides
from interchange.remittance import open_remittance, write_remittances
from interchange.remittance.facts import remittance_received
from interchange.simulated_payer import (
    Received,
    acknowledge,
    adjudicate,
    claim_status,
    ruling_for,
    settle,
    status_report,
)
from support.answers import DAY, DENIALS, ENVELOPE, terms
from support.claims import batch, professional_claims
from therapy_domain.rulesets.denials import denial_codes
from therapy_domain.rulesets.release import load

GENERIC = companion_guides()["generic"]


def test_every_claim_that_goes_out_is_answered_by_its_number() -> None:
    ours = list(professional_claims("conversation", 50, "generic"))
    sent = io.BytesIO()
    written = write_claims(sent, batch(), ours, GENERIC)

    sent.seek(0)
    arrived = open_claims(sent)
    theirs = [claim for _, claim in arrived.claims()]
    numbers = [transaction.control_number for transaction in arrived.transactions]
    out = io.BytesIO()
    write_acknowledgment(out, ENVELOPE, [acknowledge("1", numbers, {})])
    group = read_acknowledgment(io.BytesIO(out.getvalue())).groups[0]
    accepted = {answer.control_number for answer in group.transactions if answer.accepted}
    assert {transaction.control_number for transaction in written.transactions} == accepted

    back = {theirs[7].claim_id: (StatusCode("A7", "562", "85"),)}
    at_payer = {claim.claim_id: f"ICN{number}" for number, claim in enumerate(theirs)}
    level = LevelStatus(reference=arrived.transactions[0].reference, name="NORTH", identifier="NORTH01")
    report = status_report(("ACME HEALTH", "60054"), level, theirs, frozenset(back), DAY)
    out = io.BytesIO()
    write_claim_status(out, ENVELOPE, [(report, claim_status(theirs, back, at_payer, DAY))])
    verdicts = {told.claim_control_number: told.verdict for _, told in open_claim_status(out_again(out)).claims()}
    assert verdicts == {c.claim_id: "rejected" if c.claim_id in back else "accepted" for c in ours}

    answers = [
        answer
        for claim in theirs
        if claim.claim_id not in back
        for answer in adjudicate(claim, ruling_for(claim, 1, DENIALS), Received(at_payer[claim.claim_id], DAY))
    ]
    payment = settle(terms(theirs), sum(answer.paid_cents for answer in answers))
    out = io.BytesIO()
    write_remittances(out, ENVELOPE, [(payment, answers)])
    by_id = {claim.claim_id: claim for claim in ours}
    charged = dict.fromkeys(by_id, 0)
    for of, answer in open_remittance(out_again(out)).claims():
        claim = by_id[answer.claim_control_number]
        numbers = {line.control_number: number for number, line in enumerate(claim.lines, start=1)}
        lines = {place: numbers[line.line_control_number] for place, line in enumerate(answer.lines)}
        codes = denial_codes(load())
        event = remittance_received(of, answer, lines=lines, received_on=date(2026, 3, 21), codes=codes)
        assert all(adjustment.line in lines.values() for adjustment in event.adjustments)
        charged[claim.claim_id] += event.paid_cents + sum(adjustment.amount_cents for adjustment in event.adjustments)
    assert charged == {c.claim_id: 0 if c.claim_id in back else c.charge_cents for c in ours}


def out_again(out: io.BytesIO) -> io.BytesIO:
    return io.BytesIO(out.getvalue())


def test_a_rejected_transaction_names_the_claims_that_are_sent_again() -> None:
    ours = list(professional_claims("rejected", 4, "generic"))
    written = write_claims(io.BytesIO(), batch(), ours, GENERIC)
    number = written.transactions[0].control_number
    out = io.BytesIO()
    write_acknowledgment(out, ENVELOPE, [acknowledge("1", [number], {number: [SegmentError("SBR", 9, "2000", "3")]})])
    (answer,) = read_acknowledgment(io.BytesIO(out.getvalue())).groups[0].transactions
    assert not answer.accepted
    again = {transaction.control_number: transaction.claim_ids for transaction in written.transactions}
    assert again[answer.control_number] == tuple(claim.claim_id for claim in ours)
