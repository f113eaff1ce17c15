"""Invented names and places. Nobody here exists; the lists are put together freely."""

from random import Random

from suite.simulator.dice import between, pick

GIVEN = (
    "Aldara Benno Cathrin Dorvald Elowis Ferrin Gisla Hadrik Ilvara Jorun Kestrel Lomund Maribeth Nandor Odile Perrin "
    "Quilla Rosamel Sefton Tamsine Ulvar Verity Wendeline Xandra Yorick Zelda Ambrin Bruna Caspar Delphia Evander Fiora"
).split()
FAMILY = (
    "Ashgrove Bellwater Cinderford Dunmoor Elderbrook Fennimarsh Greywillow Hollowmere Inglestone Juniperhill Kettlewick "
    "Larkenfield Mossgate Nettlecombe Oakhollow Pebbleworth Quarrydale Rookwynd Saltmarrow Thistledown Umberleigh "
    "Vinehallow Wrenfold Yarrowby Zephyrstone Amberlock Brackenridge Copperfall Driftwell Emberlane Foxglade Gorsemoor"
).split()
TOWNS = (
    ("Harrowfen", "OH", "44999"),
    ("Millbrae Cross", "IL", "62999"),
    ("Saltern Bay", "NC", "28999"),
    ("Copper Junction", "AZ", "85999"),
    ("Larkspur Falls", "OR", "97999"),
    ("Windermoor", "TX", "76999"),
)
ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/New_York",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Chicago",
)
"""The time zone of each town."""
PRACTICES = (
    "Brightwater Harborlight Cedar-Gate Northfold Stonebridge Meadowlark Tidewell Ironwood Sunledge Fernhollow"
).split()


def full_name(rng: Random) -> str:
    """Given and family name of a clinician."""
    return f"{pick(rng, GIVEN)} {pick(rng, FAMILY)}"


def address(rng: Random, town: int) -> dict[str, str]:
    """A street address in that town."""
    city, state, zip_code = TOWNS[town]
    street = f"{between(rng, 1, 980)} {pick(rng, FAMILY)} Street"
    return {"line1": street, "city": city, "state": state, "zip": zip_code}
