"""The record as a long look back reads it: each event once, what is named again and again kept at hand."""

from collections.abc import Iterable, Sequence
from operator import attrgetter

import orjson

from audit.basis import Basis, Folds, NotReplayable
from event_log.protocol import EventLog, Recorded
from service_kit.codec import Codec, Seen
from service_kit.reading import Recently
from therapy_domain.identity import id_bytes, id_text

REFERENCES_KEPT = 10_000
"""Facts that many cases rest on: organizations, clinicians, patients, coverages, plans, payers."""
FOLDS_KEPT = 4_000
_TYPE = attrgetter("type")
_OF_ONE_CASE = ("session/", "case/")


class Record:
    """Events by id: those of the batch in work, and reference facts of late; decoded once something rests on them."""

    def __init__(self, log: EventLog, codec: Codec) -> None:
        self._log, self._codec = log, codec
        self._batch: dict[str, Recorded | Seen] = {}
        self._references: Recently[str, Recorded | Seen] = Recently(REFERENCES_KEPT)
        self._folds: Folds = Recently(FOLDS_KEPT)

    def begin(self, rows: Iterable[Recorded]) -> None:
        """A new batch: these events, which were just read."""
        self._batch.clear()
        self._keep(rows)

    def remember(self, row: Recorded, event: object) -> None:
        """Take in what an event says, which need not be decoded then."""
        self._put(id_text(row.event_id), row.stream, Seen(row, event))

    def fetch(self, ids: Iterable[str]) -> None:
        """Have all of these events in the batch: those that are not at hand are read together."""
        batch, missing = self._batch, list[str]()
        for named in dict.fromkeys(ids):
            if named not in batch:
                held = self._references.get(named)
                if held is None:
                    missing.append(named)
                else:
                    batch[named] = held
        if missing:
            rows = self._log.read_events([id_bytes(named) for named in missing])
            rows.sort(key=_TYPE)  # one kind after another: twice as fast as each where it is wanted
            self._keep([self._seen_if_it_can_be(row) for row in rows])

    def see(self, row: Recorded) -> Seen:
        """What an event says.

        Raises:  Erased.
        """
        named = id_text(row.event_id)
        if self._held(named) is None:
            self._put(named, row.stream, row)
        seen = self._see(named)
        assert seen is not None, "it is held"
        return seen

    def rests_on(self, ids: Iterable[str], types: frozenset[str]) -> Iterable[str]:
        """What those of these events that are of such types say that they rest on."""
        for named in ids:
            held = self._held(named)
            row = held.recorded if isinstance(held, Seen) else held
            if row is not None and row.type in types:
                yield from orjson.loads(row.data)["basis"]

    def basis(self, ids: Sequence[str]) -> Basis:
        """What a decision rests on, in its order.

        Raises:  NotReplayable: the record does not hold it. Erased.
        """
        held, see = self._batch.get, self._see
        # What a second decision rests on was decoded for the first: no need to go through a call for each.
        seen = [
            found
            for named in ids
            if (found := at_hand if type(at_hand := held(named)) is Seen else see(named)) is not None
        ]
        if len(seen) < len(ids):
            missing = [named for named in ids if self._held(named) is None]
            told = f"the record does not hold {len(missing)} of the events it rests on, first {missing[0]}"
            raise NotReplayable(told)
        return Basis(seen, self._folds)

    def _seen_if_it_can_be(self, row: Recorded) -> Recorded | Seen:
        try:
            return Seen(row, self._codec.decode(row))
        except Exception:  # noqa: BLE001 -- whatever it is, the decision that rests on it meets it again
            return row

    def _keep(self, held: Iterable[Recorded | Seen]) -> None:
        for each in held:
            row = each.recorded if isinstance(each, Seen) else each
            self._put(id_text(row.event_id), row.stream, each)

    def _put(self, named: str, stream: str, held: Recorded | Seen) -> None:
        self._batch[named] = held
        if not stream.startswith(_OF_ONE_CASE):
            self._references.put(named, held)

    def _held(self, named: str) -> Recorded | Seen | None:
        return self._batch.get(named) or self._references.get(named)

    def _see(self, named: str) -> Seen | None:
        held = self._held(named)
        if not isinstance(held, Recorded):
            return held
        seen = Seen(held, self._codec.decode(held))
        self._put(named, held.stream, seen)
        return seen
