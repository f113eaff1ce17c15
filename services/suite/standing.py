"""How an installation stands: its services, what waits for whom, its log. Cheap, however long the log is."""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from event_log import treehead
from event_log.protocol import EventLog
from service_kit.dead_letters import dead_letters
from service_kit.kafka.receipts import over_kafka
from service_kit.kafka.receipts import reached as by_kafka
from service_kit.settings import Settings
from session_capture.views import Waiting, waiting_sessions
from suite.installation import Installation, make_services, service_names
from suite.verifying import public_key
from therapy_domain.events.base import moment

RATE_SECONDS = 10
"""What came in during so many seconds makes the rate of a service that keeps up [s]."""
SAMPLE_SECONDS = 0.25
"""A service that is behind is watched so long [s]."""

EVERY_SESSION = 1 << 31
RELAY = "relay"
"""The relay's checkpoint, behind the topics' prefix."""


def reached(installation: Installation) -> dict[str, int]:
    """How far each service has come, on either transport: it is done with everything up to that position."""
    services = make_services()
    return installation.log.checkpoints() | by_kafka(installation.log, services)


def lag(installation: Installation) -> int:
    """How many positions the service furthest behind has still to go."""
    known = reached(installation)
    return installation.log.head() - min(known.get(name, 0) for name in service_names())


def status(
    installation: Installation, *, sample: float = SAMPLE_SECONDS, sessions: int = EVERY_SESSION
) -> dict[str, Any]:
    """The installation as `status --json` prints it.

    Args:    sample: how long to watch services that are behind, to tell their rate [s]; 0 = do not.
             sessions: so many of those that wait are listed at most, the oldest; all are counted.
    """
    rows = installation.read.rows()
    letters = dead_letters(rows)
    by_status = rows.execute("SELECT status, count(*) FROM claim GROUP BY status ORDER BY status").fetchall()
    return {
        **_kafka(installation),
        "services": _services(installation, letters, sample),
        "unsigned": _waiting(waiting_sessions(rows, "signed", sessions)),
        "parked": _waiting(waiting_sessions(rows, "opened", sessions)),
        "dead_letters": len(letters),
        "claims": dict(by_status),
        "log": _log(installation),
        "ruleset": {"id": installation.rules.id, "hash": installation.rules.hash},
    }


def _kafka(installation: Installation) -> dict[str, Any]:
    """`kafka`, where services work over it: how far the log was sent, and messages that were no events."""
    rows, log = installation.read.rows(), installation.log
    if not over_kafka(log) & set(service_names()):
        return {}
    counts = {
        name: rows.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 -- our own tables
        for name, table in (("parked_messages", "parked_message"), ("rejected_messages", "rejected_message"))
    }
    return {
        "kafka": {"relayed": log.checkpoint(Settings.from_environment().prefix + RELAY), "head": log.head(), **counts}
    }


def _services(installation: Installation, letters: Sequence[Mapping[str, Any]], sample: float) -> list[dict[str, Any]]:
    names = service_names()
    known, head = reached(installation), installation.log.head()
    came_in = (head - _position_at(installation.log, head, _now() - RATE_SECONDS * 1_000_000)) / RATE_SECONDS
    moved = _watched(installation, known, sample) if any(known.get(name, 0) < head for name in names) else {}
    return [
        {
            "service": name,
            "position": known.get(name, 0),
            "lag": head - known.get(name, 0),
            "rate": round(moved.get(name, 0.0) if known.get(name, 0) < head else came_in, 1),
            "dead_letters": sum(letter["service"] == name for letter in letters),
        }
        for name in names
    ]


def _watched(installation: Installation, before: Mapping[str, int], sample: float) -> dict[str, float]:
    """Positions a second that each service goes on, seen over a moment."""
    if sample <= 0:
        return {}
    time.sleep(sample)
    return {name: (position - before.get(name, 0)) / sample for name, position in reached(installation).items()}


def _position_at(log: EventLog, head: int, instant: int) -> int:
    """The last position recorded before an instant [us]; recording times never go back."""
    low, high = 0, head
    while low < high:
        middle = (low + high + 1) // 2
        (row,) = log.read_all(middle - 1, 1, upto=middle)
        low, high = (middle, high) if row.recorded_at < instant else (low, middle - 1)
    return low


def _now() -> int:
    return time.time_ns() // 1000


def _waiting(waiting: Waiting) -> dict[str, Any]:
    now = datetime.now(UTC)
    sessions = [
        {
            "session_id": row["session_id"],
            "org": row["org"],
            "clinic": row["clinic"],
            "since": row["first_at"],
            "age_seconds": round((now - datetime.fromisoformat(row["first_at"])).total_seconds()),
        }
        for row in waiting.oldest
    ]
    oldest = max((session["age_seconds"] for session in sessions), default=None)
    sessions.sort(key=lambda session: -session["age_seconds"])
    return {"count": waiting.sessions, "oldest_age_seconds": oldest, "sessions": sessions}


def _log(installation: Installation) -> dict[str, Any]:
    log, head = installation.log, installation.log.head()
    last = log.read_all(head - 1, 1, upto=head) if head else []
    signed = log.last_signed()
    return {
        "events": head,
        "bytes": log.stored_bytes(),
        "last_recorded_at": moment(last[0].recorded_at).isoformat() if last else None,
        "last_checkpoint": _checkpoint(*signed) if signed else None,
        "not_yet_signed": head - (signed[0] if signed else 0),
        "public_key": public_key(installation.data),
    }


def _checkpoint(size: int, note: str) -> dict[str, Any]:
    head = treehead.unverified(note)
    return {"size": size, "root": head.root.hex(), "origin": head.origin}
