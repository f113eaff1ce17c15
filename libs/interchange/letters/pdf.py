"""A letter as PDF on letter paper, by ReportLab. The same letter is the same bytes."""

import io
from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from importlib import resources
from typing import Any

from interchange.letters.blocks import (
    Block,
    Fine,
    Heading,
    Lines,
    Numbered,
    Pairs,
    Paragraph,
    Signature,
    Table,
    Title,
    of_exhibit,
    of_letter,
)
from therapy_domain.appeals.letter import Exhibit, Letter

_INCH = 72.0
_MARGIN = 0.9 * _INCH
_PADDING = 6.0
"""Of the frame of a page."""
_WIDE = 8.5 * _INCH - 2 * (_MARGIN + _PADDING)
_PLAIN = ("Helvetica", "Helvetica-Bold")
"""Every reader of PDF has it, for the characters of Windows-1252; no file need carry it along."""
_WIDER = ("Vera", "VeraBd")
"""It comes with ReportLab, for some more characters; files carry what they use of it."""
_SIZE, _LEADING, _SMALL = 9.5, 13.0, 6.5
_INK, _GREY = "#111111", "#555555"


class NotPrintable(Exception):
    """The letter holds characters that the PDF's typeface has no signs for."""

    code = "not-printable"

    def __init__(self, characters: Iterable[str]) -> None:
        self.characters = tuple(sorted(set(characters)))
        named = ", ".join(f"U+{ord(each):04X}" for each in self.characters)
        super().__init__(f"the PDF's typeface has no sign for {named}; take the letter as HTML or text")


def as_pdf(letter: Letter) -> bytes:
    """The letter, and behind it its exhibits, each on a page of its own.

    Raises:  NotPrintable.
    """
    return _document(letter.title, [list(of_letter(letter)), *(list(of_exhibit(each)) for each in letter.exhibits)])


def letter_as_pdf(letter: Letter) -> bytes:
    """The letter without its exhibits. Raises:  NotPrintable."""
    return _document(letter.title, [list(of_letter(letter))])


def exhibit_as_pdf(exhibit: Exhibit) -> bytes:
    """One exhibit. Raises:  NotPrintable."""
    return _document(f"Exhibit {exhibit.number}", [list(of_exhibit(exhibit))])


def _document(title: str, parts: list[list[Block]]) -> bytes:
    from reportlab.platypus import PageBreak, SimpleDocTemplate

    draw = _Drawing(_typeface(parts))
    story: list[Any] = []
    for number, part in enumerate(parts):
        if number:
            story.append(PageBreak())
        for block in part:
            story += draw.block(block)
    into = io.BytesIO()
    document = SimpleDocTemplate(
        into,
        pagesize=(8.5 * _INCH, 11 * _INCH),
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=title,
        author="",
        invariant=1,
    )
    document.build(story, onFirstPage=draw.foot, onLaterPages=draw.foot)
    return into.getvalue()


