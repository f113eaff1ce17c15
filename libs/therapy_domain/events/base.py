"""What every event is: frozen, strict, versioned, described; and the registry that reads stored ones."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from therapy_domain.canonical import canonical_json
from therapy_domain.fields import PersonalMark

REGISTRY: dict[str, type["Event"]] = {}
"""Every event class by the type it is stored under."""


class Value(BaseModel):
    """A part of an event: compared by value, never changed."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Event(Value):
    """Something that happened, in the past tense.

    `class SessionOpened(Event, type="claimtrail.session.opened.v1")`: facts carry their contract's type, decisions
    are stored under their class name.
    """

    type: ClassVar[str]
    version: ClassVar[int]
    personal: ClassVar[tuple[str, ...]]
    """The fields to seal: they identify a person or hold clinical free text."""

    def __init_subclass__(cls, **_: Any) -> None:
        super().__init_subclass__()

    @classmethod
    def __pydantic_init_subclass__(cls, *, type: str = "", version: int = 1, **_: Any) -> None:  # noqa: A002 -- the word of CloudEvents
        cls.type, cls.version = type or cls.__name__, version
        cls.personal = tuple(
            name
            for name, field in cls.model_fields.items()
            if any(isinstance(mark, PersonalMark) for mark in field.metadata)
        )
        if cls.type in REGISTRY:
            raise TypeError(f"two events are stored as {cls.type}: {REGISTRY[cls.type].__name__}, {cls.__name__}")
        REGISTRY[cls.type] = cls

    def canonical(self) -> bytes:
        """The RFC 8785 form of the event's data, personal fields in the clear, absent fields left out."""
        return canonical_json(self.model_dump(mode="json", exclude_none=True, by_alias=True))
