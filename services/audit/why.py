"""Why a claim is as it is: its story in plain words, in the order in which it was decided, from the record alone."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from audit.history import NOW, OPENED, AsOf, ReadableCodec, case_of, readable, sound_events_of
from audit.telling import appeals, charts, checks, payers, sessions, submissions, units
from audit.telling.facts import sentence
from audit.telling.words import Shown, Told, dollars, is_fact, kind, listed
from claim_validation.state import APPEALED, CLAIM
from claim_validation.views import claim_body
from event_log.protocol import Recorded
from service_kit.reading import Reader
from therapy_domain.events.base import moment
from therapy_domain.events.chart import VisitCharted
from therapy_domain.identity import id_bytes

Teller = Callable[[Shown, Shown | None, Mapping[str, Shown]], Told]
"""The event, the decision that it replaces, and every event by id."""

_ANSWERS = {"remittance/": "The payer answered", "appeal/": "The appeal was decided"}

_DECISIONS: dict[str, tuple[Teller, str]] = {
    "SessionRecorded": (sessions.recorded, "session_key"),
    "SessionWithdrawn": (sessions.withdrawn, "session_key"),
    "UnitsCalculated": (units.calculated, "case_id"),
    "VisitCharted": (charts.charted, "case_id"),
    "ClaimAssessed": (checks.assessed, "case_id"),
    "FindingOverridden": (checks.overridden, "rule"),
    "ClaimQuestioned": (checks.questioned, "question_id"),
    "QuestionAnswered": (checks.answered, "question_id"),
    "FactConflicted": (checks.conflicted, "fact"),
    "ConflictSettled": (checks.settled, "conflict"),
    "ClaimSubmitted": (submissions.submitted, "submission"),
    "ClaimAcknowledged": (submissions.acknowledged, "submission"),
    "ClaimAdjudicated": (payers.adjudicated, "remittance_id"),
    "DenialTriaged": (payers.triaged, "remittance_id"),
    "CorrectionRequested": (payers.correction_requested, "remittance_id"),
    "AppealOpened": (payers.opened, "appeal_id"),
    "AppealConcluded": (payers.concluded, "appeal_id"),
    "DenialSettled": (payers.paid_in_the_end, "denial"),
    "RemedyProposed": (appeals.proposed, "item_id"),
    "WorkTaken": (appeals.taken, "item_id"),
    "NoteAdded": (appeals.noted, "item_id"),
    "AppealFiled": (appeals.filed, "item_id"),
    "AppealWithdrawn": (appeals.withdrawn, "item_id"),
    "EscalationRequested": (appeals.escalated, "item_id"),
    "VacateRequested": (appeals.vacating, "item_id"),
    "RemedySent": (appeals.sent, "item_id"),
    "WorkClosed": (appeals.closed, "item_id"),
    "DayBegan": (appeals.day_began, "today"),
    "DeadlineWarned": (appeals.warned, "item_id"),
    "AppealLapsed": (appeals.lapsed, "appeal_id"),
    "DecisionOverdue": (appeals.overdue, "appeal_id"),
}
"""How each decision is told, and the field that tells which earlier one of its type it replaces."""

_OUTCOMES = frozenset(
    {
        *(
            "ClaimAssessed",
            "ClaimSubmitted",
            "ClaimAcknowledged",
            "ClaimAdjudicated",
            "AppealOpened",
            "AppealConcluded",
        ),
        *("AppealFiled", "AppealWithdrawn", "AppealLapsed", "DenialTriaged", "CorrectionRequested", "RemedyProposed"),
        *("RemedySent", "WorkClosed"),
    }
)
"""What a claim's status rests on; nothing personal in them is needed for it."""


def why(read: Reader, codec: ReadableCodec, claim_id: str, as_of: AsOf = NOW) -> dict[str, Any]:
    """A claim's story: paragraphs with a heading, lines, and the log positions that they tell of.

    No text of a note and no name of a person treated or treating is in it; what people gave as a reason is.

    Raises:  UnknownClaim. RecordChanged: what is stored now is not its story.
    """
    case = case_of(read, claim_id)
    rows = [row for row in sound_events_of(read, case, as_of) if not _own_entry(row, case)]
    recorded_at = moment(as_of.recorded_at).isoformat() if as_of.recorded_at is not None else None
    return {
        "claim_id": claim_id,
        "case_id": case,
        "as_of": recorded_at if as_of.position is None else as_of.position,
        "paragraphs": [*_paragraphs(_in_order([readable(codec, row) for row in rows])), *_standing(read, rows)],
    }


