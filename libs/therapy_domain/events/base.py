"""What every event is: frozen, strict, versioned, described; and the registry that reads stored ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, ClassVar, Generic, TypeVar, get_args

from pydantic import BaseModel

from therapy_domain.canonical import canonical_json
from therapy_domain.fields import SOURCE, PersonalMark
from therapy_domain.identity import fact_id
from therapy_domain.values import Value

REGISTRY: dict[str, type["Event"]] = {}
"""Every event class by the type it is stored under."""


class Event(Value):
    """Something that happened, in the past tense.

    `class SessionOpened(Event, type="claimtrail.session.opened.v1")`: facts carry their contract's type, decisions
    are stored under their class name.
    """

    type: ClassVar[str]
    version: ClassVar[int]
    personal: ClassVar[tuple[str, ...]]
    """The fields to seal: they identify a person or hold clinical free text."""
    unread: ClassVar[tuple[str, ...]] = ()
    """Personal texts that no decision looks at: where they are erased, the event is still read."""
    numbers_are_plain: ClassVar[bool]
    """No field holds floats, so that the canonical form needs no look for them."""
    sealed_is_plain: ClassVar[bool]
    """None does but personal fields, which are stored as text."""

    def __init_subclass__(cls, **_: Any) -> None:
        super().__init_subclass__()

    @classmethod
    def __pydantic_init_subclass__(cls, *, type: str = "", version: int = 1, **_: Any) -> None:  # noqa: A002 -- the word of CloudEvents
        super().__pydantic_init_subclass__()
        cls.type, cls.version = type or cls.__name__, version
        cls.personal = tuple(
            name
            for name, field in cls.model_fields.items()
            if any(isinstance(mark, PersonalMark) for mark in field.metadata)
        )
        floating = {name for name, field in cls.model_fields.items() if _may_be_float(field.annotation)}
        cls.numbers_are_plain, cls.sealed_is_plain = not floating, floating.issubset(cls.personal)
        if cls.type in REGISTRY:
            raise TypeError(f"two events are stored as {cls.type}: {REGISTRY[cls.type].__name__}, {cls.__name__}")
        REGISTRY[cls.type] = cls

    def canonical(self) -> bytes:
        """The RFC 8785 form of the event's data, personal fields in the clear, absent fields left out."""
        data = self.model_dump(mode="json", exclude_none=True, by_alias=True)
        return canonical_json(data, numbers_are_plain=self.numbers_are_plain)


def _may_be_float(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return any(_may_be_float(field.annotation) for field in annotation.model_fields.values())
    return annotation in (float, Any) or any(_may_be_float(part) for part in get_args(annotation))


ERASED_TEXT = "[erased]"
"""Stands in an event for an unread text whose key was destroyed."""

E = TypeVar("E", bound=Event)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """A moment as microseconds since the epoch, UTC."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(since_epoch: int) -> datetime:
    """The moment so many microseconds after the epoch, UTC."""
    return _EPOCH + since_epoch * _MICROSECOND


@dataclass(frozen=True, slots=True)
class Fact(Generic[E]):
    """An event as it came from outside: who said it, about what, and when it happened there."""

    event: E
    source: str
    id: str
    subject: str
    time: datetime
    fact_id: bytes
    """The log's event id, derived from source and id."""
    extensions: Mapping[str, Any] = field(default_factory=dict)
    """Other CloudEvents attributes, kept as they came."""

    @property
    def order(self) -> tuple[datetime, str, str]:
        """ "Later" always means by time as an instant, then source, then id."""
        return (self.time, self.source, self.id)

    @property
    def org(self) -> str:
        """The organization in the source."""
        return split_source(self.source)[0]

    @property
    def clinic(self) -> str | None:
        """The clinic in the source, if it names one."""
        return split_source(self.source)[1]


@lru_cache(maxsize=4096)
def split_source(source: str) -> tuple[str, str | None]:
    """Organization and clinic of a CloudEvents source.

    Raises:  ValueError: the source is not `/orgs/{org}` or `/orgs/{org}/clinics/{clinic}`.
    """
    match = SOURCE.match(source)
    if match is None:
        raise ValueError(f"not a source: {source!r}")
    return match[1], match[2]


def fact(event: E, *, source: str, event_id: str, subject: str, time: datetime, **extensions: Any) -> Fact[E]:
    """A fact with its derived id."""
    return Fact(event, source, event_id, subject, time, fact_id(source, event_id), extensions)
