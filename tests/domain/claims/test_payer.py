"""Patient, coverage, credentials, and what the payer pays whom."""

from datetime import date, timedelta
from typing import Any

import pytest


def _patient(scene: Any, member_ids: dict[str, str]) -> None:
    scene.patient = {**scene.patient, "member_ids": member_ids}


def test_an_unregistered_patient_is_rejected(scene: Any) -> None:
    scene.patient = None
    assert scene.short() == [("PAT-001", "reject")]


@pytest.mark.parametrize(
    ("registered", "verified", "found"),
    [
        ({"medicare": "M-77"}, "M-77", False),
        ({"medicare": " m77 "}, "M-77", False),
        ({"medicare": "M-78"}, "M-77", True),
        ({"other": "M-78"}, "M-77", False),  # nothing to compare with
        ({"medicare": "M-77"}, " ", False),
        ({"medicare": ""}, "", True),
        ({}, " ", True),
    ],
)
def test_the_member_number_agrees(scene: Any, registered: dict[str, str], verified: str, found: bool) -> None:
    _patient(scene, registered)
    scene.coverages = [{"member_id": verified}]
    assert scene.short() == ([("PAT-001", "reject")] if found else [])


@pytest.mark.parametrize(
    ("coverage", "found"),
    [
        ({"from": "2026-03-02", "to": "2026-03-02"}, False),
        ({"from": "2026-03-03"}, True),
        ({"to": "2026-03-01"}, True),
        ({"payer_id": "workers-comp"}, True),
    ],
)
def test_the_coverage_holds_on_the_date_of_service(scene: Any, coverage: dict[str, Any], found: bool) -> None:
    scene.coverages = [coverage]
    assert scene.short() == ([("ELG-001", "reject")] if found else [])


def test_of_two_coverages_the_later_one_counts(scene: Any) -> None:
    scene.coverages = [{"from": "2026-02-01", "member_id": "OTHER"}, {"from": "2025-01-01"}]
    assert scene.short() == [("PAT-001", "reject")]


def test_an_unknown_payer_blocks(new_scene: Any) -> None:
    scene = new_scene(payer="acme", policy=None)
    assert scene.short() == [("ELG-001", "reject")]
    assert scene.assess().outcome == "held"
    scene.coverages = []
    assert scene.short() == [("ELG-001", "reject")]


def test_a_clinician_is_credentialed_on_the_date(scene: Any) -> None:
    npi = "1234567893"
    for payers, found in [
        ([], True),
        ([{"payer_id": "workers-comp", "from": "2020-01-01"}], True),
        ([{"payer_id": "medicare", "from": "2026-03-03"}], True),
        ([{"payer_id": "medicare", "from": "2020-01-01", "to": "2026-03-01"}], True),
        ([{"payer_id": "medicare", "from": "2026-03-02", "to": "2026-03-02"}], False),
    ]:
        scene.clinicians = {npi: {"payers": payers}}
        assert scene.short() == ([("CRD-001", "deny")] if found else [])
    scene.clinicians = {}
    assert scene.short() == [("CRD-001", "deny")]


def test_an_assistant_needs_no_credentials(scene: Any) -> None:
    scene.intervals(scene.interval(role="PTA")).note(assistant_supervision="on site")
    assert scene.found() == []


def test_a_code_that_the_coverage_lacks_is_denied(scene: Any) -> None:
    scene.coverages = [{"covered_codes": ["97112"]}]
    assert [(f.rule, f.severity, f.line) for f in scene.found()] == [("COV-001", "deny", 2)]


def test_a_code_that_the_payer_lacks_is_denied(scene: Any) -> None:
    scene.first["intervals"].append(scene.interval("97014", 60, 15, contact="unattended"))
    assert scene.short() == [("COV-001", "deny")]
    scene.first["intervals"][-1]["code"] = "99213"
    assert scene.short() == [("COV-001", "deny")]


@pytest.mark.parametrize("role", ["AIDE", "STUDENT"])
def test_an_aides_or_students_minutes_count_to_no_code(scene: Any, role: str) -> None:
    scene.first["intervals"].append(scene.interval("97112", 60, 20, role=role, by="helper"))
    assert [(f.rule, f.severity, f.line) for f in scene.found()] == [("COV-001", "deny", 1)]
    assert scene.assess().lines[0].units == 2


