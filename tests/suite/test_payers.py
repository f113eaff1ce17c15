"""Payers: the page of their settings, and how a policy stands for an organization on a date of service."""

import doctest
from pathlib import Path
from typing import Any

import orjson
import pytest

import suite.payer_settings
import suite.payerbook
from suite.payer_settings import HEAD, settings, value_of
from suite.payerbook import default_words
from support.command import Claimtrail
from support.visits import ORG, event
from therapy_domain.events.reference import PayerPolicyPublished
from therapy_domain.rulesets import load
from therapy_domain.rulesets.payers import extend, shipped

DOCS = Path(__file__).parents[2] / "docs"
RULES = load()
PROFILES = shipped(RULES)
OF_THE_CONTRACT = {
    *("unit_rule", "requires_start_stop", "requires_authorization", "requires_certified_plan", "assistant_modifiers"),
    *("kx_threshold", "daily_max_units", "covered_codes", "performers", "diagnosis_prefixes", "timely_filing_days"),
    *("appeal_levels", "modifier_order"),
}


def test_docs_payers_is_what_the_generator_prints() -> None:
    assert (DOCS / "payers.md").read_text() == suite.payerbook.page(), "python -m suite.payerbook > docs/payers.md"


def test_every_setting_has_a_meaning_a_type_and_a_source() -> None:
    found = settings(RULES)
    assert {each.name for each in found} >= OF_THE_CONTRACT
    assert {each.name for each in found} == PayerPolicyPublished.model_fields.keys() - set(HEAD)
    for each in found:
        assert each.meaning.endswith("."), each.name
        assert each.type, each.name
        assert each.source, each.name
        assert f"## {each.name}\n" in suite.payerbook.page()


def test_every_setting_that_is_published_reaches_the_policy() -> None:
    """A published value of each setting, read back from the policy that is made of it."""
    given: dict[str, Any] = {
        "unit_rule": "cpt-midpoint",
        "requires_start_stop": True,
        "requires_authorization": True,
        "requires_certified_plan": False,
        "assistant_modifiers": False,
        "kx_threshold": False,
        "daily_max_units": {"97112": 3},
        "unit_limits": "advice",
        "pair_edits": [{"column_1": "97140", "column_2": "97530", "indicator": 1}],
        "separate_service_modifier": "X",
        "covered_codes": ["97110", "97112"],
        "performers": {"97110": ["DC", "PT"]},
        "diagnosis_prefixes": {"97110": ["M17"]},
        "telehealth_codes": ["97110"],
        "telehealth_modifier": "GT",
        "habilitation_modifiers": True,
        "timely_filing_days": 90,
        "appeal_levels": [{"name": "first", "days": 60}],
        "modifier_order": ["GP", "59"],
    }
    head = {"name": "Acme", "effective_from": "2026-01-01", "extends": "medicare"}
    published = PayerPolicyPublished.model_validate_json(orjson.dumps({**head, **given}))
    policy = extend(PROFILES["medicare"], published.model_dump(exclude_none=True), payer_id="acme")
    for name, value in given.items():
        held = value_of(policy, name)
        if name in ("performers", "diagnosis_prefixes"):
            held = {code: of_code for code, of_code in held.items() if code in value}
        assert held == value, name


@pytest.mark.parametrize(
    ("profile", "name", "words"),
    [
        ("medicare", "timely_filing_days", "one calendar year"),
        ("workers-comp", "timely_filing_days", "180"),
        ("medicare", "telehealth_codes", "the published windows and list"),
        ("commercial-cms", "telehealth_codes", "every covered code, on any day"),
        ("medicare", "covered_codes", "every code of the code table but 97014"),
        ("medicare", "daily_max_units", "none"),
        ("medicare", "kx_threshold", "true"),
    ],
)
def test_defaults_are_told_in_words(profile: str, name: str, words: str) -> None:
    assert default_words(PROFILES[profile], name, RULES) == words


