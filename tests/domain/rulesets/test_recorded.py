"""Releases that were recorded: ids in order, hashes that hold everything, the same ruleset in any order of import."""

import hashlib
from datetime import UTC, date, datetime
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from therapy_domain.errors import UnknownRuleset
from therapy_domain.events.ruleset import ReleasedTable, RulesetReleased, RulesetTableStored, SourceFile
from therapy_domain.rulesets import recorded
from therapy_domain.rulesets import release as shipping
from therapy_domain.rulesets.edits import pair_edits, unit_limits
from therapy_domain.rulesets.recorded import (
    DamagedRelease,
    Releases,
    carried_over,
    compose,
    evolve,
    hash_of,
    packed,
    release,
    unpacked,
)
from therapy_domain.rulesets.release import Ruleset, load, order_of

SHIPPED = load("2026.1")
AT = datetime(2026, 3, 2, tzinfo=UTC)
PAIRS = "column_1,column_2,effective_date,deletion_date,modifier_indicator\n97530,97161,20200101,{},{}\n"
HELD, VOID = PAIRS.format("*", 1), PAIRS.format("20200101", 9)
LIMITS = "code,mue_value,mai\n97112,{},3\n"
JANUARY = date(2020, 1, 15)


def table(name: str, kind: str, text: str, first: date, last: date | None) -> ReleasedTable:
    return ReleasedTable.trusted(
        id=name,
        kind=kind,
        name=name,
        setting="practitioner",
        effective=first,
        from_=first,
        to=last,
        rows=text.count("\n") - 1,
        rows_read=9,
        sha256=packed(text).sha256,
        source="made for the test",
        files=(SourceFile(name="file", sha256="0" * 64),),
    )


def edits(text: str, quarter: int = 1) -> ReleasedTable:
    first = date(2020, 3 * quarter - 2, 1)
    return table(f"ncci-ptp-practitioner-2020q{quarter}", "pair_edits", text, first, date(2020, 3 * quarter, 30))


def most(units: int) -> tuple[ReleasedTable, str]:
    text = LIMITS.format(units)
    return table("mue-practitioner-2020q1", "unit_limits", text, date(2020, 1, 1), date(2020, 3, 31)), text


CONTENTS = {
    stored.sha256: unpacked(stored, "test")
    for stored in map(packed, (HELD, VOID, *(LIMITS.format(units) for units in range(10))))
}


def grown(state: Releases, *tables: ReleasedTable) -> Releases:
    return evolve(state, release(state, in_force(state), tables, by="A. Auditor", at=AT))


def in_force(state: Releases) -> Ruleset:
    return SHIPPED if state.newest is None else compose(SHIPPED, state.newest, state, CONTENTS)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("2026.1", "2026.1+1"),
        ("2026.1+2", "2026.1+10"),
        ("2026.1+99", "2026.2"),
        ("2026.2", "2026.10"),
        ("2026.9", "2027.1"),
    ],
)
def test_ids_sort_by_age(earlier: str, later: str) -> None:
    assert order_of(earlier) < order_of(later)


@pytest.mark.parametrize("name", ["", "2026", "2026.1+", "2026.1+x", "v2026.1", "2026.1.1"])
def test_what_is_no_id_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no id of a release"):
        order_of(name)


def test_a_release_extends_the_one_before_by_id_and_hash() -> None:
    first = grown(Releases(), edits(HELD)).newest
    assert first is not None
    assert (first.ruleset, first.extends, first.extends_hash) == ("2026.1+1", SHIPPED.id, SHIPPED.hash)
    second = grown(grown(Releases(), edits(HELD)), edits(VOID)).newest
    assert second is not None
    assert (second.ruleset, second.extends, second.extends_hash) == ("2026.1+2", first.ruleset, first.hash)


