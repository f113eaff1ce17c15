"""Imports make releases; new decisions use the newest, recorded ones keep theirs and replay."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.replay import replay
from event_log.verify import verify
from rule_releases.errors import OlderThanHeld
from rule_releases.importing import read
from rule_releases.layouts import Asked, What
from rule_releases.recording import Imported, ReleasedMeanwhile, import_tables, record
from rule_releases.rulesets import Rulesets
from suite.assistant import Assistant
from suite.installation import Installation, log_file
from support.published import code_list, diagnoses, limits, quarter
from support.store import claims, opened, send
from support.visits import clock, event, reference, visit
from therapy_domain.claims.registry import REGISTRY
from therapy_domain.errors import UnknownRuleset
from therapy_domain.rulesets.codes import known_codes
from therapy_domain.rulesets.recorded import STREAM, DamagedRelease, release, table_stream
from therapy_domain.rulesets.release import Ruleset, load

SHIPPED = load()
AT = datetime(2026, 3, 2, tzinfo=UTC)


def take(store: Installation, what: What, *files: Path, by: str = "A. Auditor", **more: Any) -> Imported:
    """Import files as the command does."""
    found = read(Asked(what, files, known_codes(SHIPPED), **more))
    return import_tables(store.read, store.log, store.codec, store.rulesets, found, by=by)


def decided(store: Installation, decision: str) -> list[dict[str, Any]]:
    rows = store.log.read_all(0, 10_000, (decision,))
    return [orjson.loads(row.data) for row in rows]


def rulesets(store: Installation, decision: str) -> list[str]:
    return [each["ruleset"] for each in decided(store, decision)]


def later_coverage(number: int = 1) -> dict[str, Any]:
    data = {"payer_id": "medicare", "member_id": "1EG4TE5MK73", "from": "2026-01-02"}
    return event("coverage.verified", "p-1", data, event_id=f"c-{number}", time=clock(f"11:{number:02}"))


def test_an_import_is_an_event_with_who_and_what(store: Installation, tmp_path: Path) -> None:
    files = quarter(tmp_path / "f", "v320r0", [("97530", "97161", "20260101", "*", 1)])
    imported = take(store, "ncci", *files)
    (row,) = store.log.read_stream(STREAM)
    said = orjson.loads(row.data)
    assert imported.released is not None
    assert (row.type, row.actor, said["by"]) == ("RulesetReleased", "A. Auditor", "A. Auditor")
    assert (said["ruleset"], said["extends"], said["extends_hash"]) == ("2026.1+1", SHIPPED.id, SHIPPED.hash)
    (table,) = said["tables"]
    assert (table["id"], table["kind"], table["version"]) == ("ncci-ptp-practitioner-2026q1", "pair_edits", "v32.0r0")
    assert (table["effective"], table["from"], table["to"]) == ("2026-01-01", "2026-01-01", "2026-03-31")
    assert (table["rows"], table["rows_read"], len(table["files"])) == (1, 4, 4)
    assert store.log.read_stream(table_stream(table["sha256"]))[0].type == "RulesetTableStored"
    assert store.rules.id == "2026.1+1"


def test_the_same_file_again_records_nothing(store: Installation, tmp_path: Path) -> None:
    file = limits(tmp_path, {"97112": (4, 3)})
    take(store, "mue", file)
    head = store.log.head()
    again = take(store, "mue", file)
    assert again.released is None
    assert [each.id for each in again.held] == ["mue-practitioner-2026q3"]
    assert store.log.head() == head


def test_an_older_version_of_a_table_that_is_held_is_refused(store: Installation, tmp_path: Path) -> None:
    take(store, "ncci", *quarter(tmp_path / "new", "v320r1", [("97530", "97161", "20260101", "20260101", 9)]))
    with pytest.raises(OlderThanHeld, match=r"held in version v32\.0r1; v32\.0r0 is older"):
        take(store, "ncci", *quarter(tmp_path / "old", "v320r0", [("97530", "97161", "20260101", "*", 1)]))
    assert store.rules.id == "2026.1+1"


def test_a_release_that_somebody_else_was_quicker_with_is_refused_whole(store: Installation, tmp_path: Path) -> None:
    found = read(Asked("mue", [limits(tmp_path, {"97112": (4, 3)})], known_codes(SHIPPED)))
    made = release(store.rulesets.releases(store.read), store.rules, [found[0].table], by="A", at=AT)
    record(store.log, store.codec, made, [found[0].content], expected=0)
    other = release(store.rulesets.releases(store.read), store.rules, [], by="B", at=AT)
    with pytest.raises(ReleasedMeanwhile, match="import the files again"):
        record(store.log, store.codec, other, [], expected=0)
    assert store.rules.id == "2026.1+1"


def test_new_decisions_use_the_newest_release_and_old_ones_keep_theirs(store: Installation, tmp_path: Path) -> None:
    send(store, [*reference(), *visit()])
    take(store, "mue", limits(tmp_path, {"97112": (1, 3)}))
    assert rulesets(store, "UnitsCalculated") == rulesets(store, "ClaimAssessed") == ["2026.1"]
    send(store, [*reference("p-2")[2:], *visit("s-2", patient="p-2", day="2026-03-04")])
    assert rulesets(store, "UnitsCalculated") == rulesets(store, "ClaimAssessed") == ["2026.1", "2026.1+1"]
    assert {claim["ruleset"] for claim in claims(store)} == {"2026.1", "2026.1+1"}
    assert decided(store, "ClaimAssessed")[1]["ruleset_hash"] == store.rules.hash


def test_a_case_is_decided_by_the_newest_release_once_something_new_comes_to_it(
    store: Installation, tmp_path: Path
) -> None:
    send(store, [*reference(), *visit()])
    take(store, "mue", limits(tmp_path, {"97112": (1, 3)}))
    send(store, [later_coverage()])
    assert rulesets(store, "ClaimAssessed") == ["2026.1", "2026.1+1"]
    assert rulesets(store, "UnitsCalculated") == ["2026.1"]


def test_what_brings_nothing_new_to_a_case_decides_nothing_anew(store: Installation, tmp_path: Path) -> None:
    send(store, [*reference(), *visit()])
    take(store, "mue", limits(tmp_path, {"97112": (1, 3)}))
    policy = {"name": "Medicare here", "effective_from": "2030-01-01", "extends": "medicare"}
    source = "/orgs/northside"
    send(store, [event("payer.policy.published", "medicare", policy, event_id="p", time=clock("07:00"), source=source)])
    assert rulesets(store, "UnitsCalculated") == rulesets(store, "ClaimAssessed") == ["2026.1"]


def test_a_payers_answer_is_tied_to_its_claim_under_the_claims_own_release(store: Installation, tmp_path: Path) -> None:
    send(store, [*reference(), *visit()])
    take(store, "mue", limits(tmp_path, {"97112": (1, 3)}))
    claim = claims(store)[0]["claim_id"]
    denied = {"group": "CO", "carc": "50", "rarcs": [], "amount_cents": 20000}
    data = {"remittance_id": "r", "outcome": "denied", "paid_cents": 0, "adjustments": [denied]}
    data |= {"received_on": "2026-04-01"}
    send(store, [event("remittance.received", claim, data, event_id="r", time=clock("12:00", "2026-04-01"))])
    assert rulesets(store, "ClaimAssessed") == rulesets(store, "ClaimAdjudicated") == ["2026.1"]
    assert rulesets(store, "DenialTriaged") == ["2026.1+1"]
    assert replay(store.read, store.codec).clean


def test_every_decision_replays_after_any_number_of_imports(store: Installation, tmp_path: Path) -> None:
    send(store, [*reference(), *visit()])
    for number in range(1, 6):
        folder = tmp_path / str(number)
        folder.mkdir()
        take(store, "mue", limits(folder, {"97112": (number, 3)}, f"{3 * (number % 4) + 1:02}-01-2026"))
        send(store, [later_coverage(number)])
    result = replay(store.read, store.codec, rulesets=Rulesets())
    assert result.clean
    assert len(set(rulesets(store, "ClaimAssessed"))) == 6


def test_a_decision_under_a_release_that_is_not_known_is_named_not_a_crash(
    store: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, [*reference(), *visit()])
    whole = replay(store.read, store.codec)
    monkeypatch.setattr(Rulesets, "get", unknown)
    result = replay(store.read, store.codec)
    assert dict(result.unknown) == {f"ruleset 2026.1 ({SHIPPED.hash[:12]})": 3}
    assert (result.same, result.different, result.checked) == (whole.same - 3, 0, whole.checked)
    assert not result.clean


def unknown(_self: Rulesets, _read: object, ruleset_id: str, _hash: str | None = None) -> Any:
    raise UnknownRuleset(ruleset_id, available=())


def test_a_decision_under_an_edition_that_is_not_known_is_named(
    store: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, [*reference(), *visit()])
    rules = decided(store, "ClaimAssessed")[0]["rules"]
    monkeypatch.setattr(REGISTRY, "_rules", dict(list(REGISTRY._rules.items())[:-1]))
    monkeypatch.setattr(REGISTRY, "_editions", {})
    assert dict(replay(store.read, store.codec).unknown) == {f"rules {rules}": 1}


def test_any_release_is_found_by_id_and_hash_and_no_other(store: Installation, tmp_path: Path) -> None:
    take(store, "mue", limits(tmp_path, {"97112": (1, 3)}))
    made = Rulesets().get(store.read, "2026.1+1")
    assert Rulesets().get(store.read, "2026.1+1", made.hash).hash == made.hash
    assert store.rulesets.get(store.read, "2026.1", SHIPPED.hash) is SHIPPED
    for ruleset_id, ruleset_hash in (("2026.1+2", None), ("2026.1+1", "0" * 64), ("2026.1", made.hash)):
        with pytest.raises(UnknownRuleset, match=r"known are 2026\.1, 2026\.1\+1"):
            store.rulesets.get(store.read, ruleset_id, ruleset_hash)


def test_a_release_whose_contents_are_gone_is_told(store: Installation, tmp_path: Path) -> None:
    found = read(Asked("mue", [limits(tmp_path, {"97112": (4, 3)})], known_codes(SHIPPED)))
    made = release(store.rulesets.releases(store.read), SHIPPED, [found[0].table], by="A", at=AT)
    record(store.log, store.codec, made, [], expected=0)
    with pytest.raises(DamagedRelease, match="does not hold the contents"):
        _ = store.rules


def test_a_reader_sees_the_release_in_force(store: Installation, tmp_path: Path) -> None:
    take(store, "mue", limits(tmp_path, {"97112": (1, 3)}))
    with Installation(store.data, read_only=True) as other:
        assert other.rules.id == "2026.1+1"


def test_looking_which_release_is_in_force_costs_one_look_at_a_version(
    store: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(store, "mue", limits(tmp_path, {"97112": (1, 3)}))
    first = store.rulesets.current(store.read)
    looks = []
    monkeypatch.setattr(type(store.log), "read_streams", lambda *_: looks.append("read"))
    asked = store.log.versions
    monkeypatch.setattr(store.log, "versions", lambda streams: looks.append("version") or asked(streams))
    snapshot = store.read.snapshot()
    assert all(store.rulesets.current(snapshot) is first for _ in range(100))
    assert looks == ["version"]


def test_imported_tables_are_carried_over_when_a_newer_release_is_shipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path) as store:
        take(store, "mue", limits(tmp_path, {"97112": (1, 3)}))
    newer = type(SHIPPED)(id="2026.2", hash="e" * 64, toml=SHIPPED.toml, csv=SHIPPED.csv)
    known = {"2026.1": SHIPPED, "2026.2": newer}
    for module in ("rule_releases.rulesets", "rule_releases.recording"):
        monkeypatch.setattr(f"{module}.load", lambda name="2026.2": known[name])
    monkeypatch.setattr("rule_releases.rulesets.available", lambda: ("2026.1", "2026.2"))
    for _ in range(2):
        with opened(tmp_path) as store:
            assert store.rules.id == "2026.2+1"
            assert "mue-practitioner-2026q3" in store.rules.csv
            assert list(store.rulesets.releases(store.read).by_id) == ["2026.1+1", "2026.2+1"]


NAMES = ("carc", "icd10", "limits", "pairs")


def content(folder: Path, names: Sequence[str]) -> Ruleset:
    """The release after imports of these tables one after the other."""
    pairs = quarter(folder / "q", "v320r0", [("97530", "97161", "20260101", "*", 1)])
    with opened(folder) as store:
        for name in names:
            match name:
                case "pairs":
                    take(store, "ncci", *pairs)
                case "limits":
                    take(store, "mue", limits(folder, {"97112": (2, 3)}))
                case "icd10":
                    take(store, "icd10", diagnoses(folder, {"R26": False, "R2681": True}))
                case _:
                    listed = code_list(folder / "carc.csv", {"50": ("01/01/1995", "")})
                    take(store, "carc", listed, effective=date(2026, 7, 1))
        return store.rules


@given(order=st.permutations(NAMES))
@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_different_tables_make_the_same_content_in_any_order(
    order: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    one, other = (content(tmp_path_factory.mktemp("order"), names) for names in (order, NAMES))
    assert one.id == other.id == "2026.1+4"
    assert one.toml == other.toml
    assert {name: list(rows) for name, rows in one.csv.items()} == {
        name: list(rows) for name, rows in other.csv.items()
    }
    assert sorted(set(one.csv) - set(SHIPPED.csv)) == [
        *("carc-2026-07-01", "icd10cm-2025-10-01", "mue-practitioner-2026q3", "ncci-ptp-practitioner-2026q1"),
    ]


def test_the_second_process_decides_by_the_release_in_force(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        take(store, "mue", limits(tmp_path, {"97112": (1, 3)}))
    with Installation(tmp_path / "store", assisted=True) as store:
        assert isinstance(store._assistant, Assistant)
        send(store, [*reference(), *visit()], work=False)
        store.work_off()
        assert rulesets(store, "UnitsCalculated") == rulesets(store, "ClaimAssessed") == ["2026.1+1"]


def test_a_release_is_under_the_same_proofs_as_every_event(store: Installation, tmp_path: Path) -> None:
    take(store, "mue", limits(tmp_path, {"97112": (1, 3)}))
    assert store.signer is not None
    store.close()
    assert verify(log_file(store.data), store.signer.vkey).ok


def test_contents_are_kept_once(store: Installation, tmp_path: Path) -> None:
    one, two = tmp_path / "1", tmp_path / "2"
    one.mkdir()
    two.mkdir()
    take(store, "mue", limits(one, {"97112": (1, 3)}))
    take(store, "mue", limits(two, {"97112": (1, 3)}, "04-01-2027"))
    assert len(store.log.read_all(0, 100, ("RulesetTableStored",))) == 1
    assert len(store.log.read_all(0, 100, ("RulesetReleased",))) == 2
