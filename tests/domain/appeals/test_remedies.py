"""RULES h, row by row: what each reason and remark asks of whom, in Medicare and elsewhere."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapy_domain.appeals.denials import REMEDIES, appeal_rights
from therapy_domain.appeals.evidence.gathering import FINDERS
from therapy_domain.rulesets.arguments import arguments
from therapy_domain.rulesets.deadline_tables import Program
from therapy_domain.rulesets.denials import denial_codes
from therapy_domain.rulesets.release import load

RULES = load()
CODES = denial_codes(RULES)
MEDICARE, OTHER = get_args(Program)


def remedy(group: str, carc: str, *rarcs: str, program: Program = "medicare-part-b") -> str:
    return appeal_rights(group, carc, rarcs, RULES, program=program).remedy


@pytest.mark.parametrize(
    ("group", "carc", "rarcs", "medicare", "other"),
    [
        ("CO", "4", "", "corrected-claim", "corrected-claim"),
        ("CO", "11", "", "corrected-claim", "corrected-claim"),
        ("CO", "16", "", "corrected-claim", "corrected-claim"),
        ("CO", "16", "MA130", "corrected-claim", "corrected-claim"),
        ("OA", "18", "", "reopening", "corrected-claim"),
        ("CO", "18", "", "reopening", "corrected-claim"),
        ("CO", "97", "N522", "reopening", "corrected-claim"),
        ("CO", "22", "", "corrected-claim", "corrected-claim"),
        ("CO", "22", "MA04", "corrected-claim", "corrected-claim"),
        ("PR", "26", "", "bill-patient", "bill-patient"),
        ("PR", "27", "", "bill-patient", "bill-patient"),
        ("CO", "29", "", "write-off-proposal", "write-off-proposal"),
        ("CO", "45", "", "none", "none"),
        ("CO", "50", "", "appeal", "appeal"),
        ("PR", "50", "", "appeal", "appeal"),
        ("CO", "50", "MA44", "write-off-proposal", "write-off-proposal"),
        ("CO", "50", "N211", "write-off-proposal", "write-off-proposal"),
        ("CO", "50", "M127", "reopening", "appeal"),
        ("CO", "59", "", "none", "none"),
        ("CO", "96", "N130", "appeal", "appeal"),
        ("PR", "96", "", "bill-patient", "bill-patient"),
        ("CO", "97", "", "corrected-claim", "corrected-claim"),
        ("CO", "109", "", "corrected-claim", "corrected-claim"),
        ("CO", "112", "", "appeal", "appeal"),
        ("CO", "112", "M127", "reopening", "appeal"),
        ("CO", "B12", "M127", "reopening", "appeal"),
        ("CO", "119", "", "corrected-claim", "corrected-claim"),
        ("PR", "119", "", "bill-patient", "bill-patient"),
        ("CO", "150", "", "appeal", "appeal"),
        ("CO", "151", "N362", "appeal", "appeal"),
        ("CO", "163", "", "reopening", "corrected-claim"),
        ("CO", "252", "M127", "reopening", "corrected-claim"),
        ("CO", "167", "", "corrected-claim", "corrected-claim"),
        ("CO", "170", "", "corrected-claim", "corrected-claim"),
        ("CO", "185", "", "corrected-claim", "corrected-claim"),
        ("CO", "B7", "", "corrected-claim", "corrected-claim"),
        ("CO", "197", "", "appeal", "appeal"),
        ("CO", "198", "", "appeal", "appeal"),
        ("CO", "216", "", "appeal", "appeal"),
        ("CO", "236", "N519", "corrected-claim", "corrected-claim"),
        ("CO", "253", "", "none", "none"),
        ("CO", "272", "", "appeal", "appeal"),
        ("CO", "273", "", "appeal", "appeal"),
        ("PR", "1", "", "bill-patient", "bill-patient"),
        ("PR", "2", "", "bill-patient", "bill-patient"),
        ("PR", "3", "", "bill-patient", "bill-patient"),
    ],
)
def test_each_row_leads_to_its_remedy(group: str, carc: str, rarcs: str, medicare: str, other: str) -> None:
    assert remedy(group, carc, *rarcs.split()) == medicare
    assert remedy(group, carc, *rarcs.split(), program="other") == other


@pytest.mark.parametrize(
    ("carc", "rarcs", "ground", "source"),
    [
        ("18", (), "clerical-error", "42 CFR 405.980(a)(3)"),
        ("97", ("N522",), "clerical-error", "42 CFR 405.980(a)(3)"),
        ("252", (), "records-not-sent", "42 CFR 405.980(a)(2)"),
        ("150", ("M127",), "records-not-sent", "42 CFR 405.980(a)(2)"),
    ],
)
def test_a_reopening_names_its_ground_and_its_source(
    carc: str, rarcs: tuple[str, ...], ground: str, source: str
) -> None:
    found = appeal_rights("CO", carc, rarcs, RULES)
    assert found.reopening == ground
    assert source in found.source


def test_an_unprocessable_claim_is_never_reopened() -> None:
    for carc in CODES.carcs:
        assert appeal_rights("CO", carc, ["MA130"], RULES).reopening is None


@given(
    st.sampled_from(["CO", "PR", "OA", "PI"]),
    st.sampled_from([*CODES.carcs, "204"]),
    st.lists(st.sampled_from([*CODES.rarcs, "N777"]), max_size=4),
    st.sampled_from([MEDICARE, OTHER]),
)
def test_a_reopening_stands_only_where_something_is_to_be_mended_or_argued(
    group: str, carc: str, rarcs: list[str], program: Program
) -> None:
    found = appeal_rights(group, carc, rarcs, RULES, program=program)
    assert found.remedy in REMEDIES
    if found.reopening is not None:
        assert program == MEDICARE
        assert found.denial
        assert found.action in ("corrected-claim", "appeal")
    again = appeal_rights(group, carc, [*reversed(rarcs), *rarcs], RULES, program=program)
    assert again.remedy == found.remedy


def test_every_key_of_evidence_is_known_and_looked_for_or_enclosed_by_a_person() -> None:
    asked = {key for row in (*CODES.carcs.values(), CODES.unlisted) for key in row.evidence}
    table = arguments(RULES)
    asked |= {key for row in (*table.by_carc.values(), table.other) for key in (*row.must, *row.may)}
    assert asked <= CODES.evidence.keys()
    assert FINDERS.keys() | CODES.outside == CODES.evidence.keys()
    assert not FINDERS.keys() & CODES.outside


def test_every_denial_has_an_argument_that_rests_on_our_record() -> None:
    table = arguments(RULES)
    for code, row in CODES.carcs.items():
        if row.denial:
            found = table.by_carc[code]
            assert found.must
            assert set(found.must) <= FINDERS.keys()
            assert not set(found.must) & set(found.may)
            assert found.source
            assert found.other_source


def test_arguments_against_several_codes_come_once_each_in_their_order() -> None:
    table = arguments(RULES)
    assert table.against(["97", "50", "236"]) == (table.by_carc["97"], table.by_carc["50"])
    assert table.against([]) == table.against(["204"]) == (table.other,)
