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


def physician_name(npi: str) -> str:
    """The name of a physician, always the same for a number."""
    return f"{GIVEN[int(npi[3:6]) % len(GIVEN)]} {FAMILY[int(npi[5:9]) % len(FAMILY)]}, MD"


def beneficiary_id(number: int) -> str:
    """A Medicare beneficiary identifier; no two numbers below 10^9 have the same."""
    letters, digits = "ACDEFGHJKMNPQRTUVWXY", "0123456789"
    made = ""
    for alphabet in (digits[1:], letters, digits, digits, letters, digits, digits, letters, letters, digits, digits):
        number, place = divmod(number, len(alphabet))
        made += alphabet[place]
    return made


def address(rng: Random, town: int) -> dict[str, str]:
    """A street address in that town."""
    city, state, zip_code = TOWNS[town]
    street = f"{between(rng, 1, 980)} {pick(rng, FAMILY)} Street"
    return {"line1": street, "city": city, "state": state, "zip": zip_code}
