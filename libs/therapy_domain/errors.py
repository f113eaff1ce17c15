"""The domain's errors: each carries its facts as attributes and builds its own sentence from them."""

from collections.abc import Sequence


class DomainError(Exception):
    """Something the domain refuses: `code` is stable, the attributes are the facts."""

    code = "domain-error"


class UnknownRuleset(DomainError):
    """A decision or a question names a ruleset release that is neither shipped nor recorded.

    Args:    wanted_hash: where the id is known, but not with this hash.
    """

    code = "unknown-ruleset"

    def __init__(self, ruleset_id: str, *, available: Sequence[str], wanted_hash: str | None = None) -> None:
        self.ruleset_id, self.available, self.wanted_hash = ruleset_id, tuple(available), wanted_hash
        named = f"{ruleset_id!r}" if wanted_hash is None else f"{ruleset_id!r} with the hash {wanted_hash}"
        super().__init__(f"ruleset {named} is not known; known are {', '.join(available) or 'none'}")


class InputError(DomainError):
    """A value that cannot be understood: where it stands, what it is, what would be right.

    The message names the value by its type and length only where `secret` is set (personal fields).
    """

    code = "invalid-input"

    def __init__(self, path: str, value: object, expected: str, *, secret: bool = False) -> None:
        self.path, self.value, self.expected = path, value, expected
        shown = f"<{type(value).__name__}, not shown>" if secret else repr(value)[:80]
        super().__init__(f"{path}: {shown} is not accepted; expected {expected}")
