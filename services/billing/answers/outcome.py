"""What came of a payer's file."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from therapy_domain.events.submission import TakenPayment


@dataclass(slots=True)
class Tally:
    """How many answers came to what."""

    matched: int = 0
    """Found their claim or claim file."""
    repeated: int = 0
    """Of those, known already: from another file, or from before an import that was cut off."""
    set_aside: int = 0
    conflicts: int = 0
    """Of those matched, known already with other content: kept for a person to settle."""


class Refusal(NamedTuple):
    """Why nothing of a file was taken."""

    code: str
    message: str
    segment: int | None
    """Where in the file, counted from 1."""
    off_cents: int | None = None
    """By how much a sum is off."""


@dataclass(slots=True)
class FileTaken:
    """One file."""

    name: str
    kind: str
    sha256: str = ""
    outcome: Literal["taken", "repeated", "refused"] = "taken"
    """repeated: this very file was taken in before."""
    answers: int = 0
    tally: Tally = field(default_factory=Tally)
    payments: tuple[TakenPayment, ...] = ()
    refusal: Refusal | None = None

    @property
    def clean(self) -> bool:
        """Whether nothing in it waits for a person to correct it."""
        return self.outcome != "refused" and not self.tally.conflicts
