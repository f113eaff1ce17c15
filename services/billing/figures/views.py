"""The read models of the figures: every answer to a claim, and every denial in it."""

from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


class AnsweredRow(SQLModel, table=True):
    """One answer of a payer to a claim. No patient data."""

    __tablename__ = "answered"
    __table_args__ = (Index("answered_by_day", "answered_on", "claim_id"), Index("answered_of_claim", "claim_id"))

    answer: str = Field(primary_key=True)
    """The event id of the adjudication."""
    claim_id: str
    org: str
    payer_id: str
    clinic: str | None
    answered_on: str
    outcome: str
    charge_cents: int | None
    paid_cents: int
    codes: str
    """The codes that were billed, as a JSON array."""
    days: int | None
    """From export to answer; None where it was not exported here."""


class DenialRow(SQLModel, table=True):
    """One reason for which a payer denied a line, or a claim. No patient data."""

    __tablename__ = "denial"
    __table_args__ = (Index("denial_by_day", "denied_on", "claim_id"), Index("denial_of_claim", "claim_id"))

    answer: str = Field(primary_key=True)
    """The event id of the adjudication."""
    place: int = Field(primary_key=True)
    """Among the answer's denials, from 1."""
    claim_id: str
    org: str
    payer_id: str
    clinic: str | None
    date_of_service: str
    denied_on: str
    line: int | None
    code: str | None
    """The service code that was denied; None = the claim as a whole."""
    grouped: str
    """The group code."""
    carc: str
    rarcs: str
    """As a JSON array."""
    amount_cents: int
    rules: str
    """The rules of ours that look for it, as a JSON array."""
    stood: str
    """Findings of theirs that stood when the claim went out, as a JSON array."""
    seen: str
    """`overridden`, `advice`, `blocking` (it went out elsewhere), `not-found`, or `no-rule`."""
    standing: str
    """`open`, `settled` (paid after all), `overturned`, `partly`, `lost`, or `given-up` (lapsed, or by a person)."""
    decided: str | None
    """How its first appeal ended."""
    days_to_decision: int | None
    """From the receipt of the denial to that end."""
    at_stake_cents: int


TABLES: tuple[type[SQLModel], ...] = (AnsweredRow, DenialRow)
Row = dict[str, Any]
