"""`denials`: how often payers deny, what becomes of it, and which of it a rule of ours saw coming."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

import typer

from suite.commands.claims import a_day
from suite.commands.store import DEFAULT_DATA, AsJson, Data, note_lag, reading
from suite.commands.tables import left, print_rows, right
from suite.commands.terminal import money, note, out, print_json

MISSED_SHOWN = 30


class By(StrEnum):
    """What denials are counted by."""

    PAYER = "payer"
    CARC = "carc"
    RULE = "rule"
    CLINIC = "clinic"
    CODE = "code"


def denials(
    by: Annotated[By, typer.Option(help="What to count by.")] = By.PAYER,
    missed: Annotated[
        bool, typer.Option("--missed", help="Against what our rules had said when the claim went out.")
    ] = False,
    since: Annotated[
        date | None, typer.Option(metavar="DAY", parser=a_day, help="Only answers that came from this day on.")
    ] = None,
    org: Annotated[str | None, typer.Option(metavar="ORG_ID", help="Only of this organization.")] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Count denials: how many claims of a group, what is at stake, how appeals end and how long that takes.

    With --missed: which denials a finding of ours had foretold, released by a person or taken for advice, and which
    no rule saw coming.

    \b
    Examples: claimtrail denials --by carc --since 2026-01-01
              claimtrail denials --missed
    """
    from billing.figures.asking import Asked
    from billing.figures.asking import denials as counted
    from billing.figures.asking import missed as not_heeded

    with reading(data) as installation:
        note_lag(installation)
        rows, asked = installation.read.rows(), Asked(since, org)
        answer: Any = not_heeded(rows, asked) if missed else counted(rows, by.value, asked)
    if as_json:
        print_json(answer)
    elif missed:
        _show_missed(answer)
    elif answer:
        columns = [left(by.value.upper(), 24), right("CLAIMS", 6), right("DENIED", 6), right("RATE", 6)]
        columns += [right("AT STAKE", 11), right("DECIDED", 7), right("WON", 5), right("DAYS", 5)]
        print_rows(out(), columns, map(_cells, answer), gap=1)
    else:
        note("no payer has answered yet")


def _cells(each: Mapping[str, Any]) -> Sequence[str]:
    days = each["days_to_decision"]
    return (
        each["group"],
        f"{each['claims']:,}",
        f"{each['denied_claims']:,}",
        _share(each["denial_rate"]),
        money(each["at_stake_cents"]),
        f"{each['appeals_decided']:,}",
        _share(each["overturn_rate"]),
        "-" if days is None else f"{days:g}",
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"


_WORDS = {
    "overridden": "denied for what a rule of ours had found and a person released",
    "advice": "denied for what a rule of ours had found as advice",
    "blocking": "denied for what blocked the claim here: it went out another way",
    "not-found": "denied for what a rule of ours looks for and did not find",
    "no-rule": "denied for what no rule of ours looks for",
}


def _show_missed(answer: Mapping[str, Any]) -> None:
    console = out()
    if not answer["denials"]:
        note("no payer has denied anything yet")
        return
    print_rows(console, [right("", 6), left("", 70)], _counts(answer["counts"]))
    if answer["rules"]:
        console.print()
        columns = [left("RULE", 8), right("PASSED OVER", 11), right("SILENT", 6), right("DENIED", 11)]
        print_rows(console, columns, map(_rule_cells, answer["rules"]))
    console.print()
    columns = [left("CLAIM", 17), left("DENIED", 10), left("FOR", 12), right("AMOUNT", 10), left("SEEN", 10)]
    shown = answer["denials"][:MISSED_SHOWN]
    print_rows(console, [*columns, left("RULES", 16)], map(_missed_cells, shown), gap=1)
    if len(answer["denials"]) > len(shown):
        note(f"{len(answer['denials']) - len(shown):,} more; --json lists all")


def _counts(counts: Mapping[str, int]) -> Iterator[Sequence[str]]:
    return ((f"{counts[word]:,}", words) for word, words in _WORDS.items() if counts[word])


def _rule_cells(each: Mapping[str, Any]) -> Sequence[str]:
    return each["rule"], f"{each['passed_over']:,}", f"{each['silent']:,}", money(each["denied_cents"])


def _missed_cells(each: Mapping[str, Any]) -> Sequence[str]:
    reason = f"{each['group']}-{each['carc']}".lstrip("-")
    rules = [finding["rule"] for finding in each["stood"]] or each["rules"]
    return each["claim_id"], each["denied_on"], reason, money(each["amount_cents"]), each["seen"], " ".join(rules)
