"""An installation in a folder, and what tests ask of it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from interchange.cloudevents import read_event
from session_capture.door import Answer
from suite.installation import Installation


def send(store: Installation, events: Iterable[dict[str, Any]], *, work: bool = True) -> list[Answer]:
    """Send events through the door, and work them off."""
    answers = store.door.receive([read_event(orjson.dumps(each)) for each in events])
    if work:
        store.dispatcher.work_off()
    return answers


def claims(store: Installation) -> list[dict[str, Any]]:
    """Every claim as the read model has it, in the fixed order."""
    rows = store.log.connection().execute("SELECT body FROM claim ORDER BY date_of_service, org, claim_id")
    return [orjson.loads(body) for (body,) in rows]


def opened(path: Path) -> Installation:
    """An installation in that folder."""
    return Installation(path / "store")
