"""Recording a release: its tables' contents and the release itself, all in one commit or nothing."""

from collections.abc import Iterable
from datetime import UTC, datetime

from event_log.protocol import Append, EventLog, NewEvent
from rule_releases.rulesets import RELEASES
from service_kit.codec import Codec
from service_kit.outcome import Made
from service_kit.reading import Reader
from therapy_domain.errors import DomainError
from therapy_domain.events.base import Event, microseconds
from therapy_domain.events.ruleset import RulesetReleased, RulesetTableStored
from therapy_domain.identity import decision_id
from therapy_domain.rulesets.recorded import STREAM, carried_over, table_stream
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


def carry_over(read: Reader, log: EventLog, codec: Codec) -> None:
    """Once a newer release is shipped: a release of it with all imported tables (see `recorded.carried_over`)."""
    expected, state = read.fold(STREAM, RELEASES)
    released = carried_over(state, load(), by=SERVICE, at=datetime.now(UTC))
    if released is not None:
        record(log, codec, released, (), expected=expected)