def test_the_same_content_again_is_another_release_with_another_hash() -> None:
    state = grown(grown(grown(Releases(), edits(HELD)), edits(VOID)), edits(HELD))
    assert len({each.hash for each in state.by_id.values()}) == 3


def test_a_later_table_of_the_same_id_replaces_the_earlier_in_the_new_release_alone() -> None:
    before = grown(Releases(), edits(HELD))
    after = grown(before, edits(VOID))
    old, new = in_force(before), in_force(after)
    assert pair_edits(old).active("97530", "97161", JANUARY) is not None
    assert pair_edits(new).active("97530", "97161", JANUARY) is None
    assert compose(SHIPPED, after.by_id["2026.1+1"], after, CONTENTS).csv.keys() == old.csv.keys()
    assert pair_edits(SHIPPED).answers(JANUARY) != pair_edits(old).answers(JANUARY)


def test_an_imported_table_takes_the_place_of_a_shipped_one_of_its_id() -> None:
    text = HELD.replace("20200101", "20240701")
    CONTENTS[packed(text).sha256] = unpacked(packed(text), "test")
    again = table("ncci-ptp-practitioner-2024q3", "pair_edits", text, date(2024, 7, 1), date(2024, 9, 30))
    made = in_force(grown(Releases(), again))
    assert len(pair_edits(made).publications) == len(pair_edits(SHIPPED).publications)
    assert pair_edits(made).active("97530", "97161", date(2024, 7, 2)) is not None
    assert "ncci_ptp_practitioner_therapy" not in made.csv


def test_a_table_that_two_releases_hold_is_read_once() -> None:
    before = grown(Releases(), edits(HELD))
    after = grown(before, most(3)[0])
    assert pair_edits(in_force(before)).tables[0] is pair_edits(in_force(after)).tables[0]


@given(
    st.lists(
        st.sampled_from([edits(HELD), edits(HELD, 2), edits(VOID, 3), most(2)[0]]),
        min_size=1,
        unique_by=lambda each: each.id,
    )
)
@settings(max_examples=30, deadline=None, derandomize=True)
def test_tables_make_the_same_ruleset_in_any_order_of_import(tables: list[ReleasedTable]) -> None:
    made = []
    for order in permutations(tables):
        state = Releases()
        for each in order:
            state = grown(state, each)
        assert state.newest is not None
        made.append((in_force(state), state.tables(state.newest)))
    first, held = made[0]
    assert all(tables_held == held and each.toml == first.toml for each, tables_held in made)
    assert all(each.csv.keys() == first.csv.keys() for each, _ in made)
    assert len({unit_limits(each).answers(JANUARY) for each, _ in made}) == 1


def test_nothing_in_a_release_can_change_unseen() -> None:
    state = grown(Releases(), edits(HELD))
    good = state.newest
    assert good is not None
    for change in ({"extends_hash": "1" * 64}, {"tables": (edits(VOID),)}, {"ruleset": "2026.1+7"}):
        bad = good.model_copy(update=change)
        with pytest.raises(DamagedRelease, match="hash"):
            compose(SHIPPED, bad, Releases({bad.ruleset: bad}), CONTENTS)


def test_who_recorded_it_and_when_are_no_part_of_the_hash() -> None:
    one = release(Releases(), SHIPPED, [edits(HELD)], by="A", at=AT)
    other = release(Releases(), SHIPPED, [edits(HELD)], by="B", at=datetime(2027, 1, 1, tzinfo=UTC))
    assert one.hash == other.hash == hash_of("2026.1+1", SHIPPED.id, SHIPPED.hash, [edits(HELD)])


@pytest.mark.parametrize("content", ["", "!", "AAAA", packed(VOID).content, packed(HELD).content[:-8]])
def test_contents_that_are_not_what_their_hash_says_are_refused(content: str) -> None:
    with pytest.raises(DamagedRelease, match="do not have that hash") as caught:
        unpacked(RulesetTableStored(sha256=packed(HELD).sha256, content=content), "2026.1+1")
    assert caught.value.ruleset_id == "2026.1+1"


