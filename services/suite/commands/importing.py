"""`import 835`, `import 277ca`, `import 999`, `unmatched` and `match`: what payers answer."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from suite.commands.bars import bars
from suite.commands.claims import a_day, claim_number
from suite.commands.deciding import By, Reason
from suite.commands.exporting import BILLER
from suite.commands.faults import CommandFailed
from suite.commands.moments import now
from suite.commands.store import DEFAULT_DATA, AsJson, Data, reading, writing
from suite.commands.tables import left, print_rows, right
from suite.commands.terminal import complain, money, note, out, print_json, printable

if TYPE_CHECKING:
    from billing.answers import FileTaken, Kind

app = typer.Typer(
    name="import",
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
Files = Annotated[
    list[Path], typer.Argument(metavar="FILE...", help="Files as the payer sent them.", exists=True, dir_okay=False)
]
ReceivedOn = Annotated[
    date | None,
    typer.Option(
        "--received-on", metavar="DAY", parser=a_day, help="The day they came; appeal deadlines count from it."
    ),
]
Who = Annotated[str, typer.Option("--by", metavar="WHO", help="Who imports.")]


@app.callback()
def import_() -> None:
    """Payers' answers in. A file is taken whole or not at all, and once, however often it is given.

    Exit code: 0 when every file is in; 1 when one was refused or contradicts what is known; 2 when the call was wrong.

    \b
    Examples: claimtrail import 835 era/*.835
              claimtrail import 277ca ack.277
              claimtrail import 999 ack.999
    """


@app.command("835")
def import_835(
    files: Files, received_on: ReceivedOn = None, by: Who = BILLER, data: Data = DEFAULT_DATA, as_json: AsJson = False
) -> None:
    """Take remittances in: what was paid, denied, adjusted and taken back, each matched to its claim.

    A file whose sums do not come out to the cent is refused whole. What fits no claim is kept: claimtrail unmatched.

    \b
    Example: claimtrail import 835 era.835 --received-on 2026-04-01
    """
    _import("835", files, received_on, by, data, as_json=as_json)


@app.command("277ca")
def import_277ca(
    files: Files, received_on: ReceivedOn = None, by: Who = BILLER, data: Data = DEFAULT_DATA, as_json: AsJson = False
) -> None:
    """Take claim acknowledgments in: which claims went into adjudication, which came back.

    \b
    Example: claimtrail import 277ca ack.277
    """
    _import("277CA", files, received_on, by, data, as_json=as_json)


@app.command("999")
def import_999(
    files: Files, received_on: ReceivedOn = None, by: Who = BILLER, data: Data = DEFAULT_DATA, as_json: AsJson = False
) -> None:
    """Take file acknowledgments in (999, TA1): the claims of a file that was not understood came back.

    \b
    Example: claimtrail import 999 ack.999
    """
    _import("999", files, received_on, by, data, as_json=as_json)


def _import(
    kind: "Kind", files: Sequence[Path], received_on: date | None, by: str, data: Path, *, as_json: bool
) -> None:
    from billing.answers import take
    from suite.answering import as_answer
    from suite.billing_store import answer_port

    day = received_on or date.today()  # noqa: DTZ011 -- a file comes on the day where its receiver is
    taken = []
    with ExitStack() as stack:
        opened = [(path, stack.enter_context(path.open("rb"))) for path in files]
        installation = stack.enter_context(writing(data, walks=True))
        port = answer_port(installation)
        installation.work_off()
        with bars() as shown:
            for path, source in opened:
                bar = shown.add(f"taking in {path.name}", "answers")
                taken.append(take(path.name, source, kind, port, received_on=day, by=by, now=now(), progress=bar.at))
        installation.work_off()
    if as_json:
        print_json({"files": [as_answer(each) for each in taken]})
    else:
        for each in taken:
            _show(each)
    if not all(each.clean for each in taken):
        raise typer.Exit(1)


def _show(taken: "FileTaken") -> None:
    console, tally = out(), taken.tally
    if taken.refusal is not None:
        off = f"; off by {money(taken.refusal.off_cents)}" if taken.refusal.off_cents is not None else ""
        complain(f"{taken.name} is refused, nothing of it is posted: {taken.refusal.message}{off}")
        return
    if taken.outcome == "repeated":
        console.print(printable(f"{taken.name}: taken in before, nothing changed"), soft_wrap=True)
        return
    parts = [f"{taken.answers:,} answers", f"{tally.matched:,} matched"]
    parts += [f"{tally.repeated:,} of them known already"] if tally.repeated else []
    console.print(printable(f"{taken.name}: {', '.join(parts)}"), soft_wrap=True)
    for payment in taken.payments:
        words = f"  {payment.payer}, {payment.method} {payment.trace_number} of {payment.paid_on}: "
        console.print(printable(words) + f"{money(payment.paid_cents)} for {payment.claims:,} claims", soft_wrap=True)
        for each in payment.provider_balances:
            words = f"    {each.reason} {each.reference or 'without a reference'}: {money(-each.cents)}"
            console.print(printable(words), soft_wrap=True)
    if tally.set_aside:
        note(f"{tally.set_aside:,} answers fit no claim; `claimtrail unmatched` lists them")
    if tally.conflicts:
        note(f"{tally.conflicts:,} answers contradict earlier ones; `claimtrail conflicts` lists them")


def unmatched(
    every: Annotated[bool, typer.Option("--all", help="Also those that are matched or dismissed.")] = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """List the answers of payers that fit no claim. They are matched by themselves when their claim appears.

    \b
    Example: claimtrail unmatched
    """
    from billing.answers.worklist import unmatched as waiting

    with reading(data) as installation:
        rows = waiting(installation.read.rows(), every=every)
    if as_json:
        print_json(rows)
    elif not rows:
        note("no answer waits for its claim")
    else:
        columns = [left("ITEM", 36), left("CAME", 10), left("KIND", 5), left("PAYER", 16), right("AMOUNT", 10)]
        print_rows(out(), [*columns, left("CLAIM", 17), left("WHY", 17)], map(_cells, rows), gap=1)


def _cells(each: Mapping[str, Any]) -> Sequence[str | None]:
    why = each["reason"] if each["status"] == "waiting" else each["status"]
    claim = each["matched_to"] or each["claim_id"] or "-"
    return each["item"], each["received_on"], each["kind"], each["payer"], money(each["amount_cents"]), claim, why


def match(
    item: Annotated[str, typer.Argument(metavar="ITEM", help="As `claimtrail unmatched` lists it.")],
    reason: Reason,
    by: By,
    claim_id: Annotated[
        str | None, typer.Argument(metavar="CLAIM_ID", help="The claim that it answers.", parser=claim_number)
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="It is none of ours: dismiss it.")] = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Put an answer that was set aside to its claim, or dismiss it. The decision is recorded with its reason.

    \b
    Examples: claimtrail match 6f1d0c5e-2b7a-5c0e-9d57-0123456789ab C5J2K8Q0V7M3T9XA4 --by "A. Biller" --reason typo
              claimtrail match 6f1d0c5e-2b7a-5c0e-9d57-0123456789ab --none --by "A. Biller" --reason "another practice"
    """
    from billing.answers.worklist import dismiss
    from billing.answers.worklist import match as put
    from suite.billing_store import answer_port

    if (claim_id is None) is not none:
        raise CommandFailed("name the claim that it answers, or say --none")
    with writing(data) as installation:
        port = answer_port(installation)
        if claim_id is None:
            answer = dismiss(port, item, reason=reason, by=by, now=now())
        else:
            answer = put(port, item, claim_id, reason=reason, by=by, now=now())
    if as_json:
        print_json(answer)
    elif claim_id is None:
        out().print("dismissed")
    else:
        out().print(f"matched: {claim_id} is {answer['status'].replace('_', ' ')} now")


def files(
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """List the claim files that went out and the payers' files that came in, with their payments.

    \b
    Example: claimtrail files
    """
    from billing.views import answer_files, claim_files

    with reading(data) as installation:
        rows = installation.read.rows()
        answer = {"sent": list(claim_files(rows)), "received": list(answer_files(rows))}
    if as_json:
        print_json(answer)
        return
    console = out()
    columns = [right("FILE", 6), left("SENT", 10), left("PAYER", 24), right("CLAIMS", 6), right("CHARGE", 12)]
    print_rows(console, [*columns, left("999", 9)], map(_sent_cells, answer["sent"]), gap=1)
    if answer["received"]:
        console.print()
        columns = [left("CAME", 10), left("KIND", 5), right("MATCHED", 7), right("ASIDE", 5), right("PAID", 12)]
        print_rows(console, [*columns, left("NAME", 30)], map(_received_cells, answer["received"]), gap=1)


def _sent_cells(each: Mapping[str, Any]) -> Sequence[str]:
    verdict = each["verdict"] or ("" if each["written"] else "not written")
    numbers = f"{each['claims']:,}", money(each["charge_cents"])
    return f"{each['number']}", each["exported_on"], each["payer_id"], *numbers, verdict


def _received_cells(each: Mapping[str, Any]) -> Sequence[str]:
    numbers = f"{each['matched']:,}", f"{each['set_aside']:,}", money(each["paid_cents"])
    return each["received_on"], each["kind"], *numbers, each["name"]
