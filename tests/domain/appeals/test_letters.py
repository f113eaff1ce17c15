"""Each letter in full: every purpose, level and argument, of Medicare and of another payer; and why there is none."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from support.denied import RECEIVED, Denied, filed, wish
from support.golden import Golden
from support.scene import ORG, RULES
from therapy_domain.appeals.composing import CauseMissing, Matter, NoLetter, Unsupported, compose, purpose_of
from therapy_domain.appeals.composing import evidence_for as evidence_of
from therapy_domain.appeals.letter import Letter, Party
from therapy_domain.appeals.record import Dispute
from therapy_domain.errors import DomainError
from therapy_domain.events.claim import ClaimLine
from therapy_domain.rulesets.arguments import arguments
from therapy_domain.rulesets.release import Ruleset

Made = tuple[Matter, Dispute, Any]
Make = Callable[[], Made]
LATE = date(2026, 8, 20)
"""Behind the last day of a first appeal."""


def party(name: str, of: Party) -> Iterator[str]:
    yield f"{name}: {of.name}"
    yield from (f"| {line}" for line in of.lines)


def told(letter: Letter) -> Iterator[str]:
    """The whole letter; of exhibits but the payer's answer, what they show stands in evidence.txt."""
    yield f"{letter.title} | {letter.dated}"
    yield from party("from", letter.sender)
    yield from party("to", letter.addressee)
    yield from (f"{name}: {value}" for name, value in letter.about)
    yield letter.opening
    for each in letter.services:
        yield (
            f"line {each.line}: {each.code} ({each.name}) x {each.units}, modifiers {each.modifiers or 'none'},"
            f" charge {each.charge}, denied {each.denied}"
        )
    yield from (f"reason {each.code}: {each.meaning}" for each in letter.reasons)
    yield from (f"rule: {each.text} ({each.source})" for each in letter.rules)
    yield from (f"fact ({each.exhibit}): {each.text}" for each in letter.facts)
    yield from (f"asks: {each}" for each in letter.request)
    yield " / ".join(letter.signature)
    for exhibit in letter.exhibits:
        references = ", ".join(f"{each.position} {each.type}" for each in exhibit.references)
        new = ", new" if exhibit.new else ""
        yield f"exhibit {exhibit.number} {exhibit.key}{new}: {exhibit.title} [{references}]"
        if exhibit.key == "answer":
            yield from (f"| {line}" for line in exhibit.lines)
    (of,) = {exhibit.of for exhibit in letter.exhibits}
    yield f"exhibits of: {of}"


def error(raised: DomainError) -> str:
    """An error with all that it carries."""
    facts = {name: value for name, value in vars(raised).items() if name not in ("__notes__", "add_note")}
    return f"{type(raised).__name__} {raised.code}: {raised} {facts}"


def result(made: Made) -> list[str]:
    try:
        return list(told(compose(*made)))
    except (CauseMissing, NoLetter, Unsupported) as raised:
        return [error(raised)]


def argued(lines: list[str]) -> list[str]:
    """Of a letter what is argued, and with which exhibits; of an error everything."""
    if len(lines) == 1:
        return lines
    return [line for line in lines if line.startswith(("reason", "rule", "fact", "exhibit "))]


def appeal(denied: Denied, wished: Any = None, **changes: Any) -> Made:
    """An appeal and its letter."""
    dispute = denied.dispute()
    return denied.appeal(dispute, **changes), dispute, wished or wish()


def correction(denied: Denied, **changes: Any) -> Made:
    dispute = denied.dispute()
    return denied.correction(dispute, **changes), dispute, wish("corrected-claim")


def reopening(denied: Denied, **changes: Any) -> Made:
    dispute = denied.dispute()
    return denied.proposal(dispute, **changes), dispute, wish("reopening")


def other(denied: Denied | None = None) -> Denied:
    """The same with a payer that is not Medicare."""
    return (denied or Denied()).change(payer="commercial-cms", program="other")


def rich(denied: Denied) -> Denied:
    """A record on which everything is there."""
    denied.opened(authorization_number="A-1")
    denied.covered(authorization={"number": "A-1", "from": "2026-02-01", "to": "2026-04-30"})
    denied.progress.append(("plan-1", {"reported_on": "2026-02-27"}))
    return denied.other(14, denied.interval("97161"))


