"""The record as a long look back reads it: each event once, what is named again and again kept at hand."""

from collections.abc import Iterable, Sequence

import orjson

from audit.basis import Basis, Folds, NotReplayable
from audit.lately import Lately
from event_log.protocol import EventLog, Recorded
from service_kit.codec import Codec, Seen
from therapy_domain.identity import id_bytes, id_text

SESSION_FACTS_KEPT = 5_000
"""A session's facts are asked for once, soon after they came."""
EVENTS_KEPT = 12_000
"""Decisions and reference facts: in a big intake, assessments are recorded thousands of events behind their units."""
FOLDS_KEPT = 2_000


class Record:
    """Events by id: rows that passed or were fetched, decoded when a decision rests on them."""

    def __init__(self, log: EventLog, codec: Codec) -> None:
        self._log, self._codec = log, codec
        self._session_facts: Lately[str, Recorded | Seen] = Lately(SESSION_FACTS_KEPT)
        self._others: Lately[str, Recorded | Seen] = Lately(EVENTS_KEPT)
        self._folds: Folds = Lately(FOLDS_KEPT)

    def keep(self, rows: Iterable[Recorded]) -> None:
        """Take in events that were just read."""
        for row in rows:
            self._kept_in(row).put(id_text(row.event_id), row)

    def remember(self, row: Recorded, event: object) -> None:
        """Take in what an event says, which need not be decoded then."""
        self._kept_in(row).put(id_text(row.event_id), Seen(row._replace(data=b""), event))

    def see(self, row: Recorded) -> Seen:
        """What an event says.

        Raises:  Erased.
        """
        named = id_text(row.event_id)
        if self._held(named) is None:
            self._kept_in(row).put(named, row)
        seen = self._see(named)
        assert seen is not None, "it is held"
        return seen

    def fetch(self, ids: Iterable[str]) -> None:
        """Read those of these events that are not at hand, together."""
        missing = [named for named in dict.fromkeys(ids) if self._held(named) is None]
        if missing:
            self.keep(self._log.read_events([id_bytes(named) for named in missing]))

    def rests_on(self, ids: Iterable[str], types: frozenset[str]) -> Iterable[str]:
        """What those of these events that are of such types say that they rest on."""
        held = (self._held(named) for named in ids)
        for each in held:
            row = each.recorded if isinstance(each, Seen) else each
            if row is not None and row.type in types:
                yield from each.event.basis if isinstance(each, Seen) else orjson.loads(row.data)["basis"]

    def basis(self, ids: Sequence[str]) -> Basis:
        """What a decision rests on, in its order.

        Raises:  NotReplayable: the record does not hold it. Erased.
        """
        seen = [found for named in ids if (found := self._see(named)) is not None]
        if len(seen) < len(ids):
            missing = [named for named in ids if self._held(named) is None]
            told = f"the record does not hold {len(missing)} of the events it rests on, first {missing[0]}"
            raise NotReplayable(told)
        return Basis(seen, self._folds)

    def _see(self, named: str) -> Seen | None:
        held = self._held(named)
        if not isinstance(held, Recorded):
            return held
        seen = Seen(held, self._codec.decode(held))
        self._kept_in(held).put(named, seen)
        return seen

    def _held(self, named: str) -> Recorded | Seen | None:
        return self._others.get(named) or self._session_facts.get(named)

    def _kept_in(self, row: Recorded) -> Lately[str, Recorded | Seen]:
        return self._session_facts if row.stream.startswith("session/") else self._others
