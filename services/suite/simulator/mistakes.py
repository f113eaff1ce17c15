"""How each mistake is planted: in a patient's facts, or in one visit's record."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from suite.simulator.caseload import Data, Episode, Facts
from suite.simulator.catalogue import Mistake
from suite.simulator.dice import pick
from suite.simulator.draft import CHARGES_UP_TO_CENTS, Draft, signed_by
from suite.simulator.phrases import VAGUE
from suite.simulator.practice import EVALUATIONS, MODIFIER, RETRAINING, TIMED

_WELL_UNDER_THE_THRESHOLD = 40_000
_LONG_AGO = timedelta(days=50)


def fits(mistake: Mistake, episode: Episode) -> bool:
    """Can the mistake be planted in the episode's next visit."""
    needs, payer = mistake.needs, episode.payer
    if needs.own_patient or episode.evaluation_due or episode.re_evaluation_due:
        return False
    if needs.timed and episode.discipline not in RETRAINING:
        return False
    if needs.code and episode.condition.codes[0] != needs.code:
        return False
    if needs.charges and episode.threshold_cents > CHARGES_UP_TO_CENTS - _WELL_UNDER_THE_THRESHOLD:
        return False
    if mistake.id == "DOC-016/cloned":
        return episode.last_items is not None
    if needs.payer == "clock-times":
        return payer != "medicare"
    return needs.payer is None or payer == needs.payer


def plant_in_facts(mistake: Mistake, episode: Episode, facts: Facts, today: date, rng: Random) -> None:
    """Change what is sent about the patient."""
    how = _FACTS.get(mistake.id)
    if how:
        how(episode, facts, today, rng)


def plant_in_visit(draft: Draft, rng: Random) -> None:
    """Change the record of the visit as its mistake says."""
    if draft.mistake is None:
        return
    if draft.mistake.needs.charges:
        if draft.charged is None:
            raise AssertionError(f"{draft.mistake.id} needs charges that can be told for certain")
        draft.signatures[-1].data["charges"] = draft.charged
    how = _VISIT.get(draft.mistake.id)
    if how:
        how(draft, rng)


# In the facts


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
        for name in ("certified_on", "certified_by_npi", "sent_on"):
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


def _evaluation_planned(episode: Episode, facts: Facts, _today: date, _rng: Random) -> None:
    if facts.plan:
        facts.plan["interventions"].append(_strange_evaluation(episode.discipline))


_FACTS: dict[str, Callable[[Episode, Facts, date, Random], None]] = {
    "PAT-001": _other_member,
    "ELG-001": _not_covered,
    "COV-001": _code_not_covered,
    "POC-001": _lapsed,
    "POC-002": _not_certified,
    "DOC-017": _no_goals,
    "AUT-001": _no_authorization,
    "MOD-008": _evaluation_planned,
}

# In the visit


def _without(*names: str) -> Callable[[Draft, Random], None]:
    """Leaves those items out of the note, or empties a single one."""

    def plant(draft: Draft, rng: Random) -> None:
        if len(names) == 1 and rng.random() < 0.5:
            draft.items[names[0]] = ""
            return
        for name in names:
            del draft.items[name]

    return plant


def _in_last_code(change: Callable[[Draft, Data, Random], None]) -> Callable[[Draft, Random], None]:
    """Changes every interval of the visit's last code."""

    def plant(draft: Draft, rng: Random) -> None:
        for interval in draft.of_code(draft.outline.blocks[-1].code):
            change(draft, interval, rng)

    return plant


def _in_retraining(change: Callable[[Draft, Data, Random], None]) -> Callable[[Draft, Random], None]:
    """Changes every interval of 97112."""

    def plant(draft: Draft, rng: Random) -> None:
        for interval in draft.of_code("97112"):
            change(draft, interval, rng)

    return plant


def _with_fields(**fields: object) -> Callable[[Draft, Data, Random], None]:
    def change(_draft: Draft, interval: Data, _rng: Random) -> None:
        interval.update(fields)

    return change


def _no_clock_times(draft: Draft, interval: Data, _rng: Random) -> None:
    block = next(block for block in draft.outline.blocks if block.code == interval["code"])
    del interval["start"], interval["end"]
    interval["minutes"] = block.minutes


def _only_minutes(draft: Draft, rng: Random) -> None:
    for interval in draft.intervals[1:]:
        _no_clock_times(draft, interval, rng)


def _not_treating(_draft: Draft, interval: Data, rng: Random) -> None:
    interval["activity"] = pick(rng, ("documentation", "conversation"))


def _not_skilled(_draft: Draft, interval: Data, rng: Random) -> None:
    if rng.random() < 0.5:
        interval["contact"] = "observed"
    else:
        interval["skilled"] = False


def _by_aide(draft: Draft, interval: Data, _rng: Random) -> None:
    interval["performer"] = {"id": f"aide-{draft.clinic.number + 1}", "role": "AIDE"}
    interval["supervisor_npi"] = draft.therapist.npi


def _no_supervisor(_draft: Draft, interval: Data, _rng: Random) -> None:
    interval.pop("supervisor_npi")


def _evaluation_by_assistant(draft: Draft, interval: Data, _rng: Random) -> None:
    interval["code"] = EVALUATIONS[draft.episode.discipline][0]
    interval.pop("technique", None)


def _unplanned_code(draft: Draft, interval: Data, _rng: Random) -> None:
    planned = draft.episode.condition.codes
    others = ("97535",) if draft.episode.discipline == "PT" else ("97140", "97035")
    interval["code"] = next(code for code in others if code not in planned)
    interval.pop("technique", None)