def unknown(name: str, **changes: Any) -> Denied:
    """Without the organization, the patient."""
    return Denied().change(**{name: None}, **changes)


def without_member() -> Denied:
    denied = Denied()
    assert denied.patient is not None
    denied.patient["member_ids"] = {"another": "M-1"}
    return denied


def housed(line2: str | None) -> Denied:
    address = {**ORG["address"], "line2": line2}  # type: ignore[dict-item]  # it is one
    return Denied().change(organization={**ORG, "address": {k: v for k, v in address.items() if v}})


def nobody() -> Denied:
    """No note, no clock and no plan."""
    denied = Denied()
    denied.plans.clear()
    denied.first.update(note={}, signatures=[])
    return denied


def dismissed(**changes: Any) -> Made:
    said = {"against": "dismissal", "level": 2, "source": "42 CFR 405.974(b)", **changes}
    return appeal(Denied().change(filed=filed()), **said)


def escalated(dated: date = date(2026, 8, 1), level: int = 2, **changes: Any) -> Made:
    return appeal(Denied().change(filed=filed(**changes)), wish("escalation", dated), level=level)


def hearing(
    recorded: datetime,
    closed: date | None = date(2026, 3, 3),
    level: int = 3,
    evidence: Any = "good-cause",
    **more: Any,
) -> Made:
    """A hearing, before which the evidence closed on a day; the sessions came on record at some time."""
    denied = Denied().change(recorded={"SessionRecorded": recorded})
    wished = wish("appeal", **more)
    wished = type(wished)(**{**vars(wished), "evidence_closed_on": closed})
    return appeal(denied, wished, level=level, against="decision", new_evidence=evidence)


def services(*lines: ClaimLine) -> Denied:
    return Denied().change(assessed={"lines": lines})


NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
CLOSED = NOON.date()
CASES: dict[str, Make] = {
    "appeal: a redetermination": lambda: appeal(Denied()),
    "appeal: everything on record": lambda: appeal(rich(Denied())),
    "appeal: nobody signs": lambda: appeal(Denied(), wish(signer=None)),
    "appeal: on the last day": lambda: appeal(Denied(), wish(dated=RECEIVED + timedelta(days=120))),
    "appeal: late": lambda: appeal(Denied(), wish(dated=RECEIVED + timedelta(days=121))),
    "appeal: late, with a cause": lambda: appeal(Denied(), wish(dated=LATE, cause="the office was flooded")),
    "appeal: late, with another payer": lambda: appeal(other(), wish(dated=LATE)),
    "appeal: late, council review": lambda: appeal(Denied(), wish(dated=LATE), level=4, against="decision"),
    "appeal: another payer": lambda: appeal(other()),
    "appeal: another payer's second level": lambda: appeal(other(), level=2, against="decision"),
    "appeal: a payer without a policy": lambda: appeal(other().change(policy=None)),
    "appeal: Medicare without a policy": lambda: appeal(Denied().change(policy=None)),
    "appeal: a reconsideration": lambda: appeal(Denied(), level=2, against="decision", new_evidence="last"),
    "appeal: a reconsideration, with a cause": lambda: appeal(
        Denied(), wish(cause="it was mislaid"), level=2, against="decision", new_evidence="last"
    ),
    "appeal: new evidence is open": lambda: appeal(Denied(), new_evidence="open"),
    "appeal: a court": lambda: appeal(Denied(), level=5, against="decision"),
    "appeal: after an escalation": lambda: appeal(Denied(), level=3, against="escalation", new_evidence="good-cause"),
    "appeal: evidence of the item": lambda: appeal(Denied(), evidence=("enrollment", "minutes")),
    "appeal: evidence of the item that is not there": lambda: appeal(Denied(), evidence=("authorization",)),
    "appeal: one service": lambda: appeal(Denied().change(disputed=("97530",))),
    "appeal: no service": lambda: appeal(Denied().by("CO-29").change(disputed=())),
    "appeal: a service that is not in the table, without a charge": lambda: appeal(
        services(ClaimLine(line=1, code="12345", minutes=15, units=1, modifiers=())).by("CO-29")
    ),
    "appeal: two reasons": lambda: appeal(Denied().by("CO-50 MA01 N115", "CO-151 M127", amount=5_000, line=2)),
    "appeal: a reason said twice": lambda: appeal(
        Denied().change(adjustments=[*Denied().by("CO-50", line=1).adjustments, *Denied().by("CO-50").adjustments])
    ),
    "appeal: a reason without a row": lambda: appeal(Denied().by("CO-B99")),
    "appeal: no reason": lambda: appeal(Denied().by()),
    "appeal: a notice": lambda: appeal(
        Denied().answered(notice_date=date(2026, 4, 6), outcome="partial", paid_cents=123_456)
    ),
    "appeal: without a member number": lambda: appeal(without_member()),
    "appeal: an address of two lines": lambda: appeal(housed("Suite 3")),
    "appeal: no organization": lambda: appeal(unknown("organization")),
    "appeal: no patient": lambda: appeal(unknown("patient")),
    "appeal: nobody known and nothing on record": lambda: appeal(nobody().change(organization=None, patient=None)),
    "appeal: the note says nothing": lambda: appeal(nobody()),
    "appeal: supported with a gap": lambda: appeal(
        Denied().intervals(
            {**{k: v for k, v in Denied().interval().items() if k not in ("start", "end")}, "minutes": 28}
        )
    ),
    "hearing: on record the day the evidence closed": lambda: hearing(NOON),
    "hearing: on record the day after": lambda: hearing(NOON + timedelta(days=1)),
    "hearing: on record the day after, with a cause": lambda: hearing(NOON + timedelta(days=1), cause="mislaid"),
    "hearing: the evidence never closed": lambda: hearing(NOON + timedelta(days=1), None),
    "hearing: everything on record after it closed": lambda: hearing(NOON, CLOSED - timedelta(days=1)),
    "hearing: new evidence, where no rule of its own is given": lambda: appeal(
        other(), type(wish())("appeal", date(2026, 5, 4), evidence_closed_on=CLOSED - timedelta(days=1))
    ),
    "dismissal: its review": dismissed,
    "dismissal: its review, late": lambda: dismissed(file_by=date(2026, 5, 3)),
    "dismissal: its review, the request not on record": lambda: appeal(Denied(), against="dismissal", level=2),
    "dismissal: to be vacated": lambda: appeal(
        Denied().change(filed=filed()), wish("vacate", cause="it was in time"), level=1
    ),
    "dismissal: to be vacated, without a cause": lambda: appeal(Denied().change(filed=filed()), wish("vacate")),
    "dismissal: to be vacated, of a reconsideration without a cause": lambda: appeal(
        Denied().change(filed=filed()), wish("vacate"), level=2
    ),
    "dismissal: to be vacated at the council": lambda: appeal(
        Denied().change(filed=filed()), wish("vacate", cause="it was in time"), level=4
    ),
    "dismissal: to be vacated at the council, without a cause": lambda: appeal(
        Denied().change(filed=filed()), wish("vacate"), level=4
    ),
    "escalation: a day late": lambda: escalated(date(2026, 7, 4)),
    "escalation: on the day the decision is due": lambda: escalated(date(2026, 7, 3)),
    "escalation: no day is set": lambda: escalated(decision_due=None),
    "escalation: of a redetermination": lambda: escalated(level=1),
    "escalation: of a hearing, with a cause": lambda: appeal(
        Denied().change(filed=filed(proof=None)), wish("escalation", date(2026, 8, 1), cause="none was given"), level=3
    ),
    "escalation: not filed": lambda: appeal(Denied(), wish("escalation"), level=2),
    "correction: a modifier": lambda: correction(Denied().by("CO-4")),
    "correction: with another payer": lambda: correction(other().by("CO-4")),
    "correction: of no service": lambda: correction(Denied().by("CO-29").change(disputed=())),
    "correction: not supported": lambda: correction(
        services(ClaimLine(line=1, code="97112", minutes=15, units=1, modifiers=())).by("CO-4")
    ),
    "reopening: a clerical error": lambda: reopening(Denied().by("CO-16"), ground="clerical-error"),
    "reopening: records not sent": lambda: reopening(Denied().by("CO-50 M127"), ground="records-not-sent"),
    "reopening: with another payer": lambda: reopening(other().by("CO-50 M127"), ground="records-not-sent"),
}
ROWS = [row.carcs[0] for row in dict.fromkeys(arguments(RULES).by_carc.values())]
ARGUED: dict[str, Denied] = {}
for carc in ROWS:
    ARGUED[f"argument: CO-{carc}"] = rich(Denied()).by(f"CO-{carc}")
    ARGUED[f"argument: CO-{carc}, another payer"] = other(rich(Denied())).by(f"CO-{carc}")
    ARGUED[f"argument: CO-{carc}, nothing on record"] = nobody().by(f"CO-{carc}")


