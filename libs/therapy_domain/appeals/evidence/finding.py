"""What a look at the record for one kind of evidence comes to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from therapy_domain.appeals.record import Dispute, Reference


@dataclass(frozen=True)
class Item:
    """Something to show: readable lines, and the events that they come from."""

    key: str
    title: str
    lines: tuple[str, ...]
    references: tuple[Reference, ...]


@dataclass(frozen=True)
class Gap:
    """Something that the record does not show, in a few words."""

    key: str
    words: str


@dataclass(frozen=True)
class Found:
    """One kind of evidence: the item, what may be said on its strength, and what is missing.

    What may be said is never more than what the item shows; where something is missing that the saying would rest on,
    nothing is said.
    """

    item: Item | None = None
    says: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """What was found, by kind."""

    found: dict[str, Found] = field(default_factory=dict)
    outside: tuple[Gap, ...] = ()
    """What no record of ours holds: a person encloses it."""

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Everything that the record does not show."""
        return tuple(gap for found in self.found.values() for gap in found.gaps)

    def supports(self, key: str) -> bool:
        """Whether anything may be said on the strength of that kind."""
        return key in self.found and bool(self.found[key].says)


def missing(key: str, words: str) -> Found:
    """Nothing to show of a kind."""
    return Found(gaps=(Gap(key, words),))


def item(key: str, title: str, lines: Iterable[str], dispute: Dispute, event_ids: Sequence[str]) -> Item:
    """An item with the places of the events that it comes from."""
    return Item(key, title, tuple(lines), dispute.record.refer(event_ids))
