"""What clinics say of a session (contract types), and what session_capture concludes from it."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from therapy_domain.events.base import Event
from therapy_domain.fields import (
    DiagnosisCode,
    Identifier,
    Instant,
    LocalDate,
    Minutes,
    ModifierCode,
    Npi,
    Number,
    OptionalIdentifier,
    OptionalNpi,
    Personal,
    PlaceOfService,
    ServiceCode,
    Text,
    Timezone,
    Units,
)
from therapy_domain.values import Value

Discipline = Literal["PT", "OT", "SLP", "CHIRO"]
Role = Literal["PT", "PTA", "OT", "OTA", "SLP", "DC", "AIDE", "STUDENT"]
Contact = Literal["one_on_one", "group", "observed", "unattended"]
Activity = Literal["treatment", "setup", "rest", "conversation", "documentation", "passive_modality"]
ActivityOrNull = Annotated[Activity, BeforeValidator(lambda given: "treatment" if given is None else given)]
"""Null says the same as an absent field, as for every optional field."""


NoticeReason = Literal["medical_necessity", "frequency", "maintenance", "investigational", "excluded", "not_a_benefit"]
"""Why Medicare may not pay. The first four are reasons of medical necessity, the last two of a voluntary notice."""


class Notice(Value):
    """An advance notice (ABN) that the patient signed: Medicare may not pay for this. No free text, so none to seal."""

    signed_on: LocalDate
    kind: Literal["required", "voluntary"]
    """required: a covered service, expected to be denied as not necessary; voluntary: one that is never covered."""
    reason: NoticeReason | None = None
    codes: tuple[ServiceCode, ...] | None = None
    """The services it names; absent = every one of the session."""

    def names(self, code: str) -> bool:
        """Whether it is about that service."""
        return self.codes is None or code in self.codes


class SessionOpened(Event, type="claimtrail.session.opened.v1"):
    """A visit began: who is treated, for which payer, on which date of service, and by whom."""

    patient_id: Identifier
    payer_id: Identifier
    discipline: Discipline
    date_of_service: LocalDate
    """The clinic's local date. It decides, whatever the intervals' dates."""
    place_of_service: PlaceOfService
    clinician_npi: Npi
    diagnoses: tuple[DiagnosisCode, ...]
    """First = primary."""
    plan_id: OptionalIdentifier = None
    referring_npi: OptionalNpi = None
    authorization_number: OptionalIdentifier = None
    timezone: Timezone | None = None
    telehealth: bool | None = None
    """Whether it was furnished by telehealth; absent: as the place of service says (02 and 10 are telehealth)."""
    notice: Notice | None = None
    """An advance notice of non-coverage that holds for this visit."""


class Performer(Value):
    """Who gave the treatment."""

    id: Annotated[str, Field(max_length=200)]
    """A clinician's NPI where there is one; any text."""
    role: Role


class Interval(Value):
    """A stretch of the visit: one code, one performer, one kind of contact."""

    interval_id: Identifier
    code: ServiceCode
    start: Instant | None = None
    end: Instant | None = None
    minutes: Minutes | None = None
    """In place of `start` and `end`, from a clinic that kept no clock times [min]."""
    performer: Performer
    contact: Contact
    activity: ActivityOrNull = "treatment"
    technique: Text | None = None
    supervisor_npi: OptionalNpi = None
    skilled: bool | None = None
    """Was the therapist's skill needed."""

    @property
    def seconds(self) -> int | None:
        """Length by the clock [s]; None without both clock times or when the end lies before the start."""
        if self.start is None or self.end is None or self.end < self.start:
            return None
        return int((self.end - self.start).total_seconds())


_UNREADABLE = object()


class CompleteInterval(Interval):
    """An interval whose length is known: both clock times in order, or minutes; with both, the clock decides."""

    minutes: Annotated[Minutes | None, Field(validate_default=True)] = None

    @field_validator("minutes")
    @classmethod
    def _length_is_known(cls, minutes: int | None, info: ValidationInfo) -> int | None:
        """Checked at the field that is read after both clock times; `beside` names the one at fault."""
        start, end = info.data.get("start", _UNREADABLE), info.data.get("end", _UNREADABLE)
        if minutes is None and (start is None or end is None):
            beside = "start" if start is None else "end"
            raise PydanticCustomError("format", "a start and an end, or minutes", {"beside": beside})
        if isinstance(start, datetime) and isinstance(end, datetime) and end < start:
            raise PydanticCustomError("format", "an end that is not before the start", {"beside": "end"})
        return minutes


class IntervalRecorded(Event, CompleteInterval, type="claimtrail.interval.recorded.v1"):
    """A whole interval; sent again under another event id, it replaces the earlier one."""


class IntervalStarted(Event, type="claimtrail.interval.started.v1"):
    """An interval streamed live began: everything but its end."""

    interval_id: Identifier
    code: ServiceCode
    start: Instant
    performer: Performer
    contact: Contact
    activity: ActivityOrNull = "treatment"
    technique: Text | None = None
    supervisor_npi: OptionalNpi = None
    skilled: bool | None = None


class IntervalStopped(Event, type="claimtrail.interval.stopped.v1"):
    """An interval streamed live ended."""

    interval_id: Identifier
    end: Instant


class Measure(Value):
    """An objective measure: what was measured, how much, in which unit, and the value to compare with."""

    name: Text
    value: Number
    unit: Text
    baseline: Number | None = None


