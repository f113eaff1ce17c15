"""`evidence` and `verify-evidence`: one claim's record for somebody who has neither the log nor its keys."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from suite.commands.claims import ClaimId
from suite.commands.faults import NOT_THERE, CommandFailed
from suite.commands.store import DEFAULT_DATA, AsJson, Data, check_there, database_url
from suite.commands.terminal import complain, note, out, print_json


def evidence(
    claim_id: ClaimId,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE.zip", help="Where the bundle goes.", dir_okay=False)
    ],
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Make the evidence of one claim: its events, each proved to stand in the log, under the last signed checkpoint.

    Who gets it checks it with `claimtrail verify-evidence`, without the log, the keys or the network. Personal texts
    stay sealed in it.

    \b
    Example: claimtrail evidence C5J2K8Q0V7M3T9XA4 -o C5J2K8Q0V7M3T9XA4.zip
    """
    from suite.verifying import evidence as found

    check_there(data)
    made = found(data, database_url(), claim_id)
    output.write_bytes(made.content)
    if made.later:
        note(f"{made.later:,} later events of the claim are under no signed checkpoint yet: they are not in it")
    if as_json:
        counts = {"events": made.events, "size": made.size, "later": made.later, "bytes": len(made.content)}
        print_json({"claim_id": claim_id, "file": str(output), **counts})
    else:
        told = f"{output}: {made.events:,} events of claim {claim_id}, of {made.size:,} in the log"
        out().print(told, soft_wrap=True)


def verify_evidence(
    bundle: Annotated[
        Path | None, typer.Argument(metavar="FILE.zip", help="A bundle that `claimtrail evidence` made.")
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="The log's public key, from where nobody could change it with the bundle."),
    ] = None,
    script: Annotated[
        bool,
        typer.Option("--script", help="Print the program that checks a bundle with nothing but Python, and end."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check the evidence of a claim, with no log, no keys and no network: every event against the signed checkpoint.

    Exit code 1, and what is wrong, where anything in it was changed, or a decision or what it rests on is left out.

    \b
    Example: claimtrail verify-evidence C5J2K8Q0V7M3T9XA4.zip --key "$(cat log.vkey)"
             claimtrail verify-evidence --script > check_evidence.py
    """
    from audit.evidence import standalone

    if script:
        out().file.write(Path(standalone.__file__).read_text(encoding="utf-8"))
        return
    if bundle is None or key is None:
        raise CommandFailed("name the bundle and the log's public key: claimtrail verify-evidence FILE.zip --key KEY")
    try:
        with bundle.open("rb") as opened:
            proved = standalone.check(opened, key)
    except standalone.NotProved as error:
        if as_json:
            print_json({"ok": False, "reason": str(error)})
        complain(f"not proved: {error}")
        raise typer.Exit(NOT_THERE) from error
    if as_json:
        print_json({"ok": True, **proved._asdict(), "events": len(proved.events), "root": proved.root.hex()})
        return
    out().print(
        Text("proved", style="bold green"),
        f"{len(proved.events):,} events of claim {proved.claim_id} stand in the log {proved.log} unchanged, "
        f"as it was with {proved.size:,} events",
        soft_wrap=True,
    )
