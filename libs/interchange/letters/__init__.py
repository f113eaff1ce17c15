"""Letters to payers as text, HTML and PDF, and packed with their exhibits as one ZIP."""

from interchange.letters.html import as_html
from interchange.letters.packet import as_zip
from interchange.letters.pdf import NotPrintable, as_pdf
from interchange.letters.text import as_text

__all__ = ["NotPrintable", "as_html", "as_pdf", "as_text", "as_zip"]
