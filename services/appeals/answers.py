"""The payer's answers to a claim, and which claim each of them answers: pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from appeals.state import Known
from service_kit.codec import Seen
from service_kit.reading import Folder
from therapy_domain.events.claim import ClaimAdjudicated, ClaimAssessed
from therapy_domain.events.submission import ClaimSubmitted
from therapy_domain.identity import id_text


@dataclass(frozen=True, slots=True)
class Answers:
    """Every answer of the payer to a claim, and every assessment of the claim."""

    said: Mapping[str, ClaimAdjudicated] = field(default_factory=dict)
    """By event id."""
    assessments: tuple[Known[ClaimAssessed], ...] = ()
    """As recorded."""
    submitted: Mapping[int, str] = field(default_factory=dict)
    """By the number of a submission: the event id of the assessment that was sent."""

    @property
    def assessed(self) -> dict[str, Known[ClaimAssessed]]:
        """The claim that each answer is about: what was sent, where the answer belongs to a submission of ours.

        Else as it stands by all that we know, in whatever order we heard of it: an assessment made on the way there
        was of a record that was not whole. What was assessed since, and says the same, is not another claim.
        """
        return {answer: claim for answer, said in self.said.items() if (claim := self._answered(said)) is not None}

    def _answered(self, said: ClaimAdjudicated) -> Known[ClaimAssessed] | None:
        sent = self.submitted.get(said.submission) if said.submission is not None else None
        if sent is not None:
            return next((claim for claim in self.assessments if claim.id == sent), None)
        if not self.assessments:
            return None
        *before, found = self.assessments
        for claim in reversed(before):
            if _billed(claim.event) != _billed(found.event):
                break
            found = claim
        return found


def _billed(claim: ClaimAssessed) -> tuple[object, ...]:
    """What a denial is sorted by: the lines, and what was found on them."""
    lines = [(line.line, line.code, line.units, line.modifiers, line.charge_cents) for line in claim.lines]
    findings = {(finding.rule, finding.also, finding.line) for finding in claim.findings}
    return claim.date_of_service, claim.amended and claim.today, lines, findings


def heard(state: Answers, seen: Seen) -> Answers:
    """The answers with one more event of the claim's stream; events of other kinds change nothing.

    A payment taken back denies nothing: what takes its place says whether the payer pays.
    """
    event_id = id_text(seen.recorded.event_id)
    match seen.event:
        case ClaimAssessed():
            return replace(state, assessments=(*state.assessments, Known(event_id, seen.event)))
        case ClaimSubmitted(submission=number, basis=(assessed, *_)):
            return replace(state, submitted={**state.submitted, number: assessed})
        case ClaimAdjudicated(is_reversal=False):
            return replace(state, said={**state.said, event_id: seen.event})
        case _:
            return state


ANSWERS: Folder[Answers] = Folder("answers and claims", Answers(), heard)
