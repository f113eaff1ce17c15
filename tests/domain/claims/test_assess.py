"""The claim as a whole: lines, outcome, overrides, order, and what a message may say."""

import dataclasses
import random
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from therapy_domain.claims.assess import TOGETHER, Asked, assess, assess_together
from therapy_domain.claims.catalog import REGISTRY
from therapy_domain.claims.chart import chart, history_hash
from therapy_domain.claims.registry import Edition, Fault, Rule
from therapy_domain.rulesets import load

RULES = load("2026.1")


@pytest.mark.parametrize("payer", ["medicare", "commercial-cms", "commercial-midpoint"])
def test_a_clean_visit_has_no_finding(new_scene: Any, payer: str) -> None:
    assessed = new_scene(payer=payer).assess()
    assert assessed.findings == ()
    assert assessed.outcome == "ready"
    assert [(li.line, li.code, li.minutes, li.units, li.modifiers, li.charge_cents) for li in assessed.lines] == [
        (1, "97112", 28, 2, ("GP",), 10000),
        (2, "97530", 16, 1, ("GP",), 6000),
    ]


def test_a_clean_visit_with_matching_charges_has_no_finding(scene: Any) -> None:
    scene.charge(("97112", 2, ["GP"]), ("97530", 1, ["GP"]))
    assert scene.found() == []


def test_a_code_without_a_fee_has_no_charge(scene: Any) -> None:
    scene.intervals(scene.interval("97116", 0, 20))
    assert [line.charge_cents for line in scene.assess().lines] == [None]


def test_without_an_organization_nothing_is_charged_and_nothing_fails(scene: Any) -> None:
    scene.organization = None
    assessed = scene.assess()
    assert assessed.outcome == "ready"
    assert {line.charge_cents for line in assessed.lines} == {None}


def test_five_faults_are_five_findings(scene: Any) -> None:
    scene.note(patient_response=" ", medical_necessity=None)
    scene.first["signatures"][0]["credentials"] = ""
    scene.coverages = []
    scene.clinicians = {}
    assert scene.short() == [
        ("CRD-001", "deny"),
        ("DOC-006", "deny"),
        ("DOC-011", "deny"),
        ("ELG-001", "reject"),
        ("SIG-001", "reject"),
    ]
    assert scene.assess().outcome == "held"


def test_advice_alone_leaves_the_claim_ready(scene: Any) -> None:
    scene.note(patient_education=None)
    assert scene.short() == [("DOC-013", "advice")]
    assert scene.assess().outcome == "ready"


def test_a_visit_too_short_to_bill_is_unbillable(scene: Any) -> None:
    scene.intervals(scene.interval(minutes=7))
    assessed = scene.assess()
    assert (assessed.outcome, assessed.lines, assessed.findings) == ("unbillable", (), ())


def test_a_case_without_sessions_is_void(scene: Any) -> None:
    scene.sessions = []
    assessed = scene.assess()
    assert (assessed.outcome, assessed.lines, assessed.findings, assessed.session_ids) == ("void", (), (), ())


def test_a_released_finding_stays_and_no_longer_holds(scene: Any) -> None:
    scene.note(patient_response=None)
    held = scene.assess()
    scene.overrides = [("DOC-006", None)]
    released = scene.assess()
    assert (held.outcome, released.outcome) == ("held", "ready")
    assert [(f.rule, f.overridden) for f in released.findings] == [("DOC-006", True)]
    assert set(released.basis) > set(held.basis)


def test_a_release_of_one_line_leaves_the_others(scene: Any) -> None:
    scene.coverages = [{"covered_codes": ["97110"]}]
    scene.overrides = [("COV-001", 2)]
    assert [(f.line, f.overridden) for f in scene.of("COV-001")] == [(1, False), (2, True)]
    assert scene.assess().outcome == "held"


def test_the_basis_names_every_fact_once_in_order(scene: Any) -> None:
    case = scene.case()
    named = assess(case, RULES).basis
    assert list(named) == sorted(set(named))
    for group in ((case.units,), case.sessions, case.coverages, case.plans, case.clinicians):
        assert {known.id for known in group} <= set(named)


def test_the_decision_does_not_depend_on_the_order_of_facts(scene: Any) -> None:
    scene.session(scene.interval("97112", 200, 20, interval_id="x"), note={}, signatures=[])
    scene.coverages = [{}, {"from": "2026-02-01", "covered_codes": ["97112"]}, {"from": "2027-01-01"}]
    scene.plans = [("plan-1", {}), ("plan-1", {"from": "2026-03-01", "certified_on": None}), ("plan-2", {})]
    case = scene.case()
    first = assess(case, RULES).canonical()
    order = random.Random(7)
    for _ in range(20):
        mixed = {
            name: tuple(order.sample(getattr(case, name), len(getattr(case, name))))
            for name in ("sessions", "coverages", "plans", "progress", "clinicians")
        }
        assert assess(dataclasses.replace(case, **mixed), RULES).canonical() == first


