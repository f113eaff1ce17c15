"""A clean visit as contract events, with everything that can be changed about it."""

from copy import deepcopy
from typing import Any

ORG, CLINIC = "northside", "elm"
SOURCE = f"/orgs/{ORG}/clinics/{CLINIC}"
THERAPIST = "1234567893"
PHYSICIAN = "1000000004"
DAY = "2026-03-02"
OFFSET = "-05:00"

NOTE: dict[str, Any] = {
    "exercises": "Tandem stance on foam 3 x 30 s with contact guard; step-ups on a 15 cm step 2 x 10 with one rail.",
    "skilled_guidance": "Verbal and tactile cues for weight shift to the left; corrected trunk lean at each step.",
    "patient_response": "Needed fewer cues in the third set; no dizziness; fatigue 4 of 10 at the end.",
    "objective_measures": [{"name": "Berg balance scale", "value": 44, "unit": "points", "baseline": 39}],
    "functional_change": "Climbs one flight with one rail, before only with two.",
    "safety_precautions": "Gait belt, contact guard beside parallel bars.",
    "equipment": "Foam pad, 15 cm step, gait belt.",
    "medical_necessity": "Balance deficit after stroke, falls on stairs; needs skilled progression to be safe at home.",
    "progress_toward_goals": "Goal 1, stairs with one rail: met; goal 2, Berg 48: at 44.",
    "patient_education": "Home exercises shown back without fault; when to stop explained.",
    "assistant_supervision": "The therapist was on site and reviewed the plan with the assistant.",
    "plan_alignment": "Follows the plan's balance and stair goals.",
}


def note_of(day: str) -> dict[str, Any]:
    """A day's own note: `NOTE` on `DAY`, else one that has no three words in a row with that of another day."""
    own = deepcopy(NOTE)  # a test that changes its visit changes no other's
    return own if day == DAY else {name: _of_day(item, day) for name, item in own.items()}


def _of_day(item: Any, day: str) -> Any:
    if not isinstance(item, str):
        return item
    return " ".join(f"{word} {day}" if place % 2 else word for place, word in enumerate(item.split()))


def event(
    kind: str, subject: str, data: dict[str, Any], *, event_id: str, time: str, source: str = SOURCE
) -> dict[str, Any]:
    """One envelope."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": f"claimtrail.{kind}.v1",
        "subject": subject,
        "time": time,
        "data": data,
    }


def clock(hhmm: str, day: str = DAY) -> str:
    """A time of the day in the clinic."""
    return f"{day}T{hhmm}:00{OFFSET}"


def reference(patient: str = "p-1", payer: str = "medicare", **patient_changes: Any) -> list[dict[str, Any]]:
    """Organization, clinician, patient, coverage and plan."""
    at = clock("08:00", "2026-01-05")
    return [
        event(
            "organization.configured",
            ORG,
            {
                "name": "Northside Rehabilitation",
                "billing_npi": "1234567893",
                "tax_id": "12-3456789",
                "taxonomy": "225100000X",
                "address": {"line1": "1 Elm Street", "city": "Springfield", "state": "OH", "zip": "45501"},
                "contact": {"name": "Billing office", "phone": "555-0100"},
                "fees": {"97110": 6000, "97112": 6500, "97116": 5500, "97140": 6000, "97530": 7000, "97161": 15000},
                "clinics": [{"id": CLINIC, "name": "Elm Street", "timezone": "America/New_York"}],
            },
            event_id="org-1",
            time=at,
            source=f"/orgs/{ORG}",
        ),
        event(
            "clinician.credentialed",
            THERAPIST,
            {
                "name": "Rowan Example",
                "role": "PT",
                "license_number": "PT-1234",
                "payers": [{"payer_id": payer, "from": "2020-01-01"}],
            },
            event_id="clinician-1",
            time=at,
            source=f"/orgs/{ORG}",
        ),
        event(
            "patient.registered",
            patient,
            {
                "family_name": "Specimen",
                "given_name": "Alex",
                "birth_date": "1950-05-05",
                "sex": "F",
                "member_ids": {payer: "1EG4TE5MK73"},
                **patient_changes,
            },
            event_id=f"registered-{patient}",
            time=at,
        ),
        event(
            "coverage.verified",
            patient,
            {"payer_id": payer, "member_id": "1EG4TE5MK73", "from": "2026-01-01"},
            event_id=f"coverage-{patient}",
            time=at,
        ),
        event(
            "plan.certified",
            f"plan-{patient}",
            {
                "patient_id": patient,
                "discipline": "PT",
                "diagnoses": ["I69.351", "R26.81"],
                "goals": ["Climb stairs with one rail in 4 weeks", "Berg 48 of 56 in 8 weeks"],
                "from": "2026-02-16",
                "to": "2026-05-10",
                "certified_by_npi": PHYSICIAN,
                "certified_on": "2026-02-18",
                "initial_evaluation_on": "2026-02-16",
                "interventions": ["97110", "97112", "97116", "97140", "97530"],
            },
            event_id=f"plan-{patient}-1",
            time=at,
        ),
    ]


def visit(
    session: str = "s-1",
    *,
    patient: str = "p-1",
    payer: str = "medicare",
    day: str = DAY,
    minutes: tuple[tuple[str, str, str], ...] = (("97112", "09:00", "09:28"), ("97530", "09:28", "09:44")),
    note: dict[str, Any] | None = None,
    performer: str = THERAPIST,
    **opened: Any,
) -> list[dict[str, Any]]:
    """One session: opened, its intervals, its note, signed."""
    head = {
        "patient_id": patient,
        "payer_id": payer,
        "discipline": "PT",
        "date_of_service": day,
        "place_of_service": "11",
        "clinician_npi": THERAPIST,
        "diagnoses": ["I69.351", "R26.81"],
        "plan_id": f"plan-{patient}",
        "referring_npi": PHYSICIAN,
        **opened,
    }
    events = [event("session.opened", session, head, event_id=f"{session}-opened", time=clock("09:00", day))]
    for number, (code, start, end) in enumerate(minutes, start=1):
        data = {
            "interval_id": f"i-{number}",
            "code": code,
            "start": clock(start, day),
            "end": clock(end, day),
            "performer": {"id": performer, "role": "PT"},
            "contact": "one_on_one",
        }
        events.append(event("interval.recorded", session, data, event_id=f"{session}-i{number}", time=clock(end, day)))
    items = note_of(day) if note is None else note
    events.append(
        event("note.recorded", session, {"items": items}, event_id=f"{session}-note", time=clock("10:00", day))
    )
    signed = {"clinician_npi": THERAPIST, "credentials": "PT, DPT", "license_number": "PT-1234"}
    events.append(event("session.signed", session, signed, event_id=f"{session}-signed", time=clock("10:05", day)))
    return events
