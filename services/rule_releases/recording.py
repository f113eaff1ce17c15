"""Recording a release: its tables' contents and the release itself, all in one commit or nothing."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from event_log.protocol import Append, EventLog, NewEvent
from rule_releases.errors import OlderThanHeld
from rule_releases.importing import ReadTable
from rule_releases.rulesets import RELEASES, Rulesets
from rule_releases.telling import is_older
from service_kit.codec import Codec
from service_kit.outcome import Made
from service_kit.reading import Reader
from therapy_domain.errors import DomainError
from therapy_domain.events.base import Event, microseconds
from therapy_domain.events.ruleset import ReleasedTable, RulesetReleased, RulesetTableStored
from therapy_domain.identity import decision_id
from therapy_domain.rulesets.recorded import STREAM, carried_over, release, table_stream
from therapy_domain.rulesets.release import load

SERVICE = "claimtrail"
NO_ORG = ""
"""Releases belong to the installation, to none of its organizations."""


class ReleasedMeanwhile(DomainError):
    """Somebody else recorded a release since this one was made."""

    code = "released-meanwhile"

    def __init__(self, ruleset_id: str) -> None:
        self.ruleset_id = ruleset_id
        super().__init__(f"another release was recorded while {ruleset_id} was made; import the files again")


def record(
    log: EventLog, codec: Codec, released: RulesetReleased, contents: Iterable[RulesetTableStored], *, expected: int
) -> None:
    """Record a release; the services use it from their next batch on.

    Args:    expected: the version of the stream of releases that it was made on.
    Raises:  ReleasedMeanwhile: the stream went on since; nothing was recorded.
    """
    at, by = microseconds(released.at), released.by

    def encoded(event: Event, name: str) -> NewEvent:
        return codec.encode(Made(event, decision_id(event.type, name, ()), NO_ORG, at, actor=by))

    tables = [Append(table_stream(each.sha256), None, [encoded(each, each.sha256)]) for each in contents]
    whole = [*tables, Append(STREAM, expected, [encoded(released, released.hash)])]
    if log.commit(whole, service=SERVICE).conflicts:
        raise ReleasedMeanwhile(released.ruleset)


class Imported(NamedTuple):
    """What came of an import."""

    released: RulesetReleased | None
    """None: the release in force holds all of it already, and nothing was recorded."""
    held: tuple[ReleasedTable, ...]
    """What it held already."""


def import_tables(
    read: Reader, log: EventLog, codec: Codec, rulesets: Rulesets, tables: Sequence[ReadTable], *, by: str
) -> Imported:
    """Extend the release in force by tables, where it does not hold them yet.

    Raises:  OlderThanHeld, ReleasedMeanwhile: nothing was recorded.
    """
    expected, state = read.fold(STREAM, RELEASES)
    in_force = {table.id: table for table in state.tables(state.newest)} if state.newest else {}
    fresh: list[ReadTable] = []
    held: list[ReleasedTable] = []
    for each in tables:
        known = in_force.get(each.table.id)
        if known is not None and known.sha256 == each.table.sha256:
            held.append(known)
            continue
        if known is not None and is_older(each.table.version, known.version):
            raise OlderThanHeld(known.id, str(each.table.version), str(known.version))
        fresh.append(each)
    if not fresh:
        return Imported(None, tuple(held))
    released = release(state, rulesets.current(read), (each.table for each in fresh), by=by, at=datetime.now(UTC))
    record(log, codec, released, (each.content for each in fresh), expected=expected)
    return Imported(released, tuple(held))


def carry_over(read: Reader, log: EventLog, codec: Codec) -> None:
    """Once a newer release is shipped: a release of it with all imported tables (see `recorded.carried_over`)."""
    expected, state = read.fold(STREAM, RELEASES)
    released = carried_over(state, load(), by=SERVICE, at=datetime.now(UTC))
    if released is not None:
        with suppress(ReleasedMeanwhile):  # another process was quicker
            record(log, codec, released, (), expected=expected)
