"""Answers of payers that fitted no claim when they came: kept, and put to their claim once it appears."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from pydantic import TypeAdapter
from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from event_log.protocol import RowsConnection
from service_kit.codec import Seen
from service_kit.outcome import Made, Outcome
from service_kit.reading import Folder, Reader
from service_kit.tables import upsert
from therapy_domain.events.base import Fact, microseconds
from therapy_domain.events.claim import RemittanceReceived
from therapy_domain.events.submission import AnswerMatched, AnswerSetAside, ClaimAcknowledged
from therapy_domain.fields import Instant
from therapy_domain.identity import decision_id, fact_id, id_bytes
from therapy_domain.streams import claim_of, set_aside_of, subject_stream

BY_ITSELF = "claim-validation"
"""Who matched it, where no person did."""
_INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)


class SetAsideRow(SQLModel, table=True):
    """One answer that fits no claim. A number that is none of ours is not here: it may name a patient."""

    __tablename__ = "set_aside"
    __table_args__ = (Index("set_aside_waiting", "status", "claim_id"),)

    item: str = Field(primary_key=True)
    kind: str
    """`835`, `277CA` or `999`."""
    reason: str
    claim_id: str | None
    amount_cents: int | None
    payer: str
    received_on: str
    file: str
    """SHA-256 of the file that it came in."""
    status: str
    """`waiting`, `matched` or `dismissed`."""
    matched_to: str | None
    """A claim's id."""


def row_of(aside: AnswerSetAside, matched: AnswerMatched | None = None) -> dict[str, Any]:
    """How an answer stands."""
    row = aside.model_dump(mode="json", include=set(SetAsideRow.model_fields))
    status = "waiting" if matched is None else "matched" if matched.claim_id else "dismissed"
    return {"claim_id": None, "amount_cents": None, **row, "status": status, "matched_to": matched and matched.claim_id}


def waiting_for(connection: RowsConnection, claim_ids: Collection[str]) -> dict[str, list[tuple[str, str]]]:
    """The answers that wait for some hundred claims, hardly ever one: each with its kind, by claim."""
    asked, found = list(claim_ids), dict[str, list[tuple[str, str]]]()
    if not asked:
        return found
    marks = ", ".join("?" * len(asked))
    rows = connection.execute(
        "SELECT claim_id, item, kind FROM set_aside "  # noqa: S608 -- marks alone
        f"WHERE status = 'waiting' AND claim_id IN ({marks}) ORDER BY item",
        asked,
    )
    for claim, item, kind in rows:
        found.setdefault(claim, []).append((item, kind))
    return found


class Aside(NamedTuple):
    """An answer set aside, and what became of it."""

    answer: AnswerSetAside | None = None
    matched: AnswerMatched | None = None


def _evolve(state: Aside, seen: Seen) -> Aside:
    match seen.event:
        case AnswerSetAside():
            return state._replace(answer=seen.event)
        case AnswerMatched():
            return state._replace(matched=seen.event)
        case _:
            return state


ASIDE: Folder[Aside] = Folder("set-aside", Aside(), _evolve)


def remittance_fact(org: str, claim_id: str, event_id: str, time: datetime, data: Any, file: str) -> Fact[Any]:
    """An answer of an 835 as the fact that it becomes once its claim is known."""
    source = f"/orgs/{org}"
    event = RemittanceReceived.model_validate_json(orjson.dumps(data))
    return Fact(event, source, event_id, claim_id, time, fact_id(source, event_id), {"answerfile": file})


class ClaimKey(NamedTuple):
    """The claim that an answer is put to."""

    case: str
    claim_id: str
    org: str
    patient_id: str


class Submitted(NamedTuple):
    """A submission of it."""

    number: int
    id: str
    """The event id of the ClaimSubmitted."""


def put_to_its_claim(outcome: Outcome, item: str, claim: ClaimKey, submission: Submitted | None, read: Reader) -> None:
    """What follows when an answer is put to its claim by itself.

    Args:    submission: the claim's latest; an acknowledgment needs one.
    """
    version, aside = read.fold(set_aside_of(item), ASIDE)
    if aside.answer is None or aside.matched is not None:
        return
    answer = aside.answer
    outcome.guard(set_aside_of(item), version)  # or it is put to two claims
    for stream, made in events_of(answer, claim, submission):
        outcome.append(stream, expected=None, events=[made])
    matched = AnswerMatched(item=item, claim_id=claim.claim_id, org=claim.org, by=BY_ITSELF, at=answer.at)
    outcome.append(set_aside_of(item), expected=version, events=[matched_event(matched)])
    outcome.show(upsert(SetAsideRow), row_of(answer, matched))


def matched_event(matched: AnswerMatched) -> Made:
    """The event that an answer is matched or dismissed; once."""
    at = microseconds(matched.at)
    decided = decision_id(matched.type, matched.item, ())
    return Made(matched, decided, matched.org or "", at, actor=matched.by, seal_for=set_aside_of(matched.item))


def events_of(answer: AnswerSetAside, claim: ClaimKey, submission: Submitted | None) -> Iterator[tuple[str, Made]]:
    """What an answer says of its claim, with the stream it is said in."""
    content = orjson.loads(answer.content)
    if answer.kind == "835":
        time = _INSTANT.validate_python(content["time"])
        fact = remittance_fact(claim.org, claim.claim_id, content["id"], time, content["data"], answer.file)
        at = microseconds(fact.time)
        stream = subject_stream("remittance", claim.org, claim.claim_id)
        yield stream, Made(fact, fact.fact_id, claim.org, at, actor=fact.source)
    elif submission is not None:
        yield claim_of(claim.case), acknowledgment(content, answer.file, claim, submission)


def acknowledgment(content: Mapping[str, Any], file: str, claim: ClaimKey, submission: Submitted) -> Made:
    """What a 277CA or 999 says of one submission, under an id that the same answer has in whatever file it comes.

    Args:    content: the answer but for the claim, as JSON has it, and `key`, which tells it from other answers.
    """
    data = {name: value for name, value in content.items() if name != "key"}
    data |= {"case_id": claim.case, "claim_id": claim.claim_id, "org": claim.org, "file": file}
    data |= {"submission": submission.number, "basis": [submission.id]}
    event = ClaimAcknowledged.model_validate_json(orjson.dumps(data))
    decided = decision_id(event.type, event.case_id, (event.kind, str(event.submission), content["key"]))
    patient = subject_stream("patient", claim.org, claim.patient_id)
    at = microseconds(event.at)
    return Made(event, decided, event.org, at, event.source, id_bytes(event.case_id), seal_for=patient)