@pytest.mark.parametrize(
    ("discipline", "role", "found"),
    [
        ("PT", "PT", []),
        ("PT", "PTA", []),
        ("PT", "OT", [("COV-001", "deny")]),
        ("PT", "OTA", [("COV-001", "deny")]),
        ("OT", "OT", []),
        ("OT", "PT", [("COV-001", "deny")]),
        ("SLP", "SLP", []),
        ("SLP", "PT", [("COV-001", "deny")]),
    ],
)
def test_a_performer_works_within_the_disciplines_plan(
    new_scene: Any, discipline: str, role: str, found: list[Any]
) -> None:
    """97110 is paid to all of these roles; in a session of another discipline its modifier would tell a falsehood."""
    scene = new_scene(discipline=discipline, plans=[("plan-1", {"discipline": discipline})])
    scene.intervals(scene.interval("97110", 0, 20, role=role, by="1234567893", supervisor_npi="1234567893"))
    scene.note(assistant_supervision="on site")
    assert scene.short() == found
    assert all(f"in a session of {discipline}" in f.message for f in scene.found())


@pytest.mark.parametrize(
    ("code", "on", "found"),
    [
        ("97550", date(2023, 12, 29), True),
        ("97550", date(2024, 1, 2), False),
        ("G0541", date(2024, 12, 31), True),
        ("G0541", date(2025, 1, 2), False),
        ("98985", date(2025, 12, 31), True),
        ("98985", date(2026, 1, 1), False),
    ],
)
def test_a_code_is_billed_from_its_first_day_on(new_scene: Any, code: str, on: date, found: bool) -> None:
    scene = new_scene(on=on)
    scene.intervals(scene.interval(code, 0, 30))
    told = [f.message for f in scene.of("COV-001")]
    assert ([f"{code}: there is such a code only from {date(on.year + 1, 1, 1)}"] if found else []) == told


def test_medicare_is_told_which_code_it_wants_in_place_of_97014(new_scene: Any) -> None:
    scene = new_scene()
    scene.intervals(scene.interval("97014", 0, 15, contact="unattended"))
    assert [f.fix for f in scene.of("COV-001")] == ["Bill G0283 in its place."]


def test_an_aide_may_set_up(scene: Any) -> None:
    scene.first["intervals"].append(scene.interval("97112", 60, 20, role="AIDE", by="helper", activity="setup"))
    assert scene.found() == []


def _chiro(new_scene: Any, **changes: Any) -> Any:
    scene = new_scene(discipline="CHIRO", **changes)
    scene.plans = [("plan-1", {"discipline": "CHIRO"})]
    return scene.intervals(scene.interval("97140", 0, 20, role="DC"))


def test_a_chiropractor_is_paid_for_therapy_only_where_configured(new_scene: Any) -> None:
    assert _chiro(new_scene).short() == [("COV-001", "deny")]
    assert _chiro(new_scene, payer="commercial-cms").short() == [("COV-001", "deny")]
    allowed = _chiro(new_scene, payer="commercial-cms", settings={"performers": {"97140": ["DC"]}})
    assert allowed.found() == []
    assert allowed.assess().lines[0].modifiers == ("GP",)


@pytest.mark.parametrize(
    ("discipline", "code", "role", "found"),
    [
        ("PT", "97161", "PT", []),
        ("PT", "97161", "PTA", [("MOD-008", "reject", ("COV-001",))]),
        ("PT", "97165", "OT", [("MOD-008", "reject", ())]),
        ("OT", "97161", "OT", [("MOD-008", "reject", ("COV-001",))]),
        ("OT", "97168", "OT", []),
        ("PT", "97161", "OT", [("COV-001", "deny", ())]),
        ("PT", "97161", "AIDE", [("COV-001", "deny", ())]),
    ],
)
def test_an_evaluation_is_the_disciplines_own_therapists(
    new_scene: Any, discipline: str, code: str, role: str, found: list[Any]
) -> None:
    scene = new_scene(discipline=discipline)
    scene.plans = [("plan-1", {"discipline": discipline})]
    scene.intervals(scene.interval(code, 0, 30, role=role, by="1234567893"))
    scene.note(assistant_supervision="on site")
    assert [(f.rule, f.severity, f.also) for f in scene.found()] == found


