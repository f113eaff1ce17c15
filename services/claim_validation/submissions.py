"""What was sent of a claim, what stands at the payer by now, and what is due to be sent: pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from claim_validation.composing import same_claim, same_service
from interchange.professional import ProfessionalClaim, stored_claim
from therapy_domain.events.base import ERASED_TEXT
from therapy_domain.events.claim import ClaimAdjudicated, ClaimAssessed
from therapy_domain.events.submission import ClaimAcknowledged, ClaimSubmitted

Due = Literal["original", "again", "replacement", "void"]
"""What is to be sent: for the first time, as an original anew after it came back, in place of what the payer has, or
to take that back."""
_VERDICTS = frozenset({"accepted", "rejected"})


@dataclass(frozen=True, slots=True)
class Sent:
    """One submission of a claim, and what its receivers said before any money came."""

    id: str
    """The event id of the ClaimSubmitted."""
    event: ClaimSubmitted
    answers: tuple[tuple[str, ClaimAcknowledged], ...] = ()
    """With their event ids."""
    _claim: list[ProfessionalClaim] = field(default_factory=list, init=False, compare=False, repr=False)

    @property
    def status(self) -> Literal["submitted", "accepted", "rejected"]:
        """By the latest answer that takes it or sends it back; a syntax check that it passed says nothing of it."""
        said = [(answer.at, event_id, answer.verdict) for event_id, answer in self.answers]
        known = [each for each in said if each[2] in _VERDICTS]
        return max(known)[2] if known else "submitted"  # type: ignore[return-value]  # _VERDICTS holds no other

    @property
    def claim(self) -> ProfessionalClaim | None:
        """What was sent; None where the patient's key was destroyed."""
        if self.event.sent == ERASED_TEXT:
            return None
        if not self._claim:
            self._claim.append(stored_claim(self.event.sent))
        return self._claim[0]


def acknowledged(sent: Sequence[Sent], event_id: str, answer: ClaimAcknowledged) -> tuple[Sent, ...]:
    """The submissions with one more answer."""
    return tuple(
        replace(each, answers=(*each.answers, (event_id, answer)))
        if each.event.submission == answer.submission
        else each
        for each in sent
    )


def standing(sent: Sequence[Sent]) -> Sent | None:
    """What the payer has of the claim: the last submission that did not come back."""
    return next((each for each in reversed(sent) if each.status != "rejected"), None)


def payer_claim_number(sent: Iterable[Sent], adjudicated: Iterable[ClaimAdjudicated]) -> str | None:
    """The payer's own number of the claim, as it told it last; None where it never did."""
    told = [(answer.at, answer.payer_claim_number) for each in sent for _, answer in each.answers]
    told += [(answer.at, answer.payer_claim_number) for answer in adjudicated]
    known = [(at, number) for at, number in told if number]
    return max(known)[1] if known else None


def due(
    sent: Sequence[Sent],
    adjudicated: Iterable[ClaimAdjudicated],
    assessed: ClaimAssessed,
    now: Callable[[], ProfessionalClaim | None],
    *,
    unchanged: bool = False,
) -> Due | None:
    """What is to be sent of a claim; None where what the payer has is what would be sent, or a fault holds the claim.

    A claim that came back is sent again once something of it has changed: the same would come back again.

    Args:    now: the claim as it would be sent now; asked only where something was sent before.
             unchanged: send what came back also where nothing of it changed.
    """
    at_payer = standing(sent)
    wanted = _wanted(at_payer, adjudicated, assessed, now)
    if wanted is None or not sent or sent[-1].status != "rejected":
        return wanted
    came_back = sent[-1]
    if wanted == "void":
        return wanted if unchanged or came_back.event.frequency != "8" else None
    changed = unchanged or _differs(came_back, now(), same_claim)
    return ("again" if at_payer is None else wanted) if changed else None


def _wanted(
    at_payer: Sent | None,
    adjudicated: Iterable[ClaimAdjudicated],
    assessed: ClaimAssessed,
    now: Callable[[], ProfessionalClaim | None],
) -> Due | None:
    if at_payer is None or at_payer.event.frequency == "8":
        answered_elsewhere = at_payer is None and any(True for _ in adjudicated)
        return "original" if assessed.outcome == "ready" and not answered_elsewhere else None
    match assessed.outcome:
        case "void" | "unbillable":
            return "void"
        case "ready" if _differs(at_payer, now(), same_service):
            return "replacement"
        case _:
            return None


def _differs(
    sent: Sent, now: ProfessionalClaim | None, same: Callable[[ProfessionalClaim, ProfessionalClaim], bool]
) -> bool:
    """Whether what was sent differs from now; what is erased cannot be compared, and nothing is due for it."""
    before = sent.claim
    return before is not None and now is not None and not same(before, now)
