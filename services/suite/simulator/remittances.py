"""What payers answer some days later: paid, denied with public reason codes, or paid in part."""

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random
from typing import Any

from suite.simulator.dice import between, weighted
from suite.simulator.draft import Draft, charge_cents
from suite.simulator.planted import case_of
from suite.simulator.settings import Simulation
from therapy_domain.identity import claim_id

Data = dict[str, Any]

_OUTCOMES = ((0.8, "paid"), (0.14, "denied"), (0.06, "partial"))
_DENIALS: tuple[tuple[float, tuple[str, str, tuple[str, ...]]], ...] = (
    (0.26, ("CO", "50", ())),
    (0.12, ("CO", "16", ("MA130",))),
    (0.1, ("CO", "16", ("N822",))),
    (0.1, ("CO", "97", ())),
    (0.08, ("CO", "4", ())),
    (0.08, ("CO", "151", ())),
    (0.06, ("CO", "11", ())),
    (0.05, ("OA", "18", ())),
    (0.05, ("CO", "197", ())),
    (0.04, ("CO", "B7", ())),
    (0.03, ("CO", "252", ("M127",))),
    (0.03, ("CO", "29", ())),
)
"""Group, CARC and RARCs of a denial."""
_ALLOWED = 0.78
_COINSURANCE = 0.2


def promise_answers(visits: Iterable[Draft], today: date, settings: Simulation, rng: Random) -> None:
    """Put down with each clinic what the payers will answer to today's correct claims of one session."""
    shortest, longest = settings.remittance_days
    for visit in visits:
        plain = visit.mistake is None and visit.fate == "signed" and not visit.twin and visit.charged
        if plain and rng.random() < settings.remittance_rate:
            received = today + timedelta(days=between(rng, shortest, longest) * 7 // 5)
            claim, data = remittance(visit, received, rng)
            visit.clinic.promise(received, "remittance.received", claim, data)


def denial(draft: Draft, received_on: date) -> tuple[str, Data]:
    """The claim's id and the data of a remittance that denies it whole, as not medically necessary."""
    claim = claim_id(case_of(draft))
    off = {"group": "CO", "carc": "50", "rarcs": [], "amount_cents": charge_cents(draft.charged or [])}
    return claim, {
        "remittance_id": f"R{received_on:%y%m%d}-{claim[1:9]}",
        "outcome": "denied",
        "paid_cents": 0,
        "adjustments": [off],
        "received_on": received_on.isoformat(),
    }


def remittance(draft: Draft, received_on: date, rng: Random) -> tuple[str, Data]:
    """The claim's id and the data of a `remittance.received` event; charge = paid + adjustments."""
    claim = claim_id(case_of(draft))
    lines = draft.charged or []
    charge = charge_cents(lines)
    outcome = weighted(rng, _OUTCOMES)
    if outcome == "partial" and len(lines) < 2:
        outcome = "paid"
    denied = charge if outcome == "denied" else 0
    if outcome == "partial":
        denied = charge_cents(lines[-1:])
    allowed = int((charge - denied) * _ALLOWED)
    patient = int(allowed * _COINSURANCE)
    adjustments: list[Data] = []
    if denied:
        group, carc, rarcs = weighted(rng, _DENIALS)
        adjustments.append({"group": group, "carc": carc, "rarcs": list(rarcs), "amount_cents": denied})
        if outcome == "partial":
            adjustments[0]["line"] = len(lines)
    if allowed:
        adjustments.append({"group": "CO", "carc": "45", "rarcs": [], "amount_cents": charge - denied - allowed})
        adjustments.append({"group": "PR", "carc": "2", "rarcs": [], "amount_cents": patient})
    data: Data = {
        "remittance_id": f"R{received_on:%y%m%d}-{claim[1:9]}",
        "outcome": outcome,
        "paid_cents": allowed - patient,
        "adjustments": adjustments,
        "received_on": received_on.isoformat(),
    }
    if rng.random() < 0.7:
        data["notice_date"] = (received_on - timedelta(days=between(rng, 1, 4))).isoformat()
    return claim, data
