"""`claims` and `claim`: what stands, for billers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from suite.commands.payments import show_money, show_submissions
from suite.commands.store import DEFAULT_DATA, AsJson, Data, note_lag, reading
from suite.commands.tables import WIDE, Cell, left, print_rows, right, row, severity_text, status_text, table
from suite.commands.terminal import money, note, out, print_json, print_json_list, printable


class Status(StrEnum):
    """What a claim can be."""

    HELD = "held"
    READY = "ready"
    UNBILLABLE = "unbillable"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PAID = "paid"
    PARTIALLY_PAID = "partially_paid"
    DENIED = "denied"
    APPEALED = "appealed"
    CLOSED = "closed"
    VOID = "void"


def a_day(text: str) -> date:
    """A date option.

    Raises:  typer.BadParameter: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a date; expected YYYY-MM-DD, such as 2026-03-02") from None


def claim_number(text: str) -> str:
    """A claim id as it was written down by a person: capitals or not."""
    return text.strip().upper()


ClaimId = Annotated[
    str, typer.Argument(metavar="CLAIM_ID", help="Claim number: C and 16 characters.", parser=claim_number)
]


def claims(
    status: Annotated[
        Status | None, typer.Option(metavar="STATUS", help=f"Only claims that are {', '.join(Status)}.")
    ] = None,
    payer: Annotated[str | None, typer.Option(metavar="PAYER_ID", help="Only of this payer.")] = None,
    clinic: Annotated[str | None, typer.Option(metavar="CLINIC_ID", help="Only of this clinic.")] = None,
    org: Annotated[str | None, typer.Option(metavar="ORG_ID", help="Only of this organization.")] = None,
    since: Annotated[
        date | None, typer.Option(metavar="DAY", help="Only dates of service from this day on.", parser=a_day)
    ] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """List the claims, by date of service. Void claims that were never submitted come with --status void only.

    \b
    Example: claimtrail claims --status held --since 2026-03-01
    """
    from suite.showing import Wanted
    from suite.showing import claims as found

    with reading(data) as installation:
        note_lag(installation)
        asked = Wanted(status.value if status else None, payer, clinic, org, since)
        every = found(installation.read, installation.rules, asked)
        if as_json:
            print_json_list(every)
        elif not _list(every):
            note("no claim is like that")


def claim(claim_id: ClaimId, data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Show one claim as it stands: lines, modifiers, findings, money, appeals.

    \b
    Example: claimtrail claim C5J2K8Q0V7M3T9XA4
    """
    from suite.showing import claim as found

    with reading(data) as installation:
        note_lag(installation)
        body = found(installation.read, installation.rules, claim_id)
    if as_json:
        print_json(body)
    else:
        show_claim(out(), body)


def _list(every: Iterable[Mapping[str, Any]]) -> int:
    console = out()
    wide = console.width >= WIDE
    columns = [left("CLAIM", 17), left("DATE", 10), left("PAYER", 14), left("STATUS", 10), right("UNITS", 5)]
    columns += [right("CHARGE", 9), *([right("PAID", 9)] if wide else []), left("FINDINGS", 13 if wide else 8)]
    columns += [left("PATIENT", 12), left("CLINIC", 10)] if wide else []
    return print_rows(console, columns, (_cells(claim, wide=wide) for claim in every), gap=1)


def _cells(claim: Mapping[str, Any], *, wide: bool) -> Sequence[Cell]:
    rules = list(dict.fromkeys(each["rule"] for each in claim["findings"] if not each["overridden"]))
    found = " ".join(rules) if wide or len(rules) < 2 else f"{len(rules)}"
    cells: list[Cell] = [
        claim["claim_id"],
        claim["date_of_service"],
        claim["payer_id"],
        status_text(claim["status"]),
        str(sum(line["units"] for line in claim["lines"])),
        money(claim["charge_cents"]),
        *([money(claim["paid_cents"])] if wide else []),
        found,
    ]
    return [*cells, claim["patient_id"], claim["clinic"]] if wide else cells


def show_claim(console: Console, body: Mapping[str, Any]) -> None:
    """One claim, whole."""
    console.print(Text.assemble((f"Claim {body['claim_id']}  ", "bold"), status_text(body["status"])))
    place = "/".join(part for part in (body["org"], body["clinic"]) if part)
    head = (
        f"{body['date_of_service']}  {body['discipline']} for {body['payer_id']}  patient {body['patient_id']}",
        f"session {', '.join(body['session_ids']) or 'none is left'}  of {place}",
    )
    for line in head:
        console.print(printable(line), style="dim")
    if body["lines"]:
        console.print()
        lines = table(right("LINE"), left("CODE"), right("MINUTES"), right("UNITS"), left("MODIFIERS"), right("CHARGE"))
        for line in body["lines"]:
            numbers = str(line["line"]), line["code"], str(line["minutes"]), str(line["units"])
            row(lines, *numbers, " ".join(line["modifiers"]), money(line["charge_cents"]))
        console.print(lines)
        for line in body["lines"]:
            for words in line["explanation"]:
                console.print(printable(f"  line {line['line']}  {words}"), style="dim", soft_wrap=True)
    console.print()
    console.print(f"Charged {money(body['charge_cents'])}" + _paid(body))
    show_money(console, body)
    show_submissions(console, body)
    for finding in body["findings"]:
        show_finding(console, finding)
    if body.get("worklist"):
        from suite.commands.worklist import show_appeals

        console.print()
        show_appeals(console, body["worklist"])


def _paid(body: Mapping[str, Any]) -> str:
    if body["paid_cents"] is None:
        return ", no answer from the payer yet"
    paid = f", paid {money(body['paid_cents'])}"
    if body["money"] is None:  # promised by an appeal's decision
        return paid
    parts = [f"{group} {money(cents)}" for group, cents in body["money"]["adjusted_cents"].items() if cents]
    return paid + (f"; adjusted {', '.join(parts)}" if parts else "")


def show_finding(console: Console, finding: Mapping[str, Any]) -> None:
    """One finding: what is wrong, how to mend it, who says so."""
    console.print()
    place = f"  line {finding['line']}" if finding["line"] else ""
    released = "  released by a person" if finding["overridden"] else ""
    rules = " ".join([finding["rule"], *finding["also"]])
    console.print(Text.assemble(severity_text(finding["severity"]), (f"  {rules}", "bold"), f"{place}{released}"))
    for part in _finding_lines(finding):
        console.print(part)


def _finding_lines(finding: Mapping[str, Any]) -> Iterator[Any]:
    from rich.padding import Padding

    yield Padding(Text(printable(finding["message"])), (0, 0, 0, 2))
    yield Padding(Text.assemble(("fix: ", "green"), printable(finding["fix"])), (0, 0, 0, 2))
    for words in (_where(finding), f"{finding['source']}{_days(finding)}"):
        if words:
            yield Padding(Text(printable(words), style="dim"), (0, 0, 0, 2))


def _where(finding: Mapping[str, Any]) -> str:
    """On the claim and in the record."""
    parts = [finding["x12"], f"box {finding['cms1500']}" if finding["cms1500"] else None, *finding["fields"]]
    return ", ".join(filter(None, parts))


def _days(finding: Mapping[str, Any]) -> str:
    """The dates of service that its rule looks at, where they are not all."""
    since, until = finding["since"], finding["until"]
    return (f", from {since}" if since else "") + (f", to {until}" if until else "")
