"""Between an event and its stored bytes stands one codec, handed in from outside: it seals, opens and upcasts."""

from typing import Any, NamedTuple, Protocol

from event_log.protocol import NewEvent, Recorded
from service_kit.outcome import Made


class Codec(Protocol):
    """Turns events into bytes for the log and back."""

    def encode(self, made: Made) -> NewEvent:
        """The event to append: canonical JSON, personal fields sealed for `made.seal_for`."""

    def decode(self, recorded: Recorded) -> Any:
        """The event, opened and brought to its current version.

        Raises:  event_log.sealing.Erased: the key that sealed it was destroyed.
        """


class Seen(NamedTuple):
    """A recorded event with what it says."""

    recorded: Recorded
    event: Any
