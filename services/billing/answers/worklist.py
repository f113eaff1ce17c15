"""Answers that fit no claim: what waits, and what people make of it."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from billing.answers.port import Port
from billing.errors import NotMatchable, UnknownItem
from claim_validation.set_aside import (
    ASIDE,
    BY_ITSELF,
    Aside,
    ClaimKey,
    SetAsideRow,
    Submitted,
    events_of,
    matched_event,
    row_of,
)
from claim_validation.state import CLAIM
from event_log.protocol import Append, Guard, RowsConnection
from service_kit.tables import upsert
from therapy_domain.events.submission import AnswerMatched, AnswerSetAside
from therapy_domain.streams import claim_of, set_aside_of

_THERE_BY_NOW = """
SELECT s.item, c.claim_id FROM set_aside s JOIN claim c ON c.claim_id = s.claim_id
WHERE s.status = 'waiting' AND (s.kind = '835' OR s.kind = '277CA' AND c.submitted) ORDER BY s.item
"""


def unmatched(connection: RowsConnection, *, every: bool = False) -> list[dict[str, Any]]:
    """The answers that wait, the oldest first.

    Args:    every: also those that are matched or dismissed.
    """
    names = tuple(SetAsideRow.model_fields)
    where = "" if every else " WHERE status = 'waiting'"
    select = f"SELECT {', '.join(names)} FROM set_aside{where} ORDER BY received_on, item"  # noqa: S608 -- our own words
    return [dict(zip(names, values, strict=True)) for values in connection.execute(select)]


def match(port: Port, item: str, claim_id: str, *, reason: str | None, by: str, now: datetime) -> dict[str, Any]:
    """Put an answer to a claim, as a person says.

    Raises:  UnknownItem: nothing of that id waits. NotMatchable: the claim is not there, or was not sent.
    """
    aside, answer = _waiting(port, item)
    row = port.read.rows().execute("SELECT case_id, org FROM claim WHERE claim_id = ?", (claim_id,)).fetchone()
    if row is None:
        raise NotMatchable(item, f"there is no claim {claim_id}")
    if answer.kind == "999":
        raise NotMatchable(item, "it answers a whole file and belongs to no claim: dismiss it")
    case, org = row
    state = port.read.fold(claim_of(case), CLAIM).state
    if answer.kind == "277CA" and not state.sent:
        raise NotMatchable(item, f"claim {claim_id} was never sent, so nothing can be acknowledged of it")
    assert state.assessed is not None, "a claim that is listed was assessed"
    key = ClaimKey(case, claim_id, org, state.assessed.event.patient_id)
    last = Submitted(state.sent[-1].event.submission, state.sent[-1].id) if state.sent else None
    matched = AnswerMatched(item=item, claim_id=claim_id, org=org, by=by, reason=reason, at=now)
    _decide(port, answer, aside, matched, [*events_of(answer, key, last)])
    return {"item": item, "claim_id": claim_id, "status": _status(port, claim_id)}


def match_by_itself(port: Port, now: datetime) -> None:
    """Match what waits for a claim that is there by now.

    claim_validation does so when a claim appears. Where services run side by side, a claim may appear between an
    import's look for it and its setting the answer aside: neither sees the other.
    """
    for item, claim_id in port.read.rows().execute(_THERE_BY_NOW).fetchall():
        with suppress(UnknownItem):  # another process was faster
            match(port, item, claim_id, reason=None, by=BY_ITSELF, now=now)


def dismiss(port: Port, item: str, *, reason: str, by: str, now: datetime) -> dict[str, Any]:
    """Say that an answer is none of ours.

    Raises:  UnknownItem.
    """
    aside, answer = _waiting(port, item)
    _decide(port, answer, aside, AnswerMatched(item=item, by=by, reason=reason, at=now), [])
    return {"item": item, "claim_id": None, "status": "dismissed"}


def _waiting(port: Port, item: str) -> tuple[int, AnswerSetAside]:
    version, aside = port.read.fold(set_aside_of(item), ASIDE)
    known: Aside = aside
    if known.answer is None or known.matched is not None:
        raise UnknownItem(item)
    return version, known.answer


def _decide(port: Port, answer: AnswerSetAside, version: int, matched: AnswerMatched, said: list[Any]) -> None:
    stream, statement = set_aside_of(answer.item), upsert(SetAsideRow)
    appends = [Append(stream, version, [port.codec.encode(matched_event(matched))])]
    appends += [Append(to, None, [port.codec.encode(made)]) for to, made in said]
    kept = port.keep(appends, [(statement, statement.values(row_of(answer, matched)))], [Guard(stream, version)])
    if kept.conflicts:
        raise UnknownItem(answer.item)  # somebody else decided it at the same time
    port.work()


def _status(port: Port, claim_id: str) -> str:
    row = port.read.rows().execute("SELECT status FROM claim WHERE claim_id = ?", (claim_id,)).fetchone()
    return str(row[0])
