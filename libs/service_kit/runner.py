"""Running one service over the log: batches in, outcome and checkpoint out in one transaction."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from event_log.protocol import Append, Checkpoint, Commit, EventLog, Guard, Recorded, Rows, RowsConnection
from service_kit.casework import Casework, Clock, Done
from service_kit.codec import Codec, Seen
from service_kit.dead_letters import Failure, dead_letters, failed_again, held_positions, released
from service_kit.errors import RowMoved, StillConflicting, UnknownDeadLetter, of_the_store
from service_kit.outcome import Outcome, Row
from service_kit.reading import Reader
from service_kit.service import Service
from service_kit.tables import RowWrites
from service_kit.telemetry import Telemetry

EVENTS_A_BATCH = 2_000
CASES_A_COMMIT = 500
CONFLICTS = 20


def _now() -> datetime:
    return datetime.now(UTC)


Decide = Callable[[Collection[str]], list[Done]]
"""Decides cases, by their keys."""
Asked = Callable[[], Commit] | None
"""Asks for the answer to a commit; None where there was nothing to write."""


class Mark(NamedTuple):
    """What is noted with the work on a batch, so that it is done once."""

    checkpoint: Checkpoint | None = None
    """Moved in the last transaction of the batch."""
    last: Rows | None = None
    """Written in the last transaction; what it raises undoes it."""
    others: Rows | None = None
    """The same for all transactions before it."""


class Runner:
    """Does one service's work, as it follows the log or as batches are given to it. Not for two threads at once.

    Args:    guarded: hold every commit against the guards of its outcomes, all or nothing. Needed where copies of the
             service work side by side; who follows the log alone meets whatever changes meanwhile as later work.
             ahead: decide on the next cases while the last ones are written, and leave the last commit of a step to
             the next one. Only for a service that follows the log alone.
    """

    def __init__(
        self,
        service: Service,
        read: Reader,
        codec: Codec,
        telemetry: Telemetry,
        *,
        clock: Clock = _now,
        guarded: bool = False,
        ahead: bool = False,
    ) -> None:
        self._guarded, self._ahead = guarded, ahead
        self._in_flight: Callable[[], list[Done]] | None = None
        self._read, self._telemetry, self._clock = read, telemetry, clock
        self._log: EventLog = read.log
        self.casework = Casework(service, read, codec, telemetry, clock)
        self.resume()

    @property
    def service(self) -> Service:
        """The service whose work it is."""
        return self.casework.service

    def resume(self) -> None:
        """Go on from the checkpoint: at the beginning, and when another process ran the service meanwhile."""
        self.position = self._saved = self._began = self._log.checkpoint(self.service.name)
        self.casework.learn_dead()

    def step(self, upto: int | None = None) -> int:
        """Process the next batch, up to a position, once the one before it is written.

        Returns: how many events were processed; 0 = there is nothing new, and everything is written.
        """
        self._land()
        head = self._log.head() if upto is None else min(self._log.head(), upto)
        if head <= self.position:
            return 0
        rows = self._log.read_all(self.position, EVENTS_A_BATCH, self.service.listens_to, upto=head)
        reached = rows[-1].position if len(rows) == EVENTS_A_BATCH else head
        if rows:
            self._began = self.position
            with self._telemetry.batch(self.service.name, rows):
                self.process(rows, Mark(self._checkpoint(reached)))
            self._saved = reached
        self.position = reached
        return len(rows)

    def save(self) -> None:
        """Note how far the service has come, also where nothing behind its checkpoint was its work."""
        if self._saved < self.position:
            self._log.commit((), service=self.service.name, checkpoint=self._checkpoint(self.position))
            self._saved = self.position

    def redrive(self, letter_id: str) -> bool:
        """Do the work of a dead letter's case again, with all that waits behind it.

        Returns: whether the case goes on now.
        Raises:  UnknownDeadLetter: this service has no dead letter of that id.
        """
        name = self.service.name
        letters = {letter["id"]: letter for letter in dead_letters(self._read.rows(), name)}
        if letter_id not in letters:
            raise UnknownDeadLetter(letter_id, name)
        key, attempts = letters[letter_id]["case_key"], letters[letter_id]["attempts"]
        self._read.forget()

        def again(_keys: Collection[str]) -> list[Done]:
            positions = held_positions(self._read.rows(), name, key)
            if not positions:
                raise UnknownDeadLetter(letter_id, name)  # somebody else put it back meanwhile
            rows = [row for position in positions for row in self._log.read_all(position - 1, 1, upto=position)]
            made = self.casework.attempt(key, rows, None)
            encoded = self.casework.encoded_or_failed(made, rows[-1], None)
            if isinstance(encoded, Failure):
                aside = failed_again(name, key, len(rows), encoded, self._clock(), before=attempts)
                return [Done(key, aside, rows[-1], failed=True)]
            assert isinstance(made, Outcome)
            return [Done(key, released(name, key, len(rows)), rows[-1]), Done(key, made, rows[-1], appends=encoded)]

        done = self._commit_until_agreed([key], again, Mark())
        if not any(part.failed for part in done):
            self.casework.dead.discard(key)
        return key not in self.casework.dead

    def _checkpoint(self, position: int) -> Checkpoint:
        return Checkpoint(self.service.name, position)

    def process(self, rows: Sequence[Recorded], mark: Mark) -> None:
        """Do the work that these events ask for; in order, each once.

        Raises:  what the mark's rows raise; a fault of the store. What was committed before stands, and doing the
                 batch again comes to the same.
        """
        self._index(rows, mark)
        work = self._routed(rows)
        keys = list(work)
        chunks = [keys[start : start + CASES_A_COMMIT] for start in range(0, len(keys), CASES_A_COMMIT)] or [[]]
        for number, chunk in enumerate(chunks, start=1):
            noted = mark if number == len(chunks) else Mark(last=mark.others)
            self._begin(chunk, lambda keys: self.casework.decide(keys, work), noted)

    def _index(self, rows: Sequence[Recorded], mark: Mark) -> None:
        """Write what later look-ups of this very batch need, before any of its work."""
        if self.service.index is None:
            return
        appends: list[Append] = []
        shown: list[Row] = []
        for row in rows:
            if row.type in self.service.indexed:
                outcome = Outcome()
                try:
                    self.service.index(self._read.see(row), outcome)
                    appends += self.casework.encoded(outcome, row, None)
                    shown += outcome.rows
                except Exception as error:  # the work on the event meets the fault again
                    if of_the_store(error):
                        raise
                    self._telemetry.prepare_failed(self.service.name, type(error).__name__)
        if appends or shown:
            answer = self._asked(appends, _with(RowWrites(shown) if shown else None, mark.others))
            if self._ahead:
                self._see_meanwhile(rows)
            answer()

    def _see_meanwhile(self, rows: Sequence[Recorded]) -> None:
        """Read these events, to have them at hand when they are asked for."""
        for row in rows:
            with suppress(Exception):  # whatever it is, the work on the event meets it again
                self._read.see(row)

    def _routed(self, rows: Sequence[Recorded]) -> dict[str, list[Recorded]]:
        """Whose work the events are. One that cannot be read or routed is the work of its own stream."""
        work: dict[str, list[Recorded]] = {}
        rows = [row for row in rows if self.service.concerns(row)]
        together = self._routed_together(rows)
        for row in rows:
            keys: Iterable[str] | None = together.get(row.event_id)
            if keys is None:
                try:
                    keys = tuple(self.service.route(self._read.see(row), self._read))
                except Exception:  # noqa: BLE001 -- any fault: the work on the stream meets it again and is set aside
                    keys = (f"stream:{row.stream}",)
            for key in keys:
                work.setdefault(key, []).append(row)
        return work

    def _routed_together(self, rows: Sequence[Recorded]) -> Mapping[bytes, Iterable[str]]:
        if self.service.route_together is None:
            return {}
        batch: list[Seen] = []
        for row in rows:
            with suppress(Exception):  # it is met again where the event is routed by itself
                batch.append(self._read.see(row))
        try:
            return self.service.route_together(batch, self._read)
        except Exception:  # noqa: BLE001 -- the same
            return {}

    def _begin(self, keys: Collection[str], decide: Decide, mark: Mark) -> None:
        """Decide these cases and hand them in once those before them are written: the last one moves the checkpoint."""
        done = decide(keys)
        self._land()
        if self._ahead:
            self.casework.remember(done)  # who follows may read it before this service hears that it is written
        answer = self._handed_in(done, mark)
        self._in_flight = lambda: self._agreed(answer, done, decide, mark)
        if not self._ahead:
            self._land()

    def _land(self) -> None:
        """Wait for what was handed in. Where it could not be written, its batch is done again."""
        in_flight, self._in_flight = self._in_flight, None
        if in_flight is not None:
            try:
                done = in_flight()
            except Exception:
                self.position, self._saved = self._began, 0
                raise
            self.casework.dead.update(part.key for part in done if part.failed)

    def _commit_until_agreed(self, keys: Collection[str], decide: Decide, mark: Mark) -> list[Done]:
        """Decide these cases and commit."""
        done = decide(keys)
        return self._agreed(self._handed_in(done, mark), done, decide, mark)

    def _handed_in(self, done: Sequence[Done], mark: Mark) -> Asked:
        """Hand in what was decided: what asks for the answer, or does it now; None where there is nothing to write."""
        appends = [append for part in done for append in part.appends]
        rows = [row for part in done for row in part.outcome.rows]
        if not appends and not rows and mark == Mark():
            return None
        written = _with(RowWrites(rows) if rows else None, mark.last)
        return self._asked(appends, written, mark.checkpoint, self._guards(done))

    def _asked(
        self,
        appends: Sequence[Append],
        written: Rows | None,
        checkpoint: Checkpoint | None = None,
        guards: Sequence[Guard] = (),
    ) -> Callable[[], Commit]:
        """Hand it in: what asks for the answer, or does it now."""
        name = self.service.name
        if self._ahead:
            return self._log.submit(appends, service=name, rows=written, checkpoint=checkpoint, guards=guards).result
        return partial(self._log.commit, appends, service=name, rows=written, checkpoint=checkpoint, guards=guards)

    def _agreed(self, answer: Asked, done: list[Done], decide: Decide, mark: Mark) -> list[Done]:
        """Have it written; cases whose streams changed meanwhile are folded and decided again."""
        streams: set[str] = set()
        for _ in range(CONFLICTS):
            if answer is None:
                return done
            try:
                commit = answer()
            except RowMoved:
                self.casework.learn_dead()
                done = decide(dict.fromkeys(part.key for part in done))
            else:
                if not commit.conflicts:
                    self.casework.remember(done)
                    return done
                streams = {conflict.stream for conflict in commit.conflicts}
                self._log.head()  # what others wrote is seen from now on
                outdated = dict.fromkeys(part.key for part in done if part.rests_on(streams))
                done = [*(part for part in done if part.key not in outdated), *decide(outdated)]
            answer = self._handed_in(done, mark)
        raise StillConflicting(self.service.name, tuple(streams), CONFLICTS)

    def _guards(self, done: Sequence[Done]) -> tuple[Guard, ...]:
        if not self._guarded:
            return ()
        guards = {guard for part in done for guard in part.outcome.guards}
        own = (Guard(each.stream, each.expected_version) for part in done for each in part.appends
               if each.expected_version is not None)  # fmt: skip
        return tuple(guards.union(own))


def _with(rows: Rows | None, noted: Rows | None) -> Rows | None:
    """Both, what is noted first: it may refuse the transaction."""
    if noted is None or rows is None:
        return rows or noted

    def write(connection: RowsConnection) -> None:
        noted(connection)
        rows(connection)

    return write
