"""What a service is: a name, what it listens to, whose work an event is, and how that work is done."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import SQLModel

from event_log.protocol import Recorded
from service_kit.codec import Seen
from service_kit.outcome import Outcome
from service_kit.reading import Reader


def _may_be_work(_row: Recorded) -> bool:
    return True


def _nothing_to_prepare(_work: Mapping[str, Sequence[Recorded]], _read: Reader) -> None:
    return


@dataclass(frozen=True)
class Service:
    """The wiring of one service. Its functions touch no clock and no broker, and write nothing themselves.

    A *case* here is the unit that fails alone: when the work on it raises, its later events wait behind it and
    all others go on.
    """

    name: str
    listens_to: frozenset[str]
    """Event types."""
    route: Callable[[Seen, Reader], Iterable[str]]
    """The keys of the cases an event is work for; none = nobody's."""
    work: Callable[[str, Sequence[Seen], Reader], Outcome]
    """Do the work of one case that these events ask for. Doing it twice must come to the same."""
    concerns: Callable[[Recorded], bool] = _may_be_work
    """Whether an event may be anybody's work, told by its row alone: what says no need not be decoded."""
    prepare: Callable[[Mapping[str, Sequence[Recorded]], Reader], None] = _nothing_to_prepare
    """Read ahead, in a few queries, what the work of these cases will fold; each with the events that ask for it."""
    route_together: Callable[[Sequence[Seen], Reader], Mapping[bytes, Iterable[str]]] | None = None
    """`route` for those events of a batch that are best looked up together, by event id; the others go one by one."""
    index: Callable[[Seen, Outcome], None] | None = None
    """Append or show what look-ups need of an event; it is written before any work of its batch."""
    indexed: frozenset[str] = frozenset()
    """The event types that `index` is for."""
    tables: tuple[type[SQLModel], ...] = ()
    """Its read models."""
