"""The work on denials: what people do about them, and what the clock says when a day comes or passes."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from therapy_domain.events.base import Event
from therapy_domain.fields import Instant, LocalDate, Personal, Text
from therapy_domain.values import Value

How = Literal["portal", "electronic", "fax", "mail", "courier", "by-hand"]
Person = Annotated[str, Field(min_length=1, max_length=200)]
Proof = Annotated[str, Field(min_length=1, max_length=500)]
"""How the reviewer's receipt is proved: a confirmation number, a tracking number."""
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Act(Value):
    """What a person did about an appeal or another item of the worklist."""

    item_id: str
    """An appeal (`C…-A1`) or a proposal (`C…-W1`)."""
    case_id: str
    claim_id: str
    org: str
    by: Person
    at: Instant
    """When it was said."""


class WorkTaken(Event, _Act):
    """Somebody took an item on, or gave it back."""

    taken_by: Person | None = None
    """None: nobody has it any more."""


class NoteAdded(Event, _Act):
    """Somebody wrote something down about an item."""

    unread: ClassVar[tuple[str, ...]] = ("text",)

    text: Personal[Text]


class AppealFiled(Event, _Act):
    """The reviewer has the request for appeal."""

    unread: ClassVar[tuple[str, ...]] = ("good_cause",)

    filed_on: LocalDate
    """When the reviewer received it."""
    how: How
    proof: Proof | None = None
    good_cause: Personal[Text | None] = None
    """Why it is late, where it is (42 CFR 405.942(b))."""
    together_with: tuple[str, ...] = ()
    """Other appeals in the same request, whose amounts are aggregated with this one's (42 CFR 405.1006(e))."""
    together_cents: int | None = None
    """What is in controversy in the whole request."""
    packet_sha256: Digest | None = None
    """Of the file that was sent."""


class AppealWithdrawn(Event, _Act):
    """The request was taken back before it was decided."""

    unread: ClassVar[tuple[str, ...]] = ("reason",)

    withdrawn_on: LocalDate
    reason: Personal[Text]


class EscalationRequested(Event, _Act):
    """The reviewer is late: the next level was asked to take the appeal over."""

    requested_on: LocalDate
    """When the late reviewer received the request."""
    how: How
    proof: Proof | None = None


class VacateRequested(Event, _Act):
    """The reviewer who dismissed an appeal was asked to vacate the dismissal."""

    unread: ClassVar[tuple[str, ...]] = ("reason",)

    requested_on: LocalDate
    how: How
    proof: Proof | None = None
    reason: Personal[Text]


class RemedySent(Event, _Act):
    """What a proposal asked for went out: the corrected claim, the request to reopen, the patient's bill."""

    sent_on: LocalDate
    how: How
    proof: Proof | None = None
    packet_sha256: Digest | None = None


class WorkClosed(Event, _Act):
    """Somebody decided what becomes of an item: done, not done, or (a proposal) appealed instead."""

    unread: ClassVar[tuple[str, ...]] = ("reason",)

    outcome: Literal["done", "declined", "contested"]
    reason: Personal[Text]


class DayBegan(Event):
    """The clock says which day it is: what deadlines are compared with. One event a day, in one stream."""

    today: LocalDate
    at: Instant
    """When the clock said so."""


Deadline = Literal["appeal", "vacate", "corrected-claim", "reopening", "bill-patient", "write-off-proposal"]


class DeadlineWarned(Event):
    """A last day is near: 30, 14, 7 or 2 days are left, or fewer where the clock stood still or the denial came late.

    Basis: the decision that set the last day, and the DayBegan.
    """

    item_id: str
    case_id: str
    claim_id: str
    org: str
    deadline: Deadline
    last_day: LocalDate
    days: Literal[30, 14, 7, 2]
    """The threshold that was reached."""
    days_left: int
    amount_cents: int
    at: Instant
    basis: tuple[str, ...]


class AppealLapsed(Event):
    """The last day to file an appeal passed, and nobody had filed it. A later filing needs good cause.

    Basis: the AppealOpened, and the DayBegan.
    """

    appeal_id: str
    case_id: str
    claim_id: str
    org: str
    level: int
    file_by: LocalDate
    amount_cents: int
    """What was not fought for."""
    at: Instant
    basis: tuple[str, ...]


class DecisionOverdue(Event):
    """The reviewer's time to decide passed without a decision.

    Basis: the AppealOpened, what filed it where that was an act of its own, and the DayBegan.
    """

    appeal_id: str
    case_id: str
    claim_id: str
    org: str
    level: int
    due_on: LocalDate
    escalate_to: int | None = None
    """The level that may be asked to take it over; None where the law gives no such right."""
    source: str
    at: Instant
    ruleset: str
    ruleset_hash: str
    basis: tuple[str, ...]
