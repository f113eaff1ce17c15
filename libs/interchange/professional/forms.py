"""The forms that the fields of a claim have, with the lengths of 005010X222A1; names are measured as they are sent."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from interchange.x12.characters import folded

_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|DC|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK"
    "|OR|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|AS|GU|MP|PR|VI|AA|AE|AP"
)


class FreeText:
    """Marks a text that is sent in capitals and without accents; everything else is sent as it is."""


FREE_TEXT = FreeText()
"""The mark of names and addresses, in which a delimiter is a fault."""
NOTE_TEXT = FreeText()
"""The mark of notes, in which a space takes a delimiter's place."""


def _text(longest: int) -> Any:
    """What is left of it when it is sent has 1 to `longest` characters."""
    expected = f"a text of 1 to {longest} characters as it is sent"

    def fits(text: str) -> str:
        if 1 <= len(folded(text)) <= longest:
            return text
        raise PydanticCustomError("format", expected)

    return AfterValidator(fits)


def _form(pattern: str, expected: str) -> Any:
    whole = re.compile(pattern, re.ASCII).fullmatch

    def fits(text: str) -> str:
        if whole(text):
            return text
        raise PydanticCustomError("format", expected)

    return AfterValidator(fits)


def _identifier(longest: int, shortest: int = 1) -> Any:
    """A number or code that someone gave: sent as it is."""
    pattern = rf"(?! )[ -~]{{{shortest},{longest}}}(?<! )"
    return _form(pattern, f"an id of {shortest} to {longest} printable ASCII characters, no space at its ends")


OrganizationText = Annotated[str, FREE_TEXT, _text(60)]
FamilyText = Annotated[str, FREE_TEXT, _text(60)]
GivenText = Annotated[str, FREE_TEXT, _text(35)]
MiddleText = Annotated[str, FREE_TEXT, _text(25)]
SuffixText = Annotated[str, FREE_TEXT, _text(10)]
AddressText = Annotated[str, FREE_TEXT, _text(55)]
CityText = Annotated[str, FREE_TEXT, _form(r".{2,}", "a city's name of 2 to 30 characters"), _text(30)]
NoteText = Annotated[str, NOTE_TEXT, _text(80)]

ClaimNumber = Annotated[str, _identifier(20)]
"""Payers must give back 20 characters, and may cut off the rest."""
LineNumber = Annotated[str, _identifier(30)]
Reference = Annotated[str, _identifier(50)]
MemberId = Annotated[str, _identifier(80, 2)]
PayerId = Annotated[str, _identifier(80, 2)]

State = Annotated[str, _form(_STATES, "a state or territory of the United States by its two letters")]
Zip = Annotated[str, _form(r"[0-9]{5}(?:-?[0-9]{4})?", "a ZIP code of 5 or 9 digits")]
Phone = Annotated[
    str, _form(r"(?:[2-9][0-9]{2})?[2-9][0-9]{6}", "a telephone number of 10 digits, area code first, no signs")
]
"""One of 7 digits is sent, too: receivers do not look at it, and clinics often know no other form."""
Extension = Annotated[str, _form(r"[0-9]{1,8}", "1 to 8 digits")]
Taxonomy = Annotated[str, _form(r"[0-9]{3}[0-9A-Z]{6}X", "a provider taxonomy code of 10 characters, e.g. 225100000X")]
ReportType = Annotated[str, _form(r"[0-9A-Z]{2}", "a report type code of two characters")]
Charge = Annotated[int, Field(ge=0, le=99_999_999_99)]
"""[US cent]"""
LineUnits = Annotated[int, Field(ge=1, le=9_999)]
Pointer = Annotated[int, Field(ge=1, le=12)]
