"""The same clinics as a timesheet: the contract's columns, read back as the same sessions."""

from interchange.csv_rows import CsvRefused, read_csv
from interchange.lines import Line
from suite.simulator import Simulation, csv_lines, csv_rows, visits

CLINIC = Simulation(clinics=1, days=10, seed=31)


def test_a_row_has_every_column_of_the_contract() -> None:
    rows = list(csv_rows(CLINIC))
    assert len(rows) > 60
    assert {tuple(row) for row in rows} == {tuple(next(csv_lines(CLINIC)).strip().split(","))}


def test_the_timesheet_is_read_without_refusal() -> None:
    text = "".join(csv_lines(CLINIC)).encode().splitlines()
    read = list(read_csv(Line(number, raw) for number, raw in enumerate(text, 1)))
    assert [row for row in read if isinstance(row, CsvRefused)] == []
    assert len(read) > 150


def test_only_visits_that_a_timesheet_can_carry_are_in_it() -> None:
    shown = {row["session_id"] for row in csv_rows(CLINIC)}
    left_out = {visit.session_id for visit in visits(CLINIC) if visit.mistake or visit.change or visit.fate == "void"}
    assert shown
    assert not shown & left_out
