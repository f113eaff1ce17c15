"""Facts that came twice with different content: which wait for a person, and where the contents differ."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson

from event_log.keyring import Erased
from event_log.protocol import Recorded
from suite.installation import Installation
from therapy_domain.events.base import moment
from therapy_domain.events.claim import ConflictSettled, FactConflicted
from therapy_domain.identity import id_bytes, id_text

_ROWS_AT_ONCE = 1_000


def conflicts(installation: Installation, *, settled: bool = False) -> list[dict[str, Any]]:
    """The conflicts that wait for a person, oldest first; reads the whole log.

    Args:    settled: those that are decided, too.
    Returns: each with its id, the stream it is in, and where its two contents differ: `first` is in force.
    """
    found: dict[str, dict[str, Any]] = {}
    for row in _of_types(installation, {FactConflicted.type, ConflictSettled.type}):
        if row.type == FactConflicted.type:
            found[id_text(row.event_id)] = _conflict(installation, row)
        else:
            decision = orjson.loads(row.data)
            known = found.get(decision["conflict"])
            if known is not None:
                known["settled"] = {"keep": decision["keep"], "by": decision["by"], "at": decision["at"]}
    return [each for each in found.values() if settled or each["settled"] is None]


def _of_types(installation: Installation, types: set[str]) -> Iterator[Recorded]:
    after, head = 0, installation.log.head()
    while rows := installation.log.read_all(after, _ROWS_AT_ONCE, types, upto=head):
        yield from rows
        after = rows[-1].position


def _conflict(installation: Installation, row: Recorded) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "conflict_id": id_text(row.event_id),
        "stream": row.stream,
        "org": row.org,
        "position": row.position,
        "recorded_at": moment(row.recorded_at).isoformat(),
        "settled": None,
    }
    try:
        conflicted: FactConflicted = installation.read.see(row).event
        (first,) = installation.log.read_events([id_bytes(conflicted.fact)])
        stored, _ = installation.codec.readable(first)
    except Erased:
        return {**shown, "fact": None, "source": None, "id": None, "type": None, "differs": [], "erased": True}
    second = orjson.loads(conflicted.envelope)
    before = {"type": first.type, **{name: stored[name] for name in ("data", "subject", "time")}}
    return {
        **shown,
        "fact": conflicted.fact,
        "source": stored["source"],
        "id": stored["id"],
        "type": first.type,
        "differs": list(_differences("$", before, second)),
    }


def _differences(path: str, first: Any, second: Any) -> Iterator[dict[str, Any]]:
    """Where two JSON values differ, as deep as both have objects."""
    if isinstance(first, dict) and isinstance(second, dict):
        for name in sorted(first.keys() | second.keys()):
            yield from _differences(f"{path}.{name}", first.get(name), second.get(name))
    elif first != second and not _same_instant(first, second):
        yield {"path": path, "first": first, "second": second}


def _same_instant(first: Any, second: Any) -> bool:
    """A time written at two offsets, or as an instant, is one time."""
    try:
        return datetime.fromisoformat(first) == datetime.fromisoformat(second)
    except (TypeError, ValueError):
        return False
