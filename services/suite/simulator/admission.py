"""Taking a patient in: the episode, and the facts that a payer asks for before the first visit."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from suite.simulator import people
from suite.simulator.caseload import Data, Episode, Facts, Scale
from suite.simulator.catalogue import Mistake
from suite.simulator.dice import between, pick, weighted
from suite.simulator.practice import (
    BY_DISCIPLINE,
    EVALUATIONS,
    KNEE,
    RE_EVALUATION,
    RETRAINING,
    Condition,
)
from suite.simulator.world import UNPUBLISHED, Clinic

_SCALES = {
    "PT": (
        (("Berg Balance Scale", "points", 30, 40, 9, 0), ("gait speed", "m/s", 0.4, 0.7, 0.4, 2)),
        (("Timed Up and Go", "s", 18, 30, -9, 1), ("30 s chair stand", "stands", 4, 8, 6, 0)),
        (("active motion", "degrees", 70, 95, 30, 0), ("strength by dynamometer", "kg", 8, 14, 7, 1)),
    ),
    "OT": (
        (("nine-hole peg test", "s", 38, 60, -18, 1), ("grip strength", "kg", 8, 16, 8, 1)),
        (("Barthel Index", "points", 55, 70, 20, 0), ("pinch strength", "kg", 2, 4, 2, 1)),
    ),
    "SLP": (
        (("naming accuracy", "%", 30, 50, 35, 0), ("words per breath group", "words", 2, 4, 4, 0)),
        (("intelligibility", "%", 45, 65, 25, 0), ("maximum tongue pressure", "kPa", 18, 28, 12, 0)),
    ),
    "CHIRO": ((("lumbar flexion", "degrees", 30, 45, 20, 0), ("disability index", "%", 38, 60, -20, 0)),),
}
_PAYERS = (
    (0.45, "medicare"),
    (0.15, "commercial-cms"),
    (0.2, "commercial-midpoint"),
    (0.1, "workers-comp"),
    (0.1, "union"),
)
_BESIDE = ("97150", "G0283", "97014", "97010", "97022", "97124", "98981")
"""Interventions that plans name for days on which they are wanted."""
_INTERVAL_DAYS = 89
"""Days from the evaluation to the last day of a certification interval."""
_SHORT_PLAN_DAYS = 41


def admit(
    clinic: Clinic, today: date, rng: Random, mistake: Mistake | None = None, *, new: bool
) -> tuple[Episode, Facts]:
    """A patient comes into treatment.

    Args:  new: the evaluation is the first visit, today; else it lies some days back and nothing of it is in the
           stream. A `mistake` makes the patient fit for it and come once.
    """
    clinic.patients += 1
    condition = _condition(clinic, rng, mistake)
    payer = _payer(clinic, rng, condition, mistake)
    past = mistake.needs.past if mistake else 0
    evaluated = today if new else today - timedelta(days=between(rng, 3, 8 if past else 24) + 2 * past)
    length = _SHORT_PLAN_DAYS if rng.random() < 0.4 else _INTERVAL_DAYS
    patient_id = f"P{clinic.number + 1:03d}-{clinic.patients:06d}"
    episode = Episode(
        patient_id=patient_id,
        plan_id=f"{patient_id}-{condition.discipline}",
        condition=condition,
        payer=payer,
        evaluated_on=evaluated,
        plan_to=evaluated + timedelta(days=length),
        next_due=today,
        visits_left=1 if mistake else between(rng, 5, 16),
        therapist=int(rng.random() * 64),
        physician=pick(rng, clinic.physicians),
        scales=_scales(rng, condition.discipline),
        offset=int(rng.random() * 840),
        report_every=between(rng, 6, 8),
        evaluation_due=new and condition.discipline in EVALUATIONS,
        diagnoses=condition.diagnoses,
    )
    facts = _facts(clinic, episode, rng, new=new, plain=mistake is not None)
    return episode, facts


def plan(episode: Episode, start: date, certified_on: date | None) -> Data:
    """The data of a `plan.certified` event for the plan in force from `start` to the episode's `plan_to`."""
    condition = episode.condition
    first, second = episode.scales
    data: Data = {
        "patient_id": episode.patient_id,
        "discipline": condition.discipline,
        "diagnoses": list(condition.diagnoses),
        "goals": [
            f"{scale.name} from {scale.baseline} to {scale.target} {scale.unit} by {episode.plan_to.isoformat()}"
            for scale in (first, second)
        ],
        "from": start.isoformat(),
        "to": episode.plan_to.isoformat(),
        "initial_evaluation_on": episode.evaluated_on.isoformat(),
        "established_on": episode.evaluated_on.isoformat(),
        "sent_on": episode.evaluated_on.isoformat(),
        "interventions": _interventions(condition),
        "order_on_file": True,
    }
    if certified_on is not None:
        data |= {
            "certified_by_npi": episode.physician,
            "certified_by_name": people.physician_name(episode.physician),
            "certified_on": certified_on.isoformat(),
        }
    return data


