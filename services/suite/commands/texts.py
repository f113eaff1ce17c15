"""Texts that people give to commands: a name, a reason, a note."""

from collections.abc import Callable

import typer

LONGEST_NAME, LONGEST_TEXT = 200, 10_000
"""Characters."""


def a_text(name: str, longest: int) -> Callable[[str], str]:
    """What reads such a text: printable, not blank, not too long."""

    def check(text: str) -> str:
        if not text.strip() or len(text) > longest or not text.isprintable():
            raise typer.BadParameter(f"expected {name}: 1 to {longest} printable characters")
        return text.strip()

    return check
