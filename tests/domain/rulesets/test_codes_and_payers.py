"""What a row of the code table means, and what an organization's own settings make of a shipped profile."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from therapy_domain.rulesets.codes import codes
from therapy_domain.rulesets.payers import AppealLevel, PayerPolicy, extend, shipped
from therapy_domain.rulesets.release import Ruleset, load

RULES = load()
PROFILES = shipped(RULES)
ROW: dict[str, Any] = {
    "name": "a service",
    "count": "15-minute",
    "attendance": "one_on_one",
    "performers": ["PT", "PTA"],
    "therapy": "always",
    "source": "made",
}


def code(**changes: Any) -> Any:
    row = {key: value for key, value in {**ROW, **changes}.items() if value is not None}
    ruleset = Ruleset(id="made", hash="", toml={"codes": {"codes": {"97112": row}}}, csv={})
    return codes(ruleset)["97112"]


def test_a_plain_row_has_its_defaults() -> None:
    found = code()
    assert {name: getattr(found, name) for name in found.__slots__} == {
        "code": "97112",
        "name": "a service",
        "count": "15-minute",
        "attendance": "one_on_one",
        "performers": frozenset({"PT", "PTA"}),
        "therapy": "always",
        "entry": "97112",
        "timed": True,
        "pool_member": True,
        "direct": True,
        "passive": False,
        "evaluation": None,
        "add_on_of": None,
        "assistant_test": True,
        "valid_from": None,
        "instead": None,
        "source": "made",
    }


def test_a_full_row_says_everything() -> None:
    found = code(
        passive=True, evaluation="PT", base="97129", assistant_test=False, instead="G0515", **{"from": date(2020, 1, 1)}
    )
    assert (found.passive, found.evaluation, found.add_on_of, found.entry) == (True, "PT", "97129", "97129")
    assert (found.assistant_test, found.valid_from, found.instead) == (False, date(2020, 1, 1), "G0515")


@pytest.mark.parametrize(
    ("count", "timed", "pool", "entry"),
    [
        ("15-minute", True, True, "97129"),
        ("first-15", True, True, "97129"),
        ("further-15", True, True, "97129"),
        ("first-30", True, False, "97129"),
        ("further-15-of-30", True, False, "97129"),
        ("untimed", False, False, "97112"),
    ],
)
def test_how_a_code_counts(count: str, timed: bool, pool: bool, entry: str) -> None:
    found = code(count=count, base="97129")
    assert (found.timed, found.pool_member, found.entry, found.add_on_of) == (timed, pool, entry, "97129")
    assert code(count=count).entry == "97112"


@pytest.mark.parametrize(
    ("attendance", "direct"),
    [("one_on_one", True), ("caregiver", True), ("group", False), ("supervised", False), ("any", False)],
)
def test_which_contact_is_direct(attendance: str, direct: bool) -> None:
    assert code(attendance=attendance).direct is direct


MEDICARE = PROFILES["medicare"]
SETTINGS: dict[str, tuple[Any, Any]] = {
    "unit_rule": ("cpt-midpoint", "cpt-midpoint"),
    "requires_start_stop": (True, True),
    "requires_authorization": (True, True),
    "requires_certified_plan": (False, False),
    "assistant_modifiers": (False, False),
    "kx_threshold": (False, False),
    "repeated_visits": (9, 9),
    "unit_limits": ("advice", "advice"),
    "separate_service_modifier": ("X", "X"),
    "telehealth_modifier": ("GT", "GT"),
    "habilitation_modifiers": (True, True),
    "timely_filing_days": (90, 90),
    "variance_tolerance_cents": (7, 7),
    "covered_codes": (("97112",), frozenset({"97112"})),
    "telehealth_codes": (("97112",), frozenset({"97112"})),
    "modifier_order": (("KX", "GP"), ("KX", "GP")),
    "appeal_levels": (
        ({"name": "a", "days": 3}, SimpleNamespace(name="b", days=4)),
        (AppealLevel("a", 3), AppealLevel("b", 4)),
    ),
    "claim_file": ({"test": True, "strict": None}, {"test": True}),
    "daily_max_units": ({"97112": 4}, {"97112": 4}),
    "pair_edits": (
        ({"column_1": "97530", "column_2": "97112", "indicator": 0},),
        {("97530", "97112"): 0},
    ),
}


def values(policy: PayerPolicy) -> dict[str, Any]:
    return {name: getattr(policy, name) for name in policy.__dataclass_fields__}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_changes_itself_and_nothing_else(name: str) -> None:
    given, becomes = SETTINGS[name]
    before, after = values(MEDICARE), values(extend(MEDICARE, {name: given}))
    assert after.pop(name) == becomes != before.pop(name)
    assert after == before


@pytest.mark.parametrize("name", [*SETTINGS, "performers", "diagnosis_prefixes", "name"])
def test_a_setting_that_is_not_given_changes_nothing(name: str) -> None:
    assert values(extend(MEDICARE, {name: None})) == values(MEDICARE)


def test_what_is_no_setting_is_passed_over() -> None:
    assert values(extend(MEDICARE, {"extends": "workers-comp", "profile": "x", "source": "y"})) == values(MEDICARE)


def test_a_policy_has_the_names_it_is_given() -> None:
    assert (MEDICARE.payer_id, MEDICARE.name) == ("medicare", MEDICARE.name)
    own = extend(MEDICARE, {"name": "Acme"}, payer_id="acme")
    assert (own.payer_id, own.name, own.profile) == ("acme", "Acme", "medicare")
    named = extend(MEDICARE, {"name": "Acme"}, payer_id="acme", name="Acme of Ohio")
    assert named.name == "Acme of Ohio"
    assert own.medicare_like
    assert not PROFILES["commercial-cms"].medicare_like


def test_maps_are_replaced_code_by_code_and_pair_by_pair() -> None:
    first = extend(
        MEDICARE,
        {
            "daily_max_units": {"97112": 4, "97110": 2},
            "pair_edits": [
                {"column_1": "97530", "column_2": "97112", "indicator": 0},
                {"column_1": "97530", "column_2": "97110", "indicator": 1},
            ],
            "diagnosis_prefixes": {"97112": [" r26.8 "], "97110": ["M54"]},
        },
    )
    second = extend(
        first,
        {
            "daily_max_units": {"97110": 3},
            "pair_edits": [{"column_1": "97530", "column_2": "97110", "indicator": 9}],
            "diagnosis_prefixes": {"97110": []},
        },
    )
    assert second.daily_max_units == {"97112": 4, "97110": 3}
    assert second.pair_edits == {("97530", "97112"): 0, ("97530", "97110"): 9}
    assert (second.diagnosis_prefixes["97112"], second.diagnosis_prefixes["97110"]) == (("R268",), ())
    assert second.own_diagnosis_lists == {"97112", "97110"}
    assert MEDICARE.own_diagnosis_lists == frozenset()


def test_a_code_that_gets_performers_is_covered_unless_the_codes_are_listed_or_nobody_is_left() -> None:
    given = {"performers": {"98940": ["PT"], "98941": []}}
    bare = extend(MEDICARE, {"covered_codes": ["97112"]})
    own = extend(bare, given)
    assert own.covered_codes == {"97112", "98940"}
    assert own.allows("98940", "PT")
    assert not own.allows("98940", "DC")
    assert not own.allows("98941", "DC")
    assert own.allows("97112", "PT") == MEDICARE.allows("97112", "PT") is True
    listed = extend(bare, {**given, "covered_codes": ["97110"]})
    assert listed.covered_codes == {"97110"}
    assert listed.covers("97110")
    assert not listed.covers("98940")
    assert not listed.allows("00000", "PT")


def test_a_profile_says_what_its_row_says_and_the_rest_by_default() -> None:
    table = RULES.toml["payers"]
    for name, profile in PROFILES.items():
        row, defaults = table["profiles"][name], table["defaults"]
        assert (profile.payer_id, profile.profile, profile.name, profile.source) == (
            name,
            name,
            row["name"],
            row["source"],
        )
        for key in ("unit_rule", "requires_start_stop", "repeated_visits", "unit_limits", "variance_tolerance_cents"):
            assert getattr(profile, key) == row.get(key, defaults.get(key))
        assert profile.timely_filing_days == row.get("timely_filing_days")
        assert profile.diagnosis_prefixes_severity == row["diagnosis_prefixes_severity"]
        assert profile.covered_codes == codes(RULES).keys() - set(row.get("not_covered", ()))
        assert profile.bundled_codes == set(row.get("bundled", ()))
        assert [(each.name, each.days) for each in profile.appeal_levels] == [
            (each["name"], each["days"]) for each in row["appeal_levels"]
        ]
        assert profile.modifier_order == tuple(defaults["modifier_order"])
        for key in ("secondary_only_prefixes", "needs_deficit_prefixes"):
            assert getattr(profile, key) == tuple(each.replace(".", "") for each in defaults[key])
        assert profile.telehealth_codes is None
        assert (profile.daily_max_units, profile.pair_edits, profile.claim_file) == ({}, {}, {})
        assert profile.performers == {number: each.performers for number, each in codes(RULES).items()}
