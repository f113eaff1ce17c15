"""A letter and its exhibits as one ZIP, with a list of what is in it. The same letter is the same bytes."""

import hashlib
import io
import zipfile

import orjson

from interchange.letters.pdf import exhibit_as_pdf, letter_as_pdf
from interchange.letters.text import as_text
from therapy_domain.appeals.letter import Exhibit, Letter

_WHEN = (1980, 1, 1, 0, 0, 0)
"""The time of every entry: a packet tells no other time than the letter's own date."""


def as_zip(letter: Letter) -> bytes:
    """`letter.pdf`, `letter.txt` (with the exhibits), `exhibits/NN-….pdf`, and `manifest.json`.

    The manifest has the SHA-256 of every file, and for every exhibit the events that it comes from: id, position, hash.
    No file's name, and nothing in the manifest, is about the patient.

    Raises:  NotPrintable: a PDF cannot show a character.
    """
    files = {"letter.pdf": letter_as_pdf(letter), "letter.txt": as_text(letter).encode()}
    names = {exhibit.number: _name(exhibit) for exhibit in letter.exhibits}
    files |= {names[exhibit.number]: exhibit_as_pdf(exhibit) for exhibit in letter.exhibits}
    manifest = {
        "title": letter.title,
        "dated": letter.dated.isoformat(),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        "exhibits": [
            {
                "number": exhibit.number,
                "shows": exhibit.key,
                "file": names[exhibit.number],
                "new": exhibit.new,
                "events": [
                    {
                        "event_id": each.event_id,
                        "type": each.type,
                        "position": each.position,
                        "sha256": each.hash,
                        "recorded_at": each.recorded_at.isoformat(),
                    }
                    for each in exhibit.references
                ],
            }
            for exhibit in letter.exhibits
        ],
    }
    files["manifest.json"] = orjson.dumps(manifest, option=orjson.OPT_INDENT_2) + b"\n"
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packet:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            packet.writestr(entry, content)
    return into.getvalue()


def _name(exhibit: Exhibit) -> str:
    return f"exhibits/{exhibit.number:02}-{exhibit.key}.pdf"
