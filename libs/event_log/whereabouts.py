"""In which stretches of the log can a key stand? What lets the log stay as fast at a million events as at ten.

Event ids, streams and cases are spread at random: in one index over the whole log every new event touches pages of
its own, and a long log is three times slower to write than a short one. So the indexes are cut into pieces of a few
hundred positions, whose pages stay warm while they are written and are left alone afterwards. Four pieces are a stretch
of 2,048 positions. To find a key without asking every stretch, a few bits of each are remembered here, in two layers of
Bloom filters:

- an era of 2**20 positions has 2**18 words; a key sets two bits of one of them. New keys mostly end here;
- a group of 64 stretches has 2**18 words; a key sets, in two of them, the bit that stands for its stretch.

What they hold back is nowhere; of what they let pass the index says for sure (for a known
key about a quarter of a look in vain in each full era that holds it).

Memory: 2 MiB for each started era and group, 18 MiB for a million events. It is kept in the database too, so that
opening reads little.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

from event_log.marks import (
    ERA_BITS,
    GROUP,
    GROUP_BITS,
    GROUPS,
    LAST_MARK,
    LAST_SLOT,
    MARKS,
    SLOTS,
    STRETCH_BITS,
    TOP,
    number_of,
    stretches_in,
)
from event_log.protocol import Append

if TYPE_CHECKING:
    from event_log.words import Words

_MANY = 24
"""From so many keys on numpy is quicker than a loop."""

Row = tuple[Any, ...]
"""A stored event; of its columns position, stream, event_id and case_id are looked at."""


class Kept(NamedTuple):
    """A table of words as it is stored: group (an era as -1, -2, ...), the last position in it, the words."""

    group: int
    upto: int
    words: bytes


class Expectation(NamedTuple):
    """What must be looked up before events are written."""

    event_ids: list[bytes]
    suspects: list[tuple[int, bytes]]
    """Ids that may be in the log already, each with a stretch where."""
    versions: dict[str, int]
    """Of the streams: as remembered, 0 for one that may be in none of the stretches `wanted`."""
    wanted: list[tuple[int, str]]


class Whereabouts:
    """Which stretches may hold a key; written by one thread, read by any."""

    def __init__(self) -> None:
        self._tables: list[array[int]] = []
        self._eras: list[array[int]] = []
        self._stretch = -1
        self._table: array[int] = array("Q")
        self._era: array[int] = array("Q")
        self._bit = 0
        self._words: Words | None = None
        self._streams: set[str] = set()
        self._cases: set[bytes] = set()

    def stretches(self, number: int, last: int = -1) -> list[int]:
        """The stretches that may hold the key, first to last; none behind `last` when that is given."""
        one, two = number >> TOP, number & LAST_SLOT
        mark = MARKS[number & LAST_MARK]
        found: list[int] = []
        for age, era in enumerate(self._eras):
            if era[one] & mark != mark:
                continue
            for group in range(age * GROUPS, min((age + 1) * GROUPS, len(self._tables))):
                table = self._tables[group]
                bits = table[one] & table[two]
                if bits:
                    found += stretches_in(group, bits)
        return found if last < 0 else [stretch for stretch in found if stretch <= last]

    def suspects(self, event_ids: Iterable[bytes]) -> list[tuple[int, bytes]]:
        """The (stretch, id) worth looking up; for ids never seen the list is nearly always empty."""
        found: list[tuple[int, bytes]] = []
        eras = self._eras[:]
        for event_id in event_ids:
            number = crc32(event_id)
            at, mark = number >> TOP, MARKS[number & LAST_MARK]
            for era in eras:
                if era[at] & mark == mark:
                    found += [(stretch, event_id) for stretch in self.stretches(number)]
                    break
        return found

    def expect(
        self,
        appends: Sequence[Append],
        head: int,
        remembered: Mapping[str, int],
        planned: Mapping[str, int] = MappingProxyType({}),
    ) -> Expectation:
        """What to look up before these appends are written behind `head`; remembers them there at once.

        A stream whose version is `remembered`, or `planned` in the same transaction, need not be looked up.

        Where they are not written in the end, or elsewhere, no harm is done if `add` learns of those that were.
        """
        versions: dict[str, int] = {}
        unknown: set[str] = set()
        for stream, _, _ in appends:
            version = remembered.get(stream)
            if version is None:
                version = planned.get(stream)
                if version is None:
                    unknown.add(stream)
            versions[stream] = version or 0
        expected = Expectation([], [], versions, [])
        stretch = (head + 1) >> STRETCH_BITS
        for part in _by_stretch(appends, (stretch + 1 << STRETCH_BITS) - head - 1):
            if stretch != self._stretch:
                self._begin(stretch)
            self._expect(part, unknown, expected)
            stretch += 1
        return expected

    def _expect(self, appends: Sequence[Append], unknown: set[str], expected: Expectation) -> None:
        """What to look up of these keys, which are remembered in the current stretch."""
        events = [event for append in appends for event in append[2]]
        event_ids = [event[0] for event in events]
        cases = {case for event in events if (case := event[7]) is not None} - self._cases
        names = {append[0] for append in appends}
        streams = list(names - self._streams)
        self._streams.update(streams)
        self._cases |= cases
        suspects = unknown & names
        suspects.difference_update(streams)
        asked = [*map(crc32, event_ids), *map(number_of, streams)]
        for place, stretches in self._known(asked).items():
            if place < len(event_ids):
                expected.suspects.extend([(at, event_ids[place]) for at in stretches])
            else:
                suspects.add(streams[place - len(event_ids)])
        self._remember([*asked, *map(crc32, cases)])
        expected.event_ids.extend(event_ids)
        for stream in suspects & unknown:
            expected.wanted.extend([(at, stream) for at in self.stretches(number_of(stream))])

    def _known(self, numbers: list[int]) -> dict[int, list[int]]:
        """Of these keys those that may be in the log already, by their places, and in which stretches.

        To be asked before they are remembered: then their own stretch holds them in any case.
        """
        maybe = self._many().known(numbers) if len(numbers) >= _MANY else range(len(numbers))
        return {place: held for place in maybe if (held := self.stretches(numbers[place]))}

    def _remember(self, numbers: list[int]) -> None:
        """Remember keys in the current stretch and in its era, also those that an earlier era holds: each is asked."""
        if len(numbers) >= _MANY:
            self._many().remember(numbers)
            return
        era, table, bit = self._era, self._table, self._bit
        for number in numbers:
            one = number >> TOP
            era[one] |= MARKS[number & LAST_MARK]
            table[one] |= bit
            table[number & LAST_SLOT] |= bit

    def _many(self) -> "Words":
        if self._words is None:
            from event_log.words import Words  # here: numpy costs a tenth of a second that reading need not pay

            self._words = Words(self._eras, self._era, self._table, self._bit)
        return self._words

    def add(self, rows: Iterable[Row]) -> None:
        """Remember these events, given by position."""
        for stretch, of_stretch in groupby(rows, lambda row: row[0] >> STRETCH_BITS):
            part = list(of_stretch)
            if stretch != self._stretch:
                self._begin(stretch)
            streams = {row[1] for row in part} - self._streams
            cases = {case for row in part if (case := row[6]) is not None} - self._cases
            self._streams |= streams
            self._cases |= cases
            self._remember([*map(number_of, streams), *map(crc32, cases), *[crc32(row[3]) for row in part]])

    def _begin(self, stretch: int) -> None:
        group = stretch // GROUP
        while len(self._tables) <= group:
            self._tables.append(array("Q", bytes(8 * SLOTS)))
        while len(self._eras) <= group // GROUPS:
            self._eras.append(array("Q", bytes(8 * SLOTS)))
        self._era = self._eras[group // GROUPS]
        self._table = self._tables[group]
        self._bit = 1 << (stretch % GROUP)
        self._stretch = stretch
        self._words = None
        self._streams, self._cases = set(), set()

    def load(self, kept: Iterable[Kept], rows_after: Callable[[int], Iterable[Row]]) -> int:
        """Take up what was stored and the events behind it; returns the last position that was stored."""
        eras: list[array[int]] = []
        tables: list[array[int]] = []
        upto = 0
        for group, last, words in sorted(kept, key=lambda part: abs(part.group + 0.5)):
            into = eras if group < 0 else tables
            if len(words) == 8 * SLOTS and len(into) == (-1 - group if group < 0 else group):
                into.append(array("Q"))
                into[-1].frombytes(words)
                upto = last if group >= 0 else upto
        if len(eras) << ERA_BITS <= upto:  # an era is missing: everything is read from the events again
            eras, tables, upto = [], [], 0
        self._tables, self._eras, self._stretch = tables, eras, -1
        self.add(rows_after(upto))
        return upto

    def keep(self, kept_upto: int, head: int) -> list[Kept]:
        """The parts to store when the log has come from `kept_upto` to `head`."""
        groups = [
            Kept(group, min(head, ((group + 1) << GROUP_BITS) - 1), table.tobytes())
            for group, table in enumerate(self._tables)
            if group >= kept_upto >> GROUP_BITS
        ]
        return groups + [
            Kept(-1 - age, head, era.tobytes()) for age, era in enumerate(self._eras) if age >= kept_upto >> ERA_BITS
        ]


def _by_stretch(appends: Sequence[Append], room: int) -> Iterator[Sequence[Append]]:
    """The appends, cut where a stretch ends that has room for so many more events."""
    while sum([len(append[2]) for append in appends]) > room:
        within: list[Append] = []
        for number, append in enumerate(appends):
            stream, expected, events = append
            if len(events) > room:
                yield [*within, Append(stream, expected, events[:room])]
                appends = [Append(stream, expected, events[room:]), *appends[number + 1 :]]
                break
            within.append(append)
            room -= len(events)
        room = 1 << STRETCH_BITS
    yield appends
