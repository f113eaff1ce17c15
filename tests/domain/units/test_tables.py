"""The code table and the shipped payer profiles."""

from datetime import date

import pytest

from therapy_domain.events import reference
from therapy_domain.rulesets import load
from therapy_domain.rulesets.codes import codes
from therapy_domain.rulesets.payers import extend, shipped

RULES = load("2026.1")
TABLE, PROFILES = codes(RULES), shipped(RULES)
REFERENCE = """
    97110 97112 97113 97116 97124 97140 97530 97533 97535 97537 97542
    97750 97755 97760 97761 97763 97032 97033 97034 97035 97036 97129
    97130 97550 97551 G0541 G0542 97552 G0543 97150 97161 97162 97163
    97164 97165 97166 97167 97168 97012 97016 97018 97022 97024 97026
    97028 97014 G0283 97010 97139 98975 98977 98985 98980 98979 98981
    98940 98941 98942 92507 92508 92526 95992
"""


def test_every_code_of_the_reference_is_in_the_table() -> None:
    assert sorted(TABLE) == sorted(REFERENCE.split())


def test_every_row_is_whole() -> None:
    roles = {"PT", "PTA", "OT", "OTA", "SLP", "DC"}
    for number, code in TABLE.items():
        assert code.code == number
        assert code.name
        assert code.source
        assert code.performers
        assert code.performers <= roles
        assert code.count in ("15-minute", "first-15", "further-15", "first-30", "further-15-of-30", "untimed")
        assert code.attendance in ("one_on_one", "caregiver", "group", "supervised", "any")
        assert code.therapy in ("always", "sometimes", "no")
        assert code.entry in TABLE
        assert code.pool_member <= code.timed
        assert code.add_on_of is None or TABLE[code.add_on_of].count in ("first-15", "first-30", "untimed")


def test_add_on_codes_name_their_base() -> None:
    pairs = {code.code: code.add_on_of for code in TABLE.values() if code.add_on_of}
    assert pairs == {"97130": "97129", "97551": "97550", "G0542": "G0541", "98981": "98980"}


def test_the_pool_holds_the_quarter_hour_codes_and_no_caregiver_training() -> None:
    outside = {c.code for c in TABLE.values() if c.timed and not c.pool_member}
    assert outside == {"97550", "97551", "G0541", "G0542"}
    assert {"97112", "97035", "97129", "97130"} <= {c.code for c in TABLE.values() if c.pool_member}


def test_evaluations_belong_to_one_discipline_and_its_therapist() -> None:
    evaluations = {c.code: (c.evaluation, set(c.performers)) for c in TABLE.values() if c.evaluation}
    assert evaluations == {str(n): ("PT", {"PT"}) for n in range(97161, 97165)} | {
        str(n): ("OT", {"OT"}) for n in range(97165, 97169)
    }


def test_names_are_our_own_words_and_short() -> None:
    assert all(len(code.name) < 70 for code in TABLE.values())


@pytest.mark.parametrize(
    ("profile", "rule", "start_stop", "assistants", "kx", "filing", "levels"),
    [
        ("medicare", "cms-8-minute", False, True, True, None, [120, 180, 60, 60, 60]),
        ("commercial-cms", "cms-8-minute", True, False, False, 180, [180]),
        ("commercial-midpoint", "cpt-midpoint", True, False, False, 180, [180]),
        ("workers-comp", "cpt-midpoint", True, False, False, 180, [180]),
    ],
)
def test_the_shipped_profiles_are_the_contracts(
    profile: str, rule: str, start_stop: bool, assistants: bool, kx: bool, filing: int | None, levels: list[int]
) -> None:
    policy = PROFILES[profile]
    assert (policy.payer_id, policy.profile, policy.unit_rule) == (profile, profile, rule)
    assert (policy.requires_start_stop, policy.requires_authorization) == (start_stop, False)
    assert (policy.requires_certified_plan, policy.assistant_modifiers) == (True, assistants)
    assert (policy.kx_threshold, policy.timely_filing_days) == (kx, filing)
    assert [level.days for level in policy.appeal_levels] == levels
    assert policy.daily_max_units == {}
    assert policy.diagnosis_prefixes_severity == ("deny" if profile == "medicare" else "advice")
    assert set(PROFILES) == {"medicare", "commercial-cms", "commercial-midpoint", "workers-comp"}


def test_a_published_policy_can_extend_every_shipped_profile_and_no_other() -> None:
    assert set(reference.PROFILES) == set(PROFILES)


def test_no_shipped_profile_pays_a_chiropractor_for_therapy() -> None:
    for policy in PROFILES.values():
        assert {code for code in TABLE if policy.allows(code, "DC")} == {"98940", "98941", "98942"}


def test_medicare_wants_g0283_in_place_of_97014() -> None:
    assert not PROFILES["medicare"].covers("97014")
    assert PROFILES["medicare"].covers("G0283")
    assert PROFILES["commercial-cms"].covers("97014")


def test_an_own_policy_changes_what_it_names_and_nothing_else() -> None:
    own = extend(
        PROFILES["commercial-cms"],
        {
            "effective_from": date(2026, 1, 1),
            "unit_rule": "cpt-midpoint",
            "requires_start_stop": None,
            "timely_filing_days": 90,
            "performers": {"97112": ["PT", "DC"]},
            "daily_max_units": {"97112": 3},
            "diagnosis_prefixes": {"97116": ["R26.8"]},
            "appeal_levels": [{"name": "first", "days": 60}],
        },
        payer_id="acme",
        name="Acme",
    )
    assert (own.payer_id, own.name, own.profile) == ("acme", "Acme", "commercial-cms")
    assert (own.unit_rule, own.requires_start_stop, own.timely_filing_days) == ("cpt-midpoint", True, 90)
    assert own.allows("97112", "DC")
    assert not own.allows("97112", "PTA")
    assert own.allows("97110", "PTA")
    assert own.daily_max_units == {"97112": 3}
    assert own.diagnosis_prefixes["97116"] == ("R268",)
    assert own.diagnosis_prefixes["97112"] == PROFILES["commercial-cms"].diagnosis_prefixes["97112"]
    assert [(level.name, level.days) for level in own.appeal_levels] == [("first", 60)]
    assert own.covered_codes == PROFILES["commercial-cms"].covered_codes


def test_covered_codes_replace_the_list_whole() -> None:
    own = extend(PROFILES["medicare"], {"covered_codes": ["97110"], "performers": {"97112": ["DC"]}})
    assert own.covered_codes == {"97110"}
