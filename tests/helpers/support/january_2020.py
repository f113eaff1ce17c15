"""The NCCI edits of January 2020 between evaluations and 97530, 97150: published, and withdrawn from the same day.

The files are SYNTHETIC: in the published layout, with the rows that matter here and none of the others.
"""

from pathlib import Path
from typing import Any

from support.published import Pair, quarter
from support.visits import clock, event, reference, visit

EVALUATIONS = ("97161", "97162", "97163", "97165", "97166", "97167")
TOUCHED: list[tuple[str, str]] = [(one, other) for one in ("97530", "97150") for other in EVALUATIONS]
DAY = "2020-01-15"


def published(folder: Path) -> list[Path]:
    """The quarter as it came out: a treatment pays, the evaluation of that day does not without a modifier."""
    held: list[Pair] = [(one, other, "20200101", "*", 1) for one, other in TOUCHED]
    return quarter(folder / "published", "v260r0", held)


def withdrawn(folder: Path) -> list[Path]:
    """The replacement of the same month: the same edits, void from the day they began."""
    void: list[Pair] = [(one, other, "20200101", "20200101", 9) for one, other in TOUCHED]
    return quarter(folder / "withdrawn", "v260r1", void)


def references(patient: str, *, whole: bool = True) -> list[dict[str, Any]]:
    """What a claim of that month depends on."""
    made = reference(patient)
    for each in made:
        data = each["data"]
        if each["type"].endswith("coverage.verified.v1"):
            data["from"] = "2019-01-01"
        elif each["type"].endswith("plan.certified.v1"):
            data |= {"from": "2020-01-02", "to": "2020-03-27", "certified_on": "2020-01-06"}
            data |= {"initial_evaluation_on": "2020-01-02", "interventions": [*data["interventions"], "97161"]}
        elif each["type"].endswith("clinician.credentialed.v1"):
            data["payers"][0]["from"] = "2019-01-01"
    return made if whole else made[2:]


def evaluated_and_treated(session: str, patient: str, hour: int, *modifiers: str) -> list[dict[str, Any]]:
    """A visit with an evaluation and functional activities, one after the other; the clinic may charge 59."""
    minutes = (("97161", f"{hour:02}:00", f"{hour:02}:20"), ("97530", f"{hour:02}:20", f"{hour:02}:48"))
    return _visit(session, patient, hour, minutes, [("97161", 1, modifiers), ("97530", 2, ())])


def treated(session: str, patient: str, hour: int) -> list[dict[str, Any]]:
    """A visit that no edit of that quarter touches."""
    minutes = (("97112", f"{hour:02}:00", f"{hour:02}:28"), ("97110", f"{hour:02}:28", f"{hour:02}:44"))
    return _visit(session, patient, hour, minutes, [("97112", 2, ()), ("97110", 1, ())])


def _visit(
    session: str,
    patient: str,
    hour: int,
    minutes: tuple[tuple[str, str, str], ...],
    charges: list[tuple[str, int, tuple[str, ...]]],
) -> list[dict[str, Any]]:
    *facts, note, signed = visit(session, patient=patient, day=DAY, minutes=minutes)
    facts[0]["time"] = clock(f"{hour:02}:00", DAY)
    signed["data"]["charges"] = [
        {"code": code, "units": units, "modifiers": [*modifiers, "GP"]} for code, units, modifiers in charges
    ]
    note["time"], signed["time"] = clock("17:00", DAY), clock("17:05", DAY)
    return [*facts, note, signed]


def late_fact(patient: str) -> dict[str, Any]:
    """Something new about the patient, that lets the claim be decided again."""
    data = {"payer_id": "medicare", "member_id": "1EG4TE5MK73", "from": "2019-06-01"}
    return event("coverage.verified", patient, data, event_id=f"late-{patient}", time=clock("09:00", "2020-02-03"))
