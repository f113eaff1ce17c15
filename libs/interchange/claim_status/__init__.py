"""Claim acknowledgments, X12 277CA (005010X214): read, and written for simulated payers."""

from interchange.claim_status.model import (
    ClaimStatus,
    LevelStatus,
    LineStatus,
    Report,
    Status,
    StatusCode,
)
from interchange.claim_status.reader import StatusFile, open_claim_status
from interchange.claim_status.writer import write_claim_status

__all__ = [
    "ClaimStatus",
    "LevelStatus",
    "LineStatus",
    "Report",
    "Status",
    "StatusCode",
    "StatusFile",
    "open_claim_status",
    "write_claim_status",
]
