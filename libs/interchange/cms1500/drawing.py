"""Our own drawing of the CMS-1500's boxes: one HTML document that prints on letter paper, a page a form.

No artwork of the official form is in it; it is for reading, checking and faxing, not for the red forms that scanners
read.
"""

from collections.abc import Iterator
from html import escape
from typing import NamedTuple

from interchange.cms1500.boxes import LINES_A_PAGE, Page, Row, pages
from interchange.professional import CompanionGuide, ProfessionalClaim

_LETTER = 0.6
"""Width of a letter of the typewriter face [of its size]."""
_LARGEST = 3.4
"""Size of the typed text [mm]."""
_SMALLEST = 1.6


class _Box(NamedTuple):
    """A box of the form: its number, our words for it, where it stands [mm]."""

    number: str
    words: str
    x: float
    y: float
    width: float
    height: float


def _layout() -> Iterator[_Box]:
    """Rows of boxes from the top; a row is its height and its boxes with their shares of 196 mm."""
    y = 24.0
    for height, *cells in _ROWS:
        x = 10.0
        for number, words, width in cells:
            yield _Box(number, words, x, y, width, height)
            x += width
        y += height


_ROWS: tuple[tuple[float, *tuple[tuple[str, str, float], ...]], ...] = (
    (9, ("1", "program", 131), ("1a", "insured's id", 65)),
    (9, ("2", "patient", 71), ("3", "born, sex", 60), ("4", "insured", 65)),
    (
        17,
        ("5", "patient's address, telephone", 71),
        ("6", "patient is insured's", 60),
        ("7", "insured's address, telephone", 65),
    ),
    (8, ("9", "other insured", 71), ("10a", "employment?", 60), ("11", "group or FECA number", 65)),
    (8, ("9a", "other group number", 71), ("10b", "auto accident? state", 60), ("11a", "insured born, sex", 65)),
    (8, ("9d", "other plan", 71), ("10c", "other accident?", 60), ("11b", "other claim id", 65)),
    (8, ("10d", "claim codes", 71), ("11d", "another plan?", 60), ("11c", "plan", 65)),
    (10, ("12", "patient's signature", 131), ("13", "insured's signature", 65)),
    (9, ("14", "onset", 71), ("15", "other date", 60), ("16", "unable to work", 65)),
    (9, ("17", "referring provider", 71), ("17b", "NPI", 60), ("18", "hospital dates", 65)),
    (9, ("19", "additional information", 131), ("20", "outside laboratory?", 65)),
)
_DIAGNOSES_Y = 128.0
_ROWS_Y = 155.0
_ROW_HEIGHT = 11.5
_COLUMNS = (
    ("A", "dates of service", 37.0),
    ("B", "place", 11.0),
    ("C", "EMG", 10.0),
    ("D", "procedure, modifiers", 45.0),
    ("E", "pointer", 14.0),
    ("F", "charge", 22.0),
    ("G", "units", 11.0),
    ("H", "EPSDT", 12.0),
    ("I", "qual", 9.0),
    ("J", "rendering provider", 25.0),
)
_EMPTY = Row({}, "", "")
_FOOT_Y = _ROWS_Y + 6 + LINES_A_PAGE * _ROW_HEIGHT
_FOOT: tuple[_Box, ...] = (
    _Box("25", "tax id", 10, _FOOT_Y, 44, 9),
    _Box("26", "patient's account", 54, _FOOT_Y, 48, 9),
    _Box("27", "assignment?", 102, _FOOT_Y, 24, 9),
    _Box("28", "total charge", 126, _FOOT_Y, 30, 9),
    _Box("29", "paid by patient", 156, _FOOT_Y, 26, 9),
    _Box("30", "reserved", 182, _FOOT_Y, 24, 9),
    _Box("31", "provider's signature", 10, _FOOT_Y + 9, 56, 29),
    _Box("32", "where it was done", 66, _FOOT_Y + 9, 68, 21),
    _Box("33", "billing provider", 134, _FOOT_Y + 9, 72, 21),
    _Box("32a", "NPI", 66, _FOOT_Y + 30, 34, 8),
    _Box("32b", "other id", 100, _FOOT_Y + 30, 34, 8),
    _Box("33a", "NPI", 134, _FOOT_Y + 30, 34, 8),
    _Box("33b", "other id", 168, _FOOT_Y + 30, 38, 8),
)
_STYLE = """
@page { size: 8.5in 11in; margin: 0 }
* { box-sizing: border-box; margin: 0 }
body { background: #fff; color: #000 }
.form { position: relative; width: 215.9mm; height: 279.4mm; break-after: page; overflow: hidden }
.form:last-child { break-after: auto }
.form > * { position: absolute }
.box { border: 0.2mm solid #555 }
.box b { position: absolute; left: 0.8mm; top: 0.4mm; font: 1.9mm sans-serif; color: #444; white-space: nowrap }
.box pre { position: absolute; left: 1.2mm; bottom: 0.6mm; font-family: monospace; line-height: 1.15 }
.shaded { background: #eee }
h1 { left: 10mm; top: 8mm; font: bold 3.6mm sans-serif }
.count { left: 10mm; top: 14mm; font: 2.6mm sans-serif }
"""


