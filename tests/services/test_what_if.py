"""What if: exactly the claims that another release or another policy touches, with their money, and nothing written."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from audit.comparison import Compared
from audit.other_world import OtherWorld, PolicyChange
from audit.replay import replay
from audit.what_if import WhatIf
from rule_releases.importing import read
from rule_releases.layouts import Asked, What
from rule_releases.recording import import_tables
from suite.asked_policies import BadPolicy, changed, published, setting
from suite.installation import Installation
from support import january_2020
from support.histories import claim_of, rich_history
from support.published import fees, indices, limits
from support.store import claims, send
from support.visits import clock, event, reference, visit
from therapy_domain.rulesets.codes import known_codes
from therapy_domain.rulesets.release import load


def take(store: Installation, what: What, *files: Path) -> None:
    found = read(Asked(what, files, known_codes(load())))
    import_tables(store.read, store.log, store.codec, store.rulesets, found, by="A. Auditor")


def asked(store: Installation, world: OtherWorld, **more: Any) -> tuple[list[Compared], dict[str, Any]]:
    """The claims that would be otherwise, and the totals."""
    head = store.log.head()
    question = WhatIf(store.read, store.codec, store.rulesets, world, **more)
    found = list(question.changed())
    assert store.log.head() == head
    return found, question.totals.as_json()


def under(store: Installation, ruleset: str) -> OtherWorld:
    return OtherWorld(store.rulesets.get(store.read, ruleset))


def test_under_its_own_release_no_claim_is_otherwise(store: Installation) -> None:
    for one in rich_history():
        send(store, [one])
    found, totals = asked(store, OtherWorld())
    assert found == []
    assert (totals["claims"], totals["changed"]) == (len(claims(store)) - 1, 0)
    assert totals["skipped"] == {"void": 1}
    assert asked(store, under(store, "2026.1")) == ([], totals)


def test_another_unit_rule_changes_units_lines_and_charges(store: Installation) -> None:
    minutes = (("97112", "09:00", "09:38"), ("97530", "09:38", "10:01"))
    send(store, [*reference(), *visit(minutes=minutes)])
    (one,), totals = asked(store, OtherWorld(policies=changed([setting("medicare.unit_rule=cpt-midpoint")])))
    # 38 and 23 minutes: 61 make 4 units by CMS (2 + 1 + one more), alone 3 and 2
    assert one.units == (4, 5)
    assert one.charge_cents == (3 * 6500 + 7000, 3 * 6500 + 2 * 7000)
    assert one.as_json()["changes"] == ["97530: 1 -> 2 units"]
    assert totals["charge_cents"] == {"was": 26500, "now": 33500}


def test_a_payers_answer_is_not_taken_back(store: Installation) -> None:
    minutes = (("97112", "09:00", "09:38"), ("97530", "09:38", "10:01"))
    send(store, [*reference(), *visit(minutes=minutes)])
    paid = {"remittance_id": "r", "outcome": "paid", "paid_cents": 9000, "adjustments": [], "received_on": "2026-04-01"}
    send(store, [event("remittance.received", claim_of("p-1"), paid, event_id="r", time=clock("12:00", "2026-04-01"))])
    (one,), _ = asked(store, OtherWorld(policies=changed([setting("medicare.unit_rule=cpt-midpoint")])))
    assert one.status == ("paid", "paid")
    assert one.units == (4, 5)


def test_only_the_claims_asked_for_are_looked_at(store: Installation) -> None:
    send(store, [*reference(), *visit(), *visit("s-2", day="2026-03-09")])
    assert asked(store, OtherWorld())[1]["claims"] == 2
    assert asked(store, OtherWorld(), since=date(2026, 3, 9))[1]["claims"] == 1
    assert asked(store, OtherWorld(), payer="medicare")[1]["claims"] == 2
    assert asked(store, OtherWorld(), payer="acme")[1]["claims"] == 0


def test_a_release_with_other_limits_is_seen_in_findings(store: Installation, tmp_path: Path) -> None:
    send(store, [*reference(), *visit()])
    take(store, "mue", limits(tmp_path, {"97112": (1, 2)}, "01-01-2026"))
    found, _ = asked(store, under(store, "2026.1+1"))
    assert all(each.lines.was == each.lines.now for each in found)


def test_a_patient_whose_key_is_gone_is_counted_apart(store: Installation) -> None:
    send(store, [*reference(), *visit()])
    store.key_ring.destroy("patient/northside/p-1")
    assert asked(store, OtherWorld())[1]["skipped"] == {"erased": 1}


def test_a_void_claim_has_nothing_to_compare(store: Installation) -> None:
    send(store, [*reference(), *visit()])
    send(store, [event("session.voided", "s-1", {"reason": "no show"}, event_id="v", time=clock("18:00"))])
    assert asked(store, OtherWorld())[1]["skipped"] == {"void": 1}


FEES = [
    ("15202", "00", "97112", "50.00", "10.00", "A"),
    ("15202", "00", "97530", "60.00", "20.00", "A"),
    ("13202", "01", "97112", "90.00", "10.00", "A"),
    ("13202", "01", "97530", "90.00", "20.00", "A"),
]
PLACES = [("15202", "OH", "00", "1", "1", "1"), ("13202", "NY", "01", "1.1", "1.2", "1.3")]


def test_without_a_fee_table_no_payment_is_expected(store: Installation) -> None:
    send(store, [*reference(), *visit()])
    _, totals = asked(store, OtherWorld())
    assert totals["not_estimated"] == {"was": 1, "now": 1}
    assert totals["expected_cents"] == {"was": 0, "now": 0}


def test_with_a_fee_table_the_payment_expected_in_both_worlds_is_told(store: Installation, tmp_path: Path) -> None:
    take(store, "fees", fees(tmp_path, FEES), indices(tmp_path, PLACES))
    minutes = (("97112", "09:00", "09:38"), ("97530", "09:38", "10:01"))
    send(store, [*reference(), *visit(minutes=minutes)])
    (one,), totals = asked(store, OtherWorld(policies=changed([setting("medicare.unit_rule=cpt-midpoint")])))
    # Ohio: 97112 three times 40.00, 97530 whole 60.00, and once more 40.00; of each line 80 % less 2 %
    assert one.expected_cents == (9408 + 4704, 9408 + 7840)
    assert totals["not_estimated"] == {"was": 0, "now": 0}


def test_other_claims_of_the_day_share_the_reduction(store: Installation, tmp_path: Path) -> None:
    take(store, "fees", fees(tmp_path, FEES), indices(tmp_path, PLACES))
    send(store, [*reference(), *visit()])
    send(store, [*visit("s-2", discipline="OT", minutes=(("97530", "11:00", "11:28"),))])
    _, totals = asked(store, OtherWorld())
    # the day's one whole unit is the 97530 of the claim that comes first; of the other claim all are reduced
    assert totals["expected_cents"]["was"] == 10976 + 6272


FEES_2020 = [("15202", "00", "97161", "90.00", "0.00", "A"), ("15202", "00", "97530", "40.00", "10.00", "A")]


def january(store: Installation, folder: Path) -> None:
    """Claims of a clinic, decided while the January file was in force; then its withdrawal comes."""
    take(store, "ncci", *january_2020.published(folder))
    send(store, january_2020.references("p-1"))
    for patient in ("p-2", "p-3"):
        send(store, january_2020.references(patient, whole=False))
    send(store, january_2020.evaluated_and_treated("s-1", "p-1", 9, "59"))
    send(store, january_2020.evaluated_and_treated("s-2", "p-2", 11))
    send(store, january_2020.treated("s-3", "p-3", 13))
    take(store, "ncci", *january_2020.withdrawn(folder))


def test_while_the_edits_held_an_evaluation_was_paid_beside_treatment_only_with_a_modifier(
    store: Installation, tmp_path: Path
) -> None:
    january(store, tmp_path)
    shown = {claim["patient_id"]: claim for claim in claims(store)}
    assert {patient: claim["status"] for patient, claim in shown.items()} == {
        "p-1": "ready",
        "p-2": "held",
        "p-3": "ready",
    }
    assert [finding["rule"] for finding in shown["p-2"]["findings"]] == ["NCC-002"]
    assert [line["modifiers"] for line in shown["p-1"]["lines"]] == [["59", "GP"], ["GP"]]


def test_the_edits_of_january_2020_touch_exactly_the_claims_with_an_evaluation(
    store: Installation, tmp_path: Path
) -> None:
    january(store, tmp_path)
    take(store, "fees", fees(tmp_path, FEES_2020, 2020), indices(tmp_path, [PLACES[0]], 2020))
    assert store.rules.id == "2026.1+3"
    found, totals = asked(store, under(store, "2026.1+3"))
    touched = {each.claim["patient_id"]: each for each in found}
    assert {patient: each.status for patient, each in touched.items()} == {
        "p-1": ("ready", "held"),  # it charged a modifier that nothing asks for any more
        "p-2": ("held", "ready"),  # it charged none, and need not
    }
    for each in found:
        assert each.as_json()["changes"] == ["97161: modifiers 59 GP -> GP"]
        assert each.charge_cents == (15000 + 2 * 7000, 15000 + 2 * 7000)
        # Ohio: 97161 whole 90.00, 97530 40.00 and 30.00; of each 80 % less 2 %; in January no fees were held
        assert each.expected_cents == (None, 7056 + 3136 + 2352)
    assert totals["findings"] == {"added": {"MOD-007": 1}, "gone": {"NCC-002": 1}}
    assert totals["held_cents"] == {"was": 29000, "now": 29000}
    assert totals["charge_cents"]["was"] == totals["charge_cents"]["now"]


def test_what_was_decided_while_they_held_replays_as_it_was_made(store: Installation, tmp_path: Path) -> None:
    january(store, tmp_path)
    before = {claim["claim_id"]: claim for claim in claims(store)}
    assert {claim["ruleset"] for claim in before.values()} == {"2026.1+1"}
    result = replay(store.read, store.codec)
    assert result.clean
    send(store, [january_2020.late_fact("p-1")])
    after = {claim["claim_id"]: claim for claim in claims(store)}
    mine = claim_of("p-1", day=january_2020.DAY)
    assert (after[mine]["ruleset"], after[mine]["status"]) == ("2026.1+2", "held")
    assert {key: claim for key, claim in after.items() if key != mine} == {
        key: claim for key, claim in before.items() if key != mine
    }
    assert replay(store.read, store.codec).clean


POLICY = {"name": "Acme", "effective_from": "2026-01-01", "extends": "commercial-midpoint"}


def test_a_published_policy_is_taken_as_data_or_as_its_event() -> None:
    whole = json.dumps({"subject": "acme", "data": POLICY}).encode()
    named, change = published(whole, None)
    assert named == "acme"
    assert (change.extends, change.since) == ("commercial-midpoint", date(2026, 1, 1))
    assert published(json.dumps(POLICY).encode(), "acme") == (named, change)


@pytest.mark.parametrize(
    ("document", "payer", "told"),
    [
        (b"{", None, "a JSON document"),
        (b"[]", None, "one JSON object"),
        (json.dumps(POLICY).encode(), None, "say --payer"),
        (json.dumps({**POLICY, "extends": "acme"}).encode(), "acme", r"\$.data.extends"),
        (json.dumps({**POLICY, "unit_rul": "x"}).encode(), "acme", "unit_rule"),
    ],
)
def test_a_policy_that_is_none_is_told(document: bytes, payer: str | None, told: str) -> None:
    with pytest.raises(BadPolicy, match=told):
        published(document, payer)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("medicare", "expected PAYER.setting=value"),
        ("medicare.unit_rule", "expected PAYER.setting=value"),
        ("unit_rule=cms-8-minute", "expected PAYER.setting=value"),
        ("medicare.unit_rule=other", "cms-8-minute"),
        ("medicare.kx_threshold=yes", "true or false"),
        ("medicare.extends=medicare", "no setting"),
    ],
)
def test_a_setting_that_is_none_is_told(text: str, told: str) -> None:
    with pytest.raises(BadPolicy, match=told):
        changed([setting(text)])


def test_a_payers_settings_are_gathered_and_their_values_are_json_or_words() -> None:
    texts = ["acme.unit_rule=cpt-midpoint", 'acme.daily_max_units={"97112": 2}', "b.c.kx_threshold=true"]
    made = changed(map(setting, texts))
    assert made["acme"].settings == {"unit_rule": "cpt-midpoint", "daily_max_units": {"97112": 2}}
    assert made["b.c"].settings == {"kx_threshold": True}


def test_a_policy_holds_from_its_day_on(store: Installation) -> None:
    minutes = (("97112", "09:00", "09:38"), ("97530", "09:38", "10:01"))
    send(store, [*reference(), *visit(minutes=minutes), *visit("s-2", day="2026-03-09", minutes=minutes)])
    change = PolicyChange({"unit_rule": "cpt-midpoint"}, since=date(2026, 3, 9), extends="medicare", name="Medicare")
    (one,), _ = asked(store, OtherWorld(policies={"medicare": change}))
    assert one.claim["date_of_service"] == "2026-03-09"
