"""Whatever a clinic sends, every rule runs, and no message repeats what the patient's record says."""

from datetime import UTC, datetime
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from therapy_domain.claims.notes import is_vague
from therapy_domain.claims.tables import vague_words
from therapy_domain.events.claim import BLOCKING
from therapy_domain.rulesets import load

CODES = st.sampled_from(
    ["97110", "97112", "97140", "97150", "97161", "97164", "97010", "G0283", "97129", "97130", "99213"]
)
CANARY = "quokka"
WORDS = st.sampled_from(["", "  ", CANARY, f"3 x 10 {CANARY}", f"worked on balance {CANARY}"])
CHARGES = st.tuples(
    CODES, st.integers(0, 5), st.lists(st.sampled_from(["GP", "GO", "CQ", "CO", "59", "AT", "ZZ"]), max_size=5)
)
INTERVALS = st.fixed_dictionaries(
    {
        "code": CODES,
        "start": st.integers(0, 90),
        "minutes": st.integers(0, 60),
        "role": st.sampled_from(["PT", "PTA", "OT", "DC", "AIDE", "STUDENT"]),
        "contact": st.sampled_from(["one_on_one", "group", "observed", "unattended"]),
        "activity": st.sampled_from(
            ["treatment", "setup", "rest", "conversation", "documentation", "passive_modality"]
        ),
        "skilled": st.sampled_from([None, True, False]),
        "technique": st.just(CANARY),
    }
)
VISITS = st.fixed_dictionaries(
    {
        "days": st.integers(0, 20),
        "code": CODES,
        "allowed": st.none() | st.integers(0, 50_000),
        "case": st.sampled_from(["0", "z"]),
    }
)
AMENDMENTS = st.fixed_dictionaries(
    {
        "at": st.sampled_from(["2026-03-02T12:00:00Z", "2026-03-04T12:00:00Z"]),
        "minutes_before": st.integers(0, 60),
        "minutes_after": st.integers(0, 60),
        "clocked": st.booleans(),
        "diagnoses_added": st.lists(st.sampled_from(["R26.81", "M54.50"]), max_size=2),
    }
)
ITEMS = ("exercises", "skilled_guidance", "patient_response", "functional_change", "medical_necessity", "equipment")


@pytest.mark.parametrize("payer", ["medicare", "commercial-midpoint", None])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    intervals=st.lists(INTERVALS, max_size=6),
    charges=st.none() | st.lists(CHARGES, max_size=4),
    note=st.dictionaries(st.sampled_from(ITEMS), WORDS),
    diagnoses=st.lists(st.sampled_from(["R26.81", "G20", "G35", "M54.50", "Z91.81", "S06.0X0A"]), max_size=3),
    member=WORDS,
    plans=st.integers(0, 2),
    history=st.lists(VISITS, max_size=14),
    granted=st.none() | st.integers(0, 9),
    amendments=st.lists(AMENDMENTS, max_size=2),
)
def test_every_rule_runs_and_keeps_the_record_to_itself(
    new_scene: Any,
    payer: str | None,
    intervals: list[dict[str, Any]],
    charges: list[tuple[str, int, list[str]]] | None,
    note: dict[str, str],
    diagnoses: list[str],
    member: str,
    plans: int,
    history: list[dict[str, Any]],
    granted: int | None,
    amendments: list[dict[str, Any]],
) -> None:
    scene = new_scene(payer=payer or "acme", **({} if payer else {"policy": None}))
    scene.first["intervals"] = [scene.interval(**row, interval_id=f"i{n}") for n, row in enumerate(intervals)]
    scene.first["note"] = note
    scene.first["opened"]["diagnoses"] = diagnoses
    scene.coverages = [{"member_id": member, "kx_used_cents": 240_000}]
    if granted is not None:
        authorization = {"number": "A-7", "from": "2026-01-01", "to": "2026-03-02", "visits": granted, "units": granted}
        scene.coverages[0]["authorization"] = authorization
    for visit in history:
        scene.visited(visit["days"], (visit["code"], 1, visit["allowed"]), case_id=visit["case"], note=note)
    scene.first["amendments"] = amendments
    scene.remittances = [("denied", datetime(2026, 3, 3, tzinfo=UTC))]
    scene.questions = [(1, datetime(2026, 3, 3, tzinfo=UTC))]
    scene.patient |= {"family_name": CANARY, "given_name": CANARY}
    scene.plans = [("plan-1", {"goals": [CANARY], "from": f"2026-0{n + 1}-01"}) for n in range(plans)]
    if charges is not None:
        scene.charge(*charges)
    assessed = scene.assess()
    for finding in assessed.findings:
        assert "could not be run" not in finding.message
        assert CANARY not in finding.message
        assert finding.line is None or finding.line <= len(assessed.lines)
        assert finding.rule not in finding.also
    assert (assessed.outcome == "held") == any(f.severity in BLOCKING for f in assessed.findings)


@settings(max_examples=300, deadline=None)
@given(st.text())
def test_any_text_is_specific_or_vague(text: str) -> None:
    assert is_vague(text, vague_words(load("2026.1"))) in (True, False)
