"""What people do about an appeal or a proposal, each a command behind `claimtrail appeal ITEM_ID`."""

import hashlib
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from suite.commands.appeal import group, item_number
from suite.commands.claims import a_day
from suite.commands.store import DEFAULT_DATA, AsJson, Data, writing
from suite.commands.terminal import note, out, print_json, printable
from suite.commands.texts import LONGEST_NAME, LONGEST_TEXT, a_text

if TYPE_CHECKING:
    from appeals.acts import Act


class How(StrEnum):
    """How something reached a reviewer."""

    PORTAL = "portal"
    ELECTRONIC = "electronic"
    FAX = "fax"
    MAIL = "mail"
    COURIER = "courier"
    BY_HAND = "by-hand"


class Outcome(StrEnum):
    """What becomes of an item."""

    DONE = "done"
    DECLINED = "declined"
    CONTESTED = "contested"


By = Annotated[str, typer.Option("--by", metavar="WHO", help="Who does it.", parser=a_text("a name", LONGEST_NAME))]
On = Annotated[date, typer.Option("--on", metavar="DAY", help="When the reviewer received it.", parser=a_day)]
HowSent = Annotated[How, typer.Option("--how", metavar="HOW", help=f"{', '.join(How)}.")]
Proof = Annotated[
    str | None,
    typer.Option("--proof", metavar="TEXT", help="A confirmation or tracking number.", parser=a_text("a proof", 500)),
]
From = Annotated[str | None, typer.Option("--from", metavar="WHO", help="Who has it and hands it over.")]
NoteText = Annotated[
    str, typer.Argument(metavar="TEXT", help="What to write down.", parser=a_text("a note", LONGEST_TEXT))
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.", parser=a_text("a reason", LONGEST_TEXT))]
Sent = Annotated[
    Path | None,
    typer.Option("--sent", metavar="FILE", help="What was sent; its SHA-256 is kept.", exists=True, dir_okay=False),
]
Version = Annotated[
    int | None, typer.Option("--if-version", metavar="N", min=0, help="Only if nobody changed the item since.")
]


@group.command()
def take(
    context: typer.Context,
    by: By,
    taken_from: Annotated[
        str | None, typer.Option("--from", metavar="WHO", help="Who has it and hands it over.")
    ] = None,
    if_version: Version = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Take the item on.

    \b
    Example: claimtrail appeal C5J2K8Q0V7M3T9XA4-A1 take --by "A. Biller"
    """
    from appeals.acts import Take

    _record(context, Take(by, taken_from), if_version, data, as_json=as_json)


@group.command(name="give-back")
def give_back(
    context: typer.Context, by: By, if_version: Version = None, data: Data = DEFAULT_DATA, as_json: AsJson = False
) -> None:
    """Let go of the item.

    \b
    Example: claimtrail appeal C5J2K8Q0V7M3T9XA4-A1 give-back --by "A. Biller"
    """
    from appeals.acts import GiveBack

    _record(context, GiveBack(by), if_version, data, as_json=as_json)


@group.command(name="note")
def write_down(
    context: typer.Context,
    text: NoteText,
    by: By,
    if_version: Version = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Write something down about the item. It is sealed with the patient's key.

    \b
    Example: claimtrail appeal C5J2K8Q0V7M3T9XA4-A1 note "called the contractor" --by "A. Biller"
    """
    from appeals.acts import Note

    _record(context, Note(by, text), if_version, data, as_json=as_json)


@group.command(name="file")
def file_appeal(
    context: typer.Context,
    on: On,
    how: HowSent,
    by: By,
    proof: Proof = None,
    good_cause: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Why it is late, where it is.", parser=a_text("a cause", LONGEST_TEXT)),
    ] = None,
    together_with: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="APPEAL_ID", help="File in one request with this one; may be repeated."),
    ] = None,
    sent: Sent = None,
    if_version: Version = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Record that the reviewer has the appeal. Filed is when it was received, not when it was sent.

    Refused after the last day, unless good cause is stated; refused where too little is in controversy for the level,
    unless like appeals are filed with it.

    \b
    Example: claimtrail appeal C5J2K8Q0V7M3T9XA4-A1 file --on 2026-05-04 --how portal --proof 4711 --by "A. Biller"
    """
    from appeals.acts import File

    others = tuple(dict.fromkeys(map(item_number, together_with or ())))
    act = File(by, on, how.value, proof, good_cause, others, _digest(sent))
    _record(context, act, if_version, data, as_json=as_json)


@group.command()
def send(
    context: typer.Context,
    on: On,
    how: HowSent,
    by: By,
    proof: Proof = None,
    sent: Sent = None,
    if_version: Version = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Record that what a proposal asks for went out: the corrected claim, the request to reopen, the patient's bill.

    \b
    Example: claimtrail appeal C5J2K8Q0V7M3T9XA4-W1 send --on 2026-05-04 --how electronic --by "A. Biller"
    """
    from appeals.acts import Send

    _record(context, Send(by, on, how.value, proof, _digest(sent)), if_version, data, as_json=as_json)