def test_two_sessions_of_a_day_are_one_claim(scene: Any) -> None:
    scene.session(scene.interval("97112", 120, 10, interval_id="b"))
    assessed = scene.assess()
    assert assessed.session_ids == ("S-1", "S-2")
    assert [(line.code, line.units) for line in assessed.lines] == [("97112", 3), ("97530", 1)]


def test_an_assistant_makes_a_line_of_its_own(scene: Any) -> None:
    scene.intervals(scene.interval(minutes=18), scene.interval(start=20, minutes=17, role="PTA"))
    scene.note(assistant_supervision="On site")
    assert [(x.line, x.units, x.modifiers) for x in scene.assess().lines] == [(1, 1, ("GP",)), (2, 1, ("GP", "CQ"))]


def test_a_rule_that_fails_holds_the_claim_and_keeps_its_words_to_itself(scene: Any) -> None:
    def fails(_visit: Any) -> list[Fault]:
        raise ValueError("Jan Doe")

    current = REGISTRY.edition()
    rows = tuple(dataclasses.replace(row, check=fails) if row.id == "DOC-006" else row for row in current.rules)
    assessed = assess(scene.case(), RULES, Edition(1, rows, "1-x"))
    assert assessed.outcome == "held"
    assert [(f.rule, f.severity) for f in assessed.findings] == [("DOC-006", "delay")]
    assert "ValueError" in assessed.findings[0].message
    assert "Doe" not in assessed.findings[0].message


def test_an_assessment_says_whose_it_is_and_by_what_it_was_made(scene: Any) -> None:
    case, assessed = scene.case(), scene.assess()
    names = ("case_id", "claim_id", "org", "patient_id", "payer_id", "date_of_service")
    assert [getattr(assessed, name) for name in names] == [getattr(case, name) for name in names]
    assert assessed.clinic == case.sessions[0].event.clinic == "north"
    assert (assessed.ruleset, assessed.ruleset_hash) == (RULES.id, RULES.hash)
    assert assessed.rules == REGISTRY.edition().fingerprint
    assert assess(replace(case, chart_version=3), RULES).chart_version == 0  # it looked at no other visit


def test_claims_assessed_together_are_as_alone(new_scene: Any) -> None:
    def fails(visit: Any) -> list[Fault]:
        raise ValueError("another" if visit.sittings else "none")

    current = REGISTRY.edition()
    rows = [replace(row, check=fails) if row.id == "DOC-006" else row for row in current.rules]
    dated = [replace(row, since=date(2022, 1, 1)) if row.id == "COV-001" else row for row in rows]
    other = Edition(2, tuple(dated), "2-x")
    asked = []
    for number in range(2 * TOGETHER + 3):
        day = date(2018 + number % 9, 3, 2)
        scene = new_scene(payer=("medicare", "commercial-midpoint")[number % 2], on=day)
        if number % 3 == 0:
            scene.coverages = [{"covered_codes": ["97110"]}]
        asked.append(Asked(scene.case(), RULES, other if number % 5 == 0 else current))
    asked[TOGETHER] = asked[TOGETHER]._replace(case=dataclasses.replace(asked[TOGETHER].case, sessions=()))
    alone = [assess(*each) for each in asked]
    assert list(assess_together(asked)) == alone
    assert {each.outcome for each in alone} >= {"held", "ready", "void"}
    assert len({tuple(each.rules.on(each.case.date_of_service)) for each in asked}) > 2


def test_no_message_holds_a_word_of_the_patient_or_the_note(scene: Any) -> None:
    """Every rule is made to speak; canaries stand in each personal field."""
    canary = "zebra"
    scene.patient |= {"family_name": canary, "given_name": canary, "member_ids": {"medicare": canary}}
    scene.patient_id = "p-" + canary
    scene.coverages = [{"member_id": canary + "2", "covered_codes": ["97110"]}]
    scene.plans = [("plan-1", {"goals": [canary], "interventions": ["97110"], "diagnoses": ["M54.50"]})]
    scene.first["note"] = {"exercises": canary, "objective_measures": [{"name": "", "value": canary, "unit": canary}]}
    scene.first["signatures"][0] |= {"credentials": canary, "license_number": ""}
    scene.first["opened"]["diagnoses"] = ["G20"]
    scene.intervals(
        scene.interval(),
        scene.interval("97110", 5, 20, role="PTA", supervisor_npi=None, technique=canary),
        scene.interval("97116", 40, 20, contact="group"),
        scene.interval("97161", 70, 20, role="AIDE", by=canary),
        scene.interval("97035", 100, 20, skilled=False),
    )
    scene.charge(("97112", 9, ["GO", "CO", "ZZ"]))
    scene.clinicians = {}
    findings = scene.found()
    assert len({f.rule for f in findings}) >= 15
    for finding in findings:
        assert canary not in (finding.message + finding.fix + " ".join(finding.fields)).lower()


