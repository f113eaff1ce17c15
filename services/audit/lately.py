"""What was used lately, kept at hand."""

from typing import Generic, TypeVar

Key = TypeVar("Key")
Held = TypeVar("Held")


class Lately(Generic[Key, Held]):
    """A bounded mapping in two generations: quicker to write than one in the order of use, it forgets by the half.

    Args:    size: what was used among the last so many is held for sure, twice as much at most.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._young: dict[Key, Held] = {}
        self._old: dict[Key, Held] = {}

    def get(self, key: Key) -> Held | None:
        """What is held under the key, or None."""
        held = self._young.get(key)
        if held is None and (held := self._old.get(key)) is not None:
            self.put(key, held)
        return held

    def put(self, key: Key, held: Held) -> None:
        """Hold this under the key."""
        self._young[key] = held
        if len(self._young) > self._size:
            self._young, self._old = {}, self._young
