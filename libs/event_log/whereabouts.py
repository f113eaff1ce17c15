"""In which stretches of the log can a key stand? What lets the log stay as fast at a million events as at ten.

Event ids, streams and cases are spread at random: in one index over the whole log every new event touches pages of
its own, and a long log is three times slower to write than a short one. So the indexes are cut: each covers one
stretch of 4,096 positions, its pages stay warm while it is written and are left alone afterwards. To find a key
without asking every stretch, a few bits of each are remembered here, in two layers of Bloom filters:

- an era of 2**20 positions has 2**18 words; a key sets two bits of one of them. New keys mostly end here;
- a group of 64 stretches has 2**18 words; a key sets, in two of them, the bit that stands for its stretch.

What they hold back is nowhere; of what they let pass the index says for sure (for a known
key about half a look in vain in each full era that holds it; a third bit would spare that and slow every commit).

Memory: 2 MiB for each started era and group, 10 MiB for a million events. It is kept in the database too, so that
opening reads little.
"""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple
from zlib import crc32

from event_log.protocol import Append, NewEvent

STRETCH_BITS = 12
"""A stretch is 2**12 positions: position >> 12 is its number."""
GROUP = 64
"""Stretches that share a table of words."""
ERA_BITS = 20
_GROUP_BITS = STRETCH_BITS + 6
_GROUPS = 1 << (ERA_BITS - _GROUP_BITS)
"""Groups in an era."""
_SLOTS = 1 << 18
_LAST_SLOT = _SLOTS - 1
_TOP = 14
"""A key is known by its CRC: its upper and lower 18 bits."""
_MARKS = [(1 << (low & 63)) | (1 << (low >> 6)) for low in range(1 << 12)]
_LAST_MARK = (1 << 12) - 1


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


def number_of(key: bytes | str) -> int:
    """An event id, case id or stream as a number of 32 bits."""
    return crc32(key if isinstance(key, bytes) else key.encode(errors="surrogatepass"))


