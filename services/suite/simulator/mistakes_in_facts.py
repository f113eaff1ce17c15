"""Mistakes planted in what is sent about a patient: registration, coverage, plan."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from suite.simulator.caseload import Episode, Facts
from suite.simulator.dice import pick
from suite.simulator.practice import MONITORING, strange_evaluation

_LONG_AGO = timedelta(days=50)


def _other_member(_episode: Episode, facts: Facts, _today: date, rng: Random) -> None:
    if facts.registration and rng.random() < 0.5:
        facts.registration["member_ids"] = {
            payer: f"{member[:-2]}{(int(member[-2:]) + 37) % 100:02d}"
            for payer, member in facts.registration["member_ids"].items()
        }
    else:
        facts.registration = None


def _not_covered(_episode: Episode, facts: Facts, today: date, rng: Random) -> None:
    if facts.coverage and rng.random() < 0.5:
        facts.coverage["to"] = (today - timedelta(days=8)).isoformat()
    else:
        facts.coverage = None


def _code_not_covered(episode: Episode, facts: Facts, _today: date, _rng: Random) -> None:
    if facts.coverage and facts.plan:
        first = episode.condition.codes[0]
        facts.coverage["covered_codes"] = [code for code in facts.plan["interventions"] if code != first]


def _lapsed(episode: Episode, facts: Facts, today: date, _rng: Random) -> None:
    if facts.plan:
        begun = (today - _LONG_AGO).isoformat()
        lapse = (today - timedelta(days=6)).isoformat()
        facts.plan |= {"from": begun, "to": lapse, "initial_evaluation_on": begun, "certified_on": begun}
        facts.plan |= {"established_on": begun, "sent_on": begun}
        episode.plan_to = today


def _not_certified(episode: Episode, facts: Facts, today: date, rng: Random) -> None:
    if facts.plan and rng.random() < 0.5:
        begun = (today - _LONG_AGO).isoformat()
        facts.plan |= {"from": begun, "initial_evaluation_on": begun, "established_on": begun, "order_on_file": False}
        for name in ("certified_on", "certified_by_npi", "certified_by_name", "sent_on"):
            facts.plan.pop(name, None)
    else:
        facts.plan = None
        episode.plan_id = ""


def _no_goals(_episode: Episode, facts: Facts, _today: date, _rng: Random) -> None:
    if facts.plan:
        facts.plan["goals"] = []


def _no_authorization(episode: Episode, facts: Facts, _today: date, _rng: Random) -> None:
    if facts.coverage:
        facts.coverage.pop("authorization", None)
        episode.authorization = None


def _above_the_threshold(episode: Episode, facts: Facts, _today: date, _rng: Random) -> None:
    if facts.coverage:
        facts.coverage["kx_used_ot_cents" if episode.discipline == "OT" else "kx_used_cents"] = 250_000


def _other_authorization(episode: Episode, facts: Facts, today: date, rng: Random) -> None:
    if facts.coverage and rng.random() < 0.5:
        facts.coverage["authorization"]["to"] = (today - timedelta(days=1)).isoformat()
    else:
        episode.authorization = f"{episode.authorization}-2"


def _two_visits(_episode: Episode, facts: Facts, _today: date, _rng: Random) -> None:
    if facts.coverage:
        facts.coverage["authorization"]["visits"] = 2


def _other_benefit(_episode: Episode, facts: Facts, today: date, rng: Random) -> None:
    if facts.coverage:
        kind = pick(rng, ("home_health", "snf_part_a", "hospice", "medicare_advantage"))
        facts.coverage["enrolments"] = [{"kind": kind, "from": (today - timedelta(days=5)).isoformat()}]


def _monitored(_episode: Episode, facts: Facts, _today: date, _rng: Random) -> None:
    if facts.plan:
        facts.plan["interventions"] += MONITORING


def _evaluation_planned(episode: Episode, facts: Facts, _today: date, _rng: Random) -> None:
    if facts.plan:
        facts.plan["interventions"].append(strange_evaluation(episode.discipline))


IN_FACTS: dict[str, Callable[[Episode, Facts, date, Random], None]] = {
    "PAT-001": _other_member,
    "ELG-001": _not_covered,
    "COV-001": _code_not_covered,
    "POC-001": _lapsed,
    "POC-002": _not_certified,
    "DOC-017": _no_goals,
    "AUT-001": _no_authorization,
    "AUT-002": _other_authorization,
    "AUT-002/visits": _two_visits,
    "ELG-002": _other_benefit,
    "MOD-004": _above_the_threshold,
    "RTM-001": _monitored,
    "MOD-008": _evaluation_planned,
}
"""By mistake: changes the facts of the episode, given today and chance."""
