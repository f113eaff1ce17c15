"""`demo`: a few simulated clinics through all four services, told so that a newcomer understands."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from suite.commands.bars import bars
from suite.commands.circles import show_circle
from suite.commands.claims import show_claim
from suite.commands.faults import CommandFailed
from suite.commands.recorded import event_cells
from suite.commands.store import writing
from suite.commands.tables import left, print_rows, right, row, severity_text, status_text, table
from suite.commands.terminal import money, out
from suite.commands.worklist import show_appeals

if TYPE_CHECKING:
    from event_log.verify import Verification
    from suite.demonstration import Told

RULES_SHOWN, DUE_SHOWN, EVENTS_SHOWN, BAR_WIDTH = 6, 5, 14, 30


def demo(
    leave: Annotated[
        bool, typer.Option("--exit", help="Stop after the summary (there is no console yet: it always does).")
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option("--data", help="Keep the store in this directory, to look around in it.", file_okay=False),
    ] = None,
) -> None:
    """Show the whole suite at work on invented clinics: from raw events to claims, appeals and a verified record.

    \b
    Example: claimtrail demo --data demo-data
    """
    del leave
    with _directory(data) as directory:
        console = out()
        told, verified = _run(directory)
        _tell(console, told, verified)
        _invite(console, directory if data is not None else None, told)


@contextmanager
def _directory(data: Path | None) -> Iterator[Path]:
    from suite.demonstration import MARK, belongs_to_somebody

    if data is None:
        with TemporaryDirectory(prefix="claimtrail-demo-") as directory:
            yield Path(directory)
        return
    if belongs_to_somebody(data):
        raise CommandFailed(f"{data} is a store already; the demo would mix invented patients into it: name another")
    data.mkdir(parents=True, exist_ok=True)
    (data / MARK).touch()
    yield data


def _run(directory: Path) -> "tuple[Told, Verification]":
    from suite.demonstration import check, demonstrate, events

    with bars() as shown:
        reading, working = shown.add("reading in", "events"), shown.add("working off", "events")
        sending, replaying = shown.add("sending", "claims"), shown.add("replaying", "events")
        stream = events()
        size = len(stream)
        with writing(directory, make=True, embedded=True) as installation:
            told = demonstrate(
                installation,
                stream,
                directory,
                reached=lambda source, count: reading.at(min(size, source.opened.tell()), size, count),
                working_off=working.at,
                sending=sending.at,
                replaying=replaying.at,
            )
        return told, check(installation)


def _tell(console: Console, told: "Told", verified: "Verification") -> None:
    _heading(console, "What the clinics sent", "Events in any order: late, doubled, some of them wrong.")
    counts = ", ".join(f"{count:,} {word}" for word, count in told.taken.as_json()["counts"].items() if count)
    console.print(f"{told.taken.events:,} events in {told.taken.seconds:.1f} s: {counts}")
    _heading(console, "What became of it", "Units counted, claims checked, sent to payers; their answers matched.")
    _claims(console, told)
    _heading(
        console, "What payers would have denied", "Found before the claim goes out, each with its fix and its source."
    )
    _rules(console, told)
    if told.held is not None:
        _heading(console, "One claim that is held")
        show_claim(console, told.held)
    _heading(
        console, "To the payer and back", "Claims out as 837P files; 999, 277CA and 835 files in, every sum checked."
    )
    show_circle(console, told.circle)
    if told.back is not None:
        _heading(console, "One claim that came back")
        show_claim(console, told.back)
    if told.due:
        _heading(console, "What payers denied", "Sorted into appeals and corrected claims, each with its last day.")
        show_appeals(console, told.due[:DUE_SHOWN])
        _more(console, len(told.due) - DUE_SHOWN)
    _heading(
        console,
        "How one claim came to be",
        f"{told.history['claim_id']}: facts, and in bold the decisions made of them.",
    )
    _history(console, told)
    _heading(console, "Can the record be trusted?")
    _record(console, told, verified)


def _heading(console: Console, title: str, words: str = "") -> None:
    console.print()
    console.print(title, style="bold cyan")
    if words:
        console.print(words, style="dim")


def _more(console: Console, count: int) -> None:
    if count > 0:
        console.print(f"and {count} more", style="dim")


def _claims(console: Console, told: "Told") -> None:
    by_status = Counter(claim["status"] for claim in told.claims)
    most = max(by_status.values())
    shown = table(left("STATUS"), right("CLAIMS"), left(""), header=False)
    for status, count in by_status.most_common():
        bar = status_text(status)
        bar.plain = "━" * max(1, round(BAR_WIDTH * count / most))
        row(shown, status_text(status), f"{count}", bar)
    console.print(shown)
    units = sum(line["units"] for claim in told.claims for line in claim["lines"])
    charged = sum(claim["charge_cents"] or 0 for claim in told.claims)
    held = sum(claim["charge_cents"] or 0 for claim in told.claims if claim["status"] == "held")
    paid = sum(claim["paid_cents"] or 0 for claim in told.claims)
    console.print(
        f"{len(told.claims):,} claims, {units:,} units, {money(charged)} charged; "
        f"{money(paid)} paid so far, {money(held)} held back to be mended"
    )


def _rules(console: Console, told: "Told") -> None:
    shown = table(left("RULE", 8), right("CLAIMS"), left("", 7), left("FOR EXAMPLE"))
    for found in told.rules[:RULES_SHOWN]:
        row(shown, found.rule, f"{found.claims}", severity_text(found.severity), found.message)
    console.print(shown)
    _more(console, len(told.rules) - RULES_SHOWN)


def _history(console: Console, told: "Told") -> None:
    events = [each for each in told.history["events"] if not _is_reference(each["type"])]
    columns = [right("POSITION", 9), left("HAPPENED", 16), left("WHAT", 30), left("BY", 18)]
    print_rows(console, columns, (event_cells(each) for each in events[-EVENTS_SHOWN:]), gap=1)
    before = len(told.history["events"]) - min(len(events), EVENTS_SHOWN)
    if before:
        console.print(f"and {before} more that it rests on: the visit, the patient's coverage, plan, …", style="dim")


def _is_reference(name: str) -> bool:
    own = ("claimtrail.session.", "claimtrail.interval.", "claimtrail.note.", "claimtrail.remittance.")
    return name.startswith("claimtrail.") and not name.startswith(own)


def _record(console: Console, told: "Told", verified: "Verification") -> None:
    shown = table(left(""), left(""), header=False)
    same = told.replayed.different == 0
    verdict = (
        Text("replayed: same bytes", style="bold green") if same else Text("replayed: different", style="bold red")
    )
    row(shown, verdict, f"all {told.replayed.checked:,} decisions, run again from their recorded facts")
    checked = Text("verified", style="bold green") if verified.ok else Text("tampered with", style="bold red")
    row(shown, checked, f"all {verified.size:,} events against their hashes and signed checkpoints")
    console.print(shown)


def _invite(console: Console, data: Path | None, told: "Told") -> None:
    console.print()
    if data is None:
        console.print("To look around yourself: claimtrail demo --data demo-data", style="bold")
        return
    claim_id = told.history["claim_id"]
    console.print("Look around:", style="bold")
    for words in (
        "claims --status held",
        "files",
        "denials --by carc",
        f"history {claim_id}",
        f"replay {claim_id}",
        "status",
    ):
        console.print(f"  claimtrail {words} --data {data}", soft_wrap=True)
