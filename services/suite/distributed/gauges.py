"""How an installation stands as a whole, in numbers: what `audit` tells Prometheus of its database."""

import time
from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple, get_args

from appeals.service import TODAY
from billing.views import unwritten
from event_log.protocol import EventLog
from service_kit import names
from service_kit.dead_letters import dead_letters
from service_kit.kafka import relay
from suite.http.claims import ClaimStatus
from suite.installation import Installation, make_services
from suite.standing import reached
from therapy_domain.streams import CLOCK

DUE_DAYS = 3
"""An appeal whose last day is so near is told as due [days]."""

_BY_STATUS = "SELECT status, count(*) FROM claim GROUP BY status"
_PARKED = "SELECT service, count(*) FROM parked_message GROUP BY service"

_DUE = "SELECT count(*) FROM appeal WHERE status = 'open' AND file_by <= ?"
_LAPSED = "SELECT count(*) FROM appeal WHERE status = 'lapsed'"
_UNMATCHED = "SELECT count(*) FROM set_aside WHERE status = 'waiting'"


class Gauge(NamedTuple):
    """One number."""

    name: str
    value: float
    attributes: Mapping[str, str]
    unit: str = ""


def standing(installation: Installation, prefix: str = "") -> list[Gauge]:
    """The log and the services; cheap, however long the log is.

    Args:    prefix: what stands before this installation's topics, and its relay's name.
    """
    log = installation.log
    return [
        Gauge(names.METRIC_LOG_EVENTS, log.head(), {}),
        Gauge(names.METRIC_LOG_BYTES, log.stored_bytes(), {}, "By"),
        _age(names.METRIC_UNRELAYED_AGE, log, log.checkpoint(prefix + relay.NAME)),
        _age(names.METRIC_UNSIGNED_AGE, log, (log.last_signed() or (0, ""))[0]),
        *_by_service(installation),
        Gauge(names.METRIC_MEASURED_AT, time.time(), {}, "s"),
    ]


def claims(installation: Installation) -> list[Gauge]:
    """The claims by status, 0 where no claim has it; looks at every claim's row."""
    found = dict(installation.read.rows().execute(_BY_STATUS).fetchall())
    statuses = get_args(ClaimStatus)
    return [Gauge(names.METRIC_CLAIMS, found.get(status, 0), {names.CLAIM_STATUS: status}) for status in statuses]


def office(installation: Installation, today: date) -> list[Gauge]:
    """What waits for people, and whether the clock that watches their deadlines goes."""
    rows = installation.read.rows()

    def count(statement: str, *values: str) -> int:
        return int(rows.execute(statement, values).fetchone()[0])

    told = installation.read.fold(CLOCK, TODAY).state
    behind = 1 if told is None else max(0, (today - told.event.today).days)
    return [
        Gauge(names.METRIC_CLOCK_BEHIND, behind, {}, "d"),
        Gauge(names.METRIC_APPEALS_DUE, count(_DUE, (today + timedelta(DUE_DAYS)).isoformat()), {}),
        Gauge(names.METRIC_APPEALS_LAPSED, count(_LAPSED), {}),
        Gauge(names.METRIC_UNMATCHED, count(_UNMATCHED), {}),
        Gauge(names.METRIC_UNWRITTEN, len(unwritten(rows)), {}),
    ]


def _by_service(installation: Installation) -> Iterator[Gauge]:
    rows = installation.read.rows()
    known, letters, parked = reached(installation), dead_letters(rows), dict(rows.execute(_PARKED).fetchall())
    for service in make_services():
        whose = {names.MESSAGING_CONSUMER: service.name}
        own = [letter["waiting"] for letter in letters if letter["service"] == service.name]
        yield Gauge(names.METRIC_OPEN_DEAD_LETTERS, len(own), whose)
        yield Gauge(names.METRIC_HELD_EVENTS, sum(own), whose)
        yield Gauge(names.METRIC_PARKED_KEPT, parked.get(service.name, 0), whose)
        position = known.get(service.name, 0)
        yield _age(names.METRIC_UNPROCESSED_AGE, installation.log, position, service.listens_to, whose)


def _age(
    name: str,
    log: EventLog,
    position: int,
    types: Collection[str] | None = None,
    attributes: Mapping[str, str] | None = None,
) -> Gauge:
    """How long the first event behind a position (of these types) has waited [s]; 0 = there is none."""
    waiting = log.read_all(position, 1, types)
    age = time.time() - waiting[0].recorded_at / 1e6 if waiting else 0.0
    return Gauge(name, max(0.0, age), attributes or {}, "s")
