"""What is known of a subject: facts by when they happened, conflicts that wait, what a person decided, what holds."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from therapy_domain.events.base import Event, Fact
from therapy_domain.events.claim import ConflictSettled, FactConflicted, RemittanceReceived
from therapy_domain.events.reference import CoverageVerified, PayerPolicyPublished, PlanCertified, ProgressReported
from therapy_domain.facts import SubjectFacts, evolve, policy_in_force, standing
from therapy_domain.identity import fact_id, id_text
from therapy_domain.policies import resolve_policy
from therapy_domain.rulesets import load
from therapy_domain.rulesets.payers import shipped

SOURCE = "/orgs/o/clinics/north"
RULES = load("2026.1")
PROGRESS = ProgressReported(reported_on=date(2026, 3, 1), by_npi="1234567893", measures=())


def fact(event: Event, name: str = "f", hour: int = 9, subject: str = "p-1") -> Fact[Any]:
    at = datetime(2026, 3, 2, hour, tzinfo=UTC)
    return Fact(event, SOURCE, name, subject, at, fact_id(SOURCE, name))


def coverage(first: str = "2026-01-01", payer: str = "medicare", member: str = "M-1") -> CoverageVerified:
    said = {"payer_id": payer, "member_id": member, "from": first}
    return CoverageVerified.model_validate_json(json.dumps(said))


def policy(first: str, rule: str = "cpt-midpoint") -> PayerPolicyPublished:
    said = {"name": "Acme", "effective_from": first, "extends": "commercial-cms", "unit_rule": rule}
    return PayerPolicyPublished.model_validate_json(json.dumps(said))


def plan(first: str) -> PlanCertified:
    said = {"patient_id": "p-1", "discipline": "PT", "diagnoses": ["R26.81"], "goals": ["Walk 100 m"], "from": first}
    more = {"to": "2026-05-30", "certified_by_npi": "1234567893", "initial_evaluation_on": first}
    return PlanCertified.model_validate_json(json.dumps({**said, **more}))


def folded(*facts: Fact[Any]) -> SubjectFacts:
    state = SubjectFacts()
    for one in facts:
        state = evolve(state, one.fact_id, one)
    return state


def settled(keep: str, *, second: CoverageVerified) -> SubjectFacts:
    """A fact that came twice with other content, and a person's decision."""
    first, conflict, decision = fact(coverage(member="FIRST")), fact_id("c", "1"), fact_id("d", "1")
    data = second.model_dump(mode="json", by_alias=True, exclude_none=True)
    envelope = json.dumps({"type": CoverageVerified.type, "data": data})
    state = evolve(folded(first), conflict, FactConflicted(fact=id_text(first.fact_id), envelope=envelope))
    said = {"conflict": id_text(conflict), "keep": keep, "by": "A", "reason": "seen", "at": "2026-03-03T09:00:00Z"}
    return evolve(state, decision, ConflictSettled.model_validate_json(json.dumps(said)))


def test_facts_come_by_when_they_happened_then_by_their_id() -> None:
    early, late, other = fact(coverage(), "b", 9), fact(coverage(), "c", 10), fact(coverage(), "a", 10)
    state = folded(late, early, other)
    assert [one.id for one in state.in_force()] == ["b", "a", "c"]
    assert state.basis() == tuple(sorted(id_text(one.fact_id) for one in (early, late, other)))


def test_an_event_of_another_kind_changes_nothing() -> None:
    state = folded(fact(coverage()))
    assert evolve(state, b"x" * 16, coverage()) is state


def test_a_conflict_waits_until_a_person_decides() -> None:
    conflict = FactConflicted(fact=id_text(fact_id(SOURCE, "f")), envelope="{}")
    waiting = evolve(folded(fact(coverage())), b"c" * 16, conflict)
    assert waiting.undecided == (id_text(b"c" * 16),)
    assert waiting.decisions == ()
    assert id_text(b"c" * 16) in waiting.basis()
    assert waiting.in_force()[0].event == coverage()


