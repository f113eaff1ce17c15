"""The in-process transport: each service reads the log on from its checkpoint, woken by commits."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence

import structlog

from event_log.errors import ServiceInUse
from event_log.protocol import EventLog
from service_kit.backoff import backoff
from service_kit.dead_letters import dead_letters
from service_kit.errors import UnknownDeadLetter
from service_kit.runner import Runner

_log = structlog.get_logger(__name__)

LONGEST_SLEEP = 1.0
LOOK_AT_OTHERS = 0.05
LONGEST_BACKOFF = 10.0

FARTHEST_AHEAD = 8_000
"""So many positions a service is ahead of those behind it at most: what it read is then still at hand for them."""

PATIENCE = 10.0
"""Others that do not come on for so long are not waited for: perhaps nobody runs them just now [s]."""

Progress = Callable[[int, int], None]
"""Called with the position every service has come to, and the head of the log."""


class _Patience:
    """Notices that others do not come on."""

    def __init__(self) -> None:
        self._seen: list[int] = []
        self._since = time.monotonic()

    def ends(self, runners: Sequence[Runner]) -> bool:
        """Whether nobody has come on for too long."""
        positions = [runner.position for runner in runners]
        if positions != self._seen:
            self._seen, self._since = positions, time.monotonic()
        return time.monotonic() - self._since > PATIENCE


class Dispatcher:
    """Runs services over one log: in a thread of its own, or until all is worked off.

    Of several processes over one log only one runs a service at a time; the others stand by, and go on from its
    checkpoint when it ends.

    Args:    elsewhere: tells which services work over another transport, and how far they have come. They are left
             to it.
    """

    def __init__(
        self, log: EventLog, runners: Sequence[Runner], *, elsewhere: Callable[[], Mapping[str, int]] = dict
    ) -> None:
        self.log, self.runners, self._elsewhere = log, tuple(runners), elsewhere
        self._turn = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._ours: list[Runner] = []
        self.fault: str | None = None
        """The type of the fault that keeps the services from going on; None when they do."""

    def step(self) -> int:
        """One batch of each service.

        Returns: how many events were processed; 0 = everything is worked off.
        """
        with self._turn:
            elsewhere = self._elsewhere()
            self._ours = [
                runner for runner in self.runners if runner.service.name not in elsewhere and self._leased(runner)
            ]
            processed = self._round()
            for _ in self._ours:  # where those behind had no work, nothing holds the others back now
                if not processed and len({runner.position for runner in self._ours}) > 1:
                    processed = self._round()
            if not processed:
                for runner in self._ours:
                    runner.save()
            return processed

    def _round(self) -> int:
        return sum(self._step(number) for number in range(len(self._ours)))

    def _step(self, number: int) -> int:
        """A batch of one service; of the last one as far as there is work, of others not far ahead of those behind."""
        behind = [runner.position for runner in self._ours[number + 1 :]]
        return self._ours[number].step(min(behind) + FARTHEST_AHEAD if behind else None)

    def _leased(self, runner: Runner) -> bool:
        """Whether the service is run here."""
        leased = self.log.lease(runner.service.name)
        if leased and runner not in self._ours:
            runner.resume()
        return leased

    def work_off(self, progress: Progress | None = None, *, own_only: bool = False) -> int:
        """Until no service has anything to do, also those that other processes run (unless `own_only`).

        Services on another transport are waited for as long as they come on.

        Returns: how many events were processed here.
        """
        total = 0
        patience = _Patience()
        while (processed := self.step()) or not (own_only or self._others_are_done() or patience.ends(self.runners)):
            total += processed
            if progress is not None:
                progress(min(runner.position for runner in self.runners), self.log.head())
            if not processed:
                time.sleep(LOOK_AT_OTHERS)
        return total

    def _others_are_done(self) -> bool:
        others = [runner for runner in self.runners if runner not in self._ours]
        if not others:
            return True
        head, reached = self.log.head(), {**self.log.checkpoints(), **self._elsewhere()}
        for runner in others:
            runner.position = reached.get(runner.service.name, 0)
        return all(runner.position >= head for runner in others)

    def start(self) -> None:
        """Follow the log in a thread until `stop`."""
        self._thread = threading.Thread(target=self._follow, name="dispatcher", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch in hand and stop following."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def redrive(self, letter_id: str) -> bool:
        """Put one dead letter's case back to work.

        Returns: whether it goes on now.
        Raises:  UnknownDeadLetter: no service has a dead letter of that id. ServiceInUse: another process runs it.
        """
        with self._turn:
            for runner in self.runners:
                letters = dead_letters(self.log.connection(), runner.service.name)
                if any(letter["id"] == letter_id for letter in letters):
                    if runner.service.name not in self._elsewhere() and not self._leased(runner):
                        raise ServiceInUse(runner.service.name)
                    return runner.redrive(letter_id)
        raise UnknownDeadLetter(letter_id)

    def _rest(self) -> None:
        """Until there is something new for a service that is run here, or it is time to see whether one became so."""
        if self._ours:
            self.log.wait(max(runner.position for runner in self._ours), LONGEST_SLEEP)
        else:
            self._stop.wait(LONGEST_SLEEP)

    def _follow(self) -> None:
        faults = 0
        while not self._stop.is_set():
            try:
                if not self.step():
                    self._rest()
                faults, self.fault = 0, None
            except Exception as error:  # noqa: BLE001 -- the services must outlive a fault of the store
                faults += 1
                self.fault = type(error).__name__
                pause = backoff(faults, LONGEST_BACKOFF)
                _log.error("services are held up", error=self.fault, attempt=faults, again_in_seconds=pause)
                self._stop.wait(pause)
