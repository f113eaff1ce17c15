"""A letter as one HTML document that stands alone and prints on letter paper, each exhibit on a page of its own."""

from collections.abc import Iterable, Iterator
from html import escape

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
from therapy_domain.appeals.letter import Letter

_STYLE = """
@page { size: letter; margin: 20mm }
body { font: 11pt/1.4 Georgia, 'Times New Roman', serif; color: #111; max-width: 175mm; margin: 10mm auto }
h1 { font-size: 15pt; margin: 8mm 0 4mm } h2 { font-size: 11pt; margin: 5mm 0 1.5mm } p { margin: 0 0 2mm }
address, .lines { font-style: normal; white-space: pre-line; margin: 0 0 5mm }
table { border-collapse: collapse; width: 100%; margin: 0 0 3mm } th { text-align: left; font-weight: 600 }
th, td { padding: .8mm 3mm .8mm 0; vertical-align: top } thead th { border-bottom: .3mm solid #111 }
.n { text-align: right } .pairs th { width: 42mm; font-weight: 400; color: #444 }
.sign { margin: 12mm 0 0; break-inside: avoid } .sign .line { border-bottom: .3mm solid #111; width: 80mm; height: 9mm }
.fine { font: 8pt/1.35 monospace; color: #333; overflow-wrap: anywhere }
section.exhibit { break-before: page } ol { margin: 0 0 3mm; padding-left: 7mm } li { white-space: pre-line }
"""


def as_html(letter: Letter) -> str:
    """The letter, and behind it its exhibits."""
    exhibits = "".join(
        f'<section class="exhibit">{_drawn(of_exhibit(exhibit))}</section>' for exhibit in letter.exhibits
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(letter.title)}</title><style>{_STYLE}</style></head>\n"
        f"<body><main>{_drawn(of_letter(letter))}</main>{exhibits}</body></html>\n"
    )


def _drawn(blocks: Iterable[Block]) -> str:
    return "\n".join(part for block in blocks for part in _parts(block))


def _parts(block: Block) -> Iterator[str]:
    match block:
        case Title(text):
            yield f"<h1>{escape(text)}</h1>"
        case Heading(text):
            yield f"<h2>{escape(text)}</h2>"
        case Lines(lines):
            yield f'<div class="lines">{_joined(lines)}</div>'
        case Paragraph(text):
            yield f"<p>{escape(text)}</p>"
        case Pairs(rows):
            cells = "".join(_pair(label, value) for label, value in rows)
            yield f'<table class="pairs"><tbody>{cells}</tbody></table>'
        case Table():
            yield _table(block)
        case Numbered(points):
            yield f"<ol>{''.join(f'<li>{escape(point)}</li>' for point in points)}</ol>"
        case Signature(lines):
            inner = "".join(f"<div>{escape(line)}</div>" if line else '<div class="line"></div>' for line in lines)
            yield f'<div class="sign">{inner}</div>'
        case Fine(lines):
            yield f'<div class="fine">{"".join(f"<div>{escape(line)}</div>" for line in lines)}</div>'


def _pair(label: str, value: str) -> str:
    return f'<tr><th scope="row">{escape(label)}</th><td>{escape(value)}</td></tr>'


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(map(escape, lines))


def _table(table: Table) -> str:
    kinds = [' class="n"' if column in table.numbers else "" for column in range(len(table.head))]
    head = "".join(f'<th scope="col"{kind}>{escape(cell)}</th>' for kind, cell in zip(kinds, table.head, strict=True))
    rows = "".join(
        f"<tr>{''.join(f'<td{kind}>{escape(cell)}</td>' for kind, cell in zip(kinds, row, strict=True))}</tr>"
        for row in table.rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