def test_examples_in_docstrings() -> None:
    assert doctest.testmod(suite.payer_settings).failed == 0


@pytest.fixture
def acme(claimtrail: Claimtrail, tmp_path: Path) -> Path:
    """A store with two policies of one payer, the second from March on."""
    data = tmp_path / "store"
    head = {"name": "Acme", "extends": "commercial-cms"}
    first = {**head, "effective_from": "2026-01-01", "daily_max_units": {"97112": 4}}
    second = {**head, "effective_from": "2026-03-01", "unit_rule": "cpt-midpoint", "performers": {"97110": ["DC"]}}
    sent = [
        event(
            "payer.policy.published",
            "acme",
            policy,
            event_id=f"e-{n}",
            time=f"2026-01-0{n}T00:00:00Z",
            source=f"/orgs/{ORG}",
        )
        for n, policy in ((1, first), (2, second))
    ]
    lines = b"".join(orjson.dumps(each) + b"\n" for each in sent)
    assert claimtrail("ingest", "-", "--data", data, stdin=lines).code == 0
    return data


def asked(claimtrail: Claimtrail, data: Path, day: str) -> dict[str, Any]:
    answer: dict[str, Any] = claimtrail(
        "rules", "payers", "acme", "--org", ORG, "--on", day, "--data", data, "--json"
    ).json
    return answer


def test_a_policy_is_told_as_it_stands_on_a_day_and_by_which_event(claimtrail: Claimtrail, acme: Path) -> None:
    for day, in_force, by_event in [
        ("2026-02-28", 1, {"daily_max_units": ["97112"]}),
        ("2026-03-01", 2, {"unit_rule": [], "performers": ["97110"]}),
    ]:
        found = asked(claimtrail, acme, day)
        assert (found["name"], found["profile"], found["on"]) == ("Acme", "commercial-cms", day)
        assert found["in_force"]["position"] == in_force
        assert [each["position"] for each in found["published"]] == [1, 2]
        set_by = {each["setting"]: each["named"] for each in found["settings"] if each["set_by"] == "event"}
        assert set_by == by_event
        assert {each["setting"] for each in found["settings"]} >= OF_THE_CONTRACT
    told = claimtrail("rules", "payers", "acme", "--org", ORG, "--on", "2026-03-01", "--data", acme).out
    assert "performers 97110" in told
    assert f"by event {found['in_force']['event_id']} (position 2)" in told.replace("\n", "")
    assert "not in force that day" in told


def test_a_payer_is_unknown_before_its_first_day_and_to_others(claimtrail: Claimtrail, acme: Path) -> None:
    for words in (("--org", ORG, "--on", "2025-12-31"), ("--org", "southside", "--on", "2026-03-01"), ()):
        told = claimtrail("rules", "payers", "acme", *words, "--data", acme)
        assert (told.code, told.out) == (1, "")
        assert "ELG-001" in told.err


def test_payers_are_listed_shipped_and_published(claimtrail: Claimtrail, acme: Path, tmp_path: Path) -> None:
    rows = claimtrail("rules", "payers", "--data", acme, "--json").json
    assert [row["payer_id"] for row in rows] == [*PROFILES, "acme", "acme"]
    assert [row["effective_from"] for row in rows[-2:]] == ["2026-01-01", "2026-03-01"]
    assert len(claimtrail("rules", "payers", "--data", tmp_path / "none", "--json").json) == len(PROFILES)
    assert "northside" in claimtrail("rules", "payers", "--data", acme).out


def test_a_shipped_payer_needs_no_store(claimtrail: Claimtrail, tmp_path: Path) -> None:
    found = claimtrail("rules", "payers", "medicare", "--data", tmp_path / "none", "--json").json
    assert found["in_force"] is None
    assert all(each["set_by"] == "profile" for each in found["settings"])
    assert "one calendar year" in claimtrail("rules", "payers", "medicare", "--data", tmp_path / "none").out
