"""One file of a payer: checked whole, then told answer by answer, then noted as taken. Cut off anywhere, it is taken
again from its beginning and comes to the same."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from hashlib import sha256
from typing import BinaryIO, Literal

from billing.answers.asides import Source
from billing.answers.outcome import FileTaken, Refusal, Tally
from billing.answers.port import Port
from billing.answers.remittances import payments_of, take_remittances
from billing.answers.statuses import take_statuses
from billing.answers.syntax import take_acknowledgment
from billing.answers.worklist import match_by_itself
from billing.views import answer_file_row
from event_log.protocol import Append
from interchange.acknowledgment import read_acknowledgment
from interchange.claim_status import open_claim_status
from interchange.remittance import open_remittance
from interchange.x12.errors import X12Error
from service_kit.outcome import Made
from therapy_domain.events.base import microseconds
from therapy_domain.events.submission import AnswerFileTaken
from therapy_domain.identity import decision_id
from therapy_domain.streams import answer_file_of

Kind = Literal["835", "277CA", "999"]
KINDS: tuple[Kind, ...] = ("835", "277CA", "999")
ANSWERS_BETWEEN_WORK = 500
"""So many are told before the services have their turn: what they need of them is still at hand then."""
_AT_ONCE = 1024 * 1024
Progress = Callable[[int, int], None]
"""Called with the answers told, and how many the file has."""


def take(
    name: str,
    source: BinaryIO,
    kind: Kind,
    port: Port,
    *,
    received_on: date,
    by: str,
    now: datetime,
    progress: Progress = lambda _done, _all: None,
) -> FileTaken:
    """Take a file in; nothing of it where anything in it is wrong.

    Args:    source: seekable; read several times.
             received_on: the day it came: what deadlines of appeals are counted from.
    Raises:  what the log raises when it cannot be written: take it again then.
    """
    taken = FileTaken(name, kind, sha256=_hash(source))
    noted = decision_id(AnswerFileTaken.type, answer_file_of(taken.sha256), (kind,))
    if port.log.find([noted]):
        taken.outcome = "repeated"
        return taken
    try:
        _take(source, taken, kind, port, received_on=received_on, by=by, now=now, progress=progress)
    except X12Error as error:
        taken.outcome = "refused"
        taken.refusal = Refusal(error.code, str(error), error.segment, getattr(error, "off_cents", None))
        return taken
    _note(taken, noted, port, received_on=received_on, by=by, now=now)
    port.work()
    match_by_itself(port, now)
    return taken


def _take(
    source: BinaryIO,
    taken: FileTaken,
    kind: Kind,
    port: Port,
    *,
    received_on: date,
    by: str,
    now: datetime,
    progress: Progress,
) -> None:
    of, parts = Source(kind, taken.sha256, received_on), _nothing()
    match kind:
        case "835":
            remittances = open_remittance(source)
            taken.payments = payments_of(remittances)
            taken.answers = sum(payment.claims for payment in remittances.payments)
            parts = take_remittances(remittances, of, port, by)
        case "277CA":
            statuses = open_claim_status(source)
            taken.answers = sum(report.claims for report in statuses.reports)
            parts = take_statuses(statuses, of, port, by)
        case "999":
            said = read_acknowledgment(source)
            taken.answers = len(said.groups) + len(said.interchanges)
            parts = take_acknowledgment(said, of, port, by, now)
    done, due = 0, ANSWERS_BETWEEN_WORK
    for tally in parts:
        for part in ("matched", "repeated", "set_aside", "conflicts"):
            setattr(taken.tally, part, getattr(taken.tally, part) + getattr(tally, part))
        done += tally.matched + tally.set_aside
        progress(done, taken.answers)
        if done >= due:
            port.work()
            due = done + ANSWERS_BETWEEN_WORK


def _hash(source: BinaryIO) -> str:
    made = sha256()
    while part := source.read(_AT_ONCE):
        made.update(part)
    source.seek(0)
    return made.hexdigest()


def _nothing() -> Iterator[Tally]:
    yield from ()


def _note(taken: FileTaken, noted: bytes, port: Port, *, received_on: date, by: str, now: datetime) -> None:
    event = AnswerFileTaken(
        kind=taken.kind,  # type: ignore[arg-type]  # a Kind, kept as a text
        sha256=taken.sha256,
        name=taken.name,
        received_on=received_on,
        matched=taken.tally.matched,
        repeated=taken.tally.repeated,
        set_aside=taken.tally.set_aside,
        payments=taken.payments,
        by=by,
        at=now,
    )
    made = Made(event, noted, "", microseconds(now), actor=by)
    port.keep([Append(answer_file_of(taken.sha256), None, [port.codec.encode(made)])], [answer_file_row(event)])
