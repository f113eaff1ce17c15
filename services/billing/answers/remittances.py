"""835 files: every claim that is answered becomes a remittance of the contract, told through the door."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from typing import Any, NamedTuple

import orjson

from billing.answers import asides, finding
from billing.answers.asides import Source
from billing.answers.outcome import Tally
from billing.answers.port import Port
from claim_validation.state import CLAIM
from claim_validation.submissions import Sent
from interchange.arrival import Arrived, Refused
from interchange.cloudevents import read_event
from interchange.remittance import ClaimPayment, Payment, RemittanceFile
from interchange.remittance.facts import remittance_received
from therapy_domain.events.claim import RemittanceReceived
from therapy_domain.events.submission import AnswerSetAside, ProviderBalance, TakenPayment
from therapy_domain.rulesets.denials import denial_codes
from therapy_domain.streams import claim_of

AT_ONCE = 500
_NOON = time(12, tzinfo=UTC)


class _Answer(NamedTuple):
    payment: Payment
    claim: ClaimPayment
    told: finding.Numbers


def take_remittances(file: RemittanceFile, source: Source, port: Port, by: str) -> Iterator[Tally]:
    """Every claim of a file that balances, some hundreds at a time; what each part came to.

    Doing it again comes to the same: an answer that is known already is only counted.
    """
    coming = file.claims()
    while part := [
        _Answer(
            payment, claim, finding.numbers(claim.claim_control_number, [x.line_control_number for x in claim.lines])
        )
        for payment, claim in islice(coming, AT_ONCE)
    ]:
        yield _part(part, source, port, by)


def payments_of(file: RemittanceFile) -> tuple[TakenPayment, ...]:
    """The payments, with what lies between payer and provider beside the claims."""
    return tuple(
        TakenPayment(
            payer=each.payer.name,
            payer_number=each.payer_number,
            trace_number=each.trace_number,
            paid_on=each.paid_on,
            method=each.method,
            paid_cents=each.paid_cents,
            claims=each.claims,
            provider_balances=tuple(
                ProviderBalance(
                    provider=one.provider,
                    reason=one.reason,
                    reference=one.reference,
                    fiscal_period=one.fiscal_period,
                    cents=one.cents,
                )
                for one in each.provider_adjustments
            ),
        )
        for each in file.payments
    )


def happened_at(payment: Payment, number: int) -> datetime:
    """When an answer counts as given: on the day of its payment, in the order of the payment's claims.

    A payment taken back stands before its correction, and so does its time.
    """
    return datetime.combine(payment.produced_on or payment.paid_on, _NOON) + timedelta(microseconds=number)


def _part(part: Sequence[_Answer], source: Source, port: Port, by: str) -> Tally:
    tally = Tally()
    owners = finding.matched([each.told for each in part], port.read.rows())
    streams = {owner.claim_id: claim_of(owner.case) for owner in owners if isinstance(owner, finding.Known)}
    claims = port.read.folds(set(streams.values()), CLAIM)
    codes = denial_codes(port.rules())
    facts: list[Arrived | Refused] = []
    kept: list[AnswerSetAside] = []
    for each, owner in zip(part, owners, strict=True):
        sent = claims[streams[owner.claim_id]].state.sent if isinstance(owner, finding.Known) else ()
        lines = _lines(each.claim, _submission(sent, each.told.submission))
        event = remittance_received(
            each.payment,
            each.claim,
            lines=lines,
            received_on=source.received_on,
            codes=codes,
            submission=each.told.submission,
        )
        at, event_id = happened_at(each.payment, each.claim.number), f"835:{event.remittance_id}"
        if isinstance(owner, finding.Known):
            facts.append(_envelope(owner, event_id, at, event, source))
            continue
        content = {"id": event_id, "time": at.isoformat(), "data": orjson.loads(event.canonical())}
        kept.append(
            asides.aside(
                source,
                owner,
                event_id,
                content,
                payer=each.payment.payer.name,
                at=at,
                claim_id=each.told.claim_id,
                amount_cents=each.claim.paid_cents,
            )
        )
    tally.set_aside = len(kept)
    asides.keep(kept, port, by)
    _tell(facts, port, tally)
    return tally


def _envelope(
    owner: finding.Known, event_id: str, at: datetime, event: RemittanceReceived, source: Source
) -> Arrived | Refused:
    return read_event(
        {
            "specversion": "1.0",
            "id": event_id,
            "source": f"/orgs/{owner.org}",
            "type": event.type,
            "subject": owner.claim_id,
            "time": at.isoformat(),
            "answerfile": source.sha256,
            "data": orjson.loads(event.canonical()),
        }
    )


def _tell(facts: Sequence[Arrived | Refused], port: Port, tally: Tally) -> None:
    """Through the door; what is known already but for the day on which its file came is only counted."""
    known = port.log.find([fact.fact_id for fact in facts if isinstance(fact, Arrived)])
    stored = {row.event_id: port.read.see(row).event for row in port.log.read_events(known)} if known else {}
    fresh = []
    for fact in facts:
        tally.matched += 1
        before = stored.get(fact.fact_id) if isinstance(fact, Arrived) else None
        if before is not None and isinstance(fact, Arrived) and _same(before.event, fact.event):
            tally.repeated += 1
        else:
            fresh.append(fact)
    for answer in port.receive(fresh) if fresh else ():
        tally.repeated += answer.outcome == "duplicate"
        tally.conflicts += answer.outcome in ("conflict", "rejected")


def _same(before: Any, now: Any) -> bool:
    """Whether two remittances say the same, whenever their files came."""
    return bool(before.model_copy(update={"received_on": now.received_on}) == now)


def _submission(sent: Sequence[Sent], number: int | None) -> Sent | None:
    named = next((each for each in sent if each.event.submission == number), None)
    return named or (sent[-1] if sent else None)


def _lines(claim: ClaimPayment, sent: Sent | None) -> Mapping[int, int]:
    """Our line numbers by place in the answer: by control number, else by what was billed, where that is one line's."""
    found: dict[int, int] = {}
    for place, line in enumerate(claim.lines):
        own = finding.line_number(line.line_control_number)
        if own is not None:
            found[place] = own.line
    for place, line in enumerate(claim.lines if sent is not None else ()):
        if place in found or sent is None:
            continue
        procedure = line.submitted or line.procedure
        alike = [
            each.line
            for each in sent.event.lines
            if each.line not in found.values()
            and (each.code, each.charge_cents) == (procedure.code, abs(line.charge_cents))
        ]
        if len(alike) == 1:
            found[place] = alike[0]
    return found
