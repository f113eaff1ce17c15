"""`history`, `replay` and `verify`: what auditors ask."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from suite.commands.bars import bars
from suite.commands.claims import ClaimId, claim_number, show_claim
from suite.commands.faults import CommandFailed
from suite.commands.store import DEFAULT_DATA, AsJson, Data, check_there, database_url, looking_back, note_lag, reading
from suite.commands.tables import left, print_rows, right
from suite.commands.terminal import complain, out, print_json

DIFFERENT = 1


def history(
    claim_id: ClaimId,
    as_of: Annotated[
        str | None,
        typer.Option(metavar="T", help="A time with an offset, or a log position: the claim as it was known then."),
    ] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Print every event that made one claim, oldest first: those of its case and every fact a decision names.

    Each is held against its hash: exit code 1, and it is marked, where one is not what was written.

    \b
    Examples: claimtrail history C5J2K8Q0V7M3T9XA4
              claimtrail history C5J2K8Q0V7M3T9XA4 --as-of 2026-03-02T17:00:00-05:00 --json
    """
    from audit.errors import UnknownInstant, changed_at
    from audit.history import history as found
    from audit.history import parse_as_of

    try:
        point = parse_as_of(as_of)
    except UnknownInstant as error:
        raise CommandFailed(f"--as-of: {error}") from error
    with reading(data) as installation:
        note_lag(installation)
        whole = found(installation.read, installation.codec, claim_id, point)
    if as_json:
        print_json(whole)
    else:
        show_history(out(), whole)
    if altered := [each["position"] for each in whole["events"] if each.get("changed")]:
        complain(changed_at(altered))
        raise typer.Exit(DIFFERENT)


def show_history(console: Console, whole: Mapping[str, Any]) -> None:
    """Every event in a line, then the claim they make."""
    columns = [right("POSITION", 9), left("HAPPENED", 16), left("WHAT", 34), left("BY", 16)]
    print_rows(console, columns, (event_cells(each) for each in whole["events"]), gap=1)
    console.print()
    if whole["state"] is None:
        altered = any(each.get("changed") for each in whole["events"])
        console.print("What is stored now makes no claim." if altered else "No claim was made of it yet.")
    else:
        show_claim(console, whole["state"])


def event_cells(each: Mapping[str, Any]) -> tuple[str, str, Text, str]:
    """An event of a history in a row: facts plain, decisions bold."""
    name: str = each["type"]
    is_fact = name.startswith("claimtrail.")
    what = name.removeprefix("claimtrail.").removesuffix(".v1").replace(".", " ") if is_fact else name
    style = "" if is_fact else "bold"
    if each.get("changed"):
        what, style = f"CHANGED {what}", "bold red"
    by = each["service"] if each["actor"].startswith("/orgs/") else each["actor"]
    return str(each["position"]), each["occurred_at"][:16].replace("T", " "), Text(what, style=style), by


def replay(
    claim_id: Annotated[
        str | None, typer.Argument(metavar="CLAIM_ID", help="Claim number.", parser=claim_number)
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every decision of the whole log.")] = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Run recorded decisions again from their recorded facts and ruleset, and compare them byte for byte.

    Exit code 1 when a decision comes out different. What was erased on request is counted apart.

    \b
    Examples: claimtrail replay C5J2K8Q0V7M3T9XA4
              claimtrail replay --all
    """
    from audit.replay import replay as run_again

    if every == (claim_id is not None):
        raise CommandFailed("name one claim, or give --all for every decision of the log")
    with looking_back(data, whole=every) as (installation, workers), bars() as shown:
        bar = shown.add("replaying", "positions")
        read, codec, rulesets = installation.read, installation.codec, installation.rulesets
        done = run_again(read, codec, claim_id, bar.at, rulesets=rulesets, workers=workers)
    answer = {
        "claim_id": claim_id,
        "checked": done.checked,
        "same": done.same,
        "different": done.different,
        "erased": done.erased,
        "unknown": dict(sorted(done.unknown.items())),
        "differences": [difference._asdict() for difference in done.differences],
    }
    if as_json:
        print_json(answer)
    else:
        show_replay(out(), answer)
    if not done.clean:
        raise typer.Exit(DIFFERENT)


def show_replay(console: Console, answer: Mapping[str, Any]) -> None:
    """What a replay came to, in a sentence, and each difference in a line."""
    if not answer["different"]:
        erased = f"; {answer['erased']:,} were erased and cannot be" if answer["erased"] else ""
        verdict = Text("replayed: same bytes", style="bold green")
        console.print(verdict, f"({answer['same']:,} decisions run again from their recorded facts{erased})")
        return
    console.print(Text(f"{answer['different']:,} of {answer['checked']:,} decisions differ", style="bold red"))
    for each in answer["differences"]:
        console.print(f"  position {each['position']}: {each['type']} of {each['claim_id']} {each['reason']}")


def verify(
    key: Annotated[
        str | None,
        typer.Option(metavar="VKEY", help="The log's public key, from where nobody could change it with the log."),
    ] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Check the whole log against its hashes and signed checkpoints.

    Exit code 1 and the first bad position when anything was changed. Without --key the public key beside the log is
    used; note it down elsewhere (`claimtrail status` prints it) and give it here.

    \b
    Example: claimtrail verify --key "$(cat log.vkey)"
    """
    from event_log.notes import BadNote
    from suite.verifying import check, public_key

    check_there(data)
    public = key or public_key(data)
    try:
        with bars() as shown:
            result = check(data, database_url(), public, shown.add("verifying", "events").at)
    except BadNote as error:
        raise CommandFailed(f"--key: {error}") from error
    answer = {**result._asdict(), "root": result.root.hex(), "public_key": public}
    if as_json:
        print_json(answer)
    else:
        show_verification(out(), answer)
    if not result.ok:
        complain(_bad(answer))
        raise typer.Exit(DIFFERENT)


def show_verification(console: Console, answer: Mapping[str, Any]) -> None:
    """What was checked, by which key, and what no signature covers yet."""
    if answer["ok"]:
        console.print(
            Text("verified", style="bold green"),
            f"{answer['size']:,} events, each against its hash; {answer['checkpoints_checked']} checkpoints hold",
        )
    console.print(f"public key  {answer['public_key'] or 'none: signatures were not checked'}", soft_wrap=True)
    console.print(f"root        {answer['root']}", soft_wrap=True)
    if answer["uncovered"]:
        first, last = answer["uncovered"]
        console.print(f"not signed  positions {first:,} to {last:,}: no checkpoint covers them yet")


def _bad(answer: Mapping[str, Any]) -> str:
    where = f"first bad position {answer['first_bad_position']}: " if answer["first_bad_position"] else ""
    last = (
        f" (the change is within {answer['bad_range'][0]} to {answer['bad_range'][1]})" if answer["bad_range"] else ""
    )
    return f"the log is not what was written: {where}{answer['reason']}{last}"
