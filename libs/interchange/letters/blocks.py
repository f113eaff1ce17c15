"""A letter, and an exhibit, as a row of blocks: what stands where, before it is drawn as text, HTML or PDF."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from therapy_domain.appeals.letter import Exhibit, Letter
from therapy_domain.appeals.record import Reference
from therapy_domain.appeals.words import day_words, listed


@dataclass(frozen=True)
class Title:
    """What the whole is."""

    text: str


@dataclass(frozen=True)
class Heading:
    """What a part is."""

    text: str


@dataclass(frozen=True)
class Lines:
    """Lines as they stand: an address."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Paragraph:
    """A sentence or some."""

    text: str


@dataclass(frozen=True)
class Pairs:
    """Labels and their values."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """Columns with heads; those in `numbers` are of numbers."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Numbered:
    """Points in order."""

    points: tuple[str, ...]


@dataclass(frozen=True)
class Signature:
    """A block to sign; an empty line is one to write on."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Fine:
    """Small print: where each part of the record stands in the log."""

    lines: tuple[str, ...]


Block = Title | Heading | Lines | Paragraph | Pairs | Table | Numbered | Signature | Fine
_SERVICES = ("Line", "Code", "Service", "Units", "Modifiers", "Charge", "Denied")
_LOG = "Every part of the record is an event in the clinic's log, named by its id and the SHA-256 of its entry."


def of_letter(letter: Letter) -> Iterator[Block]:
    """The letter, without its exhibits."""
    yield Lines((letter.sender.name, *letter.sender.lines))
    yield Lines((day_words(letter.dated),))
    yield Lines((letter.addressee.name, *letter.addressee.lines))
    yield Title(letter.title)
    yield Pairs(letter.about)
    yield Paragraph(letter.opening)
    if letter.services:
        rows = [(s.line, s.code, s.name, s.units, s.modifiers, s.charge, s.denied) for s in letter.services]
        yield Heading("Services in dispute")
        yield Table(_SERVICES, tuple(rows), frozenset({0, 3, 5, 6}))
    if letter.reasons:
        yield Heading("Reasons given")
        yield Pairs(tuple((each.code, each.meaning) for each in letter.reasons))
    yield Heading("Rule")
    for cited in letter.rules:
        yield Paragraph(f"{cited.text} ({cited.source})")
    yield Heading("What the record shows")
    yield Numbered(tuple(f"{fact.text}{_where(fact.exhibit)}" for fact in letter.facts))
    yield Heading("Request")
    for each in letter.request:
        yield Paragraph(each)
    yield Signature(letter.signature)
    yield Heading("Exhibits")
    yield Numbered(tuple(f"{each.title}{' (new)' if each.new else ''}" for each in letter.exhibits))
    yield Heading("References")
    yield Fine((_LOG, *_referred(letter.exhibits)))


def of_exhibit(exhibit: Exhibit) -> Iterator[Block]:
    """One exhibit."""
    yield Title(f"Exhibit {exhibit.number}: {exhibit.title}")
    yield Lines((exhibit.of,))
    yield Lines(exhibit.lines)
    yield Heading("References")
    yield Fine((_LOG, *map(_place, exhibit.references)))


def _where(exhibit: int | None) -> str:
    return "" if exhibit is None else f" (Exhibit {exhibit})"


def _referred(exhibits: Iterable[Exhibit]) -> Iterator[str]:
    """Every event once, with the exhibits that show it."""
    shown: dict[Reference, list[str]] = {}
    for exhibit in exhibits:
        for reference in exhibit.references:
            shown.setdefault(reference, []).append(str(exhibit.number))
    for reference, numbers in sorted(shown.items(), key=lambda each: each[0].position):
        yield f"{_place(reference)} (Exhibit{'s' if len(numbers) > 1 else ''} {listed(numbers)})"


def _place(reference: Reference) -> str:
    return f"{reference.type}, event {reference.event_id}, position {reference.position}, SHA-256 {reference.hash}"