def _own_entry(row: Recorded, case: str) -> bool:
    """The claim's own place in the patient's chart is told to the patient's other claims."""
    return row.type == VisitCharted.type and row.case_id == id_bytes(case)


def _in_order(events: Sequence[Shown]) -> list[Shown]:
    """Decisions by position, before each the facts that it is the first to rest on, by when they happened.

    What was known of patient, plan and payer before the first decision comes first of all. A payer's answer is told
    where it is tied to the claim, not where a check of the claim looks at it.
    """
    decisions = [event for event in events if not is_fact(event)]
    answers = {event["event_id"] for event in events if event["stream"].startswith(tuple(_ANSWERS))}
    used: dict[str, int] = {}
    for decision in decisions:
        for fact in decision["data"].get("basis", ()):
            if fact not in answers or decision["type"] != "ClaimAssessed":
                used.setdefault(fact, decision["position"])
    begun = decisions[0]["position"] if decisions else 0

    def place(event: Shown) -> tuple[int, bool, str, int]:
        position: int = event["position"]
        if not is_fact(event):
            return position, True, "", position
        before = 0 if _is_reference(event) and position < begun else used.get(event["event_id"], position)
        return before, False, event["occurred_at"], position

    return sorted(events, key=place)


def _is_reference(fact: Shown) -> bool:
    return not fact["stream"].startswith(("session/", *_ANSWERS))


def _paragraphs(events: Iterable[Shown]) -> list[dict[str, Any]]:
    """Every event told; neighbours under one heading stand in one paragraph."""
    paragraphs: list[dict[str, Any]] = []
    for position, told in _told(events):
        if not paragraphs or paragraphs[-1]["heading"] != told.heading:
            paragraphs.append({"heading": told.heading, "lines": [], "positions": []})
        paragraphs[-1]["lines"] += told.lines
        paragraphs[-1]["positions"].append(position)
    for paragraph in paragraphs:
        paragraph["positions"].sort()
    return paragraphs


def _told(events: Iterable[Shown]) -> Iterator[tuple[int, Told]]:
    known: dict[str, Shown] = {}
    latest: dict[tuple[str, str], Shown] = {}
    for event in events:
        known[event["event_id"]] = event
        if is_fact(event):
            yield event["position"], Told(_heading(event, latest), (f"{sentence(event)}.",))
            continue
        teller, about = _DECISIONS.get(event["type"], (_unknown, ""))
        key = (_family(event["type"]), str(event["data"].get(about)))
        yield event["position"], teller(event, latest.get(key), known)
        latest[key] = event


def _family(event_type: str) -> str:
    return "session" if event_type in ("SessionRecorded", "SessionWithdrawn") else event_type


def _heading(fact: Shown, latest: Mapping[tuple[str, str], Shown]) -> str:
    """Where a fact belongs: to what was known beforehand, to a session, to an answer, or among what came later."""
    stream: str = fact["stream"]
    for start, heading in _ANSWERS.items():
        if stream.startswith(start):
            return heading
    if not _is_reference(fact):
        session = f"Session {fact['envelope']['subject']}"
        return f"{session} changed" if ("session", stream) in latest else session
    return "A later fact" if any(type_ == "UnitsCalculated" for type_, _ in latest) else "What was known beforehand"


def _unknown(event: Shown, *_: object) -> Told:
    """A decision that this release has no words for is still named."""
    return Told(kind(event), (f"Recorded by {event['service']}.",))


def _standing(read: Reader, rows: Sequence[Recorded]) -> Iterator[dict[str, Any]]:
    """The end of the story: the claim as it stands, told also where what is personal in it was erased."""
    if not rows:
        return
    claim, appealed, opened = CLAIM.start, APPEALED.start, OPENED.start
    for row in rows:
        if row.type in _OUTCOMES:
            seen = read.see(row)
            claim, appealed = CLAIM.evolve(claim, seen), APPEALED.evolve(appealed, seen)
            opened = OPENED.evolve(opened, seen)
    lines = ["No claim was made of it yet."]
    if claim.assessed is not None:
        lines = [_outcome(claim_body(claim.assessed.event, claim.adjudicated.values(), appealed, claim.sent))]
        lines += [f"Its appeals: {listed(opened)}."] if opened else []
    yield {"heading": "How it stands", "lines": lines, "positions": [rows[-1].position]}


def _outcome(body: Mapping[str, Any]) -> str:
    paid = f", {dollars(body['paid_cents'])} paid" if body["paid_cents"] is not None else ", no answer from the payer"
    charged = dollars(body["charge_cents"]) if body["charge_cents"] is not None else "an unknown amount"
    return f"The claim is {body['status'].replace('_', ' ')}: {charged} charged{paid}."
