"""What the patient's other visits need to know of one visit."""

from therapy_domain.events.base import Event
from therapy_domain.events.session import Discipline
from therapy_domain.fields import DiagnosisCode, Identifier, LocalDate, ModifierCode, Personal, ServiceCode
from therapy_domain.values import Value


class ChartedLine(Value):
    """A billable line of a visit, before what only its neighbours decide (KX, modifiers of separate services)."""

    code: ServiceCode
    minutes: int
    units: int
    modifiers: tuple[ModifierCode, ...]
    """The discipline's and the assistant's."""
    performers: tuple[str, ...] = ()
    """Who gave it, by the ids that the intervals name."""
    clocks: tuple[tuple[int, int], ...] | None = None
    """When it was given [s since the epoch, UTC], in order; None where an interval of it has no clock times."""
    allowed_cents: int | None = None
    """What the payer allows for it: toward a yearly threshold this counts. None = not known."""


class ChartedNote(Value):
    """A session's note, as far as later notes are compared with it; no word of it stands here."""

    session_id: Identifier
    exercises: str | None = None
    """Digest of the exercises' words: equal for equal texts. None = nothing is written."""
    guidance: str | None = None
    """The same of the skilled guidance."""
    sketch: tuple[int, ...] = ()
    """The least hashes of its runs of words (see claims.likeness); none = too short to compare."""


class VisitCharted(Event):
    """One case as the patient's other visits see it. Said again when it changes; without sessions it is no visit.

    Basis: the UnitsCalculated and the session revisions that it counted, and the payer's policy facts.
    """

    case_id: str
    claim_id: str
    org: str
    clinic: str | None = None
    patient_id: Identifier
    payer_id: Identifier
    discipline: Discipline
    date_of_service: LocalDate
    session_ids: tuple[str, ...]
    clinicians: tuple[str, ...] = ()
    """NPIs of the sessions' clinicians."""
    diagnoses: tuple[DiagnosisCode, ...] = ()
    """Of its sessions, without dots."""
    under_threshold: bool = False
    """Its payer counts it toward the yearly therapy threshold."""
    treated: bool = False
    """A treatment day: somebody treated, on whatever code."""
    authorizations: tuple[str, ...] = ()
    """Numbers that its sessions name."""
    lines: tuple[ChartedLine, ...] = ()
    notes: Personal[tuple[ChartedNote, ...]] = ()
    ruleset: str
    ruleset_hash: str
    basis: tuple[str, ...]
