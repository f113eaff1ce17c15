"""Claim files, X12 837P (005010X222A1): written, and read back as a payer would."""

from interchange.claim_file.reader import ClaimFile, ReceivedTransaction, open_claims
from interchange.claim_file.writer import Batch, NothingToWrite, WrittenFile, WrittenTransaction, write_claims

__all__ = [
    "Batch",
    "ClaimFile",
    "NothingToWrite",
    "ReceivedTransaction",
    "WrittenFile",
    "WrittenTransaction",
    "open_claims",
    "write_claims",
]
