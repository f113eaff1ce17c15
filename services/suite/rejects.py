"""What the Kafka door refused: where it stands, and why."""

from sqlmodel import Field, SQLModel


class RejectedMessage(SQLModel, table=True):
    """An event that was refused, or in conflict: where it stands, and why. The message itself stays in its topic."""

    __tablename__ = "rejected_message"

    topic: str = Field(primary_key=True)
    partition_number: int = Field(primary_key=True)
    at_offset: int = Field(primary_key=True)
    place: int = Field(primary_key=True)
    """Its place in the message, from 0: a message may hold a batch."""
    event_id: str | None
    source: str | None
    outcome: str
    errors: str
    """As JSON: path, value (never a personal one), what would be right."""
    message_key: bytes | None
    rejected_at: int
    told: int = 0
    """1 = sent to the topic of rejects."""


TABLES: tuple[type[SQLModel], ...] = (RejectedMessage,)
