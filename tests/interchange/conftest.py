"""One good event of every contract type; invented people."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

Make = Callable[..., dict[str, Any]]

NPI = "1234567893"
CLAIM = "C5J2K8Q0V7M3T9XA4"
ADDRESS = {"line1": "1 Mill Lane", "city": "Millbrook", "state": "NY", "zip": "12545"}
OPENED: dict[str, Any] = {
    "patient_id": "P-1001",
    "payer_id": "medicare",
    "discipline": "PT",
    "date_of_service": "2026-03-02",
    "place_of_service": "11",
    "clinician_npi": NPI,
    "diagnoses": ["R26.81", "M6281"],
    "plan_id": "PLAN-1",
    "referring_npi": NPI,
    "authorization_number": "AUTH-9",
    "timezone": "America/New_York",
    "telehealth": False,
    "notice": {"signed_on": "2026-02-27", "kind": "required", "reason": "maintenance", "codes": ["97112"]},
}
INTERVAL: dict[str, Any] = {
    "interval_id": "I-1",
    "code": "97112",
    "start": "2026-03-02T09:00:00-05:00",
    "end": "2026-03-02T09:28:00.5-05:00",
    "performer": {"id": NPI, "role": "PTA"},
    "contact": "one_on_one",
    "activity": "treatment",
    "technique": "balance",
    "supervisor_npi": NPI,
    "skilled": True,
}
MEASURES = [
    {"name": "Berg balance", "value": 44, "unit": "points", "baseline": 38},
    {"name": "gait speed", "value": 0.82, "unit": "m/s"},
    {"name": "strength", "value": "4-/5", "unit": "MMT", "baseline": "3+/5"},
]
ITEMS: dict[str, Any] = {
    "exercises": "Tandem stance on foam, 3 x 30 s, contact guard",
    "skilled_guidance": "Tactile cues at the pelvis",
    "patient_response": "No loss of balance in 4 of 5 trials",
    "objective_measures": MEASURES,
    "functional_change": "",
    "safety_precautions": "Gait belt",
    "equipment": "Foam pad",
    "medical_necessity": "Two falls at home",
    "progress_toward_goals": "Goal 1 half way",
    "patient_education": "Home stance programme",
    "assistant_supervision": "General",
    "plan_alignment": "As planned",
    "extended_time_justification": "None",
    "separate_services_justification": "None",
}
SPAN = {"from": "2026-01-01", "to": "2026-03-31"}

SUBJECT_AND_DATA: dict[str, tuple[str, dict[str, Any]]] = {
    "session.opened": ("S-1", OPENED),
    "interval.recorded": ("S-1", INTERVAL),
    "interval.started": ("S-1", {name: value for name, value in INTERVAL.items() if name != "end"}),
    "interval.stopped": ("S-1", {"interval_id": "I-1", "end": INTERVAL["end"]}),
    "note.recorded": ("S-1", {"items": ITEMS}),
    "session.signed": (
        "S-1",
        {
            "clinician_npi": NPI,
            "credentials": "PT, DPT",
            "license_number": "PT-4711",
            "charges": [{"code": "97112", "units": 2, "modifiers": ["GP", "59"]}],
        },
    ),
    "session.amended": (
        "S-1",
        {
            "reason": "wrong plan",
            "replace_intervals": [INTERVAL],
            "remove_intervals": ["I-2"],
            "set": {"plan_id": None, "place_of_service": "12"},
        },
    ),
    "session.voided": ("S-1", {"reason": "booked twice"}),
    "organization.configured": (
        "north",
        {
            "name": "North Therapy",
            "billing_npi": NPI,
            "tax_id": "12-3456789",
            "taxonomy": "225100000X",
            "address": ADDRESS,
            "contact": {"name": "Front desk", "phone": "555-0100"},
            "fees": {"97112": 4500, "G0283": 2000},
            "clinics": [{"id": "c1", "name": "Mill", "timezone": "America/New_York", "address": ADDRESS}],
        },
    ),
    "patient.registered": (
        "P-1001",
        {
            "family_name": "Muster",
            "given_name": "Eva",
            "birth_date": "1950-02-03",
            "sex": "F",
            "member_ids": {"medicare": "1EG4TE5MK73"},
            "address": ADDRESS,
        },
    ),
    "coverage.verified": (
        "P-1001",
        {
            "payer_id": "medicare",
            "member_id": "1EG4TE5MK73",
            **SPAN,
            "covered_codes": ["97112"],
            "authorization": {"number": "AUTH-9", "units": 20, "visits": 10, **SPAN},
            "kx_used_cents": 120000,
            "kx_used_ot_cents": 0,
        },
    ),
    "plan.certified": (
        "PLAN-1",
        {
            "patient_id": "P-1001",
            "discipline": "PT",
            "diagnoses": ["R26.81"],
            "goals": ["Walk 300 feet without a cane"],
            **SPAN,
            "certified_by_npi": NPI,
            "certified_on": "2026-01-05",
            "initial_evaluation_on": "2026-01-01",
            "interventions": ["97112", "97110"],
            "established_on": "2026-01-01",
            "sent_on": "2026-01-02",
            "order_on_file": True,
            "habilitative": False,
        },
    ),
    "progress.reported": ("PLAN-1", {"reported_on": "2026-02-01", "by_npi": NPI, "measures": MEASURES}),
    "clinician.credentialed": (
        NPI,
        {
            "name": "Dana Beispiel",
            "role": "PT",
            "license_number": "PT-4711",
            "payers": [{"payer_id": "medicare", "from": "2020-01-01"}, {"payer_id": "acme", **SPAN}],
        },
    ),
    "payer.policy.published": (
        "acme",
        {
            "name": "Acme Health",
            "effective_from": "2026-01-01",
            "extends": "commercial-cms",
            "unit_rule": "cpt-midpoint",
            "requires_start_stop": True,
            "requires_authorization": False,
            "requires_certified_plan": True,
            "assistant_modifiers": True,
            "kx_threshold": False,
            "daily_max_units": {"97112": 4},
            "unit_limits": "advice",
            "pair_edits": [{"column_1": "97140", "column_2": "97530", "indicator": 1}],
            "separate_service_modifier": "X",
            "telehealth_codes": ["97110", "97112"],
            "telehealth_modifier": "GT",
            "habilitation_modifiers": True,
            "covered_codes": ["97112", "97110"],
            "performers": {"97112": ["PT", "DC"]},
            "diagnosis_prefixes": {"97112": ["G20", "R26"]},
            "timely_filing_days": 90,
            "appeal_levels": [{"name": "first", "days": 180}],
            "modifier_order": ["59", "GP", "CQ", "KX"],
        },
    ),
    "remittance.received": (
        CLAIM,
        {
            "remittance_id": "R-1",
            "outcome": "partial",
            "paid_cents": 4100,
            "adjustments": [{"group": "CO", "carc": "50", "rarcs": ["M135"], "amount_cents": 4900, "line": 1}],
            "received_on": "2026-04-01",
            "notice_date": "2026-03-28",
        },
    ),
    "appeal.decided": (f"{CLAIM}-A1", {"outcome": "overturned", "decided_on": "2026-06-01", "paid_cents": 4900}),
}


def make_envelope(kind: str, **changes: Any) -> dict[str, Any]:
    """A good event of that type (`session.opened`), its attributes changed as said; a copy each time."""
    subject, data = SUBJECT_AND_DATA[kind]
    return {
        "specversion": "1.0",
        "id": "e-000001",
        "source": "/orgs/north/clinics/c1",
        "type": f"claimtrail.{kind}.v1",
        "subject": subject,
        "time": "2026-03-02T09:30:00-05:00",
        "datacontenttype": "application/json",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "data": deepcopy(data),
        **changes,
    }


@pytest.fixture(scope="session")
def envelope() -> Make:
    return make_envelope


@pytest.fixture(scope="session")
def with_data() -> Make:
    """A good event of that type with fields of its data changed."""

    def make(kind: str, **changes: Any) -> dict[str, Any]:
        made = make_envelope(kind)
        made["data"] |= changes
        return made

    return make


@pytest.fixture(scope="session")
def without() -> Make:
    """A good event of that type without those fields of its data."""

    def make(kind: str, *names: str) -> dict[str, Any]:
        made = make_envelope(kind)
        for name in names:
            del made["data"][name]
        return made

    return make


@pytest.fixture(params=sorted(SUBJECT_AND_DATA))
def kind(request: pytest.FixtureRequest) -> str:
    """Each contract type in turn."""
    return str(request.param)
