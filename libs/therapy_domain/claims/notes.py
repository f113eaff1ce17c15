"""Family DOC, the note: each item of a daily note, session by session. A message never holds a word of the note."""

import re
from collections.abc import Callable, Iterator

from therapy_domain.claims.registry import NOTE, Fault, rule
from therapy_domain.claims.repetition import copied_from
from therapy_domain.claims.tables import VagueWords, diagnosis_groups, vague_words, words_of
from therapy_domain.claims.visit import Sitting, Visit, blank
from therapy_domain.events.claim import Severity
from therapy_domain.events.session import Measure, Note

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
Asks = Callable[[Sitting], bool]
_MANUAL = "CMS Pub. 100-02, chapter 15, section 220.3"
_AUDITS = f"{_MANUAL}; payers' audit checklists"


def _always(sitting: Sitting) -> bool:
    return bool(sitting.treated)


def beyond_evaluation(sitting: Sitting) -> bool:
    """An evaluation's record has other parts (220.3.C): no exercises yet, and no progress."""
    return sitting.beyond_evaluation


def _item(
    rule_id: str,
    item: str,
    severity: Severity,
    *,
    title: str,
    words: str,
    fix: str,
    asked: Asks = _always,
    also: tuple[str, ...] = (),
) -> None:
    """Declare the rule that a note's item is written wherever it is asked for."""

    def check(visit: Visit) -> Iterator[Fault]:
        return unwritten(visit, item, words, asked)

    rule(
        rule_id,
        severity=severity,
        source=_AUDITS,
        fix=fix,
        place=NOTE,
        also=also,
        title=title,
    )(check)


def unwritten(visit: Visit, item: str, words: str, asked: Asks) -> Iterator[Fault]:
    """One fault for each session whose note lacks an item that is asked for."""
    for sitting in visit.sittings:
        if asked(sitting) and blank(getattr(sitting.recorded.note, item)):
            yield Fault(f"{sitting.name}: the note {words}", fields=(f"note.{item}",))


_item(
    "DOC-004",
    "exercises",
    "deny",
    title="The note lists the exercises in their sequence.",
    words="lists no exercises",
    fix="List activity, dose and order.",
    asked=beyond_evaluation,
)
_item(
    "DOC-005",
    "skilled_guidance",
    "deny",
    title="The note tells the guidance and cues given.",
    words="tells no skilled guidance",
    fix="Record the skill used: manual, verbal or tactile cue, correction.",
    asked=beyond_evaluation,
)
_item(
    "DOC-006",
    "patient_response",
    "deny",
    title="The note tells how the patient responded.",
    words="tells no response of the patient",
    fix="Add the patient's response.",
)
_item(
    "DOC-009",
    "equipment",
    "advice",
    title="The note lists the equipment used.",
    words="lists no equipment",
    fix="List the equipment, or write none.",
    asked=beyond_evaluation,
)
_item(
    "DOC-011",
    "medical_necessity",
    "deny",
    title="The note tells why treatment was needed.",
    words="gives no reason why treatment was needed",
    fix="State the deficit and the function it limits.",
    also=("MNC-001",),
)
_item(
    "DOC-013",
    "patient_education",
    "advice",
    title="The note tells what the patient was taught.",
    words="tells no patient education",
    fix="Add the education given.",
)


@rule(
    "DOC-007",
    severity="deny",
    source=_AUDITS,
    fix="Add an objective measure with its earlier value, or the change in function.",
)
def change_is_measured(visit: Visit) -> Iterator[Fault]:
    """For 97112 the note has an objective measure or a functional change."""
    for sitting in visit.sittings:
        if "97112" in sitting.treated and not _shows_change(sitting.recorded.note):
            yield Fault(
                f"{sitting.name}: 97112 with neither an objective measure nor a functional change in the note",
                line=visit.line_of.get("97112"),
                fields=("note.objective_measures", "note.functional_change"),
            )


def _shows_change(note: Note) -> bool:
    return not blank(note.functional_change) or any(_is_written(m) for m in note.objective_measures or ())


def _is_written(measure: Measure) -> bool:
    return not blank(measure.name) and not (isinstance(measure.value, str) and blank(measure.value))


@rule(
    "DOC-008",
    severity="advice",
    source=_AUDITS,
    fix="Add guarding, belt or supervision.",
)
def safety_is_written(visit: Visit) -> Iterator[Fault]:
    """Balance and walking training, and patients who fall, have safety precautions in the note."""
    prone = diagnosis_groups(visit.ruleset).fall_risk
    for sitting in visit.sittings:
        if not blank(sitting.recorded.note.safety_precautions):
            continue
        falls = any(d.replace(".", "").startswith(prone) for d in sitting.recorded.opened.diagnoses)
        if sitting.treated & {"97112", "97116"} or (falls and sitting.treated):
            yield Fault(f"{sitting.name}: the note tells no safety precautions", fields=("note.safety_precautions",))


@rule(
    "DOC-016",
    severity="deny",
    source=f"{_MANUAL}.E; what is too vague or a copy: Claimtrail's reading",
    fix="Say which task, with which dose, surface, level or assistance.",
)
def notes_are_specific(visit: Visit) -> Iterator[Fault]:
    """The exercises name an activity with a dose, surface, level or assistance, and the note is of its own day."""
    words = vague_words(visit.ruleset)
    for sitting in visit.sittings:
        text = sitting.recorded.note.exercises
        if text is not None and not blank(text) and sitting.beyond_evaluation and is_vague(text, words):
            yield Fault(
                f"{sitting.name}: the exercises name no activity with a dose, surface, level or assistance",
                fields=("note.exercises",),
            )
    for sitting, day in copied_from(visit):
        yield Fault(
            f"{sitting.name}: the note is a copy of that of {day}",
            fields=("note.exercises", "note.skilled_guidance", "note.patient_response"),
            fix="Write what was done and seen on this day.",
        )


def is_vague(text: str, words: VagueWords) -> bool:
    """Whether a text on exercises has no detail, or none but a length of time beside a vague phrase."""
    plain = " ".join(text.lower().split())
    if words.detail.search(plain) is None:
        return True
    begun = words.phrases.keys() & words_of(plain)
    if not any(phrase in plain for word in begun for phrase in words.phrases[word]):
        return not _names_activity(plain, words)
    rest = words.vague.sub(" ", plain)
    if rest == plain:
        return not _names_activity(plain, words)
    rest = words.duration.sub(" ", rest)
    return words.detail.search(rest) is None or not _names_activity(rest, words)


def _names_activity(text: str, words: VagueWords) -> bool:
    found = (match.group() for match in _WORD.finditer(text))
    return any(len(word) > 1 and word not in words.filler for word in found)
