"""Organizations, clinics, staff and payers: what stands before the first patient comes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from heapq import heappush
from random import Random
from typing import Any

from suite.simulator import people
from suite.simulator.caseload import Episode
from suite.simulator.dice import dice, pick
from suite.simulator.npi import npi
from suite.simulator.practice import ASSISTANT, CREDENTIALS, FEES, THERAPIST
from suite.simulator.settings import Simulation
from suite.simulator.staff import Clinician

Data = dict[str, Any]

UNPUBLISHED = "lakeshore-mutual"
"""A payer that clinicians say they are credentialed with and nobody has published."""
_NPIS_A_CLINIC = 20_000
_MIXES = (("PT", "OT", "SLP"), ("PT", "OT", "CHIRO"), ("PT", "SLP"), ("PT", "OT"))
"""Disciplines of the first clinic, the second, and so on round."""
_SHARES = {"PT": 0.55, "OT": 0.25, "SLP": 0.15, "CHIRO": 0.15}
_VISITS_A_CLINICIAN = 7
_TAXONOMY = "261QP2000X"


@dataclass(slots=True)
class Organization:
    """A billing provider: `id` names the tenant, `number` its place in the world."""

    id: str
    number: int
    union_plan: str
    """Its own payer with authorizations and assistant modifiers."""
    chiro_network: str
    """Its own payer that pays a chiropractor for therapy."""
    clinics: "list[Clinic]" = field(default_factory=list)

    @property
    def payers(self) -> tuple[str, ...]:
        """Every payer its clinicians are credentialed with."""
        shipped = ("medicare", "commercial-cms", "commercial-midpoint", "workers-comp")
        return (*shipped, self.union_plan, self.chiro_network, UNPUBLISHED)


@dataclass(slots=True)
class Clinic:
    """One clinic with its staff and, as days go by, its caseload."""

    org: Organization
    id: str
    number: int
    town: int
    disciplines: tuple[tuple[float, str], ...]
    """Each with its share of the visits."""
    therapists: dict[str, list[Clinician]] = field(default_factory=dict)
    assistants: dict[str, list[Clinician]] = field(default_factory=dict)
    physicians: list[str] = field(default_factory=list)
    episodes: list[Episode] = field(default_factory=list)
    promised: list[tuple[int, int, str, str, Data]] = field(default_factory=list)
    """A heap of what is to come: ordinal of the day, a count, event type, subject and data."""
    patients: int = 0
    npis: int = 0
    promises: int = 0

    @property
    def source(self) -> str:
        """The CloudEvents source of its events."""
        return f"/orgs/{self.org.id}/clinics/{self.id}"

    @property
    def zone(self) -> str:
        """Its IANA time zone."""
        return people.ZONES[self.town]

    def new_npi(self) -> str:
        """The next invented identifier of this clinic."""
        self.npis += 1
        return npi(self.number * _NPIS_A_CLINIC + self.npis)

    def promise(self, day: date, kind: str, subject: str, data: Data) -> None:
        """Put down an event to be sent on the first opening day from `day` on."""
        self.promises += 1
        heappush(self.promised, (day.toordinal(), self.promises, kind, subject, data))


def build(settings: Simulation) -> list[Organization]:
    """All organizations and clinics of a run. Memory grows with the clinics, not with the days."""
    count = min(settings.organizations or (settings.clinics + 3) // 4, settings.clinics)
    orgs = [_organization(settings.first_organization + number) for number in range(count)]
    for number in range(settings.clinics):
        org = orgs[number * count // settings.clinics]
        org.clinics.append(_clinic(settings, org, number))
    return orgs


def _organization(number: int) -> Organization:
    name = people.PRACTICES[number % len(people.PRACTICES)].lower()
    org = f"{name}-{number + 1}"
    return Organization(org, number, f"{org}-union-plan", f"{org}-chiro-network")


def _clinic(settings: Simulation, org: Organization, number: int) -> Clinic:
    rng = dice(settings.seed, "staff", org.id, number)
    mix = _MIXES[number % len(_MIXES)]
    whole = sum(_SHARES[name] for name in mix)
    shares = tuple((_SHARES[name] / whole, name) for name in mix)
    clinic = Clinic(org, f"clinic-{len(org.clinics) + 1}", number, number % len(people.TOWNS), shares)
    for share, name in shares:
        needed = 1 + int(share * settings.visits_per_clinic_day / _VISITS_A_CLINICIAN)
        clinic.therapists[name] = [hire(clinic, rng, THERAPIST[name]) for _ in range(needed)]
        if name in ASSISTANT:
            clinic.assistants[name] = [hire(clinic, rng, ASSISTANT[name]) for _ in range((needed + 1) // 2)]
    clinic.physicians = [clinic.new_npi() for _ in range(5)]
    return clinic


def hire(clinic: Clinic, rng: Random, role: str) -> Clinician:
    """A new clinician of that role, with identifier, name and licence."""
    npi_ = clinic.new_npi()
    state = people.TOWNS[clinic.town][1]
    return Clinician(npi_, role, people.full_name(rng), CREDENTIALS[role], f"{state}-{role}-{npi_[4:9]}")


def credentialed(clinician: Clinician, payers: Sequence[str]) -> Data:
    """The data of the clinician's `clinician.credentialed` event."""
    return {
        "name": clinician.name,
        "role": clinician.role,
        "license_number": clinician.license_number,
        "payers": [{"payer_id": payer, "from": "2019-01-01"} for payer in payers],
    }


def configured(org: Organization, rng: Random) -> Data:
    """The data of the organization's `organization.configured` event."""
    home = people.address(rng, org.clinics[0].town)
    return {
        "name": f"{org.id.rsplit('-', 1)[0].title()} Therapy {org.number + 1}",
        "billing_npi": npi(99_000_000 + org.number),
        "tax_id": f"{10 + org.number % 80}-{1_000_000 + org.number * 7919 % 8_999_999}",
        "taxonomy": _TAXONOMY,
        "address": home,
        "contact": {"name": people.full_name(rng), "phone": f"212-555-01{org.number % 100:02d}"},
        "fees": FEES,
        "clinics": [
            {
                "id": clinic.id,
                "name": f"{people.TOWNS[clinic.town][0]} {clinic.id.title()}",
                "timezone": clinic.zone,
                "address": people.address(rng, clinic.town),
            }
            for clinic in org.clinics
        ],
    }


def own_payers(org: Organization, rng: Random) -> list[tuple[str, Data]]:
    """The payers that the organization publishes: id and data of `payer.policy.published`."""
    union = {
        "name": f"{pick(rng, people.FAMILY)} Union Health Plan",
        "effective_from": "2019-01-01",
        "extends": "commercial-midpoint",
        "requires_authorization": True,
        "assistant_modifiers": True,
        "daily_max_units": {"97110": 5, "97112": 4, "97140": 4, "97530": 5},
        "timely_filing_days": 120,
    }
    chiro = {
        "name": f"{pick(rng, people.FAMILY)} Spine Network",
        "effective_from": "2019-01-01",
        "extends": "commercial-cms",
        "performers": {"97110": ["DC", "PT", "PTA", "OT", "OTA"], "98940": ["DC"], "98941": ["DC"]},
        "timely_filing_days": 150,
    }
    return [(org.union_plan, union), (org.chiro_network, chiro)]
