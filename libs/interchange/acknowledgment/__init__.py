"""Acknowledgments: X12 999 (005010X231A1) and TA1, read and written."""

from interchange.acknowledgment.model import (
    Acknowledgment,
    ElementError,
    GroupAnswer,
    InterchangeAnswer,
    SegmentError,
    TransactionAnswer,
)
from interchange.acknowledgment.reader import read_acknowledgment
from interchange.acknowledgment.writer import write_acknowledgment

__all__ = [
    "Acknowledgment",
    "ElementError",
    "GroupAnswer",
    "InterchangeAnswer",
    "SegmentError",
    "TransactionAnswer",
    "read_acknowledgment",
    "write_acknowledgment",
]
