"""A visit's record as contract events, with the minute of the day at which each is sent."""

from collections.abc import Iterator
from random import Random
from typing import Any

from suite.simulator.caseload import Data
from suite.simulator.days import DayClock
from suite.simulator.draft import Draft

Event = dict[str, Any]
Sending = tuple[int, Event]
"""Minute of the clinic's day at which an event is sent, and the event."""

CHANGES = ("shorter", "extra", "place", "payer")
"""How an amended visit was first recorded: an interval too short, one too many, the wrong place, the wrong payer."""

_LAST_MINUTE = 24 * 60 - 1
_ANSWERED_AT = 19 * 60
_WRONG_PAYERS = ("commercial-cms", "workers-comp")


def envelope(source: str, event_id: str, kind: str, subject: str, time: str, data: Data) -> Event:
    """A CloudEvents envelope; `kind` is the type between `claimtrail.` and the version, e.g. `session.opened`."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": f"claimtrail.{kind}.v1",
        "subject": subject,
        "time": time,
        "data": data,
    }


def render(draft: Draft, rng: Random) -> list[Sending]:
    """Every event of the visit, in the order of time."""
    sent: list[Sending] = []
    source, subject, clock, shift = draft.clinic.source, draft.session_id, draft.clock, draft.shift

    def send(what: str, kind: str, minute: int, data: Data, second: int = shift, day: DayClock | None = None) -> None:
        time = (day or clock).at(min(minute, _LAST_MINUTE), second)
        sent.append((minute, envelope(source, f"{subject}:{what}", kind, subject, time, data)))

    opened, intervals, amendment = _before_change(draft)
    send("opened", "session.opened", draft.start - 2, opened)
    for interval, minute in zip(intervals, _end_minutes(draft, intervals), strict=True):
        number = interval["interval_id"].rpartition("-")[2]
        if draft.live and "start" in interval:
            started = {name: value for name, value in interval.items() if name != "end"}
            stopped = {"interval_id": interval["interval_id"], "end": interval["end"]}
            sent.append(
                _at_time(draft, f"{number}:started", "interval.started", interval["start"], minute - 1, started)
            )
            sent.append(_at_time(draft, f"{number}:stopped", "interval.stopped", interval["end"], minute, stopped))
        else:
            send(number, "interval.recorded", minute, interval)
    written = min(draft.end + 3, draft.signatures[-1].minute) if draft.fate != "unsigned" else draft.end + 3
    for what, minute, items in _notes(draft, written, rng):
        send(what, "note.recorded", minute, {"items": items})
    if draft.conflict:
        send("note", "note.recorded", written + 2, {"items": draft.conflict})
    signed = draft.signatures[-1].minute
    if draft.fate != "unsigned":
        for place, signature in enumerate(draft.signatures):
            send(f"signed{place or ''}", "session.signed", signature.minute, signature.data, 30, draft.signed_on)
    if draft.change == "resent":
        send("1:again", "interval.recorded", signed - 1, draft.intervals[0])
    if amendment:
        send("amended", "session.amended", signed + 25 + int(rng.random() * 60), amendment)
    for day, kind, about, data in draft.later:
        event = envelope(source, f"{subject}:{kind}", kind, about, day.at(_ANSWERED_AT), data)
        sent.append((_ANSWERED_AT, event))
    if draft.fate == "void":
        send("voided", "session.voided", signed + 40, {"reason": "entered under the wrong appointment"})
    return sent


def _at_time(draft: Draft, what: str, kind: str, time: str, minute: int, data: Data) -> Sending:
    event_id = f"{draft.session_id}:{what}"
    return minute, envelope(draft.clinic.source, event_id, kind, draft.session_id, time, data)


def _end_minutes(draft: Draft, intervals: list[Data]) -> Iterator[int]:
    """The minute at which each interval ends, as its block says."""
    for block in draft.outline.blocks:
        end = draft.start + block.offset + block.minutes
        yield end
        if block.pause:
            yield draft.start + block.offset + block.pause[1] + block.pause[2]
    for _ in range(len(intervals) - sum(2 if block.pause else 1 for block in draft.outline.blocks)):
        yield draft.end


def _notes(draft: Draft, minute: int, rng: Random) -> list[tuple[str, int, Data]]:
    """The note in one event, or in two of which the later completes it."""
    if draft.mistake is not None or rng.random() > 0.1:
        return [("note", minute, draft.items)]
    later = {name: draft.items[name] for name in ("patient_education", "progress_toward_goals")}
    first = {name: text for name, text in draft.items.items() if name not in later}
    return [("note", minute - 1, first), ("note2", minute + 1, later)]


def _before_change(draft: Draft) -> tuple[Data, list[Data], Data | None]:
    """Opening and intervals as first recorded, and the amendment that puts them right."""
    opened, intervals = draft.opened, draft.intervals
    first = intervals[0]
    if draft.change in ("shorter", "resent"):
        block = draft.outline.blocks[0]
        short = {**first, "end": draft.clock.at(draft.start + block.minutes - 3, draft.shift)}
        amendment = {"reason": "end time read off the wrong line", "replace_intervals": [first]}
        return opened, [short, *intervals[1:]], amendment if draft.change == "shorter" else None
    if draft.change == "extra":
        extra = {
            **first,
            "interval_id": f"{draft.session_id}-9",
            "start": draft.clock.at(draft.end, draft.shift),
            "end": draft.clock.at(draft.end + 1, draft.shift),
        }
        remove = {"reason": "entered twice", "remove_intervals": [extra["interval_id"]]}
        return opened, [*intervals, extra], remove
    if draft.change == "place":
        place = {"reason": "seen at the clinic", "set": {"place_of_service": opened["place_of_service"]}}
        return {**opened, "place_of_service": "12"}, intervals, place
    if draft.change == "payer":
        wrong = next(payer for payer in _WRONG_PAYERS if payer != opened["payer_id"])
        return {**opened, "payer_id": wrong}, intervals, {"reason": "payer mistaken", "set": {"payer_id": draft.payer}}
    return opened, intervals, None
