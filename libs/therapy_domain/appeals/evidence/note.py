"""The note of the disputed visit: signed by whom, and what it says of the therapist's skill."""

from collections.abc import Iterator

from therapy_domain.appeals.evidence.finding import Found, Gap, item, missing
from therapy_domain.appeals.record import Dispute
from therapy_domain.appeals.words import clock_words, day_words, listed, quotation
from therapy_domain.claims.case import Known
from therapy_domain.events.session import Note, SessionRecorded

ITEMS = {
    "exercises": "Exercises",
    "skilled_guidance": "Skilled guidance",
    "patient_response": "Response of the patient",
    "functional_change": "Functional change",
    "safety_precautions": "Safety precautions",
    "equipment": "Equipment",
    "medical_necessity": "Medical necessity",
    "progress_toward_goals": "Progress toward goals",
    "patient_education": "Education of the patient",
    "assistant_supervision": "Supervision of the assistant",
    "plan_alignment": "Agreement with the plan",
    "extended_time_justification": "Reason for the length",
    "separate_services_justification": "Reason for separate services",
}
"""The texts of a note, in the order in which an exhibit shows them."""


def notes(dispute: Dispute) -> Found:
    """Each session's note as written, and who signed it."""
    sessions = dispute.record.case.sessions
    if not sessions:
        return missing("notes", f"no session on {day_words(dispute.day)}")
    gaps = [Gap("notes", words) for known in sessions for words in _faults(known.event)]
    lines = [line for known in sessions for line in _written(known)]
    title = f"Note of the visit on {day_words(dispute.day)}"
    shown = item("notes", title, lines, dispute, [known.id for known in sessions])
    signed = listed(
        f"{signature.credentials} (NPI {signature.clinician_npi}) on {day_words(signature.signed_at.date())}"
        for known in sessions
        for signature in known.event.signatures
        if signature.credentials
    )
    return Found(shown, () if gaps else (f"The note of the visit was signed by {signed}.",), tuple(gaps))


def _faults(session: SessionRecorded) -> Iterator[str]:
    if not any(_text(session.note, name) for name in ITEMS):
        yield f"the note of session {session.session_id} is empty"
    if not any(signature.credentials for signature in session.signatures):
        yield f"session {session.session_id} is not signed with credentials"
    late = [i.end for i in session.intervals if i.end is not None and i.activity == "treatment"]
    if late and session.signatures and max(each.signed_at for each in session.signatures) < max(late):
        yield f"session {session.session_id} was signed before it ended"


def _written(known: Known[SessionRecorded]) -> Iterator[str]:
    session = known.event
    yield f"Session {session.session_id}, {day_words(session.opened.date_of_service)}"
    for name, title in ITEMS.items():
        text = _text(session.note, name)
        if text:
            yield f"{title}: {text}"
    for measure in session.note.objective_measures or ():
        before = "" if measure.baseline is None else f" (baseline {measure.baseline})"
        yield f"Measure: {measure.name} {measure.value} {measure.unit}{before}"
    for signature in session.signatures:
        held = ", ".join(filter(None, [signature.credentials, signature.license_number]))
        when = f"{day_words(signature.signed_at.date())}, {clock_words(signature.signed_at)}"
        yield f"Signed by NPI {signature.clinician_npi} ({held or 'no credentials'}) on {when}"


def skilled_need(dispute: Dispute) -> Found:
    """What the therapist did that only a therapist can do, why it was needed, and how the patient responded."""
    notes_of = [(known.id, known.event.note) for known in dispute.record.case.sessions]
    wanted = {"medical_necessity": "why treatment was needed", "skilled_guidance": "the skill that was used"}
    gaps = [
        Gap("skilled-need", f"the note does not say {words}")
        for name, words in wanted.items()
        if not any(_text(note, name) for _, note in notes_of)
    ]
    names = ("medical_necessity", "skilled_guidance", "patient_response", "functional_change")
    quoted = [(ITEMS[name], text) for name in names for _, note in notes_of if (text := _text(note, name))]
    if not quoted:
        return Found(gaps=tuple(gaps))
    lines = [f"{title}: {text}" for title, text in quoted]
    shown = item("skilled-need", "Need for a therapist's skill", lines, dispute, [event_id for event_id, _ in notes_of])
    says = () if gaps else tuple(f"{title}, as written in the note: {quotation(text)}" for title, text in quoted)
    return Found(shown, says, tuple(gaps))


def _text(note: Note, name: str) -> str | None:
    text: str | None = getattr(note, name)
    return text if text is not None and text.strip() else None
