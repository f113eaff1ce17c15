"""The work on cases: what a service makes of the events that concern one, tried again, set aside, encoded."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import stamina

from event_log.protocol import Append, NewEvent, Recorded
from service_kit.codec import Codec
from service_kit.dead_letters import Failure, dead_letters, failure, hold, set_aside
from service_kit.errors import of_the_store, passes
from service_kit.outcome import Made, Outcome
from service_kit.reading import Reader
from service_kit.service import Service
from service_kit.telemetry import Telemetry
from service_kit.trace_context import continued

ATTEMPTS = 5

Clock = Callable[[], datetime]


class Done(NamedTuple):
    """The work on one case: what came of it, what asked for it, and whether it failed."""

    key: str
    outcome: Outcome
    cause: Recorded
    failed: bool = False
    appends: tuple[Append, ...] = ()
    """What the outcome appends, encoded."""

    def rests_on(self, streams: Collection[str]) -> bool:
        """Whether it was decided on one of these streams."""
        guards = self.outcome.guards
        return any(each.stream in streams for each in self.appends) or any(each.stream in streams for each in guards)


class _Worked(NamedTuple):
    """The work on one case, before what it appends is encoded."""

    key: str
    rows: Sequence[Recorded]
    made: Outcome | Failure
    traceparent: str | None = None


class Casework:
    """What one service makes of its cases' events; it writes nothing. Not for two threads at once."""

    def __init__(self, service: Service, read: Reader, codec: Codec, telemetry: Telemetry, clock: Clock) -> None:
        self.service = service
        self._read, self._codec, self._telemetry, self._clock = read, codec, telemetry, clock
        self._alone = False
        """A case was prepared alone, which takes the place of what was prepared for all: so are those behind it."""
        self.dead: set[str] = set()
        """The cases that wait for a person."""

    def learn_dead(self) -> None:
        """Look up which cases wait: other copies set some aside, and people put some back."""
        self.dead = {letter["case_key"] for letter in dead_letters(self._read.rows(), self.service.name)}

    def decide(self, keys: Collection[str], work: Mapping[str, Sequence[Recorded]]) -> list[Done]:
        """Decide these cases, each on its events. Raises: a fault of the store."""
        rows = (row for key in keys for row in work[key])
        read, prepared = self._read.snapshot(rows), True
        try:
            self.service.prepare({key: work[key] for key in keys}, read)
        except Exception as error:  # noqa: BLE001 -- each case prepares for itself; the one at fault meets it again
            self._telemetry.prepare_failed(self.service.name, type(error).__name__)
            prepared = False
        worked: list[_Worked] = []
        for key in keys:
            self._alone = False
            worked.append(self._work_on(key, work[key], read if prepared else None))
            prepared = prepared and not self._alone
        # Encoded by itself: a processor is slow where work and encoding take turns.
        return [self._done(each) for each in worked]

    def _work_on(self, key: str, rows: Sequence[Recorded], prepared: Reader | None) -> _Worked:
        name, last = self.service.name, rows[-1]
        if key in self.dead:
            waiting = Outcome()
            for row in rows:
                hold(waiting, name, key, row.position)
            return _Worked(key, rows, waiting)
        with self._telemetry.case(name, last) as traceparent:
            return _Worked(key, rows, self.attempt(key, rows, prepared), traceparent)

    def _done(self, worked: _Worked) -> Done:
        name, (key, rows, made, traceparent) = self.service.name, worked
        encoded = self.encoded_or_failed(made, rows[-1], traceparent)
        if not isinstance(encoded, Failure):
            assert isinstance(made, Outcome)
            return Done(key, made, rows[-1], appends=encoded)
        self._telemetry.dead_letter(name, rows[0], encoded)
        return Done(key, set_aside(name, key, rows, encoded, self._clock()), rows[-1], failed=True)

    def attempt(self, key: str, rows: Sequence[Recorded], prepared: Reader | None) -> Outcome | Failure:
        """The work on one case, tried again with backoff where the fault can pass.

        Args:    prepared: a reader that the service prepared for this case among others; None: it is prepared alone.
        Raises:  a fault of the store.
        """
        try:
            return self._work(key, rows, prepared)
        except Exception as error:  # whatever the work raises is set aside with its reason
            if not passes(error):
                if of_the_store(error):
                    raise
                return failure(error, 1)
        attempts = 1
        try:
            for attempt in stamina.retry_context(on=passes, attempts=ATTEMPTS - 1, timeout=None, wait_max=2.0):
                with attempt:
                    attempts += 1
                    return self._work(key, rows, None)
        except Exception as error:  # the same
            if of_the_store(error):
                raise
            return failure(error, attempts)
        raise AssertionError("stamina either returns or raises")

    def _work(self, key: str, rows: Sequence[Recorded], prepared: Reader | None) -> Outcome:
        """The work on one case; without a reader that is prepared for it, it is prepared alone."""
        read = prepared or self._read.snapshot()
        seen = read.see_all(rows)
        self._alone = self._alone or prepared is None or key.startswith("stream:")
        if not key.startswith("stream:"):
            if prepared is None:
                self.service.prepare({key: rows}, read)
            return self.service.work(key, seen, read)
        whole = Outcome()
        for row, one in zip(rows, seen, strict=True):
            for routed in self.service.route(one, read):
                self.service.prepare({routed: [row]}, read)
                part = self.service.work(routed, [one], read)
                whole.appends.extend(part.appends)
                whole.rows.extend(part.rows)
                whole.guards.extend(part.guards)
        return whole

    def encoded_or_failed(
        self, made: Outcome | Failure, cause: Recorded, traceparent: str | None
    ) -> tuple[Append, ...] | Failure:
        """What an outcome appends, encoded; a case whose patient's key is gone fails alone."""
        if isinstance(made, Failure):
            return made
        try:
            return self.encoded(made, cause, traceparent)
        except Exception as error:  # noqa: BLE001 -- whatever the codec raises is set aside with its reason
            return failure(error, 1)

    def encoded(self, outcome: Outcome, cause: Recorded, traceparent: str | None) -> tuple[Append, ...]:
        """What an outcome appends, encoded; each event with its cause and its trace."""
        return tuple(
            [
                Append(planned.stream, planned.expected, [self._encode(m, cause, traceparent) for m in planned.events])
                for planned in outcome.appends
            ]
        )

    def _encode(self, made: Made, cause: Recorded, traceparent: str | None) -> NewEvent:
        if made.causation_id is None or made.traceparent is None:
            trace = made.traceparent or traceparent or continued(cause.traceparent, made.event_id)
            made = Made(*made[:6], made.causation_id or cause.event_id, trace, *made[8:])
        return self._codec.encode(made)

    def remember(self, done: Iterable[Done]) -> None:
        """Keep what was decided at hand for those who read it as recorded events."""
        for part in done:
            for planned in part.outcome.appends:
                for made in planned.events:
                    self._read.remember(made.event_id, made.event)