def _interventions(condition: Condition) -> list[str]:
    name = condition.discipline
    extra = [
        *EVALUATIONS.get(name, ()),
        *([RE_EVALUATION[name], *_BESIDE] if name in RE_EVALUATION else []),
    ]
    return [*condition.codes, *extra, *(["97130"] if "97129" in condition.codes else [])]


def _condition(clinic: Clinic, rng: Random, mistake: Mistake | None) -> Condition:
    if mistake is None:
        return pick(rng, BY_DISCIPLINE[weighted(rng, clinic.disciplines)])
    if mistake.id == "DXM-001":
        return replace(KNEE, codes=("97112", "97110", "97530"))
    able = [name for _, name in clinic.disciplines if name in RETRAINING]
    discipline, code = pick(rng, able), mistake.needs.code
    return pick(rng, tuple(each for each in BY_DISCIPLINE[discipline] if code is None or each.treats_with(code)))


def _payer(clinic: Clinic, rng: Random, condition: Condition, mistake: Mistake | None) -> str:
    wish = mistake.needs.payer if mistake else None
    if condition.discipline == "CHIRO":
        return clinic.org.chiro_network
    if wish == "medicare":
        return "medicare"
    if wish == "clock-times":
        return pick(rng, ("commercial-cms", "commercial-midpoint", "workers-comp"))
    if mistake and mistake.id == "ELG-001/payer":
        return UNPUBLISHED
    payer = weighted(rng, _PAYERS)
    return clinic.org.union_plan if payer == "union" or wish == "authorizing" else payer


def _scales(rng: Random, discipline: str) -> tuple[Scale, Scale]:
    first, second = (
        Scale(name, unit, _within(rng, low, high, digits), 0.0, between(rng, 18, 24), digits)
        for name, unit, low, high, _, digits in pick(rng, _SCALES[discipline])
    )
    for scale in (first, second):
        change = next(row[4] for pair in _SCALES[discipline] for row in pair if row[0] == scale.name)
        target = round(scale.baseline + change, scale.digits)
        scale.target = target if scale.digits else int(target)
    return first, second


def _within(rng: Random, low: float, high: float, digits: int) -> float:
    value = round(low + rng.random() * (high - low), digits)
    return value if digits else int(value)


def _facts(clinic: Clinic, episode: Episode, rng: Random, *, new: bool, plain: bool) -> Facts:
    today = episode.next_due
    old = episode.payer == "medicare"
    born = date(between(rng, 1934, 1958) if old else between(rng, 1955, 2004), between(rng, 1, 12), between(rng, 1, 28))
    letter, member_number = pick(rng, "ABCDEFGHKM"), between(rng, 10**8, 10**9 - 1)
    member = people.beneficiary_id(member_number) if old else f"{letter}{member_number}"
    registration: Data = {
        "family_name": pick(rng, people.FAMILY),
        "given_name": pick(rng, people.GIVEN),
        "birth_date": born.isoformat(),
        "sex": weighted(rng, ((0.54, "F"), (0.45, "M"), (0.01, "U"))),
        "member_ids": {episode.payer: member},
        "address": people.address(rng, clinic.town),
    }
    coverage: Data = {"payer_id": episode.payer, "member_id": member, "from": f"{today.year - 1}-01-01"}
    if old and not plain:
        used = between(rng, 0, 90_000) if rng.random() < 0.2 else 0
        used = between(rng, 236_000, 247_000) if rng.random() < 0.03 else used
        coverage["kx_used_ot_cents" if episode.discipline == "OT" else "kx_used_cents"] = used
        episode.threshold_cents = used
    if episode.payer == clinic.org.union_plan:
        number = f"AU{between(rng, 10**6, 10**7 - 1)}"
        episode.authorization = number
        span = {"from": episode.evaluated_on.isoformat(), "to": _later(episode.evaluated_on, 120)}
        coverage["authorization"] = {"number": number, "visits": 60, **span}
    waits = new and rng.random() < 0.5
    facts = Facts(registration, coverage, plan(episode, episode.evaluated_on, None if waits else episode.evaluated_on))
    if waits:
        facts.certified_on = episode.evaluated_on + timedelta(days=between(rng, 2, 12))
        facts.certification = plan(episode, episode.evaluated_on, facts.certified_on)
    return facts


def _later(day: date, days: int) -> str:
    return (day + timedelta(days=days)).isoformat()
