"""What happens in a visit: blocks of time by code and performer, before it has a place in the day."""

from dataclasses import dataclass
from random import Random

from suite.simulator.caseload import Episode
from suite.simulator.catalogue import Mistake
from suite.simulator.charges import units
from suite.simulator.dice import between, pick, weighted
from suite.simulator.practice import (
    BESIDE_RE_EVALUATION,
    EVALUATIONS,
    RE_EVALUATION,
    TECHNIQUES,
    TIMED,
)
from suite.simulator.staff import Clinician

_COUNTS = ((0.45, 2), (0.4, 3), (0.15, 4))
_MINUTES = {1: (20, 30), 2: (13, 30), 3: (9, 22), 4: (8, 15)}
"""By the number of timed codes: shortest and longest block [min]."""
_ULTRASOUND = (10, 15)
_MORE_THAN_A_DAY_TAKES = (76, 82)
"""Minutes of one code that make more units than a payer's daily maximum [min]."""
_PAUSES = ("setup", "rest", "conversation", "documentation")


@dataclass(slots=True)
class Block:
    """Unbroken time of one code by one performer; `offset` is from the visit's start [min]."""

    code: str
    offset: int
    minutes: int
    clinician: Clinician
    contact: str = "one_on_one"
    technique: str | None = None
    supervisor: str | None = None
    pause: tuple[str, int, int] | None = None
    """An interruption inside: activity, offset in the block, length [min]."""
    busy: bool = True
    """Does it keep the clinician from other patients."""


@dataclass(slots=True)
class Outline:
    """The blocks of a visit, in the order of time."""

    blocks: list[Block]
    billable: bool = True
    """Can its units be told without doubt: no team time, split code, group or bundled modality."""

    @property
    def codes(self) -> tuple[str, ...]:
        """Its codes, each once, in the order of time."""
        return tuple(dict.fromkeys(block.code for block in self.blocks))

    @property
    def length(self) -> int:
        """Minutes from the first start to the last end."""
        return max(block.offset + block.minutes for block in self.blocks)

    def minutes(self) -> dict[str, int]:
        """Net minutes of each timed one-on-one code [min]."""
        total: dict[str, int] = {}
        for block in self.blocks:
            if block.code in TIMED:
                pause = block.pause[2] if block.pause else 0
                total[block.code] = total.get(block.code, 0) + block.minutes - pause
        return total


def outline(
    episode: Episode, therapist: Clinician, assistant: Clinician | None, rng: Random, mistake: Mistake | None
) -> Outline:
    """The blocks of the episode's next visit; `mistake` makes it fit for that mistake and otherwise plain."""
    if mistake is not None and mistake.id == "TIM-005":
        return _rounded_apart(episode, therapist)
    if episode.discipline in ("SLP", "CHIRO"):
        return _pauses(_others(episode, therapist, rng), rng, mistake)
    made = _timed(episode, therapist, rng, mistake)
    if mistake is not None and mistake.needs.charges:
        while units(episode.payer, made.minutes()) is None or min(made.minutes().values()) < 15:
            made = _timed(episode, therapist, rng, mistake)
    if mistake is not None:
        if mistake.needs.assistant and assistant:
            _hand_over(made, assistant, therapist)
        if mistake.id == "MUE-001":
            _lengthen(made, between(rng, *_MORE_THAN_A_DAY_TAKES))
        return made
    first = made.blocks[0].code
    plain = first in TIMED
    if assistant and plain and episode.since_report + 2 < episode.report_every:
        _assisted(made, assistant, therapist, rng)
    if plain and rng.random() < 0.12:
        _modality(made, episode, therapist, rng)
    return _pauses(made, rng, mistake)