@group.command()
def withdraw(
    context: typer.Context,
    on: On,
    reason: Reason,
    by: By,
    if_version: Version = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Record that a filed appeal was taken back before it was decided.

    \b
    Example: claimtrail appeal C5J2K8Q0V7M3T9XA4-A1 withdraw --on 2026-05-20 --reason "paid" --by "A. Biller"
    """
    from appeals.acts import Withdraw

    _record(context, Withdraw(by, on, reason), if_version, data, as_json=as_json)


@group.command()
def escalate(
    context: typer.Context,
    on: On,
    how: HowSent,
    by: By,
    proof: Proof = None,
    if_version: Version = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Record that the next level was asked, because this one did not decide in time.

    \b
    Example: claimtrail appeal C5J2K8Q0V7M3T9XA4-A2 escalate --on 2026-09-30 --how mail --by "A. Biller"
    """
    from appeals.acts import Escalate

    _record(context, Escalate(by, on, how.value, proof), if_version, data, as_json=as_json)


@group.command()
def vacate(
    context: typer.Context,
    on: On,
    how: HowSent,
    reason: Reason,
    by: By,
    proof: Proof = None,
    if_version: Version = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Record that the reviewer was asked to vacate its dismissal.

    \b
    Example: claimtrail appeal C5J2K8Q0V7M3T9XA4-A1 vacate --on 2026-07-01 --how fax --reason "in time" --by "A. Biller"
    """
    from appeals.acts import Vacate

    _record(context, Vacate(by, on, how.value, reason, proof), if_version, data, as_json=as_json)


@group.command()
def close(
    context: typer.Context,
    outcome: Annotated[Outcome, typer.Argument(metavar="OUTCOME", help=f"{', '.join(Outcome)} (appeal in its place).")],
    reason: Reason,
    by: By,
    if_version: Version = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Decide what becomes of the item. Nothing is posted by it: money is written off where money is kept.

    \b
    Example: claimtrail appeal C5J2K8Q0V7M3T9XA4-W1 close declined --reason "not worth it" --by "A. Biller"
    """
    from appeals.acts import Close

    _record(context, Close(by, outcome.value, reason), if_version, data, as_json=as_json)


def _digest(sent: Path | None) -> str | None:
    if sent is None:
        return None
    with sent.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _record(context: typer.Context, what: "Act", if_version: int | None, data: Path, *, as_json: bool) -> None:
    from suite.appealing import act

    assert context.parent is not None, "a command behind the id"
    item_id: str = context.parent.params["item_id"]
    with writing(data) as installation:
        installation.work_off()
        answer = act(installation, item_id, what, expected=if_version)
        installation.work_off()
    if as_json:
        print_json(answer)
        return
    if not answer["recorded"]:
        note("that is on record already")
    due = f", a decision is due by {answer['decision_due']}" if answer["decision_due"] else ""
    out().print(
        printable(f"{item_id}: {answer['status']}, taken by {answer['taken_by'] or 'nobody'}{due}"), soft_wrap=True
    )
