"""Reading and folding streams, with what was just written or folded kept at hand."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from event_log.protocol import EventLog, Recorded, RowsConnection
from service_kit.codec import Codec, Seen

State = TypeVar("State")
Key = TypeVar("Key")
Held = TypeVar("Held")


EVENTS_OF_ONE = 4
"""A lasting state takes the room of one for each so many events."""


class Room(NamedTuple):
    """How much a reader keeps at hand: events, and folded streams (see `Folder.lasting`)."""

    events: int = 16_000
    passing: int = 4_000
    lasting: int = 20_000


LITTLE = Room(6_000, 2_000, 2_000)
"""For who goes through many cases once, some hundreds at a time: what was gone through is not come back to."""


class Recently(Generic[Key, Held]):
    """A bounded mapping that forgets what was used longest ago, in two generations.

    What is put or used stands in the young one. When that is full the old one is forgotten whole, and the young one is
    the old one: a quarter of the price of keeping everything in the order of its use.

    Args:    size: how much is kept at most. weigh: how much of that something takes; None: each takes 1.
    """

    def __init__(self, size: int, weigh: Callable[[Held], int] | None = None) -> None:
        self._half, self._weigh, self._weight = max(1, size // 2), weigh, 0
        self._young: dict[Key, Held] = {}
        self._old: dict[Key, Held] = {}

    def get(self, key: Key) -> Held | None:
        """What is held under the key, or None."""
        held = self._young.get(key)
        if held is None:
            held = self._old.get(key)
            if held is not None:
                self.put(key, held)
        return held

    def put(self, key: Key, held: Held) -> None:
        """Hold this under the key, forgetting the oldest when full."""
        young = self._young
        if self._weigh is not None:
            before = young.get(key)
            self._weight += self._weigh(held) - (self._weigh(before) if before is not None else 0)
        young[key] = held
        if (len(young) if self._weigh is None else self._weight) >= self._half:
            self._old, self._young, self._weight = young, {}, 0

    def drop(self, key: Key) -> None:
        """Forget the key."""
        young = self._young.pop(key, None)
        if young is not None and self._weigh is not None:
            self._weight -= self._weigh(young)
        self._old.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self._young, self._old, self._weight = {}, {}, 0


class Folder(NamedTuple, Generic[State]):
    """How a stream becomes a state: where it starts and how each event changes it. States are never mutated."""

    name: str
    start: State
    evolve: Callable[[State, Seen], State]
    lasting: bool = False
    """Work of other batches comes back to these streams: what was folded is kept for longer."""


class Folded(NamedTuple, Generic[State]):
    """A stream's state and the version it was folded at."""

    version: int
    state: State


def _weight(folded: Folded[Any]) -> int:
    """A state takes the more room the more events it was folded from: a patient's chart has an entry for each visit."""
    return 1 + folded.version // EVENTS_OF_ONE


