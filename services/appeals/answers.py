"""The payer's answers to a claim, and which claim each of them answers: pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from appeals.state import Known
from service_kit.codec import Seen
from service_kit.reading import Folder
from therapy_domain.events.base import microseconds
from therapy_domain.events.claim import ClaimAdjudicated, ClaimAssessed
from therapy_domain.identity import id_text


@dataclass(frozen=True, slots=True)
class Answers:
    """Every answer of the payer to a claim, and every assessment of the claim."""

    said: Mapping[str, ClaimAdjudicated] = field(default_factory=dict)
    """By event id."""
    assessments: tuple[tuple[int, Known[ClaimAssessed]], ...] = ()
    """As recorded, each with when what it rests on happened [microseconds]."""

    @property
    def assessed(self) -> dict[str, Known[ClaimAssessed]]:
        """The claim that each answer is about: as it stood by what had happened until then, whenever we heard of it.

        Where all that we know of the claim happened later, the first that we knew.
        """
        return {answer: claim for answer, said in self.said.items() if (claim := self._answered(said)) is not None}

    def _answered(self, said: ClaimAdjudicated) -> Known[ClaimAssessed] | None:
        at = microseconds(said.at)
        before = [claim for happened, claim in self.assessments if happened <= at]
        return before[-1] if before else next((claim for _, claim in self.assessments), None)


def heard(state: Answers, seen: Seen) -> Answers:
    """The answers with one more event of the claim's stream; events of other kinds change nothing."""
    event_id = id_text(seen.recorded.event_id)
    match seen.event:
        case ClaimAssessed():
            claim = (seen.recorded.occurred_at, Known(event_id, seen.event))
            return replace(state, assessments=(*state.assessments, claim))
        case ClaimAdjudicated():
            return replace(state, said={**state.said, event_id: seen.event})
        case _:
            return state


ANSWERS: Folder[Answers] = Folder("answers", Answers(), heard)
