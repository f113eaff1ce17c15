"""`appeal`: one appeal or proposal; its letter; and, as commands behind its id, what people do about it."""

import sys
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from suite.commands.claims import a_day
from suite.commands.faults import CommandFailed
from suite.commands.store import DEFAULT_DATA, AsJson, Data, note_lag, reading
from suite.commands.terminal import money, note, out, print_json, printable
from suite.commands.texts import LONGEST_NAME, LONGEST_TEXT, a_text


class LetterFormat(StrEnum):
    """As what a letter is made."""

    TEXT = "text"
    HTML = "html"
    PDF = "pdf"
    ZIP = "zip"


class Purpose(StrEnum):
    """What a letter asks for in place of what the item asks for itself."""

    ESCALATION = "escalation"
    VACATE = "vacate"


class BehindTheId(TyperGroup):
    """`appeal ID --letter` and `appeal ID file --on DAY`: options or one of the commands, behind the id."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        """Read the id; what stands behind it belongs to a command where it begins with the name of one."""
        ctx.allow_interspersed_args = len(args) < 2 or args[1] not in self.commands
        return super().parse_args(ctx, args)


group = typer.Typer(
    cls=BehindTheId,
    invoke_without_command=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def item_number(text: str) -> str:
    """An item's id as it was written down by a person: capitals or not."""
    return text.strip().upper()


@group.callback()
def appeal(
    context: typer.Context,
    item_id: Annotated[
        str,
        typer.Argument(
            metavar="ITEM_ID",
            help="An appeal (C...-A1) or a proposal (C...-W1), as `claimtrail appeals` lists it.",
            parser=item_number,
        ),
    ],
    letter: Annotated[
        bool, typer.Option("--letter", help="Make the letter, with its evidence, from the record.")
    ] = False,
    as_format: Annotated[
        LetterFormat, typer.Option("--format", metavar="FORMAT", help=f"{', '.join(LetterFormat)}.")
    ] = LetterFormat.TEXT,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where the letter goes.", dir_okay=False)
    ] = None,
    purpose: Annotated[
        Purpose | None,
        typer.Option("--for", metavar="PURPOSE", help="escalation or vacate; else what the item asks for."),
    ] = None,
    signer: Annotated[
        str | None, typer.Option("--by", metavar="WHO", help="Who signs.", parser=a_text("a name", LONGEST_NAME))
    ] = None,
    dated: Annotated[
        date | None, typer.Option(metavar="DAY", help="The letter's date; without it today.", parser=a_day)
    ] = None,
    good_cause: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help="Why it is late, why evidence is new, why to vacate.",
            parser=a_text("a cause", LONGEST_TEXT),
        ),
    ] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Show one appeal or proposal: where it stands, what its record shows and lacks. With --letter: its letter.

    A letter says only what the record shows; where the argument rests on something that is not there, it is refused
    with what is missing. What people do is recorded by the commands below; each has its own --help.

    \b
    Example: claimtrail appeal C5J2K8Q0V7M3T9XA4-A1
             claimtrail appeal C5J2K8Q0V7M3T9XA4-A1 --letter --format zip -o appeal.zip --by "A. Biller"
             claimtrail appeal C5J2K8Q0V7M3T9XA4-A1 take --by "A. Biller"
             claimtrail appeal C5J2K8Q0V7M3T9XA4-A1 file --on 2026-05-04 --how portal --proof 4711 --by "A. Biller"
    """
    if context.invoked_subcommand is not None:
        return
    if letter:
        _write(item_id, as_format, output, purpose, signer, dated, good_cause, data)
    else:
        _show(item_id, data, as_json=as_json)


def _write(
    item_id: str,
    as_format: LetterFormat,
    output: Path | None,
    purpose: Purpose | None,
    signer: str | None,
    dated: date | None,
    good_cause: str | None,
    data: Path,
) -> None:
    from suite.letters import Wanted
    from suite.letters import letter as made

    binary = as_format in (LetterFormat.PDF, LetterFormat.ZIP)
    if binary and output is None and sys.stdout.isatty():
        raise CommandFailed(f"a {as_format.value} is no text for a terminal; say where it goes with -o FILE")
    day = dated or date.today()  # noqa: DTZ011 -- a letter is dated where its writer is
    wanted = Wanted(day, as_format.value, purpose.value if purpose else None, signer, good_cause)
    with reading(data) as installation:
        note_lag(installation)
        content = made(installation.read, installation.rules, item_id, wanted)
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        output.write_bytes(content)
        note(f"{output} is written, {len(content):,} bytes; it holds patient data")


def _show(item_id: str, data: Path, *, as_json: bool) -> None:
    from suite.appealing import item
    from suite.worklist import record_of

    with reading(data) as installation:
        note_lag(installation)
        found = item(installation, item_id)
        shown = {**found, "record": record_of(installation.read, installation.rules, item_id)}
    if as_json:
        print_json(shown)
    else:
        show_item(out(), shown)


def show_item(console: Console, shown: Mapping[str, Any]) -> None:
    """One appeal or proposal, whole."""
    what = f"level {shown['level']}, {shown['level_name']}" if shown["kind"] == "appeal" else shown["kind"]
    filed = f", filed on {shown['filed_on']}" if shown["filed_on"] else ""
    console.print(f"{shown['item_id']}  {shown['outcome'] or shown['status']}", style="bold")
    lines = [
        f"{what}, {money(shown['amount_cents'])} denied for {' '.join(shown['reasons']) or 'no reason given'}",
        f"last day to file {shown['file_by'] or 'none'}{filed}",
        f"taken by {shown['taken_by'] or 'nobody'}; possible: {', '.join(shown['possible'])}",
        shown["source"],
    ]
    if shown["decision_due"]:
        late = ", which has passed" if shown["overdue"] else ""
        lines.insert(2, f"a decision is due by {shown['decision_due']}{late}")
    if shown["vacate_by"]:
        lines.insert(2, f"that the dismissal be vacated may be asked until {shown['vacate_by']}")
    for line in lines:
        console.print(printable(line), soft_wrap=True)
    _show_record(console, shown["record"], shown["missing"])
    for each in shown["notes"]:
        console.print()
        console.print(printable(f"{each['at']}  {each['by']}"), style="dim")
        console.print(printable(each["text"]), soft_wrap=True)


def _show_record(console: Console, record: Mapping[str, Any] | None, missing: list[str]) -> None:
    if record is not None:
        console.print()
        words = "supports" if record["supported"] else "does not support"
        console.print(
            f"The record {words} the argument, which rests on {', '.join(record['argument_rests_on']) or 'nothing'}."
        )
        for each in record["items"]:
            console.print(printable(f"  has    {each['title']}"))
        for each in record["gaps"]:
            console.print(printable(f"  lacks  {each['missing']}"), style="yellow")
        for words in record["outside"]:
            console.print(printable(f"         {words}"), style="dim")
    for words in missing:
        console.print(printable(f"  lacks  {words}"), style="yellow")
