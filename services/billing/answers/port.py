"""What taking in answers needs of the installation."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from event_log.protocol import Append, Commit, EventLog, Guard
from interchange.arrival import Arrived, Refused
from service_kit.codec import Codec
from service_kit.reading import Reader
from service_kit.tables import RowWrites
from session_capture.door import Answer
from therapy_domain.rulesets import Ruleset

NAME = "claim-validation"


class Port(NamedTuple):
    """The store, and the door that facts go through."""

    read: Reader
    log: EventLog
    codec: Codec
    rules: Callable[[], Ruleset]
    receive: Callable[[Sequence[Arrived | Refused]], list[Answer]]
    work: Callable[[], None]
    """Let the services do what has come in so far."""

    def keep(
        self,
        appends: Sequence[Append],
        rows: Sequence[tuple[Any, tuple[Any, ...]]] = (),
        guards: Sequence[Guard] = (),
    ) -> Commit:
        """Write events and rows; what is there already stays as it is."""
        return self.log.commit(appends, service=NAME, rows=RowWrites(rows) if rows else None, guards=guards)
