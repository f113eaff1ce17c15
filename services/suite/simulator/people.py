"""Invented names and places, from `people.toml`. Nobody there exists."""

import tomllib
from importlib import resources
from random import Random

from suite.simulator.dice import between, pick

_PEOPLE = tomllib.loads((resources.files(__package__) / "people.toml").read_text("utf-8"))

GIVEN: list[str] = _PEOPLE["given"]
FAMILY: list[str] = _PEOPLE["family"]
PRACTICES: list[str] = _PEOPLE["practices"]
TOWNS: list[tuple[str, str, str]] = [(town["city"], town["state"], town["zip"]) for town in _PEOPLE["towns"]]
ZONES: list[str] = [town["zone"] for town in _PEOPLE["towns"]]
"""The time zone of each town."""


def full_name(rng: Random) -> str:
    """Given and family name of a clinician."""
    return f"{pick(rng, GIVEN)} {pick(rng, FAMILY)}"


def address(rng: Random, town: int) -> dict[str, str]:
    """A street address in that town."""
    city, state, zip_code = TOWNS[town]
    street = f"{between(rng, 1, 980)} {pick(rng, FAMILY)} Street"
    return {"line1": street, "city": city, "state": state, "zip": zip_code}
