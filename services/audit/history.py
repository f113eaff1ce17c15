"""A claim's history: every event that made it, and the claim as it was known at any position or time."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple, Protocol

import orjson

from audit.errors import RecordChanged, UnknownClaim, UnknownInstant
from claim_validation.state import APPEALED, CLAIM
from claim_validation.views import claim_body
from event_log.leaf import changed
from event_log.protocol import Recorded
from service_kit.codec import Codec, Seen
from service_kit.reading import Folder, Reader
from service_kit.trace_context import trace_id
from therapy_domain.claims.chart import LOOK_BACK
from therapy_domain.events.appeal import AppealOpened
from therapy_domain.events.base import microseconds, moment
from therapy_domain.events.claim import ClaimAssessed
from therapy_domain.identity import id_bytes, id_text
from therapy_domain.streams import appeals_of, chart_of, claim_of


class AsOf(NamedTuple):
    """A point in the log's life: a position, or an instant of recording."""

    position: int | None = None
    recorded_at: int | None = None
    """Microseconds since the epoch, UTC."""


class ReadableCodec(Codec, Protocol):
    """A codec that can also show an event to people."""

    def readable(self, recorded: Recorded) -> tuple[dict[str, Any], bool]:
        """The stored JSON, opened, and whether something in it is erased."""

    def unsealed(self, recorded: Recorded, data: Mapping[str, Any]) -> dict[str, bytes]:
        """What is sealed in the event's data, by name: the canonical JSON that was sealed.

        Raises:  event_log.keyring.Erased.
        """


NOW = AsOf()


def parse_as_of(text: str | None) -> AsOf:
    """What `--as-of` means: a log position, or a time with an offset.

    Raises:  UnknownInstant: neither.
    """
    if text is None:
        return NOW
    if re.fullmatch(r"\d{1,18}", text):
        return AsOf(position=int(text))
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            raise UnknownInstant(text)
        return AsOf(recorded_at=microseconds(instant.astimezone(UTC)))
    except (ValueError, OverflowError) as error:
        raise UnknownInstant(text) from error


def case_of(read: Reader, claim_id: str) -> str:
    """The case of a claim.

    Raises:  UnknownClaim.
    """
    row = read.rows().execute("SELECT case_id FROM claim WHERE claim_id = ?", (claim_id,)).fetchone()
    if row is None:
        raise UnknownClaim(claim_id)
    case: str = row[0]
    return case


def events_of(read: Reader, case: str, as_of: AsOf = NOW) -> list[Recorded]:
    """The events of a case and every event that a decision of it names, by position."""
    own = read.log.read_cases([id_bytes(case)], upto=as_of.position, as_of=as_of.recorded_at)
    known = {row.event_id for row in own}
    sound = _unchanged(own)  # what somebody made of another says nothing of what it rested on
    wanted = {id_bytes(named) for row in sound for named in _basis(row)} - known
    named = [row for row in read.log.read_events(wanted) if _within(row, as_of)]
    return sorted((*own, *named, *_looked_back_on(read, sound)))


def sound_events_of(read: Reader, case: str, as_of: AsOf = NOW) -> list[Recorded]:
    """The same, each held against its hash.

    Raises:  RecordChanged.
    """
    rows = events_of(read, case, as_of)
    if altered := changed(rows):
        raise RecordChanged([row.position for row in altered])
    return rows


def _looked_back_on(read: Reader, own: Iterable[Recorded]) -> Iterator[Recorded]:
    """The patient's other visits that the claim's latest assessment saw, by their latest entries in the chart."""
    assessed = [row for row in own if row.type == ClaimAssessed.type]
    latest = orjson.loads(assessed[-1].data) if assessed else {}
    if latest.get("history") is None:
        return
    entries = read.log.read_stream(chart_of(latest["org"], latest["patient_id"]))[: latest["chart_version"]]
    day = date.fromisoformat(latest["date_of_service"])
    of_cases = list({entry.case_id: entry for entry in entries}.values())
    yield from changed(of_cases)  # whoever reads the history is to see them
    for row in _unchanged(of_cases):
        entry = orjson.loads(row.data)  # what is sealed in it need not be opened to tell
        on = date.fromisoformat(entry["date_of_service"])
        if entry["case_id"] != latest["case_id"] and entry["session_ids"] and day - LOOK_BACK <= on <= day:
            yield row