@cache
def _wider() -> Any:
    """The wider typeface, registered."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    made = {}
    for name in _WIDER:
        with resources.as_file(resources.files("reportlab") / "fonts" / f"{name}.ttf") as path:
            made[name] = TTFont(name, str(path))
        pdfmetrics.registerFont(made[name])
    pdfmetrics.registerFontFamily("Vera", normal="Vera", bold="VeraBd", italic="Vera", boldItalic="VeraBd")
    return made["Vera"]


@cache
def _styles(plain: str, bold: str) -> dict[str, Any]:
    from reportlab.lib.colors import HexColor
    from reportlab.lib.enums import TA_RIGHT
    from reportlab.lib.styles import ParagraphStyle

    ink, grey = HexColor(_INK), HexColor(_GREY)
    text = ParagraphStyle(
        "text", fontName=plain, fontSize=_SIZE, leading=_LEADING, textColor=ink, spaceAfter=4, splitLongWords=1
    )
    head = ParagraphStyle("head", parent=text, spaceAfter=0, fontName=bold, fontSize=_SIZE - 1)
    return {
        "text": text,
        "cell": ParagraphStyle("cell", parent=text, spaceAfter=0),
        "label": ParagraphStyle("label", parent=text, spaceAfter=0, textColor=grey),
        "point": ParagraphStyle(
            "point", parent=text, leftIndent=20, bulletFontName=plain, bulletFontSize=_SIZE, spaceAfter=2
        ),
        "number": ParagraphStyle("number", parent=text, spaceAfter=0, alignment=TA_RIGHT),
        "head": head,
        "headnumber": ParagraphStyle("headnumber", parent=head, alignment=TA_RIGHT),
        "title": ParagraphStyle(
            "title", parent=text, fontName=bold, fontSize=14, leading=18, spaceBefore=6, spaceAfter=8
        ),
        "heading": ParagraphStyle("heading", parent=text, fontName=bold, spaceBefore=9, spaceAfter=3, keepWithNext=1),
        "fine": ParagraphStyle(
            "fine", parent=text, fontSize=_SMALL, leading=_SMALL * 1.35, textColor=grey, spaceAfter=1, wordWrap="CJK"
        ),
    }


class _Drawing:
    """Blocks as ReportLab's flowables, in one typeface."""

    def __init__(self, typeface: tuple[str, str]) -> None:
        self._plain, _ = typeface
        self._style = _styles(*typeface)

    def block(self, block: Block) -> Iterator[Any]:
        """What is drawn of a block."""
        from reportlab.platypus import KeepTogether, Spacer

        match block:
            case Title(text):
                yield self._text(text, "title")
            case Heading(text):
                yield self._text(text, "heading")
            case Paragraph(text):
                yield self._text(text, "text")
            case Lines(lines):
                yield from (self._text(line, "cell") for line in lines)
                yield Spacer(1, 10)
            case Fine(lines):
                yield from (self._text(line, "fine") for line in lines)
            case Pairs(rows):
                cells = [[self._text(label, "label"), self._text(value, "cell")] for label, value in rows]
                yield from _grid(cells, (120, 0))
            case Table():
                yield from self._table(block)
            case Numbered(points):
                for number, point in enumerate(points, start=1):
                    yield self._text(point, "point", f"{number}.")
            case Signature(lines):
                yield KeepTogether([Spacer(1, 12), *self._to_sign(lines)])

    def foot(self, canvas: Any, document: Any) -> None:
        """The page's number at its foot."""
        canvas.saveState()
        canvas.setFont(self._plain, _SMALL + 0.5)
        canvas.setFillColor(_GREY)
        canvas.drawRightString(8.5 * _INCH - _MARGIN - _PADDING, 0.5 * _INCH, f"Page {document.page}")
        canvas.restoreState()

    def _text(self, text: str, style: str, bullet: str | None = None) -> Any:
        from reportlab.platypus import Paragraph as Flowing

        return Flowing(_safe(text), self._style[style], bulletText=bullet)

    def _table(self, table: Table) -> Iterator[Any]:
        kinds = ["number" if column in table.numbers else "cell" for column in range(len(table.head))]
        heads = ["headnumber" if column in table.numbers else "head" for column in range(len(table.head))]
        head = [self._text(cell, kind) for kind, cell in zip(heads, table.head, strict=True)]
        rows = [[self._text(cell, kind) for kind, cell in zip(kinds, row, strict=True)] for row in table.rows]
        yield from _grid([head, *rows], (32, 46, 0, 40, 76, 64, 64), head=True)

    def _to_sign(self, lines: Iterable[str]) -> Iterator[Any]:
        from reportlab.platypus import HRFlowable, Spacer

        for line in lines:
            if line:
                yield self._text(line, "cell")
            else:
                yield Spacer(1, 22)
                yield HRFlowable(width=220, thickness=0.6, color=_INK, hAlign="LEFT", spaceAfter=3)


def _grid(rows: list[list[Any]], widths: tuple[float, ...], *, head: bool = False) -> Iterator[Any]:
    """Rows of cells; the column of width 0 takes what is left."""
    from reportlab.platypus import Spacer
    from reportlab.platypus import Table as Grid

    if not rows:
        return
    rest = _WIDE - sum(widths)
    grid = Grid(rows, colWidths=[width or rest for width in widths], repeatRows=1 if head else 0)
    lines: list[Any] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 6),
        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
    ]
    if head:
        lines.append(("LINEBELOW", (0, 0), (-1, 0), 0.6, _INK))
    grid.setStyle(lines)
    yield grid
    yield Spacer(1, 4)


def _safe(text: str) -> str:
    """A text with nothing in it that ReportLab would take for markup."""
    return escape(text, quote=False).replace("\n", "<br/>")


def _typeface(parts: Iterable[Iterable[Block]]) -> tuple[str, str]:
    """The plainest typeface that has every sign. Raises:  NotPrintable."""
    letters = {letter for part in parts for block in part for text in _texts(block) for letter in text} - {"\n"}
    try:
        "".join(letters).encode("cp1252")
    except UnicodeEncodeError:
        known = _wider().face.charToGlyph
        unknown = [letter for letter in letters if ord(letter) not in known]
        if unknown:
            raise NotPrintable(unknown) from None
        return _WIDER
    return _PLAIN


def _texts(block: Block) -> Iterator[str]:
    match block:
        case Title(text) | Heading(text) | Paragraph(text):
            yield text
        case Lines(lines) | Signature(lines) | Fine(lines) | Numbered(lines):
            yield from lines
        case Pairs(rows):
            yield from (cell for row in rows for cell in row)
        case Table():
            yield from (cell for row in (block.head, *block.rows) for cell in row)
