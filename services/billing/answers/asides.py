"""Answers that fit no claim, as the events that keep them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

import orjson

from billing.answers.port import Port
from claim_validation.set_aside import SetAsideRow, row_of
from event_log.protocol import Append
from service_kit.outcome import Made
from service_kit.tables import upsert
from therapy_domain.events.base import microseconds
from therapy_domain.events.submission import AnswerSetAside
from therapy_domain.identity import decision_id, id_text
from therapy_domain.streams import set_aside_of

Reason = Literal["unknown-claim", "several-claims", "unknown-file", "unknown-submission"]


class Source(NamedTuple):
    """The file that answers come in."""

    kind: Literal["835", "277CA", "999"]
    sha256: str
    received_on: date


def aside(
    source: Source,
    reason: Reason,
    key: str,
    content: Mapping[str, Any],
    *,
    payer: str,
    at: datetime,
    claim_id: str | None = None,
    amount_cents: int | None = None,
) -> AnswerSetAside:
    """An answer to keep; the same answer in another file is the same item.

    Args:    key: tells it from every other answer. content: what it says, as JSON.
    """
    item = id_text(decision_id(AnswerSetAside.type, source.kind, (key,)))
    return AnswerSetAside(
        item=item,
        kind=source.kind,
        reason=reason,
        claim_id=claim_id,
        amount_cents=amount_cents,
        payer=payer,
        received_on=source.received_on,
        file=source.sha256,
        content=orjson.dumps(content).decode(),
        at=at,
    )


def keep(events: Sequence[AnswerSetAside], port: Port, by: str) -> None:
    """Keep answers on the worklist, each once: one that is there already stays as it is by now."""
    ids = [decision_id(event.type, event.item, ()) for event in events]
    known = port.log.find(ids)
    fresh = {event_id: event for event_id, event in zip(ids, events, strict=True) if event_id not in known}
    statement = upsert(SetAsideRow)
    appends = []
    for event_id, event in fresh.items():
        stream = set_aside_of(event.item)
        made = Made(event, event_id, "", microseconds(event.at), actor=by, seal_for=stream)
        appends.append(Append(stream, None, [port.codec.encode(made)]))
    if appends:
        port.keep(appends, [(statement, statement.values(row_of(event))) for event in fresh.values()])