def _timed(episode: Episode, therapist: Clinician, rng: Random, mistake: Mistake | None) -> Outline:
    menu, name = episode.condition.codes, episode.discipline
    before: list[tuple[str, int]] = []
    if episode.evaluation_due and mistake is None:
        before, menu, count = [(pick(rng, EVALUATIONS[name]), between(rng, 28, 42))], menu[:1], 1
    elif episode.re_evaluation_due and mistake is None:
        menu = tuple(code for code in menu if code in BESIDE_RE_EVALUATION)
        before, count = [(RE_EVALUATION[name], between(rng, 18, 25))], 1
    else:
        count = min(weighted(rng, _COUNTS), len(menu))
        if mistake is not None:
            count = 2
    others = menu[1:]
    turn = episode.visits
    codes = [menu[0], *(others[(turn + place) % len(others)] for place in range(count - 1))]
    low, high = _MINUTES[count]
    blocks, offset = [], 0
    timed = ((code, between(rng, *_ULTRASOUND) if code == "97035" else between(rng, low, high)) for code in codes)
    for code, minutes in (*before, *timed):
        techniques = TECHNIQUES.get(code)
        technique = techniques[(turn + episode.offset) % len(techniques)] if techniques else None
        blocks.append(Block(code, offset, minutes, therapist, technique=technique))
        offset += minutes
    return Outline(blocks)


def _others(episode: Episode, therapist: Clinician, rng: Random) -> Outline:
    codes = episode.condition.codes
    if episode.discipline == "CHIRO":
        blocks = [Block(codes[0], 0, between(rng, 8, 12), therapist)]
        if rng.random() < 0.6:
            blocks.append(Block(codes[1], blocks[0].minutes, between(rng, 10, 20), therapist))
        return Outline(blocks, billable=False)
    blocks = [Block(codes[0], 0, between(rng, 26, 44), therapist)]
    if len(codes) > 1 and rng.random() < 0.4:
        blocks.append(Block(codes[1], blocks[0].minutes, between(rng, 15, 22), therapist))
    return Outline(blocks, billable=codes[0] != "97129")


def _rounded_apart(episode: Episode, therapist: Clinician) -> Outline:
    first, second = episode.condition.codes[:2]
    return Outline([Block(first, 0, 20, therapist), Block(second, 20, 15, therapist)])


def _lengthen(made: Outline, minutes: int) -> None:
    first, *others = made.blocks
    for block in others:
        block.offset += minutes - first.minutes
    first.minutes = minutes


def _hand_over(made: Outline, assistant: Clinician, therapist: Clinician) -> None:
    last = made.blocks[-1]
    last.clinician, last.supervisor = assistant, therapist.npi


def _assisted(made: Outline, assistant: Clinician, therapist: Clinician, rng: Random) -> None:
    roll, last = rng.random(), made.blocks[-1]
    if roll < 0.1:
        _hand_over(made, assistant, therapist)
    elif roll < 0.15 and last.minutes >= 14:
        part = last.minutes // 2 + int(rng.random() * 3) - 1
        last.minutes -= part
        made.blocks.append(
            Block(
                last.code,
                last.offset + last.minutes,
                part,
                assistant,
                technique=last.technique,
                supervisor=therapist.npi,
            )
        )
        made.billable = False
    elif roll < 0.17:
        made.blocks.append(
            Block(last.code, last.offset, last.minutes, assistant, technique=last.technique, supervisor=therapist.npi)
        )
        made.billable = False
    elif roll < 0.25:
        for block in made.blocks:
            block.clinician, block.supervisor = assistant, therapist.npi


def _modality(made: Outline, episode: Episode, therapist: Clinician, rng: Random) -> None:
    last = made.blocks[-1]
    code = "G0283" if episode.payer == "medicare" else pick(rng, ("97014", "97010", "G0283"))
    by, until = last.clinician, last.offset + last.minutes
    supervisor = None if by is therapist else therapist.npi
    made.blocks.append(
        Block(code, until, between(rng, 10, 15), by, contact="unattended", supervisor=supervisor, busy=False)
    )
    made.billable = made.billable and code == "G0283"


def _pauses(made: Outline, rng: Random, mistake: Mistake | None) -> Outline:
    if mistake is None and rng.random() < 0.25:
        alone = len({(block.offset, block.code) for block in made.blocks}) == len(made.blocks)
        block = pick(rng, made.blocks)
        length = between(rng, 2, 5)
        if alone and block.busy and block.minutes >= length + 15:  # what is left still earns a unit
            block.pause = (pick(rng, _PAUSES), between(rng, 3, block.minutes - length - 3), length)
    return made
