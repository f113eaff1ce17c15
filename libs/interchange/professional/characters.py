"""Whether every text of a claim can be sent: its characters, and the file's delimiters."""

from collections.abc import Iterator
from enum import Enum
from typing import Any

from interchange.professional.claim import ProfessionalClaim
from interchange.professional.forms import NOTE_TEXT, FreeText
from interchange.professional.guide import CompanionGuide
from interchange.professional.parties import Part
from interchange.professional.rules import Wrong
from interchange.x12.characters import folded, sendable


def unsendable(claim: ProfessionalClaim, guide: CompanionGuide) -> Iterator[Wrong]:
    """Texts with a character that the guide's set does not have, or with a delimiter of its files.

    In notes a delimiter is no fault: a space takes its place when they are sent.
    """
    for path, text, mark in _texts(claim, ""):
        sent = text if mark is None else folded(text)
        if mark is NOTE_TEXT:
            sent = "".join(letter for letter in sent if letter not in guide.delimiters).strip()
            if not sent:
                yield Wrong(path, "a text that says something without delimiters", text)
        if not sendable(sent, guide.characters):
            words = "capitals, digits and common signs" if guide.characters == "basic" else "ASCII characters"
            yield Wrong(path, f"only {words} ({guide.name} takes no others)", text)
        elif any(letter in sent for letter in guide.delimiters):
            yield Wrong(path, "a text without the delimiters " + " ".join(guide.delimiters), text)


def _texts(part: Part, path: str) -> Iterator[tuple[str, str, FreeText | None]]:
    """Every text below a part, with its path and whether it is free text."""
    for name in part.names:
        yield from _values(getattr(part, name), f"{path}.{name}".removeprefix("."), part.free.get(name))


def _values(value: Any, path: str, mark: FreeText | None) -> Iterator[tuple[str, str, FreeText | None]]:
    if isinstance(value, str):
        if not isinstance(value, Enum):
            yield path, value, mark
    elif isinstance(value, tuple):
        for place, inner in enumerate(value):
            yield from _values(inner, f"{path}[{place}]", mark)
    elif isinstance(value, Part):
        yield from _texts(value, path)