class Whereabouts:
    """Which stretches may hold a key; written by one thread, read by any."""

    def __init__(self) -> None:
        self._tables: list[array[int]] = []
        self._eras: list[array[int]] = []
        self._stretch = -1
        self._table: array[int] = array("Q")
        self._era: array[int] = array("Q")
        self._others: list[array[int]] = []
        self._bit = 0
        self._streams: set[str] = set()
        self._cases: set[bytes] = set()

    def stretches(self, number: int, last: int = -1) -> list[int]:
        """The stretches that may hold the key, first to last; none behind `last` when that is given."""
        one, two = number >> _TOP, number & _LAST_SLOT
        mark = _MARKS[number & _LAST_MARK]
        found: list[int] = []
        for age, era in enumerate(self._eras):
            if era[number >> _TOP] & mark != mark:
                continue
            for group in range(age * _GROUPS, min((age + 1) * _GROUPS, len(self._tables))):
                table = self._tables[group]
                bits = table[one] & table[two]
                while bits:
                    lowest = bits & -bits
                    stretch = group * GROUP + lowest.bit_length() - 1
                    if last < 0 or stretch <= last:
                        found.append(stretch)
                    bits ^= lowest
        return found

    def suspects(self, event_ids: Iterable[bytes]) -> list[tuple[int, bytes]]:
        """The (stretch, id) worth looking up; for ids never seen the list is nearly always empty."""
        found: list[tuple[int, bytes]] = []
        eras = self._eras[:]
        for event_id in event_ids:
            number = crc32(event_id)
            at, mark = number >> _TOP, _MARKS[number & _LAST_MARK]
            for era in eras:
                if era[at] & mark == mark:
                    found += [(stretch, event_id) for stretch in self.stretches(number)]
                    break
        return found

    def expect(  # noqa: C901 - in line, for this is a tenth of the price of a commit
        self,
        appends: Iterable[Append],
        head: int,
        remembered: Mapping[str, int],
        planned: Mapping[str, int] = MappingProxyType({}),
    ) -> Expectation:
        """What to look up before these appends are written behind `head`; remembers them there at once.

        A stream whose version is `remembered`, or `planned` in the same transaction, need not be looked up.

        Where they are not written in the end, or elsewhere, no harm is done if `add` learns of those that were.
        """
        expected = Expectation([], [], {}, [])
        event_ids, suspects, versions, wanted = expected
        stretch = (head + 1) >> STRETCH_BITS
        room = ((stretch + 1) << STRETCH_BITS) - head - 1
        if stretch != self._stretch:
            self._begin(stretch)
        table, bit, era, others = self._table, self._bit, self._era, self._others
        streams, cases = self._streams, self._cases
        for stream, _, events in appends:
            if stream not in versions:
                version = remembered.get(stream)
                if version is None and planned:
                    version = planned.get(stream)
                versions[stream] = version or 0
                if stream not in streams:
                    streams.add(stream)
                    number = crc32(stream.encode(errors="surrogatepass"))
                    one, two = number >> _TOP, number & _LAST_SLOT
                    mark, seen = _MARKS[number & _LAST_MARK], era[one]
                    if version is None:
                        suspect = seen & mark == mark
                        for other in others:
                            suspect = suspect or other[one] & mark == mark
                        if suspect:
                            wanted += [(at, stream) for at in self.stretches(number)]
                    era[one] = seen | mark
                    table[one] |= bit
                    table[two] |= bit
                elif version is None:
                    wanted += [(at, stream) for at in self.stretches(number_of(stream))]
            elif stream not in streams:  # met again, in the next stretch
                streams.add(stream)
                self._set(number_of(stream))
            ids = [event[0] for event in events]
            event_ids += ids
            done = 0
            while len(ids) - done > room:  # the end of the stretch is within these events
                suspects += self._expect(ids[done : done + room], others)
                self._expect_cases(events[done : done + room])
                done, stretch, room = done + room, stretch + 1, 1 << STRETCH_BITS
                self._begin(stretch)
                table, bit, era, others = self._table, self._bit, self._era, self._others
                streams, cases = self._streams, self._cases
                streams.add(stream)
                self._set(number_of(stream))
            if done or others:
                suspects += self._expect(ids[done:], others)
                self._expect_cases(events[done:])
                room -= len(ids) - done
                continue
            room -= len(ids)
            for number in map(crc32, ids):  # the same as _expect, in line
                one, two = number >> _TOP, number & _LAST_SLOT
                mark, seen = _MARKS[number & _LAST_MARK], era[one]
                if seen & mark == mark:
                    suspects += [(at, key) for key in ids if crc32(key) == number for at in self.stretches(number)]
                else:
                    era[one] = seen | mark
                table[one] |= bit
                table[two] |= bit
            for event in events:
                case_id = event[7]
                if case_id is not None and case_id not in cases:
                    cases.add(case_id)
                    self._set(crc32(case_id))
        return expected

    def _expect(self, event_ids: Sequence[bytes], others: Sequence["array[int]"]) -> list[tuple[int, bytes]]:
        """Remember these ids in the current stretch; where they may have been before."""
        suspects: list[tuple[int, bytes]] = []
        for event_id in event_ids:
            number = crc32(event_id)
            at, mark = number >> _TOP, _MARKS[number & _LAST_MARK]
            if self._era[at] & mark == mark or any(other[at] & mark == mark for other in others):
                suspects += [(stretch, event_id) for stretch in self.stretches(number)]
            self._set(number)
        return suspects

    def _expect_cases(self, events: Sequence[NewEvent]) -> None:
        for event in events:
            case_id = event.case_id
            if case_id is not None and case_id not in self._cases:
                self._cases.add(case_id)
                self._set(crc32(case_id))

    def add(self, rows: Iterable[Row]) -> None:
        """Remember these events, given by position."""
        streams, cases = self._streams, self._cases
        for row in rows:
            position, stream, event_id, case_id = row[0], row[1], row[3], row[6]
            if position >> STRETCH_BITS != self._stretch:
                self._begin(position >> STRETCH_BITS)
                streams, cases = self._streams, self._cases
            self._set(crc32(event_id))
            if stream not in streams:
                streams.add(stream)
                self._set(number_of(stream))
            if case_id is not None and case_id not in cases:
                cases.add(case_id)
                self._set(crc32(case_id))

    def _begin(self, stretch: int) -> None:
        group = stretch // GROUP
        while len(self._tables) <= group:
            self._tables.append(array("Q", bytes(8 * _SLOTS)))
        while len(self._eras) <= group // _GROUPS:
            self._eras.append(array("Q", bytes(8 * _SLOTS)))
        self._era = self._eras[group // _GROUPS]
        self._table = self._tables[group]
        self._others = [era for era in self._eras if era is not self._era]
        self._bit = 1 << (stretch % GROUP)
        self._stretch = stretch
        self._streams, self._cases = set(), set()

    def _set(self, number: int) -> None:
        table, bit = self._table, self._bit
        self._era[number >> _TOP] |= _MARKS[number & _LAST_MARK]
        table[number >> _TOP] |= bit
        table[number & _LAST_SLOT] |= bit

    def load(self, kept: Iterable[Kept], rows_after: Callable[[int], Iterable[Row]]) -> int:
        """Take up what was stored and the events behind it; returns the last position that was stored."""
        eras: list[array[int]] = []
        tables: list[array[int]] = []
        upto = 0
        for group, last, words in sorted(kept, key=lambda part: abs(part.group + 0.5)):
            into = eras if group < 0 else tables
            if len(words) == 8 * _SLOTS and len(into) == (-1 - group if group < 0 else group):
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
            Kept(group, min(head, ((group + 1) << _GROUP_BITS) - 1), table.tobytes())
            for group, table in enumerate(self._tables)
            if group >= kept_upto >> _GROUP_BITS
        ]
        return groups + [
            Kept(-1 - age, head, era.tobytes()) for age, era in enumerate(self._eras) if age >= kept_upto >> ERA_BITS
        ]
