"""`appeals` and `tick`: what is to be done about denials, and the clock that says when."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from suite.commands.claims import a_day
from suite.commands.faults import CommandFailed
from suite.commands.store import DEFAULT_DATA, AsJson, Data, note_lag, reading, writing
from suite.commands.tables import WIDE, Cell, left, print_rows, right
from suite.commands.terminal import money, note, out, print_json, print_json_list


def appeals(
    due_within: Annotated[
        int | None, typer.Option(metavar="DAYS", min=0, help="Only what asks for something by then, or is overdue.")
    ] = None,
    taken_by: Annotated[str | None, typer.Option(metavar="WHO", help="Only what this person has.")] = None,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="At most so many, the most urgent.")] = None,
    together: Annotated[
        bool, typer.Option("--together", help="Propose which appeals, too small alone, to file in one request.")
    ] = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """List what to appeal, correct, reopen or decide on: the most urgent first, with money, level and what is missing.

    \b
    Example: claimtrail appeals --due-within 30
    """
    from appeals.views import Wanted, later
    from suite.worklist import groups, rows

    today = date.today()  # noqa: DTZ011 -- a deadline is a day where its reader is
    with reading(data) as installation:
        note_lag(installation)
        if together:
            _show_groups([vars(group) for group in groups(installation.read, today)], as_json=as_json)
            return
        wanted = Wanted(None if due_within is None else later(today, due_within), taken_by)
        every = (row for _, row in rows(installation.read, installation.rules, wanted, limit=limit))
        if as_json:
            print_json_list(every)
        elif not show_appeals(out(), every, today):
            note("nothing is to be appealed, corrected or decided on")


def show_appeals(console: Console, rows: Iterable[Mapping[str, Any]], today: date | None = None) -> int:
    """The worklist as a table. Returns: how many rows it has."""
    wide = console.width >= WIDE
    columns = [left("DUE", 10), left("ITEM", 21), left("WHAT", 16), left("STATUS", 10), right("AMOUNT", 9)]
    columns += [left("DENIED FOR", 13), left("TAKEN BY", 12), left("MISSING")] if wide else [right("LACKS", 5)]
    return print_rows(console, columns, (_due(each, today, wide=wide) for each in rows), gap=1)


def _due(each: Mapping[str, Any], today: date | None, *, wide: bool) -> Sequence[Cell]:
    due = each["decision_due"] if each["status"] == "filed" else each["file_by"]
    late = today is not None and each["status"] in ("open", "filed") and (due or "9") < today.isoformat()
    what = each["level_name"] if each["kind"] == "appeal" else each["kind"]
    cells: list[Cell] = [Text(due or "-", style="bold red" if late else ""), each["item_id"], what]
    cells += [each["outcome"] or each["status"], money(each["amount_cents"])]
    if not wide:
        return [*cells, str(len(each["missing"]) or "-")]
    return [*cells, " ".join(each["reasons"]), each["taken_by"] or "-", "; ".join(each["missing"]) or "-"]


def _show_groups(groups: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json(groups)
        return
    if not groups:
        note("no appeals are to be filed together")
    console = out()
    for each in groups:
        reasons, together, required = " ".join(each["reasons"]), money(each["together_cents"]), each["required_cents"]
        words = f"level {each['level']}, {reasons}: {together} together, {money(required)} required"
        console.print(f"{words}, by {each['file_by']}", style="bold", soft_wrap=True)
        console.print(f"  {' '.join(each['appeals'])}", soft_wrap=True)
        console.print(f"  {each['source']}", style="dim", soft_wrap=True)


def tick(
    today: Annotated[
        date | None, typer.Option(metavar="DAY", help="Which day it is; without it, this machine's.", parser=a_day)
    ] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Tell the store which day it is: what is due soon is warned of, what nobody filed lapses, late decisions show.

    For a store without a running `claimtrail run`, once a day by cron. The same day again says nothing; the clock
    never goes back. Without --today this machine's calendar must be borne out: by the database's clock, and by a
    last day told that is at most 31 days ago. A day that is named is believed.

    \b
    Example: claimtrail tick --today 2026-06-01
    """
    from suite.ticking import calendar_of, last_told, tell

    here = date.today()  # noqa: DTZ011 -- the day where this machine is
    with writing(data) as installation:
        belief = calendar_of(installation).look(last_told(installation))
        if today is None and belief.doubt:
            raise CommandFailed(f"{belief.doubt}. If {here} is right, say so: claimtrail tick --today {here}")
        day = today or belief.day
        answer = tell(installation, day)
    if (day - here).days > 1:
        note(f"{day} is {(day - here).days:,} days ahead of this machine's calendar ({here})")
    if as_json:
        print_json(answer)
        return
    if not answer["said"]:
        note(f"it was told already that it is {answer['today']}")
    console = out()
    for each in answer["warned"]:
        console.print(f"{each['last_day']}  {each['item_id']}  {each['deadline']}: {each['days_left']} days left")
    for each in answer["lapsed"]:
        console.print(f"{each['file_by']}  {each['appeal_id']}  lapsed, {money(each['amount_cents'])} in dispute")
    for each in answer["overdue"]:
        up = f", level {each['escalate_to']} may be asked" if each.get("escalate_to") else ""
        console.print(f"{each['due_on']}  {each['appeal_id']}  decision is late{up}")
