"""A visit as the clinic would record it, every field still open for a mistake to be planted."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from suite.simulator.caseload import Data, Episode
from suite.simulator.catalogue import Mistake
from suite.simulator.charges import units
from suite.simulator.days import DayClock
from suite.simulator.notes import items
from suite.simulator.outline import Outline
from suite.simulator.practice import ASSISTANT_MODIFIER, FEES, MODIFIER, TIMED
from suite.simulator.staff import Clinician
from suite.simulator.world import Clinic

CHARGES_UP_TO_CENTS = 190_000
"""Above this a claim may need KX, which a clinic's charges here never carry."""


_USUAL_CENTS = 14_000


@dataclass(slots=True)
class Signature:
    """One person's signature, and the minute of the day it is given."""

    minute: int
    data: Data


@dataclass(slots=True)
class Draft:
    """One visit; `start` in minutes since midnight, clinic's time."""

    clinic: Clinic
    clock: DayClock
    episode: Episode
    session_id: str
    therapist: Clinician
    outline: Outline
    start: int
    mistake: Mistake | None
    opened: Data
    intervals: list[Data]
    items: Data
    signatures: list[Signature]
    shift: int = 0
    """Seconds past the minute of every clock time."""
    live: bool = False
    fate: str = "signed"
    """`signed`, `unsigned` or `void`."""
    change: str | None = None
    """How it is changed afterwards: see `rendering`."""
    conflict: Data | None = None
    """The note's items sent a second time under the same event id."""
    charged: list[Data] | None = None
    """What the clinic would charge for it; None where that cannot be told for certain."""
    twin: bool = False
    """Is it one of two sessions of a case."""
    signed_on: DayClock | None = None
    """The day of the signatures; None = that of the visit."""
    sent_to: str | None = None
    """The payer it is sent to, where that is not the patient's own."""
    later: list[tuple[DayClock, str, str, Data]] = field(default_factory=list)
    """What comes of it on later days: the day, event type, subject and data."""

    @property
    def end(self) -> int:
        """The minute at which its last block ends."""
        return self.start + self.outline.length

    @property
    def payer(self) -> str:
        """The payer that the claim goes to in the end."""
        return self.sent_to or self.episode.payer

    def by_telehealth(self) -> None:
        """The patient was at home."""
        self.opened |= {"telehealth": True, "place_of_service": "10"}
        for line in self.charged or ():
            line["modifiers"] = [*line["modifiers"], "95"]

    def of_code(self, code: str) -> list[Data]:
        """The intervals of that code."""
        return [interval for interval in self.intervals if interval["code"] == code]


def draft(
    clinic: Clinic,
    clock: DayClock,
    episode: Episode,
    session_id: str,
    therapist: Clinician,
    made: Outline,
    start: int,
    mistake: Mistake | None,
    rng: Random,
) -> Draft:
    """The correct record of that visit."""
    shift = int(rng.random() * 60)
    made_intervals = _intervals(clock, session_id, made, start, shift)
    end = start + made.length
    charged = _charges(episode, made, therapist)
    signatures = [Signature(end + 6 + int(rng.random() * 9), signed_by(therapist))]
    last = made.blocks[-1].clinician
    if last.role in ("PTA", "OTA") and rng.random() < 0.4:
        signatures.insert(0, Signature(end + 5, signed_by(last)))
    return Draft(
        clinic, clock, episode, session_id, therapist, made, start, mistake,
        _opened(clinic, clock, episode, therapist, rng), made_intervals, _items(episode, made, therapist, rng),
        signatures, shift, charged=charged,
    )  # fmt: skip


def signed_by(clinician: Clinician) -> Data:
    """The data of that clinician's `session.signed` event."""
    return {
        "clinician_npi": clinician.npi,
        "credentials": clinician.credentials,
        "license_number": clinician.license_number,
    }


def _opened(clinic: Clinic, clock: DayClock, episode: Episode, therapist: Clinician, rng: Random) -> Data:
    data: Data = {
        "patient_id": episode.patient_id,
        "payer_id": episode.payer,
        "discipline": episode.discipline,
        "date_of_service": clock.iso,
        "place_of_service": "11",
        "clinician_npi": therapist.npi,
        "diagnoses": list(episode.diagnoses),
    }
    if rng.random() < 0.95:
        data["plan_id"] = episode.plan_id
    if episode.payer == "medicare":
        data["referring_npi"] = episode.physician
    if episode.authorization:
        data["authorization_number"] = episode.authorization
    if clinic.number % 7 == 3:
        data["timezone"] = clinic.zone
    return data


def _intervals(clock: DayClock, session_id: str, made: Outline, start: int, shift: int) -> list[Data]:
    found = []
    at = clock.at
    for number, block in enumerate(made.blocks, 1):
        begin = start + block.offset
        data: Data = {
            "interval_id": f"{session_id}-{number}",
            "code": block.code,
            "start": at(begin, shift),
            "end": at(begin + block.minutes, shift),
            "performer": {"id": block.clinician.npi, "role": block.clinician.role},
            "contact": block.contact,
        }
        if block.technique:
            data["technique"] = block.technique
        if block.supervisor:
            data["supervisor_npi"] = block.supervisor
        found.append(data)
        if block.pause:
            activity, offset, length = block.pause
            pause = {
                **data,
                "interval_id": f"{session_id}-{number}p",
                "start": at(begin + offset, shift),
                "end": at(begin + offset + length, shift),
                "activity": activity,
            }
            pause.pop("technique", None)
            found.append(pause)
    return found


def _items(episode: Episode, made: Outline, therapist: Clinician, rng: Random) -> dict[str, Any]:
    codes = made.codes
    note = items(episode, codes, rng)
    helper = next((block for block in made.blocks if block.supervisor), None)
    if helper:
        note["assistant_supervision"] = (
            f"{helper.clinician.name}, {helper.clinician.credentials}, under general supervision of "
            f"{therapist.name}, who reviewed {helper.code} at visit {episode.visits + 1}"
        )
    if made.length > 52:
        note["extended_time_justification"] = (
            f"{made.length} min needed: {len(codes)} procedures with rests, slow initiation of movement"
        )
    if len(codes) > 1 and codes[0] == "97150":
        note["separate_services_justification"] = (
            f"{codes[1]} was furnished one-on-one after the group, for a deficit that the group did not reach"
        )
    return note


def _charges(episode: Episode, made: Outline, therapist: Clinician) -> list[Data] | None:
    modifier = MODIFIER.get(episode.discipline)
    earned = units(episode.payer, made.minutes()) if made.billable and modifier else None
    if earned is None or modifier is None:
        episode.threshold_cents += _USUAL_CENTS
        return None
    assisted = {block.code for block in made.blocks if block.supervisor}
    marks = episode.payer == "medicare" or episode.payer.endswith("-union-plan")
    charged = []
    for code in made.codes:
        count = earned[code] if code in TIMED else 1
        if count:
            extra = [ASSISTANT_MODIFIER[episode.discipline]] if marks and code in assisted else []
            charged.append({"code": code, "units": count, "modifiers": [modifier, *extra]})
    episode.threshold_cents += charge_cents(charged)
    near = episode.payer == "medicare" and episode.threshold_cents > CHARGES_UP_TO_CENTS
    return None if near or therapist.role not in ("PT", "OT", "SLP") else charged


def charge_cents(charged: list[Data]) -> int:
    """What those lines cost by the fees [cents]."""
    return sum(FEES[line["code"]] * line["units"] for line in charged)
