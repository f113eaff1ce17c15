"""`export 837`: ready claims out as files that payers take."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from suite.commands.bars import bars
from suite.commands.claims import ClaimId, a_day, claim_number
from suite.commands.faults import CommandFailed
from suite.commands.moments import now
from suite.commands.store import DEFAULT_DATA, AsJson, Data, reading, writing
from suite.commands.tables import left, print_rows
from suite.commands.terminal import complain, money, note, out, print_json, printable

KEPT_BACK_SHOWN = 20
BILLER = "claimtrail"
"""Who exports or imports, where nobody says who."""

app = typer.Typer(
    name="export",
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
Directory = Annotated[
    Path, typer.Option("--output", "-o", metavar="DIR", help="Where the files go; made if needed.", file_okay=False)
]


@app.callback()
def export() -> None:
    """Claims out: as files for payers, on the paper form, in FHIR.

    \b
    Examples: claimtrail export 837 -o outbox
              claimtrail export cms1500 C5J2K8Q0V7M3T9XA4 -o claim.html
              claimtrail export fhir C5J2K8Q0V7M3T9XA4
    """


@app.command("837")
def export_837(
    directory: Directory,
    payer: Annotated[str | None, typer.Option(metavar="PAYER_ID", help="Only to this payer.")] = None,
    org: Annotated[str | None, typer.Option(metavar="ORG_ID", help="Only of this organization.")] = None,
    clinic: Annotated[str | None, typer.Option(metavar="CLINIC_ID", help="Only of this clinic.")] = None,
    again: Annotated[
        int | None, typer.Option(metavar="NUMBER", min=1, help="Only write this recorded file once more.")
    ] = None,
    resend: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CLAIM_ID", parser=claim_number, help="Send a claim that came back though nothing of it changed."
        ),
    ] = None,
    today: Annotated[
        date | None, typer.Option(metavar="DAY", parser=a_day, help="The day of the export, for timely filing.")
    ] = None,
    by: Annotated[str, typer.Option("--by", metavar="WHO", help="Who exports.")] = BILLER,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would go; record and write nothing.")] = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Send what is due as X12 837P files, one an organization and payer: ready, replacement and void claims.

    Every export is recorded before its file is written; a file that did not come to be written is written by the next
    export. What was sent is not sent twice. Claims with a fault stay back, and the fault says what is missing.

    Exit code: 0 when all files lie there; 1 when a recorded one cannot be written any more; 2 when the call was wrong.

    \b
    Examples: claimtrail export 837 -o outbox
              claimtrail export 837 --payer medicare -o outbox --dry-run
              claimtrail export 837 --again 12 -o outbox
    """
    from billing.choosing import Wanted
    from billing.exporting import export as send
    from billing.exporting import write_again
    from suite.billing_store import billing_store
    from suite.exported import as_answer, of_file

    day = today or date.today()  # noqa: DTZ011 -- a claim is filed on the day where its sender is
    if again is not None and (dry_run or resend):
        raise CommandFailed("--again writes a recorded file once more; it goes with -o alone")
    with writing(data, walks=True) as installation, bars() as shown:
        store = billing_store(installation)
        if again is not None:
            file = write_again(store, again, directory, now())
            answer = {"files": [of_file(file)], "not_written": [], "not_exported": [], "advice": {}}
            _print(answer, as_json=as_json, dry_run=False)
            return
        bar = shown.add("putting together", "claims")
        wanted = Wanted(payer, org, clinic, frozenset(resend or ()))
        done = send(store, wanted, directory, on=day, by=by, now=now, progress=bar.at, dry_run=dry_run)
    _print(as_answer(done), as_json=as_json, dry_run=dry_run)
    for error in done.not_written:
        complain(str(error))
    if done.not_written:
        raise typer.Exit(1)


@app.command("cms1500")
def export_cms1500(
    claim_id: ClaimId,
    file: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The page, as HTML to print.", dir_okay=False)
    ],
    data: Data = DEFAULT_DATA,
) -> None:
    """Put a claim on our drawing of the CMS-1500 form: as it was sent last, else as it would be sent.

    The page prints to paper or PDF, a form a sheet. It holds patient data.

    \b
    Example: claimtrail export cms1500 C5J2K8Q0V7M3T9XA4 -o claim.html
    """
    from audit.history import case_of
    from billing.documents import paper_form
    from suite.billing_store import billing_store

    with reading(data) as installation:
        page = paper_form(billing_store(installation), case_of(installation.read, claim_id), claim_id)
    file.write_text(page, encoding="utf-8")
    out().print(printable(f"{file} written"), soft_wrap=True)


@app.command("fhir")
def export_fhir(claim_id: ClaimId, data: Data = DEFAULT_DATA) -> None:
    """Print a claim as a FHIR R4 bundle: Claim, and for each of the payer's answers ClaimResponse and
    ExplanationOfBenefit. It holds patient data.

    \b
    Example: claimtrail export fhir C5J2K8Q0V7M3T9XA4 > claim.json
    """
    from audit.history import case_of
    from billing.documents import fhir
    from suite.billing_store import billing_store

    with reading(data) as installation:
        print_json(fhir(billing_store(installation), case_of(installation.read, claim_id), claim_id))


def _print(answer: Mapping[str, Any], *, as_json: bool, dry_run: bool) -> None:
    if as_json:
        print_json(answer)
        return
    console, files, kept = out(), answer["files"], answer["not_exported"]
    for file in files:
        written = "written again" if file["written_again"] else "written"
        console.print(f"{file['path']}  {written}", style="bold", soft_wrap=True)
        claims = f"{len(file['claims']):,} claim{'' if len(file['claims']) == 1 else 's'}"
        console.print(
            printable(f"  file {file['number']}, {file['org']} to {file['payer_id']}: {claims}, ")
            + money(file["charge_cents"])
        )
    if not files and not dry_run:
        note("nothing was exported")
    if kept:
        console.print(f"{len(kept):,} claims stay back:", style="yellow")
        print_rows(console, [left("CLAIM", 17), left("WHERE", 24), left("WHAT IS NEEDED")], _needs(kept), gap=1)
        if len(kept) > KEPT_BACK_SHOWN:
            note(f"{len(kept) - KEPT_BACK_SHOWN:,} more stay back; --json lists all")
    for (path, expected), count in Counter(_advice(answer)).most_common():
        claims = f"{count:,} claim{'' if count == 1 else 's'}"
        note(f"{claims}: the payer may stumble over {path.removeprefix('$.')}; expected {expected}")


def _needs(kept: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, str, str]]:
    for each in list(kept)[:KEPT_BACK_SHOWN]:
        for number, fault in enumerate(each["faults"] or [{"path": "", "expected": each["reason"]}]):
            yield each["claim_id"] if number == 0 else "", fault["path"].removeprefix("$."), fault["expected"]


def _advice(answer: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    return ((fault["path"], fault["expected"]) for faults in answer["advice"].values() for fault in faults)