def _within(row: Recorded, as_of: AsOf) -> bool:
    if as_of.position is not None and row.position > as_of.position:
        return False
    return as_of.recorded_at is None or row.recorded_at <= as_of.recorded_at


def _basis(row: Recorded) -> Iterable[str]:
    """What a decision says it rests on; facts rest on nothing."""
    if row.type.startswith("claimtrail."):
        return ()
    basis: list[str] = orjson.loads(row.data).get("basis", [])
    return basis


def _unchanged(rows: Sequence[Recorded]) -> list[Recorded]:
    altered = {row.position for row in changed(rows)}
    return [row for row in rows if row.position not in altered]


def history(read: Reader, codec: ReadableCodec, claim_id: str, as_of: AsOf = NOW) -> dict[str, Any]:
    """A claim's history as `history --json` prints it: each event held against its hash, `changed` where it is not what
    was written, `unreadable` where what is stored now cannot be read either.

    Raises:  UnknownClaim.
    """
    case = case_of(read, claim_id)
    rows = events_of(read, case, as_of)
    altered = {row.position for row in changed(rows)}
    try:
        state = state_of(read, case, as_of)
    except Exception:
        if not altered:
            raise
        state = None  # no claim can be made of what somebody left of its events
    return {
        "claim_id": claim_id,
        "case_id": case,
        "as_of": _shown(as_of),
        "events": [_altered(codec, row) if row.position in altered else readable(codec, row) for row in rows],
        "state": state,
    }


def _altered(codec: ReadableCodec, row: Recorded) -> dict[str, Any]:
    """An event that is not what was written, as it is stored now."""
    try:
        return {**readable(codec, row), "changed": True}
    except Exception:  # noqa: BLE001 -- whatever was made of it, an auditor sees what is left
        return {
            "position": row.position,
            "stream": row.stream,
            "version": row.version,
            "type": row.type,
            "occurred_at": str(row.occurred_at),
            "recorded_at": str(row.recorded_at),
            "actor": row.actor or row.service,
            "service": row.service,
            "event_id": row.event_id.hex(),
            "causation_id": row.causation_id.hex() if row.causation_id else None,
            "trace_id": None,
            "hash": row.leaf_hash.hex(),
            "data": {},
            "changed": True,
            "unreadable": True,
        }


def readable(codec: ReadableCodec, row: Recorded) -> dict[str, Any]:
    """One event as people and JSON see it."""
    stored, erased = codec.readable(row)
    is_fact = row.type.startswith("claimtrail.")
    shown = {
        "position": row.position,
        "stream": row.stream,
        "version": row.version,
        "type": row.type,
        "occurred_at": moment(row.occurred_at).isoformat(),
        "recorded_at": moment(row.recorded_at).isoformat(),
        "actor": row.actor or row.service,
        "service": row.service,
        "event_id": id_text(row.event_id),
        "causation_id": id_text(row.causation_id) if row.causation_id else None,
        "trace_id": trace_id(row.traceparent),
        "hash": row.leaf_hash.hex(),
        "data": stored["data"] if is_fact else stored,
    }
    if is_fact:
        shown["envelope"] = {name: value for name, value in stored.items() if name != "data"}
    if erased:
        shown["erased"] = True
    return shown


def _opened(state: tuple[str, ...], seen: Seen) -> tuple[str, ...]:
    if isinstance(seen.event, AppealOpened) and seen.event.appeal_id not in state:
        return (*state, seen.event.appeal_id)
    return state


OPENED: Folder[tuple[str, ...]] = Folder("opened-appeals", (), _opened)


def state_of(read: Reader, case: str, as_of: AsOf = NOW) -> dict[str, Any] | None:
    """The claim as `claims --json` shows it, as it was known then; None before its first assessment."""
    upto, recorded = as_of.position, as_of.recorded_at
    claim = read.fold_until(claim_of(case), CLAIM, upto=upto, as_of=recorded)
    if claim.assessed is None:
        return None
    appealed = read.fold_until(appeals_of(case), APPEALED, upto=upto, as_of=recorded)
    body = claim_body(claim.assessed.event, claim.adjudicated.values(), appealed, claim.sent)
    opened = read.fold_until(appeals_of(case), OPENED, upto=upto, as_of=recorded)
    body["appeals"] = list(opened)
    return body


def _shown(as_of: AsOf) -> int | str | None:
    if as_of.position is not None:
        return as_of.position
    return moment(as_of.recorded_at).isoformat() if as_of.recorded_at is not None else None
