"""The stream: all clinics' days in the order of time, then delivered as clinics do, late, doubled and mixed."""

from collections.abc import Iterator
from datetime import date
from random import Random

import orjson

from suite.simulator.day import ClinicDay
from suite.simulator.days import DayClock, opening_days
from suite.simulator.delivery import Delivery
from suite.simulator.dice import dice
from suite.simulator.draft import Draft
from suite.simulator.planted import Planted, planted_in
from suite.simulator.remittances import promise_answers
from suite.simulator.rendering import Event, Sending, envelope, render
from suite.simulator.settings import Simulation
from suite.simulator.world import Clinic, Organization, build, configured, credentialed, own_payers

_CLINICS_AT_ONCE = 16
"""Clinics whose events of a day are merged by the clock; bounds the memory."""
_BEFORE_OPENING = 5 * 60


def simulate(settings: Simulation) -> Iterator[Event]:
    """Contract events (CloudEvents envelopes) of the simulated clinics, in the order of delivery.

    Memory grows with the clinics, not with the days. Events may share parts; copy before you change one.
    """
    delivery = Delivery(settings)
    for index, day, clinics in _days(settings):
        visits: list[list[Sending]] = []
        others: list[Sending] = []
        if index == 0:
            others = _start(clinics, day, settings)
        for clinic in clinics:
            made, rng = _clinic_day(clinic, day, settings)
            others += made.sent
            visits += (render(visit, rng) for visit in made.visits)
        yield from delivery.deliver(index, visits, others)
    yield from delivery.rest()


def lines(settings: Simulation) -> Iterator[bytes]:
    """The stream as JSON lines, each with its line end: the same bytes for the same settings on every machine."""
    dumps, option = orjson.dumps, orjson.OPT_APPEND_NEWLINE
    return (dumps(event, option=option) for event in simulate(settings))


def visits(settings: Simulation) -> Iterator[Draft]:
    """The visits behind the stream of the same settings, by day and clinic."""
    for _, day, clinics in _days(settings):
        for clinic in clinics:
            yield from _clinic_day(clinic, day, settings)[0].visits


def planted(settings: Simulation) -> Iterator[Planted]:
    """The mistakes in the stream of the same settings, with the finding that each must lead to."""
    return (found for visit in visits(settings) if (found := planted_in(visit)))


def _days(settings: Simulation) -> Iterator[tuple[int, date, list[Clinic]]]:
    """Index, day and clinics: every day in turn, some clinics at a time."""
    clinics = [clinic for org in build(settings) for clinic in org.clinics]
    for index, day in enumerate(opening_days(settings.start, settings.days)):
        for first in range(0, len(clinics), _CLINICS_AT_ONCE):
            yield index, day, clinics[first : first + _CLINICS_AT_ONCE]


def _clinic_day(clinic: Clinic, day: date, settings: Simulation) -> tuple[ClinicDay, Random]:
    made = ClinicDay(clinic, day, settings)
    rng = dice(settings.seed, "after", clinic.org.id, clinic.id, day.toordinal())
    promise_answers(made.visits, day, settings, rng)
    return made, rng


def _start(clinics: list[Clinic], day: date, settings: Simulation) -> list[Sending]:
    """What stands before the first patient: organizations, their payers, the staff of those clinics."""
    sent: list[Sending] = []
    for clinic in clinics:
        org = clinic.org
        rng = dice(settings.seed, "start", org.id)
        at = DayClock(day, org.clinics[0].zone).at
        facts = _of_organization(org, rng) if clinic is org.clinics[0] else []
        for staff in (clinic.therapists, clinic.assistants):
            for one in (one for team in staff.values() for one in team):
                facts.append(("clinician.credentialed", one.npi, credentialed(one, org.payers)))
        for kind, subject, data in facts:
            event = envelope(f"/orgs/{org.id}", f"{subject}:{kind}", kind, subject, at(_BEFORE_OPENING), data)
            sent.append((_BEFORE_OPENING, event))
    return sent


def _of_organization(org: Organization, rng: Random) -> list[tuple[str, str, Event]]:
    return [
        ("organization.configured", org.id, configured(org, rng)),
        *(("payer.policy.published", payer, data) for payer, data in own_payers(org, rng)),
    ]
