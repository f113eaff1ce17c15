"""The four characters that cut an interchange into segments, elements and components."""

from typing import NamedTuple

from therapy_domain.errors import InputError


class Delimiters(NamedTuple):
    """Told by each interchange in its own header."""

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    segment: str = "~"

    def checked(self) -> "Delimiters":
        """The same.

        Raises:  InputError: one is a letter, a digit, a space or not ASCII, or two are the same.
        """
        for name, character in zip(self._fields, self, strict=True):
            if not can_delimit(character):
                raise InputError(f"delimiters.{name}", character, "one ASCII character, no letter, digit or space")
        if len(set(self)) < len(self):
            raise InputError("delimiters", "".join(self), "four different characters")
        return self


def can_delimit(character: str) -> bool:
    """Whether a character may cut data: ASCII, no letter, digit or space."""
    return len(character) == 1 and character.isascii() and not character.isalnum() and character not in " \x00"


STANDARD = Delimiters()