def newer(ruleset_id: str) -> Ruleset:
    return Ruleset(id=ruleset_id, hash="f" * 64, toml=SHIPPED.toml, csv=SHIPPED.csv)


def test_a_newer_shipped_release_takes_over_what_was_imported() -> None:
    state = grown(grown(Releases(), edits(HELD)), most(3)[0])
    carried = carried_over(state, newer("2027.1"), by="claimtrail", at=AT)
    assert carried is not None
    assert (carried.ruleset, carried.extends) == ("2027.1+1", "2027.1")
    assert state.newest is not None
    assert carried.tables == state.tables(state.newest)
    after = evolve(state, carried)
    assert after.root(carried) == ("2027.1", "f" * 64)
    assert carried_over(after, newer("2027.1"), by="claimtrail", at=AT) is None


@pytest.mark.parametrize("shipped", [SHIPPED, newer("2025.9")])
def test_nothing_is_carried_over_where_nothing_newer_is_shipped(shipped: Ruleset) -> None:
    assert carried_over(grown(Releases(), edits(HELD)), shipped, by="claimtrail", at=AT) is None
    assert carried_over(Releases(), shipped, by="claimtrail", at=AT) is None


def test_other_events_of_the_stream_change_nothing() -> None:
    assert evolve(Releases(), packed(HELD)) == Releases()
    assert isinstance(grown(Releases(), edits(HELD)).newest, RulesetReleased)


HASHED = ReleasedTable(
    id="pairs",
    kind="pair_edits",
    name="Pairs",
    setting="practitioner",
    version="v1",
    effective=date(2020, 1, 1),
    **{"from": date(2020, 1, 1)},  # type: ignore[arg-type]  # its alias
    rows=1,
    rows_read=9,
    sha256="0" * 64,
    source="made for the test",
    files=(SourceFile(name="file", sha256="1" * 64),),
)


@pytest.mark.parametrize(
    ("tables", "digest"),
    [
        ([], "e05ab295d87506174a29ef0281613339066bb4a518e42d19e84014cd35ca74a0"),
        ([HASHED], "de8be9750e532c932e376969274b595b3dee0673df526efd11ede9abd4d58fdf"),
        (
            [HASHED.model_copy(update={"to": date(2020, 3, 31)})],
            "364017047ccc40d80e0c576a9f96fdb47c53e80b2d8b0f2a12a27203b6682c68",
        ),
    ],
)
def test_a_release_keeps_its_hash_for_ever(tables: list[ReleasedTable], digest: str) -> None:
    assert hash_of("2026.1+1", "2026.1", "a" * 64, tables) == digest


def test_what_a_damaged_release_tells() -> None:
    error = DamagedRelease("2026.1+1", "it is gone")
    assert (error.ruleset_id, error.why, error.code) == ("2026.1+1", "it is gone", "damaged-release")
    assert str(error) == "ruleset 2026.1+1 cannot be used as it is recorded: it is gone"
    stored = RulesetTableStored(sha256="f" * 64, content=packed(HELD).content)
    with pytest.raises(DamagedRelease) as raised:
        unpacked(stored, "2026.1+1")
    assert raised.value.why == f"the contents of table {'f' * 64} do not have that hash"
    state = grown(Releases(), edits(HELD))
    assert state.newest is not None
    bad = state.newest.model_copy(update={"hash": "f" * 64})
    with pytest.raises(DamagedRelease) as raised:
        compose(SHIPPED, bad, Releases({bad.ruleset: bad}), CONTENTS)
    assert (raised.value.ruleset_id, raised.value.why) == ("2026.1+1", f"it does not have the hash {'f' * 64}")


