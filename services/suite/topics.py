"""The topics of an installation: which there are, and which event goes where."""

from event_log.protocol import Recorded
from interchange.cloudevents import CONTRACT_TYPES
from service_kit.kafka.topics import Place, Topic, TopicMap
from suite.erasing import PatientErased
from therapy_domain.events.appeal import (
    AppealConcluded,
    AppealOpened,
    CorrectionRequested,
    DenialSettled,
    DenialTriaged,
    RemedyProposed,
)
from therapy_domain.events.appeal_work import (
    AppealFiled,
    AppealLapsed,
    AppealWithdrawn,
    DayBegan,
    DeadlineWarned,
    DecisionOverdue,
    EscalationRequested,
    NoteAdded,
    RemedySent,
    VacateRequested,
    WorkClosed,
    WorkTaken,
)
from therapy_domain.events.chart import VisitCharted
from therapy_domain.events.claim import (
    ClaimAdjudicated,
    ClaimAssessed,
    ClaimQuestioned,
    ConflictSettled,
    FactConflicted,
    FindingOverridden,
    PlanAttached,
    QuestionAnswered,
    UnitsCalculated,
)
from therapy_domain.events.ruleset import RulesetReleased, RulesetTableStored
from therapy_domain.events.session import SessionRecorded, SessionWithdrawn
from therapy_domain.events.submission import (
    AnswerFileTaken,
    AnswerMatched,
    AnswerSetAside,
    ClaimAcknowledged,
    ClaimFileAcknowledged,
    ClaimFileWritten,
    ClaimsExported,
    ClaimSubmitted,
)
from therapy_domain.streams import kind_of_fact

_ON_SUBJECTS = frozenset({FactConflicted.type, ConflictSettled.type})
_RELEASES = frozenset({RulesetReleased.type, RulesetTableStored.type})
_SESSION_FACTS = frozenset(each for each in CONTRACT_TYPES if kind_of_fact(each) == "session")
_SAID_OF_DENIALS = (
    *(DenialTriaged, CorrectionRequested, RemedyProposed, AppealOpened, AppealConcluded, DenialSettled),
    *(DeadlineWarned, AppealLapsed, DecisionOverdue),
)
_DONE_ABOUT_DENIALS = (
    *(WorkTaken, NoteAdded, AppealFiled, AppealWithdrawn, EscalationRequested, VacateRequested, RemedySent),
    WorkClosed,
)

CLINIC = Topic(
    "clinic.events.v1",
    "What clinics and payers send, as CloudEvents in structured or binary mode.",
    "subject",
    frozenset(CONTRACT_TYPES),
    in_the_clear=True,
)
REJECTS = Topic(
    "clinic.rejects.v1",
    "What was refused or in conflict at the Kafka door: where it stands in clinic.events.v1, and why.",
    "subject",
)
FACTS = Topic(
    "therapy.facts.v1",
    "Facts about sessions as they came, and people's decisions on conflicts among them.",
    "stream",
    _SESSION_FACTS,
    _ON_SUBJECTS,
)
SESSIONS = Topic(
    "therapy.sessions.v1",
    "Whole sessions, revision by revision, and sessions that left a case.",
    "case",
    frozenset({SessionRecorded.type, SessionWithdrawn.type}),
)
UNITS = Topic(
    "therapy.units.v1", "The minutes and units of a case, with every step.", "case", frozenset({UnitsCalculated.type})
)
CLAIMS = Topic(
    "therapy.claims.v1",
    "Assessed claims, people's overrides and questions, submissions, and payers' answers tied to a case.",
    "case",
    frozenset(
        each.type
        for each in (
            ClaimAssessed,
            FindingOverridden,
            ClaimQuestioned,
            QuestionAnswered,
            ClaimSubmitted,
            ClaimAcknowledged,
            ClaimAdjudicated,
        )
    ),
)
APPEALS = Topic(
    "therapy.appeals.v1",
    "Denials sorted, appeals and other remedies with their deadlines, what people do about them, what the clock says.",
    "case",
    frozenset(each.type for each in (*_SAID_OF_DENIALS, *_DONE_ABOUT_DENIALS)),
)
FILES = Topic(
    "therapy.files.v1",
    "Claim files that went out, payers' files that came in, and answers that fit no claim.",
    "stream",
    frozenset(
        each.type
        for each in (
            ClaimsExported,
            ClaimFileWritten,
            ClaimFileAcknowledged,
            AnswerFileTaken,
            AnswerSetAside,
            AnswerMatched,
        )
    ),
)
REFERENCE = Topic(
    "therapy.reference.v1",
    "What claims depend on: organizations, patients, coverage, plans, clinicians, payers, answers; the day; releases.",
    "stream",
    (frozenset(CONTRACT_TYPES) - _SESSION_FACTS)
    | _RELEASES
    | {PlanAttached.type, PatientErased.type, VisitCharted.type, DayBegan.type},
    _ON_SUBJECTS,
)
DEAD_LETTERS = Topic(
    "therapy.dead-letters.v1",
    "Copies of what could not be processed, with the reason in headers; the database has the truth.",
    "stream",
)

ALL = (CLINIC, REJECTS, FACTS, SESSIONS, UNITS, CLAIMS, APPEALS, FILES, REFERENCE, DEAD_LETTERS)
LOG_TOPICS = (FACTS, SESSIONS, UNITS, CLAIMS, APPEALS, FILES, REFERENCE)
"""Those that the relay fills."""
_OF_CASES = {"sessions": SESSIONS, "units": UNITS, "claim": CLAIMS, "appeals": APPEALS}
_OF_KINDS = {"session": FACTS, "claim-files": FILES, "claim-file": FILES, "answer-file": FILES, "set-aside": FILES}


def place_of(row: Recorded) -> Place:
    """Where an event of the log goes, by the stream it belongs to."""
    kind, _, rest = row.stream.partition("/")
    if kind == "case":
        case, _, what = rest.partition("/")
        return Place(_OF_CASES.get(what, CLAIMS), case)
    return Place(_OF_KINDS.get(kind, REFERENCE), row.stream)


def topic_map(prefix: str = "") -> TopicMap:
    """The topics that the relay fills, with what stands before their names."""
    return TopicMap(LOG_TOPICS, place_of, prefix)


def all_topics(prefix: str = "") -> TopicMap:
    """Every topic there is, to make them."""
    return TopicMap(ALL, place_of, prefix)
