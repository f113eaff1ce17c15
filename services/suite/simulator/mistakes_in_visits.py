"""Mistakes planted in one visit's record: its intervals, note, signature or charges."""

from collections.abc import Callable
from datetime import timedelta
from random import Random

from suite.simulator.caseload import Data
from suite.simulator.days import DayClock
from suite.simulator.dice import pick
from suite.simulator.draft import Draft, signed_by
from suite.simulator.phrases import VAGUE
from suite.simulator.practice import EVALUATIONS, MODIFIER, MONITORING, TIMED, strange_evaluation
from suite.simulator.remittances import denial


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


def _evaluation_of_other_discipline(draft: Draft, interval: Data, _rng: Random) -> None:
    interval["code"] = strange_evaluation(draft.episode.discipline)
    interval.pop("technique", None)


def _massage_beside_manual_therapy(draft: Draft, _rng: Random) -> None:
    manual, massage = draft.outline.blocks[:2]
    for interval in draft.intervals:
        interval["code"] = "97140" if interval["code"] == manual.code else "97124"
        interval.pop("technique", None)
    manual.code, massage.code = "97140", "97124"


def _whirlpool_at_the_same_time(draft: Draft, _rng: Random) -> None:
    trained = draft.of_code("97112")[0]
    whirlpool = {**trained, "interval_id": f"{draft.session_id}-8", "code": "97022", "contact": "unattended"}
    whirlpool.pop("technique", None)
    draft.intervals.append(whirlpool)


def _monitoring_alone(_draft: Draft, interval: Data, _rng: Random) -> None:
    interval["code"] = "98981"
    interval.pop("technique", None)


def _by_telehealth(place: str) -> Callable[[Draft, Random], None]:
    def plant(draft: Draft, _rng: Random) -> None:
        draft.opened |= {"telehealth": True, "place_of_service": place}

    return plant


def _manual_therapy_by_telehealth(draft: Draft, rng: Random) -> None:
    for interval in draft.of_code(draft.outline.blocks[-1].code):
        interval["code"] = "97140"
        interval.pop("technique", None)
    _by_telehealth("10")(draft, rng)


def _signed_late(draft: Draft, _rng: Random) -> None:
    signed_on = (draft.clock.day + timedelta(days=1)).isoformat()
    draft.opened["notice"] = {"signed_on": signed_on, "kind": "required", "reason": "frequency"}


def _of_other_discipline(draft: Draft, interval: Data, _rng: Random) -> None:
    interval["performer"] = {**interval["performer"], "role": _other(draft.episode.discipline)}


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


def _cloned(draft: Draft, _rng: Random) -> None:
    draft.items = dict(draft.episode.last_items or draft.items)


def _repeated(draft: Draft) -> None:
    before = draft.episode.last_items or draft.items
    draft.items |= {name: before[name] for name in ("exercises", "skilled_guidance")}


def _monitored(draft: Draft) -> None:
    first = draft.intervals[0]
    device = {
        **first,
        "interval_id": f"{draft.session_id}-9",
        "code": MONITORING[draft.episode.offset % 2],
        "end": draft.clock.at(draft.start + 8, draft.shift),
    }
    device.pop("technique", None)
    draft.intervals.append(device)


def _corrected_after_denial(draft: Draft, rng: Random) -> None:
    """The payer denies the claim, and days later the record is made to fit."""
    day = draft.clock.day
    claim, denied = denial(draft, day + timedelta(days=12))
    answered, amended = (DayClock(day + timedelta(days=days), draft.clinic.zone) for days in (12, 24))
    draft.later.append((answered, "remittance.received", claim, denied))
    change: Data = {"reason": "to the payer's denial"}
    if rng.random() < 0.5:
        last = {**draft.intervals[-1], "end": draft.clock.at(draft.end + 4, draft.shift)}
        change["replace_intervals"] = [last]
    else:
        change["set"] = {"diagnoses": [*draft.opened["diagnoses"], "M25.531"]}
    draft.later.append((amended, "session.amended", draft.session_id, change))


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


IN_VISIT: dict[str, Callable[[Draft, Random], None]] = {
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
    "ETH-001": _corrected_after_denial,
    "RTM-001": lambda draft, _: _monitored(draft),
    "SKL-001": lambda draft, _: _repeated(draft),
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
    "MOD-004/below": _modifiers(lambda own, _: [*own, "KX"]),
    "MOD-005": _forgets_assistant,
    "MOD-006": _modifiers(lambda own, discipline: [*own, "CO" if discipline == "PT" else "CQ"]),
    "MOD-007": _modifiers(lambda own, _: ["59", *own]),
    "MOD-008": _in_last_code(_evaluation_of_other_discipline),
    "MOD-008/assistant": _in_last_code(_evaluation_by_assistant),
    "COV-001/aide": _in_last_code(_by_aide),
    "NCC-001": _massage_beside_manual_therapy,
    "NCC-002": _whirlpool_at_the_same_time,
    "AOC-001": _in_last_code(_monitoring_alone),
    "TEL-001": _by_telehealth("11"),
    "TEL-001/code": _manual_therapy_by_telehealth,
    "ABN-001": _modifiers(lambda own, _: [*own, "GA"]),
    "ABN-001/late": _signed_late,
    "COV-001/discipline": _in_last_code(_of_other_discipline),
    "COM-001": _sent_twice,
}
"""By mistake: changes the draft."""

IN_PAST: dict[str, Callable[[Draft], None]] = {"RTM-001": _monitored, "SKL-001": _repeated}
"""By mistake: what is done in the earlier visits of its patient, which stay correct."""
