"""Believable therapy clinics as a stream of contract events, the same for the same seed."""

from suite.simulator.catalogue import MISTAKES, Mistake
from suite.simulator.planted import Planted
from suite.simulator.settings import DEFAULT_RATES, NO_MISTAKES, Simulation, mistake_rates
from suite.simulator.stream import lines, planted, simulate, visits
from suite.simulator.timesheet import csv_lines, csv_rows

__all__ = [
    "DEFAULT_RATES",
    "MISTAKES",
    "NO_MISTAKES",
    "Mistake",
    "Planted",
    "Simulation",
    "csv_lines",
    "csv_rows",
    "lines",
    "mistake_rates",
    "planted",
    "simulate",
    "visits",
]
