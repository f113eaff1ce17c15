"""What people decide and ask: a finding released, a conflict settled, a question opened and answered. Each is an
event of its own."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

import orjson

from audit.errors import UnknownClaim
from claim_validation.state import CLAIM
from claim_validation.submitting import TIMELY_FILING
from event_log.protocol import Append, Recorded
from service_kit.outcome import Made
from session_capture.service import NAME as SESSION_CAPTURE
from suite.installation import Installation
from therapy_domain.errors import DomainError
from therapy_domain.events.base import Event, microseconds
from therapy_domain.events.claim import (
    BLOCKING,
    ClaimQuestioned,
    ConflictSettled,
    FactConflicted,
    FindingOverridden,
    QuestionAnswered,
)
from therapy_domain.identity import decision_id, id_bytes, id_text, question_id
from therapy_domain.streams import claim_of, subject_stream

CLAIM_VALIDATION = "claim-validation"
_ROWS_AT_ONCE = 1_000


class NothingToOverride(DomainError):
    """The claim has no such open finding that blocks."""

    code = "nothing-to-override"

    def __init__(self, claim_id: str, rule: str, line: int | None, open_findings: list[str]) -> None:
        self.claim_id, self.rule, self.line, self.open_findings = claim_id, rule, line, tuple(open_findings)
        where = f" on line {line}" if line is not None else ""
        rest = f"open are {', '.join(open_findings)}" if open_findings else "nothing blocks it"
        super().__init__(f"claim {claim_id} has no open finding {rule}{where} that blocks; {rest}")


class UnknownConflict(DomainError):
    """No conflict of that id."""

    code = "unknown-conflict"

    def __init__(self, conflict_id: str) -> None:
        self.conflict_id = conflict_id
        super().__init__(f"there is no conflict {conflict_id!r} that waits; `claimtrail conflicts` lists them")


class NoOpenQuestion(DomainError):
    """No question of that id waits for an answer."""

    code = "no-open-question"

    def __init__(self, question: str, open_questions: list[str]) -> None:
        self.question_id, self.open_questions = question, tuple(open_questions)
        rest = f"open are {', '.join(open_questions)}" if open_questions else "none is open on that claim"
        super().__init__(f"there is no open question {question!r}; {rest}")


def override(
    installation: Installation, claim_id: str, *, rule: str, line: int | None, reason: str, by: str
) -> dict[str, Any]:
    """Release a finding that blocks: the claim is assessed again without it.

    Timely filing is released also where it is not found yet: the export asks for it on its own day.

    Args:    line: of the finding; None = the rule's findings on every line.
    Returns: the claim's id, and its status before and after.
    Raises:  UnknownClaim, NothingToOverride.
    """
    body, org = _claim(installation, claim_id)
    found = [
        each
        for each in body["findings"]
        if each["severity"] in BLOCKING and not each["overridden"] and each["rule"] == rule
    ]
    if rule != TIMELY_FILING and not [each for each in found if line is None or each["line"] == line]:
        blocking = [each for each in body["findings"] if each["severity"] in BLOCKING and not each["overridden"]]
        raise NothingToOverride(claim_id, rule, line, [_named(each) for each in blocking])
    case, now = body["case_id"], datetime.now(UTC)
    assessed = installation.read.fold(claim_of(case), CLAIM).state.assessed
    assert assessed is not None, "a claim that is shown was assessed"
    event = FindingOverridden(case_id=case, rule=rule, line=line, by=by, reason=reason, at=now)
    decided = decision_id(event.type, case, (assessed.id, f"{rule} {line or ''}"))
    sealed_for = subject_stream("patient", org, body["patient_id"])
    _append(installation, claim_of(case), event, decided, org=org, by=by, sealed_for=sealed_for, case=case)
    return {"claim_id": claim_id, "before": body["status"], "after": _claim(installation, claim_id)[0]["status"]}


def question(installation: Installation, claim_id: str, *, text: str, by: str) -> dict[str, Any]:
    """Ask about a claim: it is held until the question is answered.

    Returns: the question's id, and the claim's status before and after.
    Raises:  UnknownClaim.
    """
    body, org = _claim(installation, claim_id)
    while True:  # until no other question took the number meanwhile
        asked = installation.read.fold(claim_of(body["case_id"]), CLAIM).state.acts.questions
        asking = question_id(claim_id, len(asked) + 1)
        event = ClaimQuestioned(case_id=body["case_id"], question_id=asking, by=by, text=text, at=datetime.now(UTC))
        if _said(installation, event, body, org):
            return _told(installation, asking, body)


def answer(installation: Installation, asked: str, *, text: str, by: str) -> dict[str, Any]:
    """Answer a question on a claim; once none is open, it is held by none.

    Args:    asked: the question's id.
    Returns: the question's id, and the claim's status before and after.
    Raises:  UnknownClaim, NoOpenQuestion.
    """
    body, org = _claim(installation, asked.rpartition("-Q")[0] or asked)
    acts = installation.read.fold(claim_of(body["case_id"]), CLAIM).state.acts
    answered = {known.event.question_id for known in acts.answers}
    waiting = [known.event.question_id for known in acts.questions if known.event.question_id not in answered]
    event = QuestionAnswered(case_id=body["case_id"], question_id=asked, by=by, text=text, at=datetime.now(UTC))
    if asked not in waiting or not _said(installation, event, body, org):
        raise NoOpenQuestion(asked, [each for each in waiting if each != asked])
    return _told(installation, asked, body)


def _said(
    installation: Installation, event: ClaimQuestioned | QuestionAnswered, body: Mapping[str, Any], org: str
) -> bool:
    """Record a question or an answer of a claim; False where another one of its id was recorded before it."""
    case, decided = event.case_id, decision_id(event.type, event.case_id, (event.question_id,))
    sealed_for = subject_stream("patient", org, body["patient_id"])
    return _append(installation, claim_of(case), event, decided, org=org, by=event.by, sealed_for=sealed_for, case=case)


def _told(installation: Installation, question: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """A question's id, and its claim's status before and after."""
    after = _claim(installation, body["claim_id"])[0]["status"]
    return {"question_id": question, "claim_id": body["claim_id"], "before": body["status"], "after": after}


def _claim(installation: Installation, claim_id: str) -> tuple[dict[str, Any], str]:
    rows = installation.read.rows()
    found = rows.execute("SELECT body, org FROM claim WHERE claim_id = ?", (claim_id,)).fetchone()
    if found is None:
        raise UnknownClaim(claim_id)
    return orjson.loads(found[0]), found[1]


def _named(finding: Mapping[str, Any]) -> str:
    return f"{finding['rule']} on line {finding['line']}" if finding["line"] else f"{finding['rule']}"


def _append(
    installation: Installation,
    stream: str,
    event: Event,
    event_id: bytes,
    *,
    org: str,
    by: str,
    sealed_for: str,
    case: str | None = None,
    cause: bytes | None = None,
) -> bool:
    """Record what a person did, and let the services work it off; False where an event of that id is there already."""
    made = Made(
        event,
        event_id,
        org,
        microseconds(datetime.now(UTC)),
        actor=by,
        case_id=id_bytes(case) if case else None,
        causation_id=cause,
        seal_for=sealed_for,
    )
    service = CLAIM_VALIDATION if case else SESSION_CAPTURE
    done = installation.log.commit([Append(stream, None, [installation.codec.encode(made)])], service=service)
    installation.work_off()
    return done.written > 0


def settle(
    installation: Installation, conflict_id: str, *, keep: Literal["first", "second"], reason: str, by: str
) -> dict[str, Any]:
    """Decide which content of a fact is right; the cases it holds are assessed again.

    Raises:  UnknownConflict: there is none of that id, or a person decided it already.
    """
    row = _waiting(installation, conflict_id)
    stored = orjson.loads(row.data)
    event = ConflictSettled(conflict=id_text(row.event_id), keep=keep, by=by, reason=reason, at=datetime.now(UTC))
    decided = decision_id(event.type, event.conflict, ())
    sealed_for = stored["envelope"]["key"]
    _append(installation, row.stream, event, decided, org=row.org, by=by, sealed_for=sealed_for, cause=row.event_id)
    return {"conflict_id": event.conflict, "stream": row.stream, "keep": keep}


def _waiting(installation: Installation, conflict_id: str) -> Recorded:
    try:
        wanted = UUID(conflict_id).bytes
    except ValueError:
        raise UnknownConflict(conflict_id) from None
    rows = [row for row in installation.log.read_events([wanted]) if row.type == FactConflicted.type]
    decided = decision_id(ConflictSettled.type, id_text(wanted), ())
    if not rows or installation.log.find([decided]):
        raise UnknownConflict(conflict_id)
    return rows[0]
