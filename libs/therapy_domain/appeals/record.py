"""The record behind a dispute: what an appeal may argue from, each part with its place in the log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from therapy_domain.claims.case import Case
from therapy_domain.events.appeal import DeniedService
from therapy_domain.events.claim import Adjustment, ClaimAdjudicated, ClaimAssessed
from therapy_domain.events.session import SessionRecorded
from therapy_domain.rulesets.deadline_tables import Program
from therapy_domain.rulesets.release import Ruleset


class Reference(NamedTuple):
    """Where a part of the record stands in the log, so that anybody can hold it against the log."""

    event_id: str
    """As UUID text."""
    type: str
    position: int
    hash: str
    """The event's leaf hash, SHA-256 (RFC 9162), hexadecimal."""
    occurred_at: datetime
    recorded_at: datetime


class Visit(NamedTuple):
    """A visit of the patient: its date, and its sessions by event id."""

    day: date
    sessions: tuple[tuple[str, SessionRecorded], ...]
    payer_id: str
    units: int
    """Billable, of all its lines."""


class Filed(NamedTuple):
    """A request that a reviewer has, or had."""

    event_id: str
    filed_on: date
    how: str
    proof: str | None
    last_day: date
    decision_due: date | None
    good_cause: str | None = None


@dataclass(frozen=True)
class Record:
    """Everything that an argument about one denial may rest on, and nothing else."""

    case: Case
    """Sessions, plan, coverage, clinicians as they stand."""
    assessed_id: str
    assessed: ClaimAssessed
    """The claim that the payer answered."""
    adjudicated_id: str
    adjudicated: ClaimAdjudicated
    others: tuple[Visit, ...]
    """The patient's other visits under this discipline, of a year before the date of service, and of the day."""
    filed: Filed | None
    """The request that a dismissal or a late decision is about."""
    references: Mapping[str, Reference]
    """By event id, for everything above."""
    rules: Ruleset

    def refer(self, event_ids: Sequence[str]) -> tuple[Reference, ...]:
        """The places of these events, each once, by position."""
        found = {each: self.references[each] for each in event_ids if each in self.references}
        return tuple(sorted(found.values(), key=lambda reference: reference.position))


@dataclass(frozen=True)
class Dispute:
    """What is disputed, and the record behind it."""

    program: Program
    services: tuple[DeniedService, ...]
    adjustments: tuple[Adjustment, ...]
    """Those that are contested, as the payer gave them."""
    record: Record

    @property
    def day(self) -> date:
        """The date of service."""
        return self.record.case.date_of_service

    @property
    def codes(self) -> tuple[str, ...]:
        """The service codes in dispute."""
        return tuple(dict.fromkeys(service.code for service in self.services))
