"""How each mistake is planted: in a patient's facts, or in one visit's record."""

from datetime import date
from random import Random

from suite.simulator.caseload import Episode, Facts
from suite.simulator.catalogue import Mistake
from suite.simulator.draft import CHARGES_UP_TO_CENTS, Draft
from suite.simulator.mistakes_in_facts import IN_FACTS
from suite.simulator.mistakes_in_visits import IN_PAST, IN_VISIT
from suite.simulator.practice import RETRAINING

_WELL_UNDER_THE_THRESHOLD = 40_000


def fits(mistake: Mistake, episode: Episode) -> bool:
    """Can the mistake be planted in the episode's next visit."""
    needs, payer = mistake.needs, episode.payer
    if needs.own_patient or episode.evaluation_due or episode.re_evaluation_due:
        return False
    if needs.timed and episode.discipline not in RETRAINING:
        return False
    if needs.code and not episode.condition.treats_with(needs.code):
        return False
    if needs.charges and episode.threshold_cents > CHARGES_UP_TO_CENTS - _WELL_UNDER_THE_THRESHOLD:
        return False
    if needs.payer == "clock-times":
        return payer != "medicare"
    return needs.payer is None or payer == needs.payer


def plant_in_facts(mistake: Mistake, episode: Episode, facts: Facts, today: date, rng: Random) -> None:
    """Change what is sent about the patient."""
    how = IN_FACTS.get(mistake.id)
    if how:
        how(episode, facts, today, rng)


def plant_in_past(draft: Draft, mistake: Mistake) -> None:
    """Change the record of an earlier visit, itself correct, so that a later one can carry the mistake."""
    how = IN_PAST.get(mistake.id)
    if how:
        how(draft)


def plant_in_visit(draft: Draft, rng: Random) -> None:
    """Change the record of the visit as its mistake says."""
    if draft.mistake is None:
        return
    if draft.mistake.needs.charges:
        if draft.charged is None:
            raise AssertionError(f"{draft.mistake.id} needs charges that can be told for certain")
        draft.signatures[-1].data["charges"] = draft.charged
    how = IN_VISIT.get(draft.mistake.id)
    if how:
        how(draft, rng)
