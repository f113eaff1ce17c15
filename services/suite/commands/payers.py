"""`rules payers`: how a payer's policy stands, for an organization on a date of service, and which event set what."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from suite.commands.claims import a_day
from suite.commands.faults import NOT_THERE, CommandFailed, NoStore
from suite.commands.store import DEFAULT_DATA, AsJson, Data, reading
from suite.commands.tables import left, row, table
from suite.commands.terminal import out, print_json, printable

if TYPE_CHECKING:
    from suite.installation import Installation


def payers(
    payer_id: Annotated[
        str | None, typer.Argument(metavar="PAYER_ID", help="One payer's settings; without it every payer is listed.")
    ] = None,
    org: Annotated[
        str | None, typer.Option(metavar="ORG_ID", help="The organization that published it; without it as shipped.")
    ] = None,
    on: Annotated[
        date | None, typer.Option(metavar="DAY", help="The date of service; default today.", parser=a_day)
    ] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Show payers: each setting as it stands for an organization on a date of service, and which event set it.

    \b
    Examples: claimtrail rules payers
              claimtrail rules payers acme --org northside --on 2026-03-02
    """
    day = on or date.today()  # noqa: DTZ011 -- a date of service is a day where its reader is
    if payer_id is None:
        _list(_known(data), as_json=as_json)
        return
    found = _one(payer_id, org, day, data)
    if as_json:
        print_json(found)
    else:
        show_policy(out(), found)


def _known(data: Path) -> list[dict[str, Any]]:
    """The shipped profiles, and every policy that a store holds."""
    from suite.payers import published, shipped_payers

    found = shipped_payers()
    with suppress(NoStore), reading(data) as installation:
        found += published(installation)
    return found


def _one(payer_id: str, org: str | None, day: date, data: Path) -> Mapping[str, Any]:
    from suite.payers import standing

    def told(installation: "Installation | None") -> Mapping[str, Any]:
        found = standing(installation, payer_id, org, day)
        if found is None:
            where = f"to {org} on {day}" if org else "among the shipped profiles; name its organization with --org"
            raise CommandFailed(
                f"payer {payer_id} is not known {where}; its claims are held (ELG-001)", exit_code=NOT_THERE
            )
        return found

    if org is None:
        return told(None)
    with reading(data) as installation:
        return told(installation)


def _list(found: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    shown = table(left("PAYER"), left("ORG"), left("FROM", 10), left("PROFILE"), left("NAME", ratio=1))
    for each in found:
        row(shown, each["payer_id"], each["org"] or "shipped", each["effective_from"], each["profile"], each["name"])
    out().print(shown)


def show_policy(console: Console, found: Mapping[str, Any]) -> None:
    """One policy: its settings, and who set them."""
    console.print(Text.assemble((f"{found['payer_id']}  ", "bold"), printable(found["name"])))
    event = found["in_force"]
    made = (
        f"over {found['profile']}, by event {event['event_id']} (position {event['position']})" if event else "shipped"
    )
    console.print(Text(f"on {found['on']}, ruleset {found['ruleset']}: {made}", style="dim"), soft_wrap=True)
    for other in found["published"]:
        if not event or other["event_id"] != event["event_id"]:
            words = f"event {other['event_id']} (position {other['position']}), from {other['effective_from']}"
            console.print(Text(f"not in force that day: {words}", style="dim"), soft_wrap=True)
    console.print()
    shown = table(left("SETTING"), left("VALUE", ratio=1), left("SET BY"))
    for each in found["settings"]:
        for part, value, by in _rows(each):
            row(shown, part, value, Text(by, style="" if by == "event" else "dim"))
    console.print(shown)


def _rows(each: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """A setting; one by code in a row for each code that the event named, and one for what the profile has."""
    name, value, named = each["setting"], each["value"], each["named"]
    for code in named:
        yield f"{name} {code}", _short(value[code]), "event"
    if each["set_by"] == "profile" or named:
        yield name, each["default"], "profile"
    else:
        yield name, _short(value), "event"


def _short(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(_short, value)) or "none"
        case {"name": name, "days": days}:
            return f"{name} {days} days"
        case {"column_1": one, "column_2": two, "indicator": indicator}:
            return f"{one}/{two} {indicator}"
        case _:
            return str(value)
