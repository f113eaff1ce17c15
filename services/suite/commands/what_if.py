"""`what-if`: past claims under another ruleset release or other payer settings, beside how they stand."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.text import Text

from suite.commands.bars import bars
from suite.commands.claims import a_day
from suite.commands.faults import CommandFailed
from suite.commands.store import DEFAULT_DATA, AsJson, Data, looking_back, note_lag
from suite.commands.tables import Cell, left, print_rows, right, row, table
from suite.commands.terminal import money, note, out, print_json_parts

if TYPE_CHECKING:
    from audit.other_world import OtherWorld
    from suite.installation import Installation

_IN_MEMORY = 1024 * 1024
WHAT_WIDTH = 24
"""At least so many columns for what would change."""


def what_if(
    ruleset: Annotated[
        str | None, typer.Option(metavar="R", help="A ruleset release, as `claimtrail rules releases` lists it.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PAYER.SETTING=VALUE", help="A payer's setting; may be repeated."),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(metavar="FILE", exists=True, dir_okay=False, help="A payer.policy.published document."),
    ] = None,
    since: Annotated[
        date | None, typer.Option(metavar="DATE", parser=a_day, help="Only dates of service from this day on.")
    ] = None,
    payer: Annotated[str | None, typer.Option(metavar="PAYER_ID", help="Only claims to this payer.")] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Work out past claims anew under another ruleset release, or other payer settings, and show what would change.

    Units, lines, modifiers, findings, status, charges and expected payment, from each claim's recorded facts. Nothing
    is written; a payer's answer stays. Expected payment is what Medicare should pay by the fee tables of the
    release, the deductible taken as met; without a fee table it is not known.

    \b
    Examples: claimtrail what-if --ruleset 2026.1+2 --since 2020-01-01
              claimtrail what-if --set medicare.unit_rule=cpt-midpoint --payer medicare
              claimtrail what-if --policy acme.json --payer acme
    """
    from audit.what_if import WhatIf

    with (
        looking_back(data) as (installation, workers),
        SpooledTemporaryFile(_IN_MEMORY) as spool,
        bars() as shown,
    ):
        note_lag(installation)
        world = _world(installation, ruleset, settings or [], policy, payer)
        read, codec, rulesets = installation.read, installation.codec, installation.rulesets
        question = WhatIf(read, codec, rulesets, world, since=since, payer=payer, workers=workers)
        bar = shown.add("working out", "claims")
        for compared in question.changed(bar.at):
            spool.write(orjson.dumps(compared.as_json()) + b"\n")
        answer = {"ruleset": ruleset, "policies": sorted(world.policies), "totals": question.totals.as_json()}
        if as_json:
            print_json_parts(answer, "claims", _lines(spool))
        else:
            show_what_if(out(), answer, map(orjson.loads, _lines(spool)))


def _world(
    installation: "Installation", ruleset: str | None, settings: list[str], policy: Path | None, payer: str | None
) -> "OtherWorld":
    from audit.other_world import OtherWorld
    from suite.asked_policies import BadPolicy, changed, published, setting

    if ruleset is None and not settings and policy is None:
        raise CommandFailed("say what would be otherwise: --ruleset, --set or --policy")
    try:
        policies = changed(map(setting, settings))
        if policy is not None:
            subject, change = published(policy.read_bytes(), payer)
            policies[subject] = change
    except BadPolicy as error:
        raise CommandFailed(str(error)) from error
    rules = installation.rulesets.get(installation.read, ruleset) if ruleset is not None else None
    return OtherWorld(rules, policies)


def _lines(spool: IO[bytes]) -> Iterator[bytes]:
    spool.seek(0)
    for line in spool:
        yield line.rstrip(b"\n")


def show_what_if(console: Console, answer: Mapping[str, Any], claims: Iterator[Mapping[str, Any]]) -> None:
    """Each claim that would be otherwise, then what all of them come to."""
    totals = answer["totals"]
    if totals["changed"]:
        columns = [left("CLAIM", 17), left("DATE", 10), left("STATUS", 14), right("CHARGE", 10)]
        columns.append(left("WHAT", max(WHAT_WIDTH, console.width - 56)))
        print_rows(console, columns, (_cells(each) for each in claims), gap=1)
        console.print()
    console.print(Text(f"{totals['changed']:,} of {totals['claims']:,} claims would be otherwise", style="bold"))
    shown = table(left(""), right("AS IT STANDS"), right("WOULD BE"), right("DIFFERENCE"))
    for title, name in {"units": "units", "not estimated": "not_estimated"}.items():
        _line(shown, title, totals[name], "{:,}".format)
    for title, name in {"charges": "charge_cents", "of it held": "held_cents", "expected": "expected_cents"}.items():
        _line(shown, title, totals[name], money)
    console.print(shown)
    for each in totals["statuses"]:
        counted = "1 claim" if each["claims"] == 1 else f"{each['claims']:,} claims"
        console.print(f"{each['was']} -> {each['now']}: {counted}")
    for what in ("added", "gone"):
        counted = ", ".join(f"{rule} {count:,}" for rule, count in totals["findings"][what].items())
        if counted:
            console.print(f"findings {what}: {counted}")
    if totals["skipped"]:
        told = ", ".join(f"{reason} {count:,}" for reason, count in totals["skipped"].items())
        note(f"not looked at: {told}")


def _line(shown: Any, title: str, pair: Mapping[str, int], write: Any) -> None:
    row(shown, title, write(pair["was"]), write(pair["now"]), write(pair["now"] - pair["was"]))


def _cells(each: Mapping[str, Any]) -> tuple[Cell, ...]:
    status, findings = each["status"], each["findings"]
    what = [
        *(f"+{finding['rule']}" for finding in findings["added"]),
        *(f"-{finding['rule']}" for finding in findings["gone"]),
        *each["changes"],
    ]
    moved = status["was"] if status["was"] == status["now"] else f"{status['was']} -> {status['now']}"
    return each["claim_id"], each["date_of_service"], moved, money(each["charge_cents"]["now"]), "; ".join(what)
