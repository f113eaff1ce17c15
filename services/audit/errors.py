"""What an auditor can ask for that is not there, or no longer what it was."""

from collections.abc import Sequence


class UnknownClaim(Exception):
    """No claim of that id in this store."""

    code = "unknown-claim"

    def __init__(self, claim_id: str) -> None:
        self.claim_id = claim_id
        super().__init__(f"there is no claim {claim_id!r} in this store; `claimtrail claims` lists them")


class NotYetSigned(Exception):
    """No signed checkpoint covers what is asked for."""

    code = "not-yet-signed"

    def __init__(self, claim_id: str) -> None:
        self.claim_id = claim_id
        super().__init__(
            f"no signed checkpoint covers an assessment of claim {claim_id} yet; whoever writes the log signs one "
            "every 10 seconds, so try again soon"
        )


class UnknownInstant(Exception):
    """`as of` what cannot be told."""

    code = "unknown-instant"

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(
            f"{text!r} is neither a log position (e.g. 1200) nor a time with an offset (e.g. 2026-03-02T17:00:00Z)"
        )


class RecordChanged(Exception):
    """Events of a claim's record are not what was written."""

    code = "record-changed"

    def __init__(self, positions: Sequence[int]) -> None:
        self.positions = positions
        super().__init__(f"{changed_at(positions)}; `claimtrail history` shows what is stored now")


class NotAsSigned(Exception):
    """Event and hash fit each other, but not the checkpoint that was signed: here, or at a position nearby."""

    code = "not-as-signed"

    def __init__(self, position: int, size: int) -> None:
        self.position, self.size = position, size
        super().__init__(
            f"the log is not what was signed: the event at position {position} does not lead to the root of the "
            f"checkpoint of {size} events; it was changed together with its hash, or one beside it was "
            "(`claimtrail verify` tells the first that was)"
        )


def changed_at(positions: Sequence[int]) -> str:
    """Which events are not what was written, in words."""
    first = ", ".join(str(position) for position in positions[:5])
    more = f" and {len(positions) - 5} more" if len(positions) > 5 else ""
    which = f"event at position {first} is" if len(positions) == 1 else f"events at positions {first}{more} are"
    return (
        f"the {which} not what was written: the stored columns do not give the stored hash "
        "(`claimtrail verify` checks the whole log)"
    )
