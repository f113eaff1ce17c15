"""Remittances, X12 835 (005010X221A1): read, checked to the cent, and written for simulated payers."""

from interchange.remittance.balance import OutOfBalance
from interchange.remittance.model import (
    Adjustment,
    Amount,
    ClaimPayment,
    Party,
    Payment,
    Procedure,
    ProviderAdjustment,
    ServicePayment,
)
from interchange.remittance.reader import RemittanceFile, open_remittance
from interchange.remittance.writer import write_remittances

__all__ = [
    "Adjustment",
    "Amount",
    "ClaimPayment",
    "OutOfBalance",
    "Party",
    "Payment",
    "Procedure",
    "ProviderAdjustment",
    "RemittanceFile",
    "ServicePayment",
    "open_remittance",
    "write_remittances",
]
