"""One case's answers and denials as the figures count them: pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import orjson

from billing.figures.views import Row
from therapy_domain.events.appeal import AppealConcluded, AppealOpened, DenialSettled
from therapy_domain.events.appeal_work import AppealFiled, AppealLapsed, AppealWithdrawn, WorkClosed
from therapy_domain.events.claim import BLOCKING, Adjustment, ClaimAdjudicated, ClaimAssessed, ClaimLine, Finding
from therapy_domain.events.submission import ClaimSubmitted, SubmittedLine
from therapy_domain.rulesets import Ruleset
from therapy_domain.rulesets.denial_rules import denial_rules
from therapy_domain.rulesets.denials import denial_codes

NO_REASON = "none"
"""Stands for the reason code of a denial that gave none."""


@dataclass(frozen=True, slots=True)
class Disputes:
    """What became of a case's denials."""

    opened: Mapping[str, AppealOpened] = field(default_factory=dict)
    concluded: Mapping[str, AppealConcluded] = field(default_factory=dict)
    settled: frozenset[str] = frozenset()
    """The denials that were paid after all."""
    given_up: frozenset[str] = frozenset()
    """The appeals that lapsed, or that a person gave up, and that nobody filed after that."""


def evolve(state: Disputes, event: object) -> Disputes:
    """The state with one more event."""
    match event:
        case AppealOpened(appeal_id=appeal):
            return replace(state, opened={**state.opened, appeal: event})
        case AppealConcluded(appeal_id=appeal):
            return replace(state, concluded={**state.concluded, appeal: event})
        case DenialSettled(denial=denial):
            return replace(state, settled=state.settled | {denial})
        case AppealLapsed(appeal_id=appeal) | AppealWithdrawn(item_id=appeal):
            return replace(state, given_up=state.given_up | {appeal})
        case WorkClosed(item_id=appeal, outcome="declined"):
            return replace(state, given_up=state.given_up | {appeal})
        case AppealFiled(item_id=appeal):
            return replace(state, given_up=state.given_up - {appeal})
        case _:
            return state


class Answered(NamedTuple):
    """An answer with what it answers."""

    id: str
    event: ClaimAdjudicated
    assessed: ClaimAssessed
    """The claim as it went out, or as it stood when it was answered."""
    sent: ClaimSubmitted | None


def answered_row(answer: Answered) -> Row:
    """One answer."""
    said, sent = answer.event, answer.sent
    codes = {line.code for line in (sent.lines if sent is not None else answer.assessed.lines)}
    return {
        "answer": answer.id,
        "claim_id": said.claim_id,
        "org": said.org,
        "payer_id": said.payer_id,
        "clinic": answer.assessed.clinic,
        "answered_on": said.received_on.isoformat(),
        "outcome": said.outcome,
        "charge_cents": said.charge_cents,
        "paid_cents": said.paid_cents,
        "codes": orjson.dumps(sorted(codes)).decode(),
        "days": (said.received_on - sent.exported_on).days if sent is not None else None,
    }


def denial_rows(answer: Answered, disputes: Disputes, rules: Ruleset) -> Iterator[Row]:
    """Every denial in one answer."""
    said, codes = answer.event, denial_codes(rules)
    denied = [one for one in said.adjustments if one.amount_cents > 0 and codes.carc(one.carc).denial]
    if said.outcome == "paid" or said.is_reversal:
        return
    standing, decided, days = _ended(answer.id, said, disputes)
    whole: Sequence[Adjustment | None] = denied or ([None] if said.outcome == "denied" else [])
    for place, one in enumerate(whole, start=1):
        amount = one.amount_cents if one is not None else said.charge_cents or 0
        carc, rarcs = (one.carc, one.rarcs) if one is not None else (NO_REASON, ())
        looking = denial_rules(rules).looking_for(carc, rarcs)
        found = [each for each in answer.assessed.findings if {each.rule, *each.also}.intersection(looking)]
        yield {
            "answer": answer.id,
            "place": place,
            "claim_id": said.claim_id,
            "org": said.org,
            "payer_id": said.payer_id,
            "clinic": answer.assessed.clinic,
            "date_of_service": said.date_of_service.isoformat(),
            "denied_on": said.received_on.isoformat(),
            "line": one.line if one is not None else None,
            "code": _code(one.line if one is not None else None, answer),
            "grouped": one.group if one is not None else "",
            "carc": carc,
            "rarcs": orjson.dumps(rarcs).decode(),
            "amount_cents": amount,
            "rules": orjson.dumps(looking).decode(),
            "stood": orjson.dumps([_told(each) for each in found]).decode(),
            "seen": seen(looking, found),
            "standing": standing,
            "decided": decided,
            "days_to_decision": days,
            "at_stake_cents": amount if standing == "open" else 0,
        }


def seen(looking: Sequence[str], found: Sequence[Finding]) -> str:
    """Whether a rule of ours had said so before the claim went out."""
    if not looking:
        return "no-rule"
    if any(each.overridden for each in found):
        return "overridden"
    if any(each.severity in BLOCKING for each in found):
        return "blocking"
    return "advice" if found else "not-found"


def _told(finding: Finding) -> Row:
    return {"rule": finding.rule, "severity": finding.severity, "overridden": finding.overridden}


def _code(number: int | None, answer: Answered) -> str | None:
    lines: Iterable[ClaimLine | SubmittedLine] = answer.sent.lines if answer.sent is not None else answer.assessed.lines
    return next((line.code for line in lines if line.line == number), None)


def _ended(denial: str, said: ClaimAdjudicated, disputes: Disputes) -> tuple[str, str | None, int | None]:
    """How the denial stands, how its first appeal ended, and how long that took [days]."""
    appeals = sorted((each for each in disputes.opened.values() if each.denial == denial), key=lambda each: each.level)
    ends = [disputes.concluded[each.appeal_id] for each in appeals if each.appeal_id in disputes.concluded]
    decided = ends[0].outcome if ends else None
    days = (ends[0].decided_on - said.received_on).days if ends else None
    if denial in disputes.settled:
        return "settled", decided, days
    left = [each.appeal_id for each in appeals if each.appeal_id not in disputes.concluded]
    if left and disputes.given_up.issuperset(left):
        return "given-up", decided, days
    if left or not ends:
        return "open", decided, days
    last = ends[-1]
    if last.outcome == "overturned":
        return "overturned", decided, days
    if last.next_level_by is not None:
        return "open", decided, days
    return ("partly" if last.outcome == "partly" else "lost"), decided, days
