"""`rules import` and `rules releases`: reference data from published files, each import a release of its own."""

import getpass
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from suite.commands.bars import bars
from suite.commands.faults import NOT_THERE
from suite.commands.store import DEFAULT_DATA, AsJson, Data, reading_if_there, writing
from suite.commands.tables import left, right, row, table
from suite.commands.terminal import complain, note, out, print_json

if TYPE_CHECKING:
    from rule_releases.layouts import Asked

_LOCALITY_PARTS = (5, 2)


class What(StrEnum):
    """What the files are tables of."""

    NCCI = "ncci"
    MUE = "mue"
    FEES = "fees"
    ICD10 = "icd10"
    CARC = "carc"
    RARC = "rarc"


class Setting(StrEnum):
    """Whom a file of edits is for."""

    PRACTITIONER = "practitioner"
    HOSPITAL = "hospital"


def _locality(text: str) -> tuple[str, str]:
    carrier, _, number = text.partition("-")
    if (len(carrier), len(number)) != _LOCALITY_PARTS or not (carrier + number).isdecimal():
        raise typer.BadParameter(f"{text!r} is no locality; expected carrier and number, such as 15202-00")
    return carrier, number


def import_tables(
    what: Annotated[What, typer.Argument(metavar="WHAT", help="ncci, mue, fees, icd10, carc or rarc.")],
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", exists=True, dir_okay=False, help="As published: text, CSV, spreadsheet, gzip or zip."
        ),
    ],
    effective: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="First date of service, where a file's name does not tell."),
    ] = None,
    setting: Annotated[Setting | None, typer.Option(help="Of edits, where a file's name does not tell.")] = None,
    locality: Annotated[
        list[Any] | None,
        typer.Option(
            metavar="CARRIER-NUMBER", parser=_locality, help="Of fees: keep this locality only; may be repeated."
        ),
    ] = None,
    incomplete: Annotated[
        bool, typer.Option("--incomplete", help="Not all parts (f1 to f4) are named, and that is meant.")
    ] = False,
    by: Annotated[str | None, typer.Option("--by", metavar="WHO", help="Who imports; else the system's user.")] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Import published tables: they make a new ruleset release, which new decisions use from then on.

    What was decided stays as it was, under its own release, until something new comes to its case. Of a table in
    several parts name all at once. The same file again changes nothing. A file that cannot be read changes nothing
    and is told of with path, row, column, value and what is expected.

    \b
    Examples: claimtrail rules import ncci ccipra-v322r0-f?.zip
              claimtrail rules import mue MCR_MUE_PractitionerServices_Eff_07-01-2026.csv
              claimtrail rules import fees PPRRVU2026_Jan_nonQPP.csv GPCI2026.csv --locality 15202-00
              claimtrail rules import icd10 icd10cm_order_2027.txt
              claimtrail rules import carc carc.csv --effective 2026-07-01
    """
    from rule_releases.errors import FilesNotRead
    from rule_releases.layouts import Asked
    from therapy_domain.rulesets.codes import known_codes
    from therapy_domain.rulesets.release import load

    asked = Asked(
        what=what.value,
        files=files,
        codes=known_codes(load()),
        effective=effective.date() if effective else None,
        setting=setting.value if setting else None,
        localities=frozenset(locality) if locality else None,
        incomplete=incomplete,
    )
    try:
        _import(asked, by or getpass.getuser(), data, as_json=as_json)
    except FilesNotRead as error:
        if as_json:
            print_json({"released": None, "held": [], "faults": [fault._asdict() for fault in error.faults]})
        for fault in error.faults:
            complain(fault.sentence())
        note("nothing was imported")
        raise typer.Exit(NOT_THERE) from None


def _import(asked: "Asked", by: str, data: Path, *, as_json: bool) -> None:
    from rule_releases.importing import read
    from rule_releases.recording import import_tables as release
    from suite.releases import recorded

    with bars() as shown:
        bar = shown.add("reading", "rows")
        found = read(asked, bar.at)
    with writing(data, make=True) as installation:
        imported = release(installation.read, installation.log, installation.codec, installation.rulesets, found, by=by)
        installation.work_off()
        in_force = installation.rules.id
    held = [each.id for each in imported.held]
    if as_json:
        released = recorded(imported.released) if imported.released else None
        print_json({"released": released, "held": held, "in_force": in_force, "faults": []})
        return
    if imported.released is not None:
        show_release(out(), recorded(imported.released))
    for each in held:
        note(f"{each} is held with the same content already")
    if imported.released is None:
        out().print(f"nothing new: {in_force} stays in force")


def show_release(console: Console, release: Mapping[str, Any]) -> None:
    """A release and the tables that it brought, or with `in_it` every one in it."""
    console.print(
        Text.assemble((release["id"], "bold"), "  in force" if release["in_force"] else "", f"  {_origin(release)}")
    )
    console.print(Text(f"hash {release['hash']}", style="dim"), soft_wrap=True)
    for each in release.get("in_it", release["tables"]):
        of = f" of {each['rows_read']:,}" if each["rows_read"] is not None else ""
        version = f", {each['version']}" if each["version"] else ""
        console.print(Text(f"  {each['id']}{version}: {each['rows']:,} rows{of}, {_days(each)}"), soft_wrap=True)
        console.print(Text(f"    {each['source']}", style="dim"))


def releases(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List the ruleset releases: when and by whom each was recorded, and which tables it brought.

    \b
    Example: claimtrail rules releases
    """
    from suite.releases import Library

    with reading_if_there(data) as installation:
        every = Library(installation).all()
    if as_json:
        print_json(every)
        return
    columns = left("RELEASE", 10), left("RECORDED", 10), left("BY", ratio=1), left("BROUGHT", ratio=2)
    shown = table(*columns, right("ROWS", 6), left("FROM", 10), gap=1)
    for each in every:
        mark = "*" if each["in_force"] else ""
        first = [f"{each['id']}{mark}", (each["recorded_at"] or "shipped")[:10], each["by"]]
        for brought in each["tables"]:
            row(shown, *first, brought["id"], f"{brought['rows']:,}", brought["from"])
            first = ["", "", ""]
    out().print(shown)
    out().print("* in force: new decisions use it; `claimtrail rules show` tells the sources", style="dim")


def _origin(release: Mapping[str, Any]) -> str:
    if release["shipped"]:
        return "shipped"
    return f"extends {release['extends']}, recorded {release['recorded_at'][:16].replace('T', ' ')} by {release['by']}"


def _days(each: Mapping[str, Any]) -> str:
    return f"{each['from']} to {each['to']}" if each["to"] else f"from {each['from']}"
