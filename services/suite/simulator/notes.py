"""The text of a visit's note: every item worded concretely, and no two visits of an episode alike."""

from random import Random
from typing import Any

from suite.simulator.caseload import Episode
from suite.simulator.phrases import (
    ASSISTS,
    CUES,
    EDUCATION,
    EQUIPMENT,
    EXERCISES,
    FEEDBACK,
    MOVEMENTS,
    RESPONSES,
    SAFETY,
    SURFACES,
)

Items = dict[str, Any]

_STRIDE = 3
"""Steps through the list of exercises from one visit to the next; prime to its length."""


def items(episode: Episode, codes: tuple[str, ...], rng: Random) -> Items:
    """A complete note for a visit in which those codes were furnished."""
    visit, deficit, function = episode.visits, episode.condition.deficit, episode.condition.function
    roll = int(rng.random() * (1 << 52))
    first, second = episode.scales
    now, then = first.value(visit), second.value(visit)
    gained = round(100 * (visit + 1) / (first.visits_to_target + 1))
    movement = MOVEMENTS[(visit * 5 + episode.offset) % len(MOVEMENTS)]
    effort = 11 + (visit + roll // 7) % 5
    return {
        "exercises": _exercises(episode, codes, roll),
        "skilled_guidance": f"{_at(CUES, visit * 3 + roll)} for {movement}; {_at(FEEDBACK, visit + roll // 13)} "
        f"after set {1 + roll % 3}, {4 + (visit * 7 + roll) % 9} corrections in all",
        "patient_response": f"{_at(RESPONSES, visit * 5 + roll // 29)}; exertion {effort} of 20, pulse "
        f"{78 + (visit * 11 + roll // 3) % 37} after {codes[0]}, {roll // 5 % 4} rests of {1 + roll % 2} min needed",
        "objective_measures": measures(episode),
        "functional_change": f"{function.capitalize()} now with {_at(ASSISTS, visit + 1)}, "
        f"{first.name} moved from {first.baseline} to {now} {first.unit}",
        "safety_precautions": f"{_at(SAFETY, visit + roll // 17)}; {_at(SAFETY, visit + 3 + roll // 19)}",
        "equipment": f"{_at(EQUIPMENT[episode.discipline], visit + roll)} and "
        f"{_at(EQUIPMENT[episode.discipline], visit + 4 + roll)}",
        "medical_necessity": f"{deficit.capitalize()} ({first.name} {now} {first.unit}) limits {function}; a "
        f"therapist's skill is needed to grade {movement} and keep the patient safe",
        "progress_toward_goals": f"Goal 1: {first.name} {now} of {first.target} {first.unit}, {gained} % of the way; "
        f"goal 2: {second.name} {then} of {second.target} {second.unit}",
        "patient_education": f"{_at(EDUCATION, visit + roll // 23)}, {1 + visit % 3} times a day, shown back correctly "
        f"on try {1 + roll % 3}",
        "plan_alignment": f"{', '.join(codes)} as planned in {episode.plan_id} toward goal {1 + visit % 2}, visit "
        f"{visit + 1}",
    }


def measures(episode: Episode) -> list[dict[str, Any]]:
    """What is measured at the episode's present visit, as `objective_measures`."""
    return [
        {"name": scale.name, "value": scale.value(episode.visits), "unit": scale.unit, "baseline": scale.baseline}
        for scale in episode.scales
    ]


def _exercises(episode: Episode, codes: tuple[str, ...], roll: int) -> str:
    visit = episode.visits
    place = visit * _STRIDE + episode.offset
    parts = []
    for number, code in enumerate(codes, 1):
        name, unit, low = _at(EXERCISES[code], place + number)
        roll //= 3
        parts.append(
            f"{number}) {name}, {2 + roll % 3} x {low + visit} {unit}, "
            f"{_at(SURFACES[episode.discipline], place + roll)}, {_at(ASSISTS, visit + roll)}"
        )
    return "; ".join(parts)


def _at(things: Any, place: int) -> Any:
    return things[place % len(things)]
