"""Whatever a clinic sends, every rule runs, and no message repeats what the patient's record says."""

from datetime import UTC, datetime
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from therapy_domain.claims.notes import is_vague
from therapy_domain.claims.pairs import BYPASS
from therapy_domain.claims.tables import vague_words
from therapy_domain.events.claim import BLOCKING
from therapy_domain.rulesets import load

CODES = st.sampled_from(
    [
        *("97110", "97112", "97140", "97150", "97161", "97164", "97010", "G0283", "97129", "97130", "99213"),
        *("97012", "97124", "98981"),
    ]
)
CANARY = "quokka"
WORDS = st.sampled_from(["", "  ", CANARY, f"3 x 10 {CANARY}", f"worked on balance {CANARY}"])
CHARGES = st.tuples(
    CODES,
    st.integers(0, 5),
    st.lists(st.sampled_from(["GP", "GO", "CQ", "CO", "59", "AT", "ZZ", "GA", "76", "95"]), max_size=5),
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


PAIRED = st.sampled_from(["97012", "97140", "97124", "97150", "97110", "97112", "97530", "97164", "G0283", "98940"])
OPENED = st.fixed_dictionaries(
    {
        "place_of_service": st.sampled_from(["11", "02", "10", "22"]),
        "telehealth": st.sampled_from([None, True, False]),
        "notice": st.none()
        | st.fixed_dictionaries(
            {
                "signed_on": st.sampled_from(["2025-01-01", "2026-03-01", "2026-03-02", "2026-03-09"]),
                "kind": st.sampled_from(["required", "voluntary"]),
                "reason": st.sampled_from(["frequency", "excluded"]),
                "codes": st.lists(PAIRED, max_size=4),
            }
        ),
    }
)
SPAN = st.tuples(PAIRED, st.integers(0, 100), st.integers(5, 45), st.booleans())
EXCLUSIVE = [{"GA", "GZ"}, {"AT", "GA"}, {"AT", "GZ"}, {"GP", "GO"}, {"96", "97"}, {"59", "XU"}]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    discipline=st.sampled_from(["PT", "OT", "CHIRO"]),
    payer=st.sampled_from(["medicare", "commercial-cms"]),
    spans=st.lists(SPAN, min_size=1, max_size=6),
    opened=OPENED,
    habilitative=st.sampled_from([None, True, False]),
    own=st.fixed_dictionaries(
        {},
        optional={
            "separate_service_modifier": st.just("X"),
            "habilitation_modifiers": st.just(True),
            "pair_edits": st.just([{"column_1": "97112", "column_2": "97530", "indicator": 1}]),
            "daily_max_units": st.just({"97110": 2}),
        },
    ),
)
def test_decided_modifiers_agree_with_each_other_and_with_the_edits(
    new_scene: Any,
    discipline: str,
    payer: str,
    spans: list[tuple[str, int, int, bool]],
    opened: dict[str, Any],
    habilitative: bool | None,
    own: dict[str, Any],
) -> None:
    scene = new_scene(discipline=discipline, payer=payer, settings=own)
    role = {"PT": "PT", "OT": "OT", "CHIRO": "DC"}[discipline]
    rows = [scene.interval(c, s, m, role=role, interval_id=f"i{n}") for n, (c, s, m, _) in enumerate(spans)]
    for interval, (_, _, minutes, clocked) in zip(rows, spans, strict=True):
        if not clocked:
            del interval["start"], interval["end"]
            interval["minutes"] = minutes
    scene.first["intervals"] = rows
    scene.first["opened"] |= opened
    scene.plans = [("plan-1", {"discipline": discipline, "habilitative": habilitative})]
    assessed = scene.assess()
    pairs = {f.line for f in assessed.findings if f.rule in ("NCC-001", "NCC-002") and "carries" not in f.message}
    for line in assessed.lines:
        assert len(line.modifiers) == len(set(line.modifiers)) <= 4
        assert not any(both <= set(line.modifiers) for both in EXCLUSIVE)
        bypass = BYPASS.intersection(line.modifiers)
        assert not (bypass and line.line in pairs)
        if bypass:
            assert any("separate from" in words for words in line.explanation)
            mine = [span for span in spans if span[0] == line.code]
            assert all(clocked for *_, clocked in mine)


@settings(max_examples=300, deadline=None)
@given(st.text())
def test_any_text_is_specific_or_vague(text: str) -> None:
    assert is_vague(text, vague_words(load("2026.1"))) in (True, False)