NEURO = [
    (["R26.81"], None),
    (["M17.11"], "outside"),
    (["M17.11", "R26.81"], None),
    (["I69.354"], None),
    (["M62.81"], "advice"),
    (["M54.50", "M17.11"], "advice"),
    (["M54.50", "G35.A"], None),
    (["Z91.81"], "outside"),
    (["M17.11", "Z91.81"], None),
    (["Z47.1"], "outside"),
    (["Z47.1", "R53.1"], None),
    (["S06.0X0D"], None),
    (["S06.0X0"], "outside"),
    (["G12.21"], None),
    (["G12.29"], "outside"),
]


@pytest.mark.parametrize(("diagnoses", "found"), NEURO)
@pytest.mark.parametrize(("payer", "severity"), [("medicare", "deny"), ("commercial-cms", "advice")])
def test_97112_asks_for_a_neuromuscular_diagnosis(
    new_scene: Any, payer: str, severity: str, diagnoses: list[str], found: str | None
) -> None:
    scene = new_scene(payer=payer)
    scene.first["opened"]["diagnoses"] = diagnoses
    scene.plans = [("plan-1", {"diagnoses": diagnoses})]
    expected = {None: [], "advice": [("DXM-001", "advice", 1)], "outside": [("DXM-001", severity, 1)]}[found]
    assert [(f.rule, f.severity, f.line) for f in scene.found()] == expected


@pytest.mark.parametrize("payer", ["medicare", "commercial-cms"])
@pytest.mark.parametrize(
    ("code", "line", "prefixes", "denied"),
    [
        ("97530", 2, ["M17"], True),
        ("97530", 2, ["R26.8", "M17"], False),
        ("97112", 1, ["M54"], True),  # in place of the shipped list, and bare pain is no warning in it
        ("97530", 2, [], False),  # an empty list is none
    ],
)
def test_a_list_that_the_payer_published_itself_denies(
    new_scene: Any, payer: str, code: str, line: int, prefixes: list[str], denied: bool
) -> None:
    scene = new_scene(payer=payer, settings={"diagnosis_prefixes": {code: prefixes}})
    assert [(f.rule, f.severity, f.line) for f in scene.found()] == ([("DXM-001", "deny", line)] if denied else [])


def test_other_codes_take_any_diagnosis(scene: Any) -> None:
    scene.intervals(scene.interval("97110", 0, 20))
    scene.first["opened"]["diagnoses"] = ["M17.11"]
    scene.plans = [("plan-1", {"diagnoses": ["M17.11"]})]
    assert scene.found() == []


def test_a_second_session_whose_diagnosis_does_not_fit_lacks_necessity(scene: Any) -> None:
    scene.session(scene.interval("97112", 120, 20, interval_id="b"))
    scene.sessions[1]["opened"] = {**scene.first["opened"], "diagnoses": ["M17.11"]}
    scene.plans = [("plan-1", {"diagnoses": ["R26.81", "M17.11"]})]
    assert [(f.rule, f.severity, f.line) for f in scene.found()] == [("MNC-001", "deny", 1)]


@pytest.mark.parametrize(
    ("on", "diagnosis", "found"),
    [
        ((2023, 9, 29), "G20", False),
        ((2023, 10, 2), "G20", True),
        ((2023, 10, 2), "G20.A1", False),
        ((2023, 10, 2), "G20.C", False),
        ((2023, 10, 2), "G20.B", True),
        ((2023, 9, 29), "G20.A1", True),
        ((2025, 9, 30), "G35", False),
        ((2025, 10, 1), "G35", True),
        ((2025, 10, 1), "G35.A", False),
        ((2025, 9, 30), "G35.A", True),
    ],
)
def test_a_subdivided_diagnosis_is_valid_by_its_date(new_scene: Any, on: Any, diagnosis: str, found: bool) -> None:
    scene = new_scene(on=date(*on))
    start = (scene.on - timedelta(days=5)).isoformat()
    scene.first["opened"]["diagnoses"] = [diagnosis]
    plan = {"diagnoses": [diagnosis], "from": start, "to": scene.on.isoformat(), "initial_evaluation_on": start}
    scene.plans, scene.coverages = [("plan-1", plan)], [{"from": "2020-01-01"}]
    assert scene.short() == ([("DXM-002", "reject")] if found else [])


def test_a_session_without_a_diagnosis_is_rejected_once(scene: Any) -> None:
    scene.first["opened"]["diagnoses"] = []
    assert [(f.rule, f.severity, f.also) for f in scene.found()] == [("DXM-002", "reject", ("DXM-001",))]
