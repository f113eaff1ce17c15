"""From minutes to lines: base and add-on codes, untimed codes, modifiers, an assistant's part, alternatives."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from therapy_domain.rulesets import load
from therapy_domain.rulesets.payers import extend, shipped
from therapy_domain.units.model import UnitsResult

Worked = Callable[..., Any]
Count = Callable[..., UnitsResult]
UnitsOf = Callable[..., list[tuple[str, int, int, str]]]
PROFILES = shipped(load("2026.1"))


def test_the_example_of_the_commands_page(worked: Worked, count: Count, units_of: UnitsOf) -> None:
    result = count(worked("97112", 28), worked("97530", 16), worked("97112", 5, activity="setup"))
    assert units_of(result) == [("97112", 28, 2, "GP"), ("97530", 16, 1, "GP")]
    assert (result.total_minutes, result.total_units, result.alternatives) == (44, 3, ())
    assert result.explanation[0] == "44 timed minutes make 3 units (38 to 52)"


def test_a_timed_line_without_a_unit_stays(worked: Worked, count: Count, units_of: UnitsOf) -> None:
    result = count(worked("97530", 12), worked("97535", 11), worked("97110", 10), worked("97140", 9))
    assert [(code, units) for code, _, units, _ in units_of(result)] == [
        ("97110", 1),
        ("97140", 0),
        ("97530", 1),
        ("97535", 1),
    ]


def test_alternatives_are_whole_lists_with_their_own_modifiers(worked: Worked, count: Count, units_of: UnitsOf) -> None:
    """Equal remainders, one of the therapist and one of the assistant: either may be billed."""
    result = count(worked("97110", 24), worked("97140", 24, "PTA"), worked("97161", 20))
    assert units_of(result) == [("97110", 24, 2, "GP"), ("97140", 24, 1, "GP CQ"), ("97161", 20, 1, "GP")]
    assert [units_of(other) for other in result.alternatives] == [
        [("97110", 24, 1, "GP"), ("97140", 24, 2, "GP CQ"), ("97161", 20, 1, "GP")]
    ]


@pytest.mark.parametrize(
    ("therapist", "assistant", "lines"),
    [
        ({"97112": 18}, {"97112": 17}, [("97112", 18, 1, "GP"), ("97112", 17, 1, "GP CQ")]),
        ({"97530": 6}, {"97530": 13}, [("97530", 19, 1, "GP CQ")]),
        ({"97530": 9}, {"97530": 12}, [("97530", 21, 1, "GP")]),
        ({"97530": 13}, {"97530": 11}, [("97530", 13, 1, "GP"), ("97530", 11, 1, "GP CQ")]),
        ({"97110": 30}, {"97140": 9}, [("97110", 30, 2, "GP"), ("97140", 9, 1, "GP CQ")]),
        (
            {"97110": 13, "97140": 30},
            {"97110": 23},
            [("97110", 13, 1, "GP"), ("97110", 23, 1, "GP CQ"), ("97140", 30, 2, "GP")],
        ),
        ({"97110": 7}, {"97110": 1}, [("97110", 8, 1, "GP CQ")]),
        ({"97110": 8}, {"97110": 7}, [("97110", 15, 1, "GP")]),
        ({"97150": 45}, {"97150": 5}, [("97150", 50, 1, "GP")]),
        ({"97150": 44}, {"97150": 6}, [("97150", 50, 1, "GP CQ")]),
        ({"97550": 27}, {"97550": 3}, [("97550", 30, 1, "GP")]),
        ({"97550": 26}, {"97550": 4}, [("97550", 30, 1, "GP CQ")]),
    ],
)
def test_worked_examples_of_the_assistants_part(
    worked: Worked,
    count: Count,
    units_of: UnitsOf,
    therapist: dict[str, int],
    assistant: dict[str, int],
    lines: list[tuple[str, int, int, str]],
) -> None:
    day = [worked(code, m) for code, m in therapist.items()]
    day += [worked(code, m, "PTA") for code, m in assistant.items()]
    assert units_of(count(*day)) == lines


def test_an_occupational_therapy_assistant_brings_co_beside_go(worked: Worked, count: Count, units_of: UnitsOf) -> None:
    result = count(worked("97530", 20, "OTA"), discipline="OT")
    assert units_of(result) == [("97530", 20, 1, "GO CO")]


@pytest.mark.parametrize(
    ("discipline", "role", "modifiers"),
    [
        ("PT", "PT", "GP"),
        ("OT", "OT", "GO"),
        ("SLP", "SLP", "GN"),
        ("SLP", "PTA", "GN"),
        ("PT", "OTA", "GP"),
        ("OT", "PTA", "GO"),
        ("CHIRO", "DC", ""),
        ("CHIRO", "OTA", ""),
    ],
)
def test_the_disciplines_modifier(
    worked: Worked, count: Count, units_of: UnitsOf, discipline: str, role: str, modifiers: str
) -> None:
    assert units_of(count(worked("97110", 20, role), discipline=discipline)) == [("97110", 20, 1, modifiers)]


def test_a_chiropractor_has_gp_where_the_payer_pays_him_for_therapy_and_never_co(
    worked: Worked, count: Count, units_of: UnitsOf
) -> None:
    own = extend(PROFILES["medicare"], {"performers": {"97112": ["PT", "PTA", "DC", "OTA"]}})
    result = count(
        worked("97112", 20, "DC"), worked("97112", 20, "OTA"), worked("98940", 10, "DC"), payer=own, discipline="CHIRO"
    )
    assert units_of(result) == [("97112", 40, 3, "GP"), ("98940", 10, 1, "")]


def test_no_assistants_modifier_before_2020_nor_where_the_payer_asks_for_none(
    worked: Worked, count: Count, units_of: UnitsOf
) -> None:
    assert units_of(count(worked("97110", 20, "PTA"), on=date(2017, 5, 1))) == [("97110", 20, 1, "GP")]
    assert units_of(count(worked("97110", 20, "PTA"), payer="commercial-cms")) == [("97110", 20, 1, "GP")]


def test_the_method_of_the_ten_percent_can_be_chosen(worked: Worked, count: Count, units_of: UnitsOf) -> None:
    day = (worked("97110", 7), worked("97110", 1, "PTA"))
    assert units_of(count(*day, method="exact")) == [("97110", 8, 1, "GP CQ")]
    assert units_of(count(*day, method="simple")) == [("97110", 8, 1, "GP")]


@pytest.mark.parametrize("payer", ["medicare", "commercial-midpoint"])
@pytest.mark.parametrize(
    ("recorded", "lines"),
    [
        ({"97129": 15}, [("97129", 15, 1)]),
        ({"97129": 22}, [("97129", 22, 1)]),
        ({"97129": 38}, [("97129", 15, 1), ("97130", 23, 2)]),
        ({"97129": 15, "97130": 20}, [("97129", 15, 1), ("97130", 20, 1)]),
        ({"97130": 30}, [("97129", 15, 1), ("97130", 15, 1)]),
        ({"97130": 12}, [("97129", 12, 1)]),
        ({"97129": 15, "97130": 5}, [("97129", 15, 1), ("97130", 5, 0)]),
        ({"97129": 4, "97130": 3}, [("97129", 4, 0), ("97130", 3, 0)]),
    ],
)
def test_cognitive_minutes_count_together_and_the_first_unit_is_the_base_codes(
    worked: Worked,
    count: Count,
    units_of: UnitsOf,
    payer: str,
    recorded: dict[str, int],
    lines: list[tuple[str, int, int]],
) -> None:
    result = count(*(worked(c, m, "SLP") for c, m in recorded.items()), payer=payer, discipline="SLP")
    assert units_of(result) == [(*line, "GN") for line in lines]


def test_cognitive_minutes_are_one_entry_of_the_pool(worked: Worked, count: Count, units_of: UnitsOf) -> None:
    result = count(worked("97129", 10), worked("97130", 7), worked("97110", 7))
    assert units_of(result) == [("97110", 7, 1, "GP"), ("97129", 10, 1, "GP"), ("97130", 7, 0, "GP")]


def test_an_assistants_cognitive_units_follow_the_therapists(worked: Worked, count: Count, units_of: UnitsOf) -> None:
    result = count(worked("97129", 15, "OT"), worked("97130", 30, "OTA"), discipline="OT")
    assert units_of(result) == [("97129", 15, 1, "GO"), ("97130", 30, 2, "GO CO")]


@pytest.mark.parametrize("payer", ["medicare", "workers-comp"])
@pytest.mark.parametrize(
    ("minutes", "units"), [(15, [0]), (16, [1]), (37, [1]), (38, [1, 1]), (52, [1, 1]), (53, [1, 2])]
)
@pytest.mark.parametrize(("base", "add_on"), [("97550", "97551"), ("G0541", "G0542")])
def test_caregiver_training_stays_out_of_the_pool(
    worked: Worked, count: Count, payer: str, base: str, add_on: str, minutes: int, units: list[int]
) -> None:
    result = count(worked(base, minutes), worked("97110", 7), payer=payer)
    training = [line for line in result.lines if line.code != "97110"]
    assert [line.units for line in training] == units
    assert [line.code for line in training] == [base, add_on][: len(units)]
    assert [line.units for line in result.lines if line.code == "97110"] == [0]
    assert (result.total_minutes, result.total_units) == (minutes + 7, sum(units))


def test_untimed_codes_are_one_unit_a_day_and_no_timed_minutes(worked: Worked, count: Count, units_of: UnitsOf) -> None:
    result = count(worked("97161", 20), worked("97161", 25), worked("G0283", 3), worked("97110", 8))
    assert units_of(result) == [("97110", 8, 1, "GP"), ("97161", 45, 1, "GP"), ("G0283", 3, 1, "GP")]
    assert (result.total_minutes, result.total_units, result.treatment_minutes) == (8, 1, 56)


def test_packs_are_bundled_by_medicare_alone(worked: Worked, count: Count, units_of: UnitsOf) -> None:
    assert units_of(count(worked("97010", 10))) == [("97010", 10, 0, "GP")]
    assert units_of(count(worked("97010", 10), payer="commercial-cms")) == [("97010", 10, 1, "GP")]


def test_an_untimed_code_whose_time_is_all_contested_has_no_unit(worked: Worked, count: Count) -> None:
    result = count(worked("97161", 20, at=0), worked("97110", 20, at=0))
    assert [line.units for line in result.lines] == [0, 0]


def test_devices_of_remote_monitoring_bear_no_assistants_modifier(
    worked: Worked, count: Count, units_of: UnitsOf
) -> None:
    result = count(worked("98977", 0, "PTA"), worked("98980", 20, "PTA"))
    assert units_of(result) == [("98977", 0, 1, "GP"), ("98980", 20, 1, "GP CQ")]


def test_an_unknown_payer_gets_minutes_and_no_units(worked: Worked, count: Count, units_of: UnitsOf) -> None:
    result = count(worked("97110", 30), worked("97161", 20), payer=None)
    assert result.rule is None
    assert units_of(result) == [("97110", 30, 0, "GP"), ("97161", 20, 0, "GP")]
    assert (result.total_minutes, result.total_units) == (30, 0)
    assert "The payer is unknown" in result.explanation[0]


def test_fees_break_a_tie_where_they_are_known(worked: Worked, count: Count) -> None:
    day = (worked("97110", 24), worked("97112", 24))
    assert [line.units for line in count(*day).lines] == [2, 1]
    assert [line.units for line in count(*day, fees={"97110": 3000, "97112": 3100}).lines] == [1, 2]


def test_sessions_rounded_apart_would_lose_a_unit(worked: Worked, count: Count) -> None:
    result = count(worked("97112", 7), worked("97112", 7, session_id="S2"), worked("97110", 15))
    (lost,) = result.rounded_apart
    assert (lost.code, lost.minutes, lost.units_apart, lost.units_together) == ("97112", (7, 7), 0, 1)
    assert not count(worked("97112", 7), worked("97112", 7)).rounded_apart
    assert not count(worked("97112", 15), worked("97112", 15, session_id="S2")).rounded_apart


def test_a_result_survives_its_json_form(worked: Worked, count: Count) -> None:
    result = count(
        worked("97112", 20, at=0),
        worked("97110", 20, "PTA", at=15),
        worked("97110", 24),
        worked("97140", 24, "PTA"),
        worked("97112", 5, at=2, activity="rest"),
        worked("97530", 7, session_id="S2"),
        worked("97530", 7),
    )
    assert UnitsResult.model_validate_json(result.model_dump_json()) == result


@pytest.mark.parametrize("profile", ["medicare", "commercial-cms", "commercial-midpoint", "workers-comp"])
def test_lines_add_up_to_the_totals(worked: Worked, count: Count, profile: str) -> None:
    result = count(
        worked("97110", 33),
        worked("97110", 12, "PTA"),
        worked("97140", 9),
        worked("97129", 40),
        worked("97550", 40),
        worked("97161", 20),
        payer=profile,
    )
    for lines in (result.lines, *result.alternatives):
        timed = [line for line in lines if line.timed]
        assert sum(line.minutes for line in timed) == result.total_minutes
        assert sum(line.units for line in timed) == result.total_units
        assert [line.code for line in lines] == sorted(line.code for line in lines)