def test_today_is_the_latest_local_date_of_the_case(scene: Any) -> None:
    scene.first["latest_fact_at"] = "2026-03-06T03:30:00Z"
    assert scene.assess().today == date(2026, 3, 5)  # still the fifth in New York


def test_every_rule_says_what_it_asks_and_by_which_source() -> None:
    rules = REGISTRY.edition().rules
    assert len(rules) >= 40
    for row in rules:
        assert isinstance(row, Rule)
        assert row.title.endswith("."), row.id
        assert row.source, row.id
        assert row.fix.endswith("."), row.id
        assert re.search("CMS|CFR|CPT|ICD-10|X12|[Pp]ayer|Claimtrail", row.source), row.id
        assert row.version >= 1


def test_an_edition_is_found_again_by_what_a_decision_named() -> None:
    current = REGISTRY.edition()
    assert REGISTRY.edition_of(current.fingerprint) is current


def test_every_finding_names_the_source_and_the_version_of_its_rule(scene: Any) -> None:
    scene.note(safety_precautions="", patient_education="")
    found = scene.found()
    assert found
    for finding in found:
        row = REGISTRY.row(finding.rule, finding.version)
        assert (finding.source, finding.version) == (row.source, row.version)


@pytest.mark.parametrize("charged", ["97110", "97112"])
def test_of_equal_allocations_charges_are_held_against_the_nearest(scene: Any, charged: str) -> None:
    scene.intervals(scene.interval("97110", 0, 8), scene.interval("97112", 10, 8)).charge((charged, 1, ["GP"]))
    assert scene.short() == []
    scene.charge((charged, 2, ["GP"]))
    assert [finding.message for finding in scene.found()] == [f"{charged}: 2 units charged, the minutes earn 1"]


def test_a_decision_names_the_visits_that_it_looked_back_on(scene: Any) -> None:
    assert (scene.assess().history, scene.assess().chart_version) == (None, 0)
    scene.visited(7, ("97112", 2))
    made = scene.assess()
    assert made.history == history_hash(scene.case().history) is not None
    assert made.chart_version == 1


def test_a_case_happened_when_the_last_of_its_own_facts_did(scene: Any) -> None:
    case = scene.case()
    assert case.happened_at == max(known.occurred_at for known in case.sessions)
    latest = datetime(2026, 8, 1, tzinfo=UTC)
    for name in ("organization", "patient"):
        assert replace(case, **{name: replace(getattr(case, name), occurred_at=latest)}).happened_at == latest
    for name in ("sessions", "coverages", "plans", "clinicians"):
        last = replace(getattr(case, name)[-1], occurred_at=latest)
        assert replace(case, **{name: (*getattr(case, name), last)}).happened_at == latest
    counted = replace(case, units=replace(case.units, occurred_at=latest))
    assert counted.happened_at == case.happened_at
    assert replace(counted, sessions=()).happened_at == latest
    bare = replace(counted, sessions=(), organization=None, patient=None, coverages=(), plans=(), clinicians=())
    assert bare.happened_at == latest


def test_a_visit_is_charted_as_it_was_billed(scene: Any) -> None:
    case = scene.case()
    sessions = [(known.id, known.event) for known in case.sessions]
    entry = chart(case.units, sessions, case.organization, case.policy, ("policy",), RULES)
    assert [(line.code, line.minutes, line.units, line.modifiers) for line in entry.lines] == [
        ("97112", 28, 2, ("GP",)),
        ("97530", 16, 1, ("GP",)),
    ]
    assert [line.allowed_cents for line in entry.lines] == [10_000, 6_000]
    assert [line.performers for line in entry.lines] == [("1234567893",)] * 2
    assert (entry.clinic, entry.clinicians, entry.diagnoses) == ("north", ("1234567893",), ("R2681",))
    assert (entry.under_threshold, entry.treated, entry.session_ids) == (True, True, ("S-1",))
    assert case.organization is not None
    assert entry.basis == tuple(sorted([case.units.id, case.sessions[0].id, case.organization.id, "policy"]))
