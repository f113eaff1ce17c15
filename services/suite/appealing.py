"""What people do about appeals and other items of the worklist: each act is an event of its own, checked first."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from appeals.acting import act_on
from appeals.acts import Act, File
from appeals.answers import ANSWERS
from appeals.desk import Desk, denial_behind, possible
from appeals.errors import UnknownItem
from appeals.filing import file_together
from appeals.payer import levels_of
from appeals.service import APPEALS, FACTS, NAME, TODAY
from appeals.state import Answer, Known
from appeals.views import as_listed, item_row
from audit.errors import UnknownClaim
from event_log.protocol import Append, NewEvent
from service_kit.errors import StillConflicting
from service_kit.outcome import Made
from suite.installation import Installation
from therapy_domain.events.base import microseconds
from therapy_domain.identity import id_bytes
from therapy_domain.streams import CLOCK, appeals_of, claim_of, subject_stream

ATTEMPTS = 20
"""How often an act is decided again because something else was said of the case meanwhile."""


def act(
    installation: Installation, item_id: str, what: Act, *, expected: int | None = None, now: datetime | None = None
) -> dict[str, Any]:
    """Do something about an item; where it was done already, nothing new is recorded. What follows from it is left to
    the services.

    Args:    expected: the version of the item that the person saw; None = whatever it is. now: the moment; the clock's
             without.
    Returns: the item as it stands then, as `worklist` shows it, and how many events were recorded.
    Raises:  UnknownItem, or another error of appeals.errors: it cannot be, and why.
    """
    moment = now or datetime.now(UTC).astimezone()
    streams: tuple[str, ...] = ()
    for _ in range(ATTEMPTS):
        desks = [_desk(installation, each, moment) for each in (item_id, *_others(what))]
        made = _decide(desks, what, expected)
        if not made:
            return {**item(installation, item_id), "recorded": 0}
        commit = installation.log.commit(_appends(installation, made, what.by), service=NAME)
        if not commit.conflicts:
            return {**item(installation, item_id), "recorded": commit.written}
        streams = tuple(conflict.stream for conflict in commit.conflicts)
        installation.log.head()  # what others wrote is seen from now on
    raise StillConflicting(NAME, streams, ATTEMPTS)


def item(installation: Installation, item_id: str) -> dict[str, Any]:
    """One appeal or proposal as the worklist shows it, with its notes and what can be done about it now.

    Raises:  UnknownItem.
    """
    row = item_row(installation.read.rows(), item_id)
    if row is None:
        raise UnknownItem(item_id)
    state = installation.read.fold(appeals_of(row["case_id"]), APPEALS).state
    notes = [
        {"by": note.event.by, "at": note.event.at.isoformat(), "text": note.event.text}
        for note in state.notes.get(item_id, ())
    ]
    shown = as_listed(state, item_id, installation.rules)
    return {**shown, "notes": notes, "possible": possible(state, item_id)}


def _others(what: Act) -> Sequence[str]:
    return what.together_with if isinstance(what, File) else ()


def _decide(desks: Sequence[Desk], what: Act, expected: int | None) -> list[tuple[Desk, Known[Any]]]:
    if isinstance(what, File) and len(desks) > 1:
        by_item = {desk.item_id: desk for desk in desks}
        return [(by_item[known.event.item_id], known) for known in file_together(desks, what, expected=expected)]
    made = act_on(desks[0], what, expected=expected)
    return [] if made is None else [(desks[0], made)]


def _desk(installation: Installation, item_id: str, moment: datetime) -> Desk:
    read = installation.read
    row = item_row(read.rows(), item_id)
    if row is None:
        raise UnknownItem(item_id)
    case = row["case_id"]
    version, state = read.fold(appeals_of(case), APPEALS)
    answers = read.fold(claim_of(case), ANSWERS).state
    denial = denial_behind(state, item_id)
    said = answers.said[denial]
    payer = read.fold(subject_stream("payer", said.org, said.payer_id), FACTS).state
    told = read.fold(CLOCK, TODAY).state
    today = moment.date() if told is None else max(moment.date(), told.event.today)
    answer = Answer(denial, said, answers.assessed.get(denial))
    return Desk(state, item_id, levels_of(said, payer, installation.rules), answer, today, moment, version)


def _appends(installation: Installation, acts: Sequence[tuple[Desk, Known[Any]]], by: str) -> list[Append]:
    """One append a case, at the version that was decided on."""
    streams: dict[str, list[NewEvent]] = {}
    expected: dict[str, int] = {}
    for desk, known in acts:
        stream = appeals_of(desk.answer.said.case_id)
        streams.setdefault(stream, []).append(_encoded(installation, desk, known, by))
        expected[stream] = desk.version
    return [Append(stream, expected[stream], events) for stream, events in streams.items()]


def _encoded(installation: Installation, desk: Desk, known: Known[Any], by: str) -> NewEvent:
    said = desk.answer.said
    made = Made(
        known.event,
        id_bytes(known.id),
        said.org,
        microseconds(known.event.at),
        actor=by,
        case_id=id_bytes(said.case_id),
        causation_id=id_bytes(desk.answer.id),
        seal_for=subject_stream("patient", said.org, _patient(installation, said.claim_id)),
    )
    return installation.codec.encode(made)


def _patient(installation: Installation, claim_id: str) -> str:
    found = installation.read.rows().execute("SELECT body FROM claim WHERE claim_id = ?", (claim_id,)).fetchone()
    if found is None:
        raise UnknownClaim(claim_id)
    patient: str = orjson.loads(found[0])["patient_id"]
    return patient
