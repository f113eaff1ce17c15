"""How events reach the suite: mostly in the order of time, some late, some twice, neighbours mixed."""

from collections.abc import Iterator
from operator import itemgetter

from suite.simulator.dice import between, dice
from suite.simulator.rendering import Event, Sending
from suite.simulator.settings import Simulation

_LONGEST_DELAY = 4
"""Opening days."""
_DOUBLED_WITHIN = 200
"""Minutes."""
_MORNING = 6 * 60


class Delivery:
    """Keeps what is late for its day; holds no more than some days' late events and one window."""

    def __init__(self, settings: Simulation) -> None:
        self._rng = dice(settings.seed, "delivery")
        self._settings = settings
        self._late: dict[int, list[Sending]] = {}
        """By the index of the day on which they arrive."""
        self._window: list[Event] = []

    def deliver(self, index: int, visits: list[list[Sending]], others: list[Sending]) -> Iterator[Event]:
        """A day's events, and those of earlier days that arrive today."""
        today = [*self._late.pop(index, ()), *others]
        for sent in visits:
            today += self._in_time(index, sent)
        if self._settings.duplicate_rate:
            today += self._doubled(today)
        today.sort(key=itemgetter(0))
        return self._mixed(today)

    def rest(self) -> Iterator[Event]:
        """What is still on its way when the days are over."""
        for index in sorted(self._late):
            yield from self._mixed(self._late[index])
        self._late.clear()
        while self._window:
            yield self._window.pop(int(self._rng.random() * len(self._window)))

    def _in_time(self, index: int, sent: list[Sending]) -> list[Sending]:
        """A visit's events without those that are late: all of them, its end, or one."""
        rng = self._rng
        if rng.random() >= self._settings.late_rate:
            return sent
        arrives = index + between(rng, 1, _LONGEST_DELAY)
        first = int(rng.random() * len(sent))
        last = first + 1 if rng.random() < 0.5 else len(sent)
        late = [(_MORNING + minute // 20, event) for minute, event in sent[first:last]]
        self._late.setdefault(arrives, []).extend(late)
        return sent[:first] + sent[last:]

    def _doubled(self, today: list[Sending]) -> list[Sending]:
        rng, rate = self._rng.random, self._settings.duplicate_rate
        return [(minute + int(rng() * _DOUBLED_WITHIN), event) for minute, event in today if rng() < rate]

    def _mixed(self, today: list[Sending]) -> Iterator[Event]:
        size, window, random = self._settings.shuffle_window, self._window, self._rng.random
        if size <= 1:
            yield from map(itemgetter(1), today)
            return
        for _, event in today:
            if len(window) < size:
                window.append(event)
                continue
            place = int(random() * size)
            yield window[place]
            window[place] = event