def _strange_evaluation(discipline: str) -> str:
    return EVALUATIONS["OT" if discipline == "PT" else "PT"][0]


def _evaluation_of_other_discipline(draft: Draft, interval: Data, _rng: Random) -> None:
    interval["code"] = _strange_evaluation(draft.episode.discipline)
    interval.pop("technique", None)


def _strange_diagnosis(draft: Draft, _rng: Random) -> None:
    draft.opened["diagnoses"] = [*draft.opened["diagnoses"], "M25.531"]


def _tomorrow(draft: Draft, _rng: Random) -> None:
    draft.opened["date_of_service"] = (draft.clock.day + timedelta(days=1)).isoformat()


def _overlap(draft: Draft, rng: Random) -> None:
    block = draft.outline.blocks[1]
    early = draft.start + block.offset - 4 - int(rng.random() * 4)
    draft.of_code(block.code)[0]["start"] = draft.clock.at(early, draft.shift)


def _vague(draft: Draft, rng: Random) -> None:
    draft.items["exercises"] = pick(rng, VAGUE)


def _cloned(draft: Draft, rng: Random) -> None:
    if draft.episode.last_items is None:
        _vague(draft, rng)
    else:
        draft.items = dict(draft.episode.last_items)


def _bad_signature(draft: Draft, rng: Random) -> None:
    signature, roll = draft.signatures[-1], rng.random()
    others = [one for group in draft.clinic.therapists.values() for one in group if one.npi != draft.therapist.npi]
    if roll < 0.25:
        del signature.data["credentials"]
    elif roll < 0.5:
        signature.data["license_number"] = ""
    elif roll < 0.75 or not others:
        signature.minute = draft.end - 7
    else:
        signature.data = signed_by(pick(rng, others))


def _charged(draft: Draft) -> list[Data]:
    lines: list[Data] = draft.signatures[-1].data["charges"]
    return lines


def _unit_too_many(draft: Draft, _rng: Random) -> None:
    _charged(draft)[0]["units"] += 1


def _unit_moved(draft: Draft, _rng: Random) -> None:
    first, second = (line for line in _charged(draft) if line["code"] in TIMED)
    first["units"] += 1
    second["units"] -= 1
    if not second["units"]:
        _charged(draft).remove(second)


def _modifiers(change: Callable[[list[str], str], list[str]]) -> Callable[[Draft, Random], None]:
    """Changes the modifiers of the first charged line; `change` is given them and the discipline."""

    def plant(draft: Draft, _rng: Random) -> None:
        line = _charged(draft)[0]
        line["modifiers"] = change(line["modifiers"], draft.episode.discipline)

    return plant


def _forgets_assistant(draft: Draft, _rng: Random) -> None:
    for line in _charged(draft):
        line["modifiers"] = line["modifiers"][:1]


def _sent_twice(draft: Draft, _rng: Random) -> None:
    draft.conflict = {**draft.items, "patient_response": f"{draft.items['patient_response']}; left in good spirits"}


def _other(discipline: str) -> str:
    return "OT" if discipline == "PT" else "PT"


_VISIT: dict[str, Callable[[Draft, Random], None]] = {
    "DOC-001": _tomorrow,
    "DOC-002": _in_last_code(_no_clock_times),
    "DOC-003": _unit_moved,
    "DOC-004": _without("exercises"),
    "DOC-005": _without("skilled_guidance"),
    "DOC-006": _without("patient_response"),
    "DOC-007": _without("objective_measures", "functional_change"),
    "DOC-008": _without("safety_precautions"),
    "DOC-009": _without("equipment"),
    "DOC-010": _modifiers(lambda _, discipline: [MODIFIER[_other(discipline)]]),
    "DOC-011": lambda draft, _: draft.items.pop("medical_necessity"),
    "DOC-012": _without("progress_toward_goals"),
    "DOC-013": _without("patient_education"),
    "DOC-014": _in_last_code(_no_supervisor),
    "DOC-015": _in_last_code(_unplanned_code),
    "DOC-015/diagnosis": _strange_diagnosis,
    "DOC-016": _vague,
    "DOC-016/cloned": _cloned,
    "TIM-001": _unit_too_many,
    "TIM-002": _only_minutes,
    "TIM-003": _in_last_code(_not_treating),
    "TIM-004": _overlap,
    "GRP-001": _in_retraining(_with_fields(contact="group")),
    "SKL-002": _in_last_code(_with_fields(contact="unattended")),
    "SKL-003": _in_retraining(_not_skilled),
    "SIG-001": _bad_signature,
    "COD-004": _in_retraining(_with_fields(activity="passive_modality")),
    "MNC-001": lambda draft, _: draft.items.update(medical_necessity=""),
    "MOD-001": _modifiers(lambda *_: []),
    "MOD-002": _modifiers(lambda own, _: [*own, "AT"]),
    "MOD-005": _forgets_assistant,
    "MOD-006": _modifiers(lambda own, discipline: [*own, "CO" if discipline == "PT" else "CQ"]),
    "MOD-007": _modifiers(lambda own, _: ["59", *own]),
    "MOD-008": _in_last_code(_evaluation_of_other_discipline),
    "MOD-008/assistant": _in_last_code(_evaluation_by_assistant),
    "COV-001/aide": _in_last_code(_by_aide),
    "COM-001": _sent_twice,
}
