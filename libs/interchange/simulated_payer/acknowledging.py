"""What comes back before any money does: a 999 to the file, a 277CA to its claims."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from interchange.acknowledgment.model import GroupAnswer, GroupVerdict, SegmentError, TransactionAnswer
from interchange.claim_status.model import ClaimStatus, LevelStatus, LineStatus, Report, Status, StatusCode
from interchange.professional import OrganizationName, ProfessionalClaim
from interchange.x12.characters import folded

_GUIDE = "005010X222A1"
_TAKEN = StatusCode("A2", "20")
_RECEIVED = StatusCode("A1", "19", "PR")
_HAS_FAULTY_SEGMENTS = "5"


def acknowledge(
    group_control_number: str, transactions: Sequence[str], rejected: Mapping[str, Sequence[SegmentError]]
) -> GroupAnswer:
    """The answer to one group of claim files.

    Args:    transactions: the control numbers of its transactions. rejected: those sent back, with their faults.
    """
    answers = tuple(_transaction(number, rejected.get(number)) for number in transactions)
    accepted = sum(answer.accepted for answer in answers)
    verdict: GroupVerdict = "A" if accepted == len(answers) else "P" if accepted else "R"
    count = len(answers)
    return GroupAnswer("HC", group_control_number, verdict, count, count, accepted, _GUIDE, (), answers)


def _transaction(number: str, errors: Sequence[SegmentError] | None) -> TransactionAnswer:
    if errors is None:
        return TransactionAnswer("837", number, "A", _GUIDE)
    return TransactionAnswer("837", number, "R", _GUIDE, (_HAS_FAULTY_SEGMENTS,), tuple(errors))


def claim_status(
    claims: Iterable[ProfessionalClaim],
    rejected: Mapping[str, tuple[StatusCode, ...]],
    numbers: Mapping[str, str],
    on: date,
) -> Iterator[ClaimStatus]:
    """The answers to claims.

    Args:    rejected: why claims are sent back, by claim id. numbers: the payer's numbers of the others, by claim id.
    """
    for claim in claims:
        why = rejected.get(claim.claim_id)
        status = Status(why or (_TAKEN,), why is None, on, claim.charge_cents)
        days = [line.service_date for line in claim.lines]
        yield ClaimStatus(
            claim_control_number=claim.claim_id,
            statuses=(status,),
            payer_claim_number="" if why else numbers.get(claim.claim_id, ""),
            clearinghouse_trace=claim.clearinghouse_trace or "",
            service_days=(min(days), max(days)),
            lines=tuple(_lines(claim, why, on)) if why else (),
            patient=claim.subscriber,
        )


def _lines(claim: ProfessionalClaim, why: tuple[StatusCode, ...], on: date) -> Iterator[LineStatus]:
    for line in claim.lines:
        yield LineStatus(
            code=line.code,
            modifiers=line.modifiers,
            charge_cents=line.charge_cents,
            units=Decimal(line.units),
            statuses=(Status(why, accepted=False, effective_on=on),),
            line_control_number=line.control_number,
            service_days=(line.service_date, line.service_date),
        )


def status_report(
    source: tuple[str, str], batch: LevelStatus, claims: Sequence[ProfessionalClaim], rejected: frozenset[str], on: date
) -> Report:
    """The head of a 277CA to the claims of one billing provider.

    Args:    source: the payer's name and id. batch: who sent the batch, and its reference.
    """
    taken = [claim.charge_cents for claim in claims if claim.claim_id not in rejected]
    back = [claim.charge_cents for claim in claims if claim.claim_id in rejected]
    counts = {
        "accepted": len(taken) or None,
        "rejected": len(back) or None,
        "accepted_cents": sum(taken) if taken else None,
        "rejected_cents": sum(back) if back else None,
    }
    status = Status((_RECEIVED,), bool(taken), on, sum(taken) + sum(back))
    name, identifier = source
    return Report(
        source=name,
        source_identifier=identifier,
        trace_number=batch.reference,
        received_on=on,
        processed_on=on,
        batch=LevelStatus(
            reference=batch.reference, name=batch.name, identifier=batch.identifier, statuses=(status,), **counts
        ),
        providers=(_provider(claims, status, counts),),
    )


def _provider(claims: Sequence[ProfessionalClaim], status: Status, counts: Mapping[str, int | None]) -> LevelStatus:
    billing = claims[0].billing
    name = billing.name.name if isinstance(billing.name, OrganizationName) else billing.name.family
    return LevelStatus(
        reference="0",
        name=folded(name),
        identifier=billing.npi,
        statuses=(status._replace(effective_on=None),),
        **counts,
    )
