"""`rules list`, `show`, `diff` and `payers`: what is asked of a claim, by which source, since when; what changed."""

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from suite.commands.faults import NOT_THERE, CommandFailed
from suite.commands.payers import payers
from suite.commands.releases import import_tables, releases, show_release
from suite.commands.store import DEFAULT_DATA, AsJson, Data, reading_if_there
from suite.commands.tables import left, row, severity_text, table
from suite.commands.terminal import out, print_json, printable

ROWS_SHOWN = 20
"""Of each kind of difference in a table; `--json` has them all."""

app = typer.Typer(
    name="rules",
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def rules() -> None:
    """The rules that claims are checked by, each with its source and dates, and the releases of their reference data.

    \b
    Examples: claimtrail rules list --family DOC
              claimtrail rules show SIG-001
              claimtrail rules import ncci ccipra-v322r0-f?.zip
              claimtrail rules diff 2026.1 2026.1+1
              claimtrail rules payers medicare
    """


def _capitals(text: str) -> str:
    return text.strip().upper()


@app.command("list")
def list_rules(
    family: Annotated[
        str | None, typer.Option(metavar="FAMILY", help="Only of this family, e.g. DOC.", parser=_capitals)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the rules, each in its latest version.

    \b
    Example: claimtrail rules list --family DOC
    """
    from suite.rulebook import described, family_of, latest

    rows = [each for each in latest() if family is None or family_of(each.id) == family]
    if not rows:
        known = ", ".join(sorted({family_of(each.id) for each in latest()}))
        raise CommandFailed(f"--family: there is no family {family}; known are {known}", exit_code=NOT_THERE)
    if as_json:
        print_json([described(each) for each in rows])
        return
    shown = table(left("RULE", 10), left("SEVERITY", 8), left("ASKS", ratio=3), left("SOURCE", ratio=2), gap=1)
    for each in rows:
        version = "" if each.version == 1 else f" v{each.version}"
        row(shown, f"{each.id}{version}", severity_text(each.severity), each.title, each.source)
    out().print(shown)


app.command("import")(import_tables)
app.command("releases")(releases)


@app.command("show")
def show_rule(
    rule_id: Annotated[
        str,
        typer.Argument(metavar="ID", help="A rule, e.g. SIG-001, or a ruleset release, e.g. 2026.1.", parser=_capitals),
    ],
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Show one rule: what it asks, how to mend it, its source with dates, its versions, and an example.

    Of a ruleset release: where it comes from, and every published table in it.

    \b
    Examples: claimtrail rules show SIG-001
              claimtrail rules show 2026.1
    """
    from suite.rulebook import explained

    if rule_id[:1].isdecimal():
        _show_one_release(rule_id, data, as_json=as_json)
        return
    rule = explained(rule_id)
    if as_json:
        print_json(rule)
    else:
        show_explained(out(), rule)


def _show_one_release(ruleset_id: str, data: Path, *, as_json: bool) -> None:
    from suite.releases import Library

    with reading_if_there(data) as installation:
        release = Library(installation).one(ruleset_id)
    if as_json:
        print_json(release)
    else:
        show_release(out(), release)


def show_explained(console: Console, rule: Mapping[str, Any]) -> None:
    """A rule, whole."""
    console.print(Text.assemble((f"{rule['id']}  ", "bold"), severity_text(rule["severity"])))
    console.print(Text(printable(rule["title"])))
    console.print()
    place = [rule["x12"] or "nowhere"] + ([f"box {rule['cms1500']} of the CMS-1500"] if rule["cms1500"] else [])
    example = rule["example"] or {"passes": None, "fails": None}
    facts = {
        "fix": rule["fix"],
        "source": rule["source"],
        "dates": _days(rule),
        "on the claim": ", ".join(place),
        "also": ", ".join(rule["also"]),
        "passes": example["passes"],
        "fails": example["fails"],
        "versions": "; ".join(map(_version, rule["history"])),
    }
    shown = table(left(""), left("", ratio=1), header=False)
    for name, value in facts.items():
        if value:
            row(shown, Text(name, style="dim"), value)
    console.print(shown)


def _days(rule: Mapping[str, Any]) -> str:
    since, until = rule["since"], rule["until"]
    if since is None and until is None:
        return "every date of service"
    return " ".join([f"from {since}"] * bool(since) + [f"to {until}"] * bool(until))


def _version(each: Mapping[str, Any]) -> str:
    first, gone = each["editions"]["first"], each["editions"]["gone"]
    runs = f"since edition {first}" if gone is None else f"in editions {first} to {gone - 1}"
    return f"{each['version']} {runs}, {_days(each)}"


@app.command("diff")
def diff_rules(
    a: Annotated[str, typer.Argument(metavar="A", help="A ruleset release, or an edition of the rules.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Another of the same kind.")],
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Show which rows were added, removed and changed from A to B, by table: pairs, limits, amounts, codes.

    A published table that only one of them holds is compared with the one before it in the other.

    \b
    Example: claimtrail rules diff 2026.1 2026.1+1
    """
    from suite.releases import Library
    from suite.rules_compared import compare

    with reading_if_there(data) as installation:
        found = compare(a, b, Library(installation))
    if as_json:
        print_json(found)
    else:
        show_difference(out(), found)


def show_difference(console: Console, found: Mapping[str, Any]) -> None:
    """Each table that differs, with the first rows of each kind."""
    if found["same"]:
        console.print(f"{found['a']} and {found['b']}: no difference")
        return
    for each in found["tables"]:
        counts = ", ".join(f"{len(each[kind])} {kind}" for kind in ("added", "removed", "changed") if each[kind])
        console.print(Text.assemble((each["table"], "bold"), f"  {counts}"))
        _print_some(console, "+", [_pairs(line) for line in each["added"]])
        _print_some(console, "-", [_pairs(line) for line in each["removed"]])
        _print_some(console, "~", [_change(line) for line in each["changed"]])


def _print_some(console: Console, mark: str, lines: list[str]) -> None:
    for line in islice(lines, ROWS_SHOWN):
        console.print(Text(printable(f"  {mark} {line}")))
    if len(lines) > ROWS_SHOWN:
        console.print(Text(f"  {mark} and {len(lines) - ROWS_SHOWN:,} more (--json has them all)", style="dim"))


def _pairs(line: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in line.items())


def _change(line: Mapping[str, Any]) -> str:
    fields = "; ".join(f"{name}: {was} -> {now}" for name, (was, now) in line["fields"].items())
    return f"{_pairs(line['row'])}: {fields}" if line["row"] else fields


app.command()(payers)
