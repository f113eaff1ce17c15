"""What can be asked of claim files and answers that is not there or cannot be done."""

from pathlib import Path

from interchange.professional import ClaimFault
from therapy_domain.errors import DomainError


class UnknownClaimFile(DomainError):
    """No claim file of that number was exported here."""

    code = "unknown-claim-file"

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"there is no claim file {number}; `claimtrail files` lists them")


class FileInTheWay(DomainError):
    """Another file stands where a claim file is to be written. It is left as it is."""

    code = "file-in-the-way"

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"{path} is there and holds something else; move it away and export again")


class WrittenOtherwise(DomainError):
    """A claim file would not come out as it was recorded: it is not written."""

    code = "written-otherwise"

    def __init__(self, number: int, *, recorded: str, now: str) -> None:
        self.number, self.recorded, self.now = number, recorded, now
        super().__init__(
            f"claim file {number} was recorded with SHA-256 {recorded} and would be written with {now}: "
            "the release that wrote it can write it again"
        )


class ErasedFromFile(DomainError):
    """A claim file cannot be written again: a patient in it was erased."""

    code = "erased-from-file"

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"claim file {number} cannot be written again: the data of a patient in it was erased")


class ChangedMeanwhile(DomainError):
    """Claims kept changing under an export."""

    code = "changed-meanwhile"

    def __init__(self, attempts: int) -> None:
        self.attempts = attempts
        super().__init__(f"claims changed under each of {attempts} attempts to export them; export again")


class UnknownItem(DomainError):
    """No answer of that id waits on the worklist."""

    code = "unknown-item"

    def __init__(self, item: str) -> None:
        self.item = item
        super().__init__(f"no answer {item!r} waits; `claimtrail unmatched` lists those that do")


class NotMatchable(DomainError):
    """An answer cannot be put to that claim."""

    code = "not-matchable"

    def __init__(self, item: str, reason: str) -> None:
        self.item, self.reason = item, reason
        super().__init__(f"answer {item} cannot be matched: {reason}")


class NotSendable(DomainError):
    """A claim cannot be put on a form: the record lacks what it needs."""

    code = "not-sendable"

    def __init__(self, claim_id: str, faults: tuple[ClaimFault, ...]) -> None:
        self.claim_id, self.faults = claim_id, faults
        told = "; ".join(f"{fault.path.removeprefix('$.')}: expected {fault.expected}" for fault in faults)
        super().__init__(f"claim {claim_id} lacks what a claim needs: {told}")


class NothingToShow(DomainError):
    """Nothing is left of a claim that was never sent."""

    code = "nothing-to-show"

    def __init__(self, claim_id: str) -> None:
        self.claim_id = claim_id
        super().__init__(f"claim {claim_id} has no session left, or an unknown payer, and was never sent")