@pytest.mark.parametrize("name", CASES)
def test_the_letter_says_what_was_written_down(name: str, letters_told: Golden) -> None:
    letters_told.holds(name, result(CASES[name]()))


@pytest.mark.parametrize("name", ARGUED)
def test_each_denial_is_argued_with_the_rule_and_the_facts_that_were_written_down(
    name: str, letters_told: Golden
) -> None:
    letters_told.holds(name, argued(result(appeal(ARGUED[name]))))


def test_what_a_letter_asks_for_follows_from_the_matter() -> None:
    denied = Denied()
    dispute = denied.dispute()
    assert purpose_of(denied.appeal(dispute)) == "appeal"
    assert purpose_of(denied.correction(dispute)) == "corrected-claim"
    assert purpose_of(denied.proposal(dispute)) == "reopening"


@pytest.mark.parametrize(
    ("remedy", "why"),
    [
        ("bill-patient", "a bill to the patient is proposed: there is nothing to write to the payer"),
        ("write-off-proposal", "a write-off is proposed: there is nothing to write to the payer"),
    ],
)
def test_what_is_the_practices_own_to_decide_asks_the_payer_for_nothing(remedy: str, why: str) -> None:
    denied = Denied()
    proposal = denied.proposal(denied.dispute(), remedy=remedy)
    with pytest.raises(NoLetter) as raised:
        purpose_of(proposal)
    assert (raised.value.item_id, raised.value.why) == (proposal.item_id, why)
    assert str(raised.value) == f"{proposal.item_id}: {why}"


@pytest.mark.parametrize(
    ("changes", "purpose", "must", "found"),
    [
        ({}, "appeal", ("minutes", "notes", "skilled-need", "plan"), "diagnoses evaluation measures progress units"),
        (
            {"evidence": ("enrollment", "plan")},
            "appeal",
            ("minutes", "notes", "skilled-need", "plan"),
            "... enrollment",
        ),
        ({}, "escalation", ("filing",), ""),
        ({}, "vacate", ("filing",), ""),
        ({"against": "dismissal"}, "appeal", ("filing",), ""),
    ],
)
def test_the_argument_decides_which_evidence_is_looked_for(
    changes: dict[str, Any], purpose: Any, must: tuple[str, ...], found: str
) -> None:
    denied = Denied()
    dispute = denied.dispute()
    evidence, rests_on = evidence_of(denied.appeal(dispute, **changes), dispute, purpose)
    may = found.replace("...", "diagnoses evaluation measures progress units").split()
    assert (tuple(evidence.found), rests_on) == ((*must, *may), must)


def test_the_evidence_of_two_arguments_is_looked_for_once() -> None:
    denied = Denied().by("CO-50", "CO-151")
    dispute = denied.dispute()
    evidence, must = evidence_of(denied.appeal(dispute), dispute, "appeal")
    assert must == ("minutes", "notes", "skilled-need", "plan", "units")
    assert tuple(evidence.found) == (*must, "diagnoses", "evaluation", "measures", "progress")


@pytest.mark.parametrize(("received", "to"), [(RECEIVED, "Medicare administrative contractor"), (LATE, "New reviewer")])
def test_a_letter_goes_to_the_reviewer_of_the_day_on_which_the_decision_came(received: date, to: str) -> None:
    levels = RULES.toml["appeal_levels"]["level"]
    later = {**levels[0], "reviewer": "new reviewer", "from": LATE}
    rules = Ruleset(
        id="made", hash="", toml={**RULES.toml, "appeal_levels": {"level": [*levels, later]}}, csv=RULES.csv
    )
    made = appeal(Denied().change(rules=rules), received_on=received)
    assert compose(*made).addressee == Party(to, ("Medicare Part B",))
