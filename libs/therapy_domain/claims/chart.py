"""The patient's chart: one entry a visit, and of it what an assessment of one visit looks back on. Pure."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from therapy_domain.claims.case import Known
from therapy_domain.claims.clocks import TREATING, clocks_of
from therapy_domain.claims.likeness import digest, sketch
from therapy_domain.claims.lines import claim_lines
from therapy_domain.events.chart import ChartedLine, ChartedNote, VisitCharted
from therapy_domain.events.claim import ClaimLine, UnitsCalculated
from therapy_domain.events.reference import OrganizationConfigured
from therapy_domain.events.session import Note, SessionRecorded
from therapy_domain.remembered import remembered
from therapy_domain.rulesets.codes import Code, codes
from therapy_domain.rulesets.payers import PayerPolicy
from therapy_domain.rulesets.release import Ruleset

LOOK_BACK = timedelta(days=366)
"""No rule looks further back than a year and a day."""

Chart = Mapping[str, Known[VisitCharted]]
"""The latest entry of each case, by case id."""


def entered(chart: Chart, entry: Known[VisitCharted]) -> Chart:
    """The chart with one more entry; a later one of the same case replaces the earlier one."""
    return {**chart, entry.event.case_id: entry}


def others(chart: Chart, case_id: str, day: date) -> tuple[Known[VisitCharted], ...]:
    """The visits that an assessment looks back on: earlier ones of a year, and other cases of the day; in order."""
    first = day - LOOK_BACK
    found = []
    for case, known in chart.items():
        entry = known.event
        if first <= entry.date_of_service <= day and entry.session_ids and case != case_id:
            found.append(known)
    return tuple(sorted(found, key=_in_order))


def own_entry(chart: Chart, case_id: str, sessions: Iterable[str]) -> VisitCharted | None:
    """The entry of a case, if it is of exactly these session events; else it is one behind."""
    entry = chart[case_id].event if case_id in chart else None
    held = list(sessions)
    return entry if entry and len(entry.notes) == len(held) and set(held) <= set(entry.basis) else None


def _in_order(known: Known[VisitCharted]) -> tuple[date, str]:
    return known.event.date_of_service, known.event.case_id


def history_hash(history: Sequence[Known[VisitCharted]]) -> str | None:
    """Names a history without listing it: equal for the same entries. None for no entry."""
    if not history:
        return None
    return hashlib.sha256("\n".join(sorted(known.id for known in history)).encode()).hexdigest()[:32]


def chart(
    units: Known[UnitsCalculated],
    sessions: Iterable[tuple[str, SessionRecorded]],
    organization: Known[OrganizationConfigured] | None,
    policy: PayerPolicy | None,
    policy_facts: Iterable[str],
    ruleset: Ruleset,
) -> VisitCharted:
    """The entry of one case.

    Args:    sessions: those that the units counted, each with the id of its event.
    """
    said = units.event
    held = sorted(sessions, key=lambda one: one[1].session_key)
    recorded = [session for _, session in held]
    fees = organization.event.fees if organization is not None else {}
    lines = claim_lines(said.result, policy, fees).lines if recorded else ()
    named = [units.id, *(event_id for event_id, _ in held), *policy_facts]
    return VisitCharted.trusted(
        case_id=said.case_id,
        claim_id=said.claim_id,
        org=said.org,
        clinic=next((session.clinic for session in recorded if session.clinic is not None), None),
        patient_id=said.patient_id,
        payer_id=said.payer_id,
        discipline=said.discipline,
        date_of_service=said.date_of_service,
        session_ids=tuple([session.session_id for session in recorded]),
        clinicians=tuple(sorted({session.opened.clinician_npi for session in recorded})),
        diagnoses=tuple(sorted({plain(d) for session in recorded for d in session.opened.diagnoses})),
        under_threshold=policy is not None and policy.kx_threshold,
        treated=any(interval.activity == "treatment" for session in recorded for interval in session.intervals),
        authorizations=tuple(sorted({n for s in recorded if (n := s.opened.authorization_number) is not None})),
        lines=tuple([_line(line, recorded, codes(ruleset)) for line in lines]),
        notes=tuple([charted_note(session) for session in recorded]),
        ruleset=ruleset.id,
        ruleset_hash=ruleset.hash,
        basis=tuple(sorted({*named, organization.id} if organization is not None else set(named))),
    )


def plain(diagnosis: str) -> str:
    """As diagnoses are compared: without the dot."""
    return diagnosis.replace(".", "")


def _line(line: ClaimLine, sessions: Iterable[SessionRecorded], table: Mapping[str, Code]) -> ChartedLine:
    entry = table[line.code].entry  # base and add-on share their minutes
    treatments = [i for session in sessions for i in session.intervals if i.activity in TREATING]
    given = [i for i in treatments if i.code in table and table[i.code].entry == entry]
    return ChartedLine.trusted(
        code=line.code,
        minutes=line.minutes,
        units=line.units,
        modifiers=line.modifiers,
        performers=tuple(sorted({interval.performer.id for interval in given})),
        clocks=clocks_of(given),
        allowed_cents=line.charge_cents,
    )


@remembered(2_048)
def charted_note(session: SessionRecorded) -> ChartedNote:
    """A session's note, as far as it is compared with others; asked for by the chart and by the assessment."""
    note = session.note
    return ChartedNote.trusted(
        session_id=session.session_id,
        exercises=digest(note.exercises),
        guidance=digest(note.skilled_guidance),
        sketch=sketch(texts_of(note)),
    )


def texts_of(note: Note) -> list[Any]:
    """The items of a note that tell of this visit, and are its own where the note is."""
    return [
        note.exercises,
        note.skilled_guidance,
        note.patient_response,
        note.functional_change,
        note.progress_toward_goals,
    ]
