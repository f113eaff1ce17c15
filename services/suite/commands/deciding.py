"""`override`, `question`, `answer`, `conflicts`, `settle` and `erase`: what a person decides, by name."""

import sys
from enum import StrEnum
from typing import Annotated, Any

import typer

from suite.commands.claims import ClaimId, claim_number
from suite.commands.faults import CommandFailed
from suite.commands.store import DEFAULT_DATA, AsJson, Data, reading, writing
from suite.commands.terminal import note, out, print_json, printable
from suite.commands.texts import LONGEST_NAME, LONGEST_TEXT, a_text


class Keep(StrEnum):
    """Which content of a fact is right."""

    FIRST = "first"
    SECOND = "second"


By = Annotated[str, typer.Option("--by", metavar="WHO", help="Who decides.", parser=a_text("a name", LONGEST_NAME))]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.", parser=a_text("a reason", LONGEST_TEXT))]


def override(
    claim_id: ClaimId,
    rule: Annotated[str, typer.Option(metavar="RULE", help="The finding's rule, such as DOC-006.")],
    reason: Reason,
    by: By,
    line: Annotated[int | None, typer.Option(min=1, help="The finding's claim line; else the rule on all.")] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Release a finding that holds a claim. The decision is recorded with its reason, and the claim assessed again.

    \b
    Example: claimtrail override C5J2K8Q0V7M3T9XA4 --rule POC-004 --by "A. Biller" --reason "plan signed on paper"
    """
    from suite.deciding import override as release

    with writing(data) as installation:
        answer = release(installation, claim_id, rule=rule.upper(), line=line, reason=reason, by=by)
    if as_json:
        print_json(answer)
    else:
        out().print(f"{claim_id}: {answer['before']} before, {answer['after']} now")


def question(
    claim_id: ClaimId,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The question.", parser=a_text("a text", LONGEST_TEXT))],
    by: By,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Ask about a claim: it is held until somebody answers. `claimtrail why` shows question and answer.

    \b
    Example: claimtrail question C5J2K8Q0V7M3T9XA4 "Which of the two plans holds?" --by "A. Biller"
    """
    from suite.deciding import question as ask

    with writing(data) as installation:
        told = ask(installation, claim_id, text=text, by=by)
    _show(told, as_json=as_json)


def answer(
    question_id: Annotated[
        str,
        typer.Argument(metavar="QUESTION_ID", help="The claim number, -Q and a number.", parser=claim_number),
    ],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The answer.", parser=a_text("a text", LONGEST_TEXT))],
    by: By,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Answer a question on a claim. The claim is assessed again.

    \b
    Example: claimtrail answer C5J2K8Q0V7M3T9XA4-Q1 "The one of February." --by "B. Therapist"
    """
    from suite.deciding import answer as reply

    with writing(data) as installation:
        told = reply(installation, question_id, text=text, by=by)
    _show(told, as_json=as_json)


def _show(told: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(told)
    else:
        out().print(f"{told['question_id']}: claim {told['before']} before, {told['after']} now")


def conflicts(
    settled: Annotated[bool, typer.Option("--settled", help="Also those that are decided.")] = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """List the facts that came twice with different content, and where the contents differ.

    The first content is in force, and the claims it concerns are held, until `claimtrail settle` decides.
    What is shown may be patient data.

    \b
    Example: claimtrail conflicts
    """
    from suite.conflicts import conflicts as found

    with reading(data) as installation:
        rows = found(installation, settled=settled)
    if as_json:
        print_json(rows)
        return
    if not rows:
        note("no conflict waits for a decision")
    console = out()
    for number, each in enumerate(rows):
        if number:
            console.print()
        decided = each["settled"]
        said = f"  settled: keep the {decided['keep']}, by {decided['by']}" if decided else ""
        console.print(f"{each['conflict_id']}{said}", style="bold", soft_wrap=True)
        console.print(printable(f"  {each['stream']}  {each['type'] or 'erased'}  {each['id'] or ''}"), soft_wrap=True)
        for part in each["differs"]:
            console.print(printable(f"  {part['path']}"), style="dim")
            console.print(printable(f"    first   {part['first']}"), soft_wrap=True)
            console.print(printable(f"    second  {part['second']}"), soft_wrap=True)


def settle(
    conflict_id: Annotated[str, typer.Argument(metavar="CONFLICT_ID", help="As `claimtrail conflicts` lists it.")],
    keep: Annotated[Keep, typer.Option(help="Which content is right.")],
    reason: Reason,
    by: By,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Decide which content of a fact is right. The claims that it held are assessed again.

    \b
    Example: claimtrail settle 6f1d0c5e-2b7a-5c0e-9d57-0123456789ab --keep second --by "A. Biller" --reason "typo"
    """
    from suite.deciding import settle as decide

    with writing(data) as installation:
        answer = decide(installation, conflict_id, keep=keep.value, reason=reason, by=by)
    if as_json:
        print_json(answer)
    else:
        out().print(f"settled: the {keep.value} content is in force")


def erase(
    org: Annotated[str, typer.Option(metavar="ORG_ID", help="The organization.")],
    patient: Annotated[str, typer.Option(metavar="PATIENT_ID", help="The patient.")],
    reason: Reason,
    by: By,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Forget a patient for good: destroy the key that names, birth date, member ids and notes are sealed with.

    The log keeps its hashes, so every proof stays valid; what was sealed cannot be read by anybody again. Copies of
    the store and of its keys made before (backups) are out of reach: delete them, too. Who asked and why is recorded
    as it is written here: do not name the patient.

    \b
    Example: claimtrail erase --org north --patient P-0017 --by "A. Officer" --reason "request of 2026-03-02"
    """
    from suite.erasing import erase as forget

    with writing(data) as installation:
        if not yes:
            _confirm()
        gone = forget(installation, org=org, patient=patient, reason=reason, by=by)
    if as_json:
        print_json({"org": org, "patient_id": patient, "keys_destroyed": len(gone)})
    else:
        out().print(f"erased: {len(gone)} keys destroyed")


def _confirm() -> None:
    if not sys.stdin.isatty():
        raise CommandFailed("erasing cannot be undone: confirm with --yes")
    if not typer.confirm("This cannot be undone. Erase?", err=True):
        raise CommandFailed("nothing was erased")
