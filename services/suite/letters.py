"""A letter about an appeal or a proposal, from the record, in the format that is asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from audit.appeal_record import argued
from interchange.letters import as_html, as_pdf, as_text, as_zip
from service_kit.reading import Reader
from therapy_domain.appeals.composing import Purpose, Wish, compose, evidence_for
from therapy_domain.appeals.letter import Letter
from therapy_domain.rulesets import Ruleset

Format = Literal["text", "html", "pdf", "zip"]
MEDIA_TYPES: Mapping[Format, str] = {
    "text": "text/plain; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "zip": "application/zip",
}
_DRAW: Mapping[Format, Callable[[Letter], bytes]] = {
    "text": lambda letter: as_text(letter).encode(),
    "html": lambda letter: as_html(letter).encode(),
    "pdf": as_pdf,
    "zip": as_zip,
}


@dataclass(frozen=True)
class Wanted:
    """Which letter."""

    dated: date
    format: Format = "text"
    purpose: Purpose | None = None
    """None: what the item asks for."""
    signer: str | None = None
    cause: str | None = None


def letter(read: Reader, rules: Ruleset, item_id: str, wanted: Wanted) -> bytes:
    """The letter with its exhibits.

    Raises:  UnknownItem, NoRecord, NoLetter, Unsupported, CauseMissing, NotPrintable. Erased: the key is gone.
    """
    about = argued(read, item_id, rules, wanted.purpose)
    wish = Wish(about.purpose, wanted.dated, wanted.signer, wanted.cause, about.evidence_closed_on)
    return _DRAW[wanted.format](compose(about.matter, about.dispute, wish))


def evidence(read: Reader, rules: Ruleset, item_id: str) -> dict[str, Any]:
    """What the record shows for an item, and what it does not: for people, before a letter is made.

    Raises:  UnknownItem, NoRecord; Erased.
    """
    about = argued(read, item_id, rules)
    found, must = evidence_for(about.matter, about.dispute, about.purpose)
    return {
        "supported": all(found.supports(key) for key in must),
        "argument_rests_on": list(must),
        "items": [
            {"key": key, "title": each.item.title, "events": len(each.item.references), "argued": bool(each.says)}
            for key, each in found.found.items()
            if each.item is not None
        ],
        "gaps": [{"key": gap.key, "missing": gap.words} for gap in found.gaps],
        "outside": [gap.words for gap in found.outside],
    }
