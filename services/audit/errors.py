"""What an auditor can ask for that is not there."""


class UnknownClaim(Exception):
    """No claim of that id in this store."""

    code = "unknown-claim"

    def __init__(self, claim_id: str) -> None:
        self.claim_id = claim_id
        super().__init__(f"there is no claim {claim_id!r} in this store; `claimtrail claims` lists them")


class UnknownInstant(Exception):
    """`as of` what cannot be told."""

    code = "unknown-instant"

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(
            f"{text!r} is neither a log position (e.g. 1200) nor a time with an offset (e.g. 2026-03-02T17:00:00Z)"
        )
