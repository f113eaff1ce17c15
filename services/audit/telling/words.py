"""Words that every part of a claim's story uses: times, counts, money, people and events."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

Data = Mapping[str, Any]
"""An event's content as JSON has it, personal fields opened; `{"erased": true}` where their key is gone."""
Shown = Mapping[str, Any]
"""One event as `history --json` shows it."""


class Told(NamedTuple):
    """What one event adds to the story."""

    heading: str
    lines: tuple[str, ...]


def is_fact(event: Shown) -> bool:
    """Whether it came from outside; else it is a decision."""
    named: str = event["type"]
    return named.startswith("claimtrail.")


def kind(event: Shown) -> str:
    """What happened, in words: `interval recorded`, `UnitsCalculated`."""
    named: str = event["type"]
    if not is_fact(event):
        return named
    return named.removeprefix("claimtrail.").removesuffix(".v1").replace(".", " ")


_DECIDED = {
    "SessionRecorded": "revision {revision} of session {session_id}",
    "SessionWithdrawn": "withdrawal of session {session_id}",
    "UnitsCalculated": "count of the units",
    "ClaimAssessed": "check of the claim",
    "ClaimSubmitted": "submission {submission}",
    "ClaimAcknowledged": "acknowledgment of submission {submission}",
    "ClaimAdjudicated": "answer {remittance_id}",
    "FindingOverridden": "release of {rule}",
    "ClaimQuestioned": "question {question_id}",
    "QuestionAnswered": "answer to {question_id}",
    "AppealOpened": "appeal {appeal_id}",
    "AppealConcluded": "end of appeal {appeal_id}",
    "EscalationRequested": "request to go on from {item_id}",
    "WorkClosed": "decision on {item_id}",
    "CorrectionRequested": "correction {item_id}",
    "RemedyProposed": "proposal {item_id}",
    "FactConflicted": "conflict",
    "ConflictSettled": "decision of a conflict",
}


def named(event: Shown) -> str:
    """An event as another one names it."""
    if is_fact(event):
        words = f"{kind(event)} of {event['envelope']['subject']}"
    else:
        words = _DECIDED.get(kind(event), kind(event)).format_map(event["data"])
    return f"{words} (position {event['position']})"


def sender(event: Shown) -> str:
    """Who sent a fact: organization and clinic."""
    source: str = event["envelope"]["source"]
    return source.removeprefix("/orgs/").replace("/clinics/", "/")


def when(text: str) -> str:
    """An instant as it was written, to the minute, with its offset.

    >>> when("2026-03-02T09:44:00-05:00"), when("2026-03-02T14:44:00Z")
    ('2026-03-02 09:44 UTC-05:00', '2026-03-02 14:44 UTC')
    """
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M %Z}"


def clock(interval: Data) -> str:
    """How long an interval was, by its clock as written, or by its minutes.

    >>> clock({"start": "2026-03-02T09:00:00-05:00", "end": "2026-03-02T09:28:30-05:00"})
    '09:00 to 09:28:30'
    >>> clock({"minutes": 15}), clock({"start": "2026-03-02T09:00:00-05:00"})
    ('15 min by no clock', 'from 09:00 on')
    """
    start, end = interval.get("start"), interval.get("end")
    if start and end:
        return f"{_hour(start)} to {_hour(end)}"
    if interval.get("minutes") is not None:
        return f"{interval['minutes']} min by no clock"
    return f"from {_hour(start)} on" if start else "no time"


def _hour(text: str) -> str:
    moment = datetime.fromisoformat(text)
    return f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun.

    >>> count(1, "unit"), count(2, "unit"), count(0, "session")
    ('1 unit', '2 units', '0 sessions')
    """
    return f"{number} {one if number == 1 else many or one + 's'}"


def dollars(cents: int) -> str:
    """An amount of money.

    >>> dollars(123456), dollars(-5)
    ('$1,234.56', '-$0.05')
    """
    whole, part = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}${whole:,}.{part:02}"


def listed(words: Iterable[str]) -> str:
    """Words in a row.

    >>> listed(["a", "b", "c"]), listed([])
    ('a, b and c', 'none')
    """
    *first, last = list(words) or ["none"]
    return f"{', '.join(first)} and {last}" if first else last


def value_words(value: Any) -> str:
    """A value of an event.

    >>> value_words(["PT", "OT"]), value_words({"97112": 4}), value_words(None), value_words(False)
    ('PT and OT', '97112: 4', 'not set', 'no')
    """
    match value:
        case None:
            return "not set"
        case bool():
            return "yes" if value else "no"
        case list():
            return listed(map(value_words, value))
        case dict():
            return ", ".join(f"{name}: {value_words(each)}" for name, each in value.items())
        case _:
            return str(value)


def person(text: str) -> str:
    """A performer or signer: by NPI alone, for any other text may be a name."""
    return text if len(text) == 10 and text.isascii() and text.isdigit() else "(no NPI)"


def erased(value: Any) -> bool:
    """Whether a personal field is gone, its key destroyed."""
    return isinstance(value, Mapping) and value.get("erased") is True and len(value) == 1


def reason(data: Data) -> str:
    """Why a person did it, unless that was erased."""
    given = data.get("reason")
    if erased(given):
        return "the reason was erased"
    return f"reason: {given}"


def superseding(event: Shown, before: Shown | None, known: Mapping[str, Shown]) -> str | None:
    """Which decision it replaces, and what is new among the events it rests on; None for a first decision."""
    if before is None:
        return None
    was, now = before["data"]["basis"], event["data"]["basis"]
    new, gone = _in_order(set(now).difference(was), known), _in_order(set(was).difference(now), known)
    words = f"Replaces the decision of position {before['position']}. New in its basis: {listed(map(named, new))}"
    return f"{words}; no longer in it: {listed(map(named, gone))}." if gone else f"{words}."


def _in_order(ids: Collection[str], known: Mapping[str, Shown]) -> list[Shown]:
    return sorted((known[each] for each in ids if each in known), key=lambda event: int(event["position"]))


def units(lines: Iterable[Data]) -> str:
    """Lines as codes and units.

    >>> units([{"code": "97112", "units": 2, "modifiers": ["GP"]}, {"code": "97530", "units": 1, "modifiers": []}])
    '97112 GP x 2 and 97530 x 1'
    """
    return listed(" ".join([line["code"], *line["modifiers"], "x", str(line["units"])]) for line in lines)
