"""The Merkle tree of RFC 9162 over the log's leaves: roots and proofs from a few hundred stored hashes.

Of the tree's inner nodes only those of complete subtrees of 256, 65,536, ... leaves are kept (every eighth
level); what lies between is hashed again when a root or a proof asks for it.

Source: RFC 9162, sections 2.1.1 to 2.1.4.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Protocol

STEP = 8
"""Levels from one kept node to the next."""
FAN = 1 << STEP

EMPTY_ROOT = sha256(b"").digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The parent of two nodes."""
    return sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over these nodes, the first ones complete: an odd one out rises as it is."""
    if not hashes:
        return EMPTY_ROOT
    level = list(hashes)
    while len(level) > 1:
        parents = [
            sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        if len(level) % 2:
            parents.append(level[-1])
        level = parents
    return level[0]


class NodeSource(Protocol):
    """Where kept nodes are read: level 0 the leaves, then every eighth level."""

    def nodes(self, level: int, start: int, count: int) -> Sequence[bytes]:
        """The nodes start, start + 1, ... of a level; each covers 2**level leaves."""


class Growth:
    """The right edge of a growing tree: for each kept level the nodes that do not fill a node above yet."""

    def __init__(self, edges: Sequence[Sequence[bytes]] = ((),)) -> None:
        self.edges = [list(edge) for edge in edges]

    @classmethod
    def of(cls, source: NodeSource, size: int) -> "Growth":
        """The edge of a stored tree of `size` leaves; reads at most 255 hashes a kept level."""
        edges: list[Sequence[bytes]] = []
        level, count = 0, size
        while count or not edges:
            edges.append(source.nodes(level, count - count % FAN, count % FAN))
            level, count = level + STEP, count // FAN
        return cls(edges)

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return sum(len(edge) << (STEP * depth) for depth, edge in enumerate(self.edges))

    def add(self, leaves: Sequence[bytes]) -> tuple["Growth", list[tuple[int, int, bytes]]]:
        """The edge after these leaves, and the (level, index, hash) of every node they completed."""
        made: list[tuple[int, int, bytes]] = []
        edges: list[list[bytes]] = []
        below: Sequence[bytes] = leaves
        filled = self.size
        for depth in range(max(len(self.edges), 1) + 8):
            edge = self.edges[depth] if depth < len(self.edges) else []
            if not below and depth >= len(self.edges):
                break
            edge = [*edge, *below]
            whole = len(edge) // FAN
            index = filled >> (STEP * (depth + 1))
            below = [fold(edge[at * FAN : (at + 1) * FAN]) for at in range(whole)]
            made.extend((STEP * (depth + 1), index + at, node) for at, node in enumerate(below))
            edges.append(edge[whole * FAN :])
        return Growth(edges), made

    def root(self) -> bytes:
        """The tree's root."""
        stack: list[tuple[int, bytes]] = []
        for depth in reversed(range(len(self.edges))):
            for node in self.edges[depth]:
                level, merged = STEP * depth, node
                while stack and stack[-1][0] == level:
                    merged = node_hash(stack.pop()[1], merged)
                    level += 1
                stack.append((level, merged))
        if not stack:
            return EMPTY_ROOT
        root = stack.pop()[1]
        while stack:
            root = node_hash(stack.pop()[1], root)
        return root


class Tree:
    """Roots and proofs over stored nodes."""

    def __init__(self, source: NodeSource) -> None:
        self._source = source

    def root(self, size: int) -> bytes:
        """The root of the first `size` leaves."""
        return self._range(0, size)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The proof that leaf `index` (from 0) is among the first `size`. Source: RFC 9162, 2.1.3.1."""
        if not 0 <= index < size:
            raise ValueError(f"no leaf {index} in a tree of {size}")
        path: list[bytes] = []
        low, high = 0, size
        while high - low > 1:
            middle = low + _split(high - low)
            if index < middle:
                path.append(self._range(middle, high))
                high = middle
            else:
                path.append(self._range(low, middle))
                low = middle
        return path[::-1]

    def consistency(self, first: int, second: int) -> list[bytes]:
        """The proof that the first `first` of `second` leaves are unchanged. Source: RFC 9162, 2.1.4.1."""
        if not 0 <= first <= second:
            raise ValueError(f"a tree of {first} leaves is no prefix of one of {second}")
        if first in (0, second):
            return []
        path: list[bytes] = []
        low, high, whole = 0, second, True
        while first != high:
            middle = low + _split(high - low)
            if first <= middle:
                path.append(self._range(middle, high))
                high = middle
            else:
                path.append(self._range(low, middle))
                low, whole = middle, False
        if not whole:
            path.append(self._range(low, high))
        return path[::-1]

    def _range(self, low: int, high: int) -> bytes:
        """The root over leaves low to high, where low is a multiple of a power of two at least high - low."""
        pieces = [self._complete(level, index) for level, index in _pieces(low, high)]
        if not pieces:
            return EMPTY_ROOT
        root = pieces.pop()
        while pieces:
            root = node_hash(pieces.pop(), root)
        return root

    def _complete(self, level: int, index: int) -> bytes:
        kept = level // STEP * STEP
        count = 1 << (level - kept)
        nodes = self._source.nodes(kept, index * count, count)
        if len(nodes) != count:
            raise LookupError(f"the stored tree lacks nodes at level {kept} from {index * count}")
        return fold(nodes)


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def _pieces(low: int, high: int) -> Iterator[tuple[int, int]]:
    """The complete subtrees of leaves low to high, largest first, as (level, index)."""
    while low < high:
        level = (high - low).bit_length() - 1
        yield level, low >> level
        low += 1 << level


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Does the proof lead from leaf `index` (from 0) to the root of `size`? Source: RFC 9162, 2.1.3.2."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(step, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, step)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes) -> bool:
    """Is the tree of `first` leaves a prefix of that of `second`? Source: RFC 9162, 2.1.4.2."""
    if first == second:
        return not proof and first_root == second_root
    if first == 0:
        return not proof and first_root == EMPTY_ROOT
    if first > second or not proof:
        return False
    steps = list(proof) if first & (first - 1) else [first_root, *proof]
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, step)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root
