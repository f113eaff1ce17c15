"""`why`: a claim's story in plain words."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from suite.commands.claims import ClaimId
from suite.commands.faults import CommandFailed
from suite.commands.store import DEFAULT_DATA, AsJson, Data, note_lag, reading
from suite.commands.terminal import note, out, print_json, printable


def why(
    claim_id: ClaimId,
    as_of: Annotated[
        str | None,
        typer.Option(metavar="T", help="A time with an offset, or a log position: the story as far as it went then."),
    ] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Tell one claim's story: which minutes became which unit, which rule asked for what, what the payer answered.

    \b
    Example: claimtrail why C5J2K8Q0V7M3T9XA4
    """
    from audit.errors import UnknownInstant
    from audit.history import parse_as_of
    from audit.why import why as found

    try:
        point = parse_as_of(as_of)
    except UnknownInstant as error:
        raise CommandFailed(f"--as-of: {error}") from error
    with reading(data) as installation:
        note_lag(installation)
        story = found(installation.read, installation.codec, claim_id, point)
    if as_json:
        print_json(story)
    elif story["paragraphs"]:
        show_story(out(), story)
    else:
        note("nothing was recorded of this claim by then")


def show_story(console: Console, story: Mapping[str, Any]) -> None:
    """A heading with its log positions, and a line for each thing told."""
    for number, paragraph in enumerate(story["paragraphs"]):
        if number:
            console.print()
        heading = Text.assemble((printable(paragraph["heading"]), "bold"), "  ", (_span(paragraph["positions"]), "dim"))
        console.print(heading)
        for line in paragraph["lines"]:
            console.print(Padding(Text(printable(line)), (0, 0, 0, 2), expand=False))


def _span(positions: Sequence[int]) -> str:
    """Log positions, neighbours as a stretch."""
    stretches: list[list[int]] = []
    for position in sorted(positions):
        if stretches and position == stretches[-1][-1] + 1:
            stretches[-1].append(position)
        else:
            stretches.append([position])
    told = ", ".join(f"{each[0]}-{each[-1]}" if len(each) > 1 else str(each[0]) for each in stretches)
    return f"position {told}" if len(positions) == 1 else f"positions {told}"
