"""What X12 lets a text hold, and how free text is made to fit: capitals, accents taken off."""

import re
import unicodedata
from functools import lru_cache
from typing import Literal

CharacterSet = Literal["basic", "extended"]
"""basic: capitals, digits and common signs; extended: small letters and the other ASCII signs too."""

_ALLOWED: dict[CharacterSet, re.Pattern[str]] = {
    "basic": re.compile(r"[A-Z0-9 !\"&'()*+,\-./:;?=]*", re.ASCII),
    "extended": re.compile(r"[ -~]*", re.ASCII),
}
_SPELT_OUT = str.maketrans(
    {"Æ": "AE", "Œ": "OE", "Ø": "O", "Đ": "D", "Ð": "D", "Þ": "TH", "Ł": "L", "’": "'", "‘": "'", "“": '"', "”": '"'}
    | {"–": "-", "—": "-", "…": "...", "\t": " ", "\n": " ", "\r": " "}
)


@lru_cache(maxsize=16_384)
def folded(text: str) -> str:
    """A free text as it is sent: capitals without accents, one space between words.

    What has no plain spelling stays as it is: `sendable` finds it.

    >>> folded("Zoë  Müller-Weiß"), folded("naïve\\ncafé")
    ('ZOE MULLER-WEISS', 'NAIVE CAFE')
    """
    plain = unicodedata.normalize("NFKD", text.upper().translate(_SPELT_OUT))
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())


def sendable(text: str, allowed: CharacterSet) -> bool:
    """Whether a text holds only characters of the set."""
    return _ALLOWED[allowed].fullmatch(text) is not None
