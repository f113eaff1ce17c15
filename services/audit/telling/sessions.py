"""A session as it was understood, and what each later fact changed of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from audit.telling.facts import charges_words, interval_words, note_items
from audit.telling.words import Data, Shown, Told, count, erased, listed, superseding, value_words
from therapy_domain.identity import claim_id


def recorded(event: Shown, before: Shown | None, known: Mapping[str, Shown]) -> Told:
    """The whole session, or how it differs from the revision before."""
    data = event["data"]
    heading = f"Session {data['session_id']}"
    if before is None or before["type"] != "SessionRecorded":
        signers = listed(each["clinician_npi"] for each in data["signatures"])
        intervals = count(len(data["intervals"]), "interval")
        was = "whole" if data["revision"] == 1 else "in this claim"
        words = f"With that the session was {was} (revision {data['revision']}): {intervals}, signed by {signers}."
        return Told(heading, (words, *_waiting(data)))
    changes = list(_changes(before["data"], data)) or ["nothing that counts"]
    return Told(
        f"{heading} changed",
        (
            f"What that changed (revision {data['revision']}): {'; '.join(changes)}.",
            *_waiting(data),
            *filter(None, [superseding(event, before, known)]),
        ),
    )


def withdrawn(event: Shown, before: Shown | None, known: Mapping[str, Shown]) -> Told:
    """A session that left this claim."""
    data = event["data"]
    left = "was voided" if data["reason"] == "voided" else f"moved to claim {claim_id(data['moved_to'])}"
    words = f"Session {data['session_id']} {left}; it counts here no more."
    return Told(f"Session {data['session_id']} changed", (words, *filter(None, [superseding(event, before, known)])))


def _waiting(data: Data) -> Iterator[str]:
    if data["conflicts"]:
        again = count(len(data["conflicts"]), "fact")
        yield f"{again} came again with other content and waited for a person to decide."


def _changes(was: Data, now: Data) -> Iterator[str]:
    yield from _head(was["opened"], now["opened"])
    yield from _intervals(was["intervals"], now["intervals"])
    yield from _note(was.get("note"), now.get("note"))
    yield from _signatures(was["signatures"], now["signatures"])
    if was.get("charges") != now.get("charges"):
        yield f"charged is now {charges_words(now.get('charges') or ())}"


def _head(was: Data, now: Data) -> Iterator[str]:
    for name in sorted(was.keys() | now.keys()):
        if was.get(name) != now.get(name):
            yield f"{name} was {value_words(was.get(name))}, is now {value_words(now.get(name))}"


def _intervals(was: Any, now: Any) -> Iterator[str]:
    old, new = ({each["interval_id"]: each for each in intervals} for intervals in (was, now))
    for key in sorted(old.keys() | new.keys()):
        if key not in old:
            yield f"interval {key} came in addition ({interval_words(new[key])})"
        elif key not in new:
            yield f"interval {key} is gone ({interval_words(old[key])})"
        elif old[key] != new[key]:
            yield f"interval {key} was {interval_words(old[key])}, is now {interval_words(new[key])}"


def _note(was: Any, now: Any) -> Iterator[str]:
    if erased(was) or erased(now):
        return
    old, new = was or {}, now or {}
    items = [name for name in old.keys() | new.keys() if old.get(name) != new.get(name)]
    if items:
        yield f"the note has other text on {note_items(items)}"


def _signatures(was: Any, now: Any) -> Iterator[str]:
    before = {each["clinician_npi"]: each for each in was}
    for each in now:
        signer = each["clinician_npi"]
        if signer not in before:
            yield f"{signer} signed, too"
        elif before[signer] != each:
            yield f"{signer} signed anew"