class Note(Value):
    """The items of a daily note; absent = never written, empty = written and empty."""

    exercises: Text | None = None
    skilled_guidance: Text | None = None
    patient_response: Text | None = None
    objective_measures: tuple[Measure, ...] | None = None
    functional_change: Text | None = None
    safety_precautions: Text | None = None
    equipment: Text | None = None
    medical_necessity: Text | None = None
    progress_toward_goals: Text | None = None
    patient_education: Text | None = None
    assistant_supervision: Text | None = None
    plan_alignment: Text | None = None
    extended_time_justification: Text | None = None
    separate_services_justification: Text | None = None


class NoteRecorded(Event, type="claimtrail.note.recorded.v1"):
    """Items of the visit's note; later ones add to and replace earlier ones item by item."""

    items: Personal[Note]


class Charge(Value):
    """What the clinic meant to bill: checked against ours, never billed as it stands."""

    code: ServiceCode
    units: Units
    modifiers: tuple[ModifierCode, ...] = ()


class SessionSigned(Event, type="claimtrail.session.signed.v1"):
    """A person signed the visit's record."""

    clinician_npi: Npi
    credentials: Text | None = None
    license_number: Text | None = None
    charges: tuple[Charge, ...] | None = None


class SessionChange(Value):
    """Fields of the opened session to set anew; only those in `model_fields_set` change, None clears one."""

    patient_id: Identifier | None = None
    payer_id: Identifier | None = None
    discipline: Discipline | None = None
    date_of_service: LocalDate | None = None
    place_of_service: PlaceOfService | None = None
    clinician_npi: Npi | None = None
    diagnoses: tuple[DiagnosisCode, ...] | None = None
    plan_id: OptionalIdentifier = None
    referring_npi: OptionalNpi = None
    authorization_number: OptionalIdentifier = None
    timezone: Timezone | None = None
    telehealth: bool | None = None
    notice: Notice | None = None

    @model_validator(mode="after")
    def _required_fields_stay(self) -> Self:
        for name in self.model_fields_set:
            if getattr(self, name) is None and SessionOpened.model_fields[name].is_required():
                raise PydanticCustomError(
                    "format", "a value for {field}, which a session cannot be without", {"field": name}
                )
        return self

    @model_serializer(mode="wrap")
    def _keep_what_is_cleared(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """A field that is set to nothing is stored as null; a field that is not set is left out."""
        return {**dict.fromkeys(sorted(self.model_fields_set)), **plain(self)}


class SessionAmended(Event, type="claimtrail.session.amended.v1"):
    """A correction with its reason; the original stays in the log."""

    unread: ClassVar[tuple[str, ...]] = ("reason",)

    reason: Personal[Text]
    replace_intervals: tuple[CompleteInterval, ...] | None = None
    remove_intervals: tuple[Identifier, ...] | None = None
    set: SessionChange | None = None


class SessionVoided(Event, type="claimtrail.session.voided.v1"):
    """The visit did not happen, or must not be billed."""

    unread: ClassVar[tuple[str, ...]] = ("reason",)

    reason: Personal[Text]


class Signature(Value):
    """One person's signature of the visit's record."""

    clinician_npi: Npi
    credentials: Text | None = None
    license_number: Text | None = None
    signed_at: Instant


class Amendment(Value):
    """What one amendment changed of what a claim is made of; the amendment itself has the rest."""

    at: Instant
    changed: tuple[str, ...] = ()
    """`intervals`, and names of the opened session's fields; in order."""
    minutes_before: int
    """Of treatment in the whole session [min]."""
    minutes_after: int
    clocked: bool = True
    """Each interval that it set has clock times."""
    diagnoses_added: tuple[DiagnosisCode, ...] = ()
    """Those that the session did not have before."""


class SessionRecorded(Event):
    """A signed session, whole: what every later step needs to know of the visit."""

    session_key: str
    """The session's stream: unique in the installation."""
    session_id: Identifier
    org: str
    clinic: str | None = None
    revision: int
    """Counts up each time a late or amended fact changes the session."""
    case_id: str
    claim_id: str
    opened: SessionOpened
    """The session's head with all amendments in it."""
    intervals: tuple[Interval, ...]
    """By interval id; one without an end is still running."""
    signatures: tuple[Signature, ...]
    charges: tuple[Charge, ...] | None = None
    """What the latest signature that carries charges meant to bill."""
    note: Personal[Note]
    """Clinical text: sealed before it is stored."""
    amended: bool = False
    amendments: tuple[Amendment, ...] = ()
    """By when they happened."""
    latest_fact_at: Instant
    """When the last of its facts happened, with the offset it was written in."""
    conflicts: tuple[str, ...] = ()
    """Facts sent again with other content, that no person has decided on."""
    basis: tuple[str, ...]
    """The ids of the facts this was consolidated from."""


class SessionWithdrawn(Event):
    """A session left this case: voided, or amended into another case."""

    session_key: str
    session_id: Identifier
    org: str
    clinic: str | None = None
    revision: int
    case_id: str
    claim_id: str
    patient_id: Identifier
    payer_id: Identifier
    discipline: Discipline
    date_of_service: LocalDate
    reason: Literal["voided", "moved"]
    moved_to: str | None = None
    """The case it went to."""
    basis: tuple[str, ...]
