"""Whether every text of a claim can be sent: its characters, and the file's delimiters."""

from collections.abc import Iterator
from typing import Any

from interchange.professional.claim import ProfessionalClaim
from interchange.professional.forms import NOTE_TEXT, FreeText
from interchange.professional.guide import CompanionGuide
from interchange.professional.parties import Part
from interchange.professional.rules import Wrong
from interchange.x12.characters import folded, sendable

_Found = tuple[str, str, FreeText | None]


def unsendable(claim: ProfessionalClaim, guide: CompanionGuide) -> Iterator[Wrong]:
    """Texts with a character that the guide's set does not have, or with a delimiter of its files.

    In notes a delimiter is no fault: a space takes its place when they are sent.
    """
    delimiters = frozenset(guide.delimiters)
    for path, text, mark in _texts(claim, "", []):
        sent = text if mark is None else folded(text)
        if mark is NOTE_TEXT:
            sent = "".join(letter for letter in sent if letter not in delimiters).strip()
            if not sent:
                yield Wrong(path, "a text that says something without delimiters", text)
        if not sendable(sent, guide.characters):
            words = "capitals, digits and common signs" if guide.characters == "basic" else "ASCII characters"
            yield Wrong(path, f"only {words} ({guide.name} takes no others)", text)
        elif not delimiters.isdisjoint(sent):
            yield Wrong(path, "a text without the delimiters " + " ".join(guide.delimiters), text)


def _texts(part: Part, path: str, found: list[_Found]) -> list[_Found]:
    """Every text below a part, with its path and whether it is free text. Claims have hundreds: no generators."""
    for name in part.names:
        value = getattr(part, name)
        if value is None:
            continue
        where = f"{path}.{name}" if path else name
        if type(value) is str:  # a choice (StrEnum) is none
            found.append((where, value, part.free.get(name)))
        elif isinstance(value, Part):
            _texts(value, where, found)
        elif isinstance(value, tuple):
            _texts_of(value, where, part.free.get(name), found)
    return found


def _texts_of(values: tuple[Any, ...], path: str, mark: FreeText | None, found: list[_Found]) -> None:
    for place, value in enumerate(values):
        where = f"{path}[{place}]"
        if type(value) is str:
            found.append((where, value, mark))
        elif isinstance(value, Part):
            _texts(value, where, found)
        elif isinstance(value, tuple):
            _texts_of(value, where, mark, found)
