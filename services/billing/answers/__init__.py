"""Payers' files in: each answer to its claim, what fits none to a worklist; a file once, an answer once."""

from billing.answers.outcome import FileTaken, Refusal, Tally
from billing.answers.taking import KINDS, Kind, take

__all__ = ["KINDS", "FileTaken", "Kind", "Refusal", "Tally", "take"]
