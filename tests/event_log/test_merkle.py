"""Roots and proofs, judged by another implementation of the same tree."""

from __future__ import annotations

import random
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from event_log.merkle import EMPTY_ROOT, FAN, STEP, Growth, Tree, fold, verify_consistency, verify_inclusion


class Stored:
    """What an engine keeps: leaves, and the nodes that growth hands out."""

    def __init__(self) -> None:
        self.levels: dict[int, list[bytes]] = {0: []}
        self.growth = Growth()

    def add(self, leaves: list[bytes]) -> None:
        self.growth, made = self.growth.add(leaves)
        self.levels[0] += leaves
        for level, place, node in made:
            kept = self.levels.setdefault(level, [])
            assert place == len(kept)
            kept.append(node)

    def nodes(self, level: int, start: int, count: int) -> list[bytes]:
        return self.levels.get(level, [])[start : start + count]


SIZE = 1400
ENTRIES = [b"entry %d" % number for number in range(SIZE)]
LEAVES = [sha256(b"\x00" + entry).digest() for entry in ENTRIES]


@pytest.fixture(scope="module")
def judge():
    return InmemoryTree.init_from_entries(ENTRIES, algorithm="sha256")


@pytest.fixture(scope="module")
def tree():
    stored = Stored()
    chooser, at = random.Random(2), 0
    while at < SIZE:
        step = chooser.choice([1, 2, 3, 100, 255, 256, 257, 600])
        stored.add(LEAVES[at : min(SIZE, at + step)])
        at += step
    return Tree(stored)


def test_roots_agree_at_every_size(judge, tree):
    assert tree.root(0) == EMPTY_ROOT == sha256(b"").digest()
    for size in range(1, SIZE + 1, 7):
        assert tree.root(size) == judge.get_root(size) == fold(LEAVES[:size])


def test_inclusion_proofs_are_the_judges_and_hold(judge, tree):
    chooser = random.Random(3)
    for _ in range(150):
        size = chooser.randint(1, SIZE)
        index = chooser.randrange(size)
        proof = tree.inclusion(index, size)
        theirs = judge.prove_inclusion(index + 1, size).serialize()
        assert [node.hex() for node in proof] == theirs["path"][1:]
        root = tree.root(size)
        assert verify_inclusion(LEAVES[index], index, size, proof, root)
        assert not verify_inclusion(LEAVES[index - 1], index, size, proof, root) or size == 1
        assert not verify_inclusion(LEAVES[index], index + 1, size, proof, root)
        assert not verify_inclusion(LEAVES[index], index, size, [*proof, root], root)


def test_consistency_proofs_hold_and_forged_ones_do_not(tree):
    chooser = random.Random(4)
    for _ in range(150):
        second = chooser.randint(1, SIZE)
        first = chooser.randint(0, second)
        proof = tree.consistency(first, second)
        old, new = tree.root(first), tree.root(second)
        assert verify_consistency(first, second, proof, old, new)
        if 0 < first < second:
            assert not verify_consistency(first, second, proof, tree.root(first - 1), new)
            assert not verify_consistency(first, second, proof, old, tree.root(second - 1))
            assert not verify_consistency(first, second, proof[:-1], old, new)


@given(st.integers(0, 700), st.lists(st.integers(1, 400), max_size=4))
def test_growth_taken_up_from_storage_is_growth_never_put_down(first, steps):
    stored = Stored()
    stored.add(LEAVES[:first])
    for step in steps:
        at = len(stored.levels[0])
        stored.growth = Growth.of(stored, at)
        assert stored.growth.size == at
        stored.add(LEAVES[at : at + step])
    assert stored.growth.root() == fold(stored.levels[0])


def test_a_large_tree_keeps_nodes_of_two_levels():
    stored = Stored()
    leaf = b"l" * 32
    stored.add([leaf] * (FAN * FAN + FAN + 5))
    assert [len(stored.levels[level]) for level in (0, STEP, 2 * STEP)] == [FAN * FAN + FAN + 5, FAN + 1, 1]
    assert Tree(stored).root(stored.growth.size) == stored.growth.root() == fold(stored.levels[0])


def test_impossible_proofs_are_refused(tree):
    with pytest.raises(ValueError, match="no leaf"):
        tree.inclusion(5, 5)
    with pytest.raises(ValueError, match="no prefix"):
        tree.consistency(6, 5)