@pytest.mark.parametrize(("keep", "member"), [("first", "FIRST"), ("second", "SECOND")])
def test_the_content_that_the_person_kept_is_in_force(keep: str, member: str) -> None:
    state = settled(keep, second=coverage(member="SECOND"))
    (one,) = state.in_force()
    assert (one.event.member_id, one.id, one.subject) == (member, "f", "p-1")
    assert state.undecided == ()
    assert state.decisions == tuple(sorted([id_text(fact_id("c", "1")), id_text(fact_id("d", "1"))]))
    assert set(state.decisions) < set(state.basis())
    assert len(state.basis()) == 3


@pytest.mark.parametrize(("keep", "member"), [("first", "FIRST"), ("second", "SECOND")])
def test_a_decision_on_one_fact_leaves_the_others_as_they_are(keep: str, member: str) -> None:
    state = settled(keep, second=coverage(member="SECOND"))
    before, after = fact(coverage("2025-01-01"), "e", 8), fact(coverage("2027-01-01"), "g", 10)
    for each in (after, before):
        state = evolve(state, each.fact_id, each)
    assert [(each.id, each.event.member_id) for each in state.in_force()] == [("e", "M-1"), ("f", member), ("g", "M-1")]


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (coverage(), coverage(member="M-2"), False),
        (coverage(), coverage("2026-02-01"), True),
        (coverage(), coverage(payer="acme"), True),
        (plan("2026-01-01"), plan("2026-01-01"), False),
        (plan("2026-01-01"), plan("2026-02-01"), True),
        (policy("2026-01-01"), policy("2026-01-01", "cms-8-minute"), False),
        (policy("2026-01-01"), policy("2026-02-01"), True),
        (PROGRESS, PROGRESS, True),
        (plan("2026-01-01"), policy("2026-01-01"), True),
    ],
)
def test_a_later_fact_replaces_the_earlier_one_of_the_same_first_day(one: Event, other: Event, both: bool) -> None:
    held = standing([fact(one, "a", 9), fact(other, "b", 10)])
    assert [each.id for each in held] == (["a", "b"] if both else ["b"])


def test_facts_of_two_subjects_replace_nothing() -> None:
    assert len(standing([fact(coverage(), "a", 9, "p-1"), fact(coverage(), "b", 10, "p-2")])) == 2


@pytest.mark.parametrize(
    ("day", "first"),
    [("2025-12-31", None), ("2026-01-01", "2026-01-01"), ("2026-01-31", "2026-01-01"), ("2026-02-01", "2026-02-01")],
)
def test_the_policy_that_took_effect_last_holds(day: str, first: str | None) -> None:
    state = folded(fact(policy("2026-02-01"), "b", 8, "acme"), fact(policy("2026-01-01"), "a", 9, "acme"))
    found = policy_in_force(state, date.fromisoformat(day))
    assert (found.event.effective_from.isoformat() if found else None) == first


def test_a_published_policy_stands_over_the_profile_that_it_extends() -> None:
    published = fact(policy("2026-02-01"), "a", 9, "acme")
    made, facts = resolve_policy("acme", date(2026, 2, 1), folded(published), RULES)
    assert made is not None
    assert (made.payer_id, made.name, made.unit_rule) == ("acme", "Acme", "cpt-midpoint")
    assert made.assistant_modifiers == shipped(RULES)["commercial-cms"].assistant_modifiers
    assert facts == (id_text(published.fact_id),)
    assert resolve_policy("acme", date(2026, 2, 1), folded(published), RULES)[0] is made


def test_without_a_published_policy_the_shipped_profile_holds_if_there_is_one() -> None:
    published = folded(fact(policy("2026-02-01"), "a", 9, "medicare"))
    before = date(2026, 1, 31)
    assert resolve_policy("medicare", before, published, RULES) == (shipped(RULES)["medicare"], ())
    assert resolve_policy("medicare", before, SubjectFacts(), RULES) == (shipped(RULES)["medicare"], ())
    assert resolve_policy("acme", before, published, RULES) == (None, ())


def test_another_fact_about_the_payer_is_no_policy() -> None:
    said = {"remittance_id": "r", "outcome": "paid", "paid_cents": 1, "adjustments": [], "received_on": "2026-04-01"}
    state = folded(fact(RemittanceReceived.model_validate_json(json.dumps(said)), "r", 9, "acme"))
    assert policy_in_force(state, date(2026, 5, 1)) is None
