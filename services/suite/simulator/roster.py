"""Who is seen today: the due patients first, new ones when the day has room."""

from datetime import date, timedelta
from random import Random

from suite.simulator.admission import admit, plan
from suite.simulator.caseload import Data, Episode, Facts
from suite.simulator.catalogue import MISTAKES, Mistake
from suite.simulator.days import next_opening_day
from suite.simulator.dice import between, pick
from suite.simulator.mistakes import fits, plant_in_facts
from suite.simulator.settings import Simulation
from suite.simulator.world import Clinic, credentialed, hire

_CASELOAD_A_VISIT = 2.2
"""Patients in treatment on the first day, for each visit of a day."""
_LONGEST_EPISODE = timedelta(days=80)
_RENEW_BEFORE = timedelta(days=7)
_INTERVAL = timedelta(days=89)

Fact = tuple[str, str, Data]
"""Event type, subject and data."""


class Roster:
    """One clinic's patients of one day. Facts that must be sent before the visits collect in `facts`."""

    def __init__(self, clinic: Clinic, today: date, settings: Simulation, rng: Random) -> None:
        self.facts: list[Fact] = []
        self._clinic, self._today, self._rng = clinic, today, rng
        self._rates = tuple(settings.mistake_rates.items())
        if not clinic.patients:
            for _ in range(int(settings.visits_per_clinic_day * _CASELOAD_A_VISIT)):
                episode = self._admit(None, new=False)
                episode.next_due = today + timedelta(days=between(rng, 0, 4))
                clinic.episodes.append(episode)
        clinic.episodes = [episode for episode in clinic.episodes if self._goes_on(episode)]
        due = [episode for episode in clinic.episodes if episode.next_due <= today]
        due.sort(key=lambda episode: (episode.next_due, episode.patient_id), reverse=True)
        self._due = due

    def mistake(self) -> Mistake | None:
        """The mistake that the next visit shall carry, by the rates."""
        roll = self._rng.random()
        for name, rate in self._rates:
            roll -= rate
            if roll < 0:
                return MISTAKES[name]
        return None

    def next(self, mistake: Mistake | None) -> Episode:
        """The next patient: a due one whom the mistake fits, else one who comes new."""
        if mistake is None:
            episode = self._due.pop() if self._due else self._newcomer()
            return self._renewed(episode)
        for place in range(len(self._due) - 1, max(-1, len(self._due) - 9), -1):
            if fits(mistake, self._due[place]):
                return self._renewed(self._due.pop(place))
        return self._admit(mistake, new=False)

    def companions(self, episode: Episode, most: int) -> list[Episode]:
        """Up to `most` other due patients who can be in a group with that one."""
        able = [other for other in self._due if other.discipline == episode.discipline and _settled(other)][:most]
        self._due = [other for other in self._due if other not in able]
        return [self._renewed(other) for other in able]

    def seen(self, episode: Episode, items: Data | None, *, reported: bool) -> None:
        """Book the visit: when the patient comes next; `items` is its note where a later one may be a clone of it."""
        episode.visits += 1
        episode.visits_left -= 1
        episode.since_report = 0 if reported else episode.since_report + 1
        episode.evaluation_due = episode.re_evaluation_due = False
        episode.last_items = items or episode.last_items
        episode.next_due = next_opening_day(self._today + timedelta(days=between(self._rng, 2, 4)))

    def postpone(self, episode: Episode) -> None:
        """No room today."""
        episode.next_due = next_opening_day(self._today + timedelta(days=1))

    def _goes_on(self, episode: Episode) -> bool:
        return episode.visits_left > 0 and self._today - episode.evaluated_on <= _LONGEST_EPISODE

    def _newcomer(self) -> Episode:
        episode = self._admit(None, new=True)
        self._clinic.episodes.append(episode)
        return episode

    def _admit(self, mistake: Mistake | None, *, new: bool) -> Episode:
        today = self._today - timedelta(days=mistake.needs.age) if mistake else self._today
        episode, facts = admit(self._clinic, today, self._rng, mistake, new=new)
        if mistake is not None:
            plant_in_facts(mistake, episode, facts, today, self._rng)
            if mistake.id == "CRT-001" and facts.plan:
                chiropractor = hire(self._clinic, self._rng, "DC")
                self.facts.append(("clinician.credentialed", chiropractor.npi, credentialed(chiropractor, ())))
                facts.plan["certified_by_npi"] = chiropractor.npi
        self._send(episode, facts)
        return episode

    def _send(self, episode: Episode, facts: Facts) -> None:
        if facts.registration:
            self.facts.append(("patient.registered", episode.patient_id, facts.registration))
        if facts.coverage:
            self.facts.append(("coverage.verified", episode.patient_id, facts.coverage))
        if facts.plan:
            self.facts.append(("plan.certified", episode.plan_id, facts.plan))
        if facts.certification and facts.certified_on:
            self._clinic.promise(facts.certified_on, "plan.certified", episode.plan_id, facts.certification)

    def _renewed(self, episode: Episode) -> Episode:
        """Recertify a short plan before it lapses."""
        last = episode.evaluated_on + _INTERVAL
        if episode.plan_to < last and episode.plan_to - self._today <= _RENEW_BEFORE:
            start = episode.plan_to + timedelta(days=1)
            episode.plan_to = last
            episode.re_evaluation_due = episode.condition.neuromuscular and pick(self._rng, (True, False))
            self.facts.append(("plan.certified", episode.plan_id, plan(episode, start, self._today)))
        return episode


def _settled(episode: Episode) -> bool:
    return not episode.evaluation_due and not episode.re_evaluation_due