class Reader:
    """Reads a log through the codec. One a process; safe for the threads of that process.

    What was decoded or written lately is not decoded again, and a stream is folded on from where it was last
    folded: both are caches of what the log holds and may be dropped at any time.
    """

    def __init__(self, log: EventLog, codec: Codec, room: Room = Room()) -> None:  # noqa: B008 -- it is never changed
        self._log, self._codec = log, codec
        self._events: Recently[bytes, Any] = Recently(room.events)
        self._folds: dict[bool, Recently[tuple[str, str], Folded[Any]]] = {
            True: Recently(room.lasting, _weight),
            False: Recently(room.passing),
        }

    @property
    def log(self) -> EventLog:
        """The log that is read."""
        return self._log

    def versions(self, streams: Collection[str]) -> dict[str, int]:
        """The streams' versions now; 0 for one that has no event."""
        return self._log.versions(streams)

    def rows(self) -> RowsConnection:
        """A read-only connection to the read models."""
        return self._log.connection()

    def remember(self, event_id: bytes, event: Any) -> None:
        """Keep an event that was just written, so that it is not decoded when it is followed."""
        self._events.put(event_id, event)

    def forget(self) -> None:
        """Drop everything that is kept (after a conflict, or when a key was destroyed)."""
        self._events.clear()
        for folds in self._folds.values():
            folds.clear()

    def see(self, recorded: Recorded) -> Seen:
        """The event with what it says."""
        event = self._events.get(recorded.event_id)
        if event is None:
            event = self._codec.decode(recorded)
            self._events.put(recorded.event_id, event)
        return Seen(recorded, event)

    def _glance(self, recorded: Recorded) -> Seen:
        """The event with what it says, for a state that is kept itself: what many events said takes no room."""
        event = self._events.get(recorded.event_id)
        return Seen(recorded, self._codec.decode(recorded) if event is None else event)

    def see_all(self, rows: Iterable[Recorded]) -> list[Seen]:
        """The events with what they say."""
        return [self.see(row) for row in rows]

    def folds(self, streams: Collection[str], folder: Folder[State]) -> dict[str, Folded[State]]:
        """Each stream's state now. One query for the versions, one for the streams not at hand."""
        found: dict[str, Folded[State]] = {}
        missing: dict[str, Folded[State]] = {}
        upto: dict[str, int] = {}
        at_hand, name = self._folds[folder.lasting].get, folder.name
        for stream, version in self._log.versions(streams).items():
            held = at_hand((name, stream))
            if held is not None and held.version == version:
                found[stream] = held
            elif version == 0:
                found[stream] = Folded(0, folder.start)
            else:
                missing[stream] = held if held is not None and held.version < version else Folded(0, folder.start)
                upto[stream] = version
        if missing:
            for stream, rows in self._rows_of(upto, {each: held.version for each, held in missing.items()}).items():
                found[stream] = self._fold(stream, folder, missing[stream], rows)
        return found

    def _rows_of(self, streams: Mapping[str, int], behind: Mapping[str, int]) -> dict[str, list[Recorded]]:
        """The rows of streams, given with the versions they have, behind the versions that are at hand."""
        return self._log.read_streams(streams.keys(), behind=behind)

    def fold(self, stream: str, folder: Folder[State]) -> Folded[State]:
        """One stream's state now."""
        return self.folds((stream,), folder)[stream]

    def snapshot(self, rows: Iterable[Recorded] = ()) -> "Snapshot":
        """A reader that folds each stream once: what it said of a stream it says again.

        Args:    rows: events that were just read, so that their streams need not be read for them again.
        """
        return Snapshot(self, rows)

    def fold_until(
        self, stream: str, folder: Folder[State], *, upto: int | None = None, as_of: int | None = None
    ) -> State:
        """One stream's state as it was: at a log position, or at an instant of recording [us]."""
        state = folder.start
        for page in self._log.read_pages(stream, upto=upto, as_of=as_of):
            for row in page:
                state = folder.evolve(state, self.see(row))
        return state

    def _fold(self, stream: str, folder: Folder[State], held: Folded[State], rows: Sequence[Recorded]) -> Folded[State]:
        version, state = held
        see = self._glance if folder.lasting else self.see
        for row in rows:
            if row.version > version:
                state = folder.evolve(state, see(row))
                version = row.version
        folded = Folded(version, state)
        self._folds[folder.lasting].put((folder.name, stream), folded)
        return folded


class Snapshot(Reader):
    """A reader for one batch of work: a stream is folded once, in the batch's preparation where it can be.

    What is written meanwhile comes as later work; decisions on a stale state are refused by their expected version.
    """

    def __init__(self, whole: Reader, rows: Iterable[Recorded]) -> None:
        self._log, self._codec = whole._log, whole._codec  # noqa: SLF001 -- it shares the caches of its origin
        self._events, self._folds = whole._events, whole._folds  # noqa: SLF001 -- the same
        self._said: defaultdict[str, dict[str, Folded[Any]]] = defaultdict(dict)
        """By folder, then by stream."""
        self._offered: dict[str, dict[int, Recorded]] = {}
        self._offer(rows)

    def _offer(self, rows: Iterable[Recorded]) -> None:
        for row in rows:  # one that concerns several pieces of work comes several times
            self._offered.setdefault(row.stream, {})[row.version] = row

    def folds(self, streams: Collection[str], folder: Folder[State]) -> dict[str, Folded[State]]:
        """Each stream's state, as it was when it was first asked for."""
        said = self._said[folder.name]
        new = [stream for stream in streams if stream not in said]
        if new:
            said.update(super().folds(new, folder))
        return {stream: said[stream] for stream in streams}

    def fold(self, stream: str, folder: Folder[State]) -> Folded[State]:
        """One stream's state, as it was when it was first asked for."""
        return self._said[folder.name].get(stream) or self.folds((stream,), folder)[stream]

    def _rows_of(self, streams: Mapping[str, int], behind: Mapping[str, int]) -> dict[str, list[Recorded]]:
        """From what was just read, where that follows on what is at hand and comes to the stream's end."""
        found: dict[str, list[Recorded]] = {}
        missing: dict[str, int] = {}
        for stream, version in streams.items():
            offered = self._offered.get(stream)
            if offered and _follows(offered, behind[stream], version):
                found[stream] = [offered[number] for number in sorted(offered)]
            else:
                missing[stream] = version
        if missing:
            read = super()._rows_of(missing, behind)
            self._offer(row for rows in read.values() for row in rows)  # the stream's next folder has them at hand
            found |= read
        return found


def _follows(versions: Collection[int], after: int, upto: int) -> bool:
    """Whether these versions of a stream reach from behind one to another without a hole."""
    first, last = min(versions), max(versions)
    return first <= after + 1 and last == upto and len(versions) == last - first + 1