def test_a_table_is_packed_small_and_unpacked_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = packed("a,b\n" + "1,2\n" * 1000)
    assert len(stored.content) < 100
    assert [dict(row) for row in unpacked(packed("a,b\n1,2\n"), "x")] == [{"a": "1", "b": "2"}]
    monkeypatch.setattr(recorded, "LARGEST_TABLE", 4004)
    assert unpacked(stored, "x").text.count("\n") == 1001
    monkeypatch.setattr(recorded, "LARGEST_TABLE", 4003)
    with pytest.raises(DamagedRelease):
        unpacked(stored, "x")
    assert recorded.table_stream("ab") == "ruleset-table/ab"


def test_a_release_lists_a_table_with_everything_that_is_said_of_it() -> None:
    (row,) = in_force(grown(Releases(), most(3)[0])).toml["published"]["unit_limits"][-1:]
    assert row == {
        "id": "mue-practitioner-2020q1",
        "name": "mue-practitioner-2020q1",
        "setting": "practitioner",
        "file": "mue-practitioner-2020q1",
        "source": "made for the test",
        "effective": date(2020, 1, 1),
        "from": date(2020, 1, 1),
        "to": date(2020, 3, 31),
    }
    whole = HASHED.model_copy(update={"setting": None, "to": None})
    assert recorded._row(whole).keys() == {"id", "name", "file", "source", "effective", "from"}


def test_ids_are_counted_for_each_shipped_release() -> None:
    state = grown(grown(Releases(), edits(HELD)), edits(VOID))
    assert (state.next_id("2026.1"), state.next_id("2027.1"), Releases().next_id("2026.1")) == (
        "2026.1+3",
        "2027.1+1",
        "2026.1+1",
    )
    assert Releases().newest is None


def test_a_release_goes_back_to_the_shipped_one_only_by_releases_of_the_right_hash() -> None:
    state = grown(grown(Releases(), edits(HELD)), most(2)[0])
    first, second = state.by_id.values()
    assert state.chain(second) == [first, second]
    assert state.root(second) == (SHIPPED.id, SHIPPED.hash)
    stranger = second.model_copy(update={"extends_hash": "0" * 64})
    assert state.chain(stranger) == [stranger]
    assert state.root(stranger) == (first.ruleset, "0" * 64)
    assert [each.kind for each in state.tables(second)] == ["pair_edits", "unit_limits"]


def test_a_newer_shipped_release_of_the_same_id_takes_over_too() -> None:
    state = grown(Releases(), edits(HELD))
    same_id = newer(SHIPPED.id)
    carried = carried_over(state, same_id, by="claimtrail", at=AT)
    assert carried is not None
    assert (carried.ruleset, carried.extends_hash, carried.by, carried.at) == ("2026.1+2", "f" * 64, "claimtrail", AT)


def test_a_shipped_release_is_read_from_its_own_files_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "releases" / "2030.1"
    folder.mkdir(parents=True)
    (tmp_path / "releases" / "notes").mkdir()
    (tmp_path / "releases" / "2029.1").write_text("no folder")
    (folder / "README.md").write_text("not read")
    (folder / "b.csv").write_text("x,y\n1,2\n")
    (folder / "c.toml").write_text("n = 1\n")
    monkeypatch.setattr(shipping.resources, "files", lambda _: tmp_path)
    assert shipping.available.__wrapped__() == ("2030.1",)
    monkeypatch.setattr(shipping, "available", lambda: ("2030.1",))
    made = shipping._load.__wrapped__("2030.1")
    parts = (b"b.csv", b"x,y\n1,2\n", b"c.toml", b"n = 1\n")
    digest = hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()
    assert (made.id, made.hash, made.toml, made.csv) == (
        "2030.1",
        digest,
        {"c": {"n": 1}},
        {"b": ({"x": "1", "y": "2"},)},
    )
    with pytest.raises(UnknownRuleset) as raised:
        shipping._load.__wrapped__("2031.1")
    assert (raised.value.ruleset_id, raised.value.available) == ("2031.1", ("2030.1",))
