"""What became of events, as HTTP says it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from session_capture.door import Answer
from suite.http.problems import EVENT_IN_CONFLICT, EVENT_REFUSED, Problem
from suite.ingesting import NOT_THE_FIRST, OUTCOMES


def told(answer: Answer) -> dict[str, Any]:
    """One event's answer."""
    return {
        "id": answer.id,
        "source": answer.source,
        "outcome": answer.outcome,
        "errors": _errors(answer),
    }


def counted(counts: Mapping[str, int]) -> dict[str, int]:
    """How many events came to each outcome, all outcomes named, in one order."""
    return {word: counts.get(word, 0) for word in OUTCOMES}


def receipt(answers: Sequence[Answer]) -> dict[str, Any]:
    """The answer to several events: how many of each outcome, and each event's own in its place."""
    return {
        "counts": counted(Counter(answer.outcome for answer in answers)),
        "results": [told(answer) for answer in answers],
    }


def refusal(answer: Answer) -> Problem | None:
    """The problem that one event alone is: refused, or in conflict with an earlier one; else None."""
    if answer.outcome == "rejected":
        kind, detail = EVENT_REFUSED, f"The event has {len(answer.errors)} faults; nothing of it was kept."
        if len(answer.errors) == 1:
            detail = f"{answer.errors[0]['path']} is not accepted; nothing of the event was kept."
    elif answer.outcome == "conflict":
        kind, detail = EVENT_IN_CONFLICT, "Another content is in force under this source and id."
    else:
        return None
    members = {"id": answer.id, "source": answer.source, "outcome": answer.outcome}
    return Problem(kind, detail, errors=_errors(answer), members=members)


def _errors(answer: Answer) -> list[Any]:
    if answer.outcome == "conflict":
        return [{"path": "$.id", "value": answer.id, "expected": NOT_THE_FIRST}]
    return list(answer.errors)