def cms1500(claim: ProfessionalClaim, guide: CompanionGuide) -> str:
    """The claim's forms as one HTML document without outside parts; printing it gives a page a form.

    Raises:  InvalidClaim: the claim has faults.
    """
    forms = "".join(map(_form, pages(claim, guide)))
    head = f'<meta charset="utf-8"><title>Claim {escape(claim.claim_id)}</title><style>{_STYLE}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>{forms}</body></html>\n'


def _form(page: Page) -> str:
    parts = [
        "<h1>Health insurance claim, boxes of CMS-1500 (02/12)</h1>",
        f'<p class="count">page {page.number} of {page.of}</p>',
        _box(_Box("payer", "", 110, 6, 96, 16), page.boxes.get("payer", "")),
        *(_box(box, page.boxes.get(box.number, "")) for box in (*_layout(), *_diagnoses(), *_FOOT)),
        *_lines(page.rows),
    ]
    return f'<section class="form">{"".join(parts)}</section>\n'


def _diagnoses() -> Iterator[_Box]:
    yield _Box("21", "diagnoses, ICD indicator", 10, _DIAGNOSES_Y, 27, 27)
    for place, letter in enumerate("ABCDEFGHIJKL"):
        x, y = 37 + 26 * (place % 4), _DIAGNOSES_Y + 9 * (place // 4)
        yield _Box(f"21{letter}", "", x, y, 26, 9)
    yield _Box("22", "resubmission code, original number", 141, _DIAGNOSES_Y, 65, 13.5)
    yield _Box("23", "prior authorization", 141, _DIAGNOSES_Y + 13.5, 65, 13.5)


def _lines(rows: tuple[Row, ...]) -> Iterator[str]:
    """Box 24: a head, and six rows with a shaded upper half, which is one box as far as column H."""
    x, half = 10.0, _ROW_HEIGHT / 2
    lefts = {}
    for letter, words, width in _COLUMNS:
        lefts[letter] = x
        yield _box(_Box(f"24{letter}", words, x, _ROWS_Y, width, 6), "")
        x += width
    for place in range(LINES_A_PAGE):
        row = rows[place] if place < len(rows) else _EMPTY
        y = _ROWS_Y + 6 + place * _ROW_HEIGHT
        upper = (("A", "I", row.shaded), ("I", "J", row.boxes.get("I", "")), ("J", "", row.shaded_j))
        for first, behind, text in upper:
            yield _box(_Box("", "", lefts[first], y, lefts.get(behind, x) - lefts[first], half), text, shaded=True)
        for letter, _, width in _COLUMNS:
            text = "" if letter == "I" else row.boxes.get(letter, "")
            yield _box(_Box("", "", lefts[letter], y + half, width, half), text)


def _box(box: _Box, text: str, *, shaded: bool = False) -> str:
    """A box with its number and our words above, and what is typed into it, as large as it fits."""
    lines = text.split("\n")
    longest = max(map(len, lines))
    caption = "" if box.number == "payer" else f"{box.number} {box.words}".strip()
    room = (box.height - (2.8 if caption else 0.8)) / len(lines) / 1.15
    size = max(min(_LARGEST, room, (box.width - 2) / max(longest, 1) / _LETTER), _SMALLEST)
    label = f"<b>{escape(caption)}</b>" if caption else ""
    typed = f'<pre style="font-size:{size:.2f}mm">{escape(text)}</pre>' if text else ""
    place = f"left:{box.x:.2f}mm;top:{box.y:.2f}mm;width:{box.width:.2f}mm;height:{box.height:.2f}mm"
    kind = "box shaded" if shaded else "box"
    number = f' data-box="{escape(box.number)}"' if box.number else ""
    return f'<div class="{kind}"{number} style="{place}">{label}{typed}</div>'
