"""A payer for tests and simulations: pure functions from our claims to its 999, 277CA and 835, the same every time."""

from interchange.simulated_payer.acknowledging import acknowledge, claim_status, status_report
from interchange.simulated_payer.adjudication import Received, adjudicate, correct, reverse
from interchange.simulated_payer.rulings import CutUnits, Denial, Deny, Pay, Ruling, Split, denials, ruling_for
from interchange.simulated_payer.settlement import payee, settle

__all__ = [
    "CutUnits",
    "Denial",
    "Deny",
    "Pay",
    "Received",
    "Ruling",
    "Split",
    "acknowledge",
    "adjudicate",
    "claim_status",
    "correct",
    "denials",
    "payee",
    "reverse",
    "ruling_for",
    "settle",
    "status_report",
]
