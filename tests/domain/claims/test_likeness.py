"""Likeness by a glance says what the whole comparison says, and a sketch holds the least hashes of all runs."""

from zlib import crc32

from hypothesis import given
from hypothesis import strategies as st

from therapy_domain.claims.likeness import FEWEST, KEPT, first_alike, likeness, sketch

HASHES = st.integers(0, 60)
SKETCHES = st.sets(HASHES, max_size=KEPT).map(lambda found: tuple(sorted(found)))
WORDS = st.lists(
    st.sampled_from(["gait", "Gait,", "stance", "--", "foam", "chair", "rail.", "step", "*"]), max_size=120
)


@given(one=SKETCHES, others=st.lists(SKETCHES, max_size=6), least=st.integers(1, 100))
def test_the_first_that_is_so_much_alike_is_found(
    one: tuple[int, ...], others: list[tuple[int, ...]], least: int
) -> None:
    alike = [number for number, other in enumerate(others) if likeness(one, other) >= least]
    assert first_alike(one, enumerate(others), least) == (alike[0] if alike else None)


def test_a_note_with_just_enough_in_common_is_alike() -> None:
    one = tuple(range(0, 200, 2))[:30]
    other = (*one[:27], 401, 403, 405)
    assert likeness(one, other) == 90
    assert first_alike(one, [("last visit", other)], 90) == "last visit"
    assert first_alike(one, [("last visit", other)], 91) is None


@given(texts=st.lists(WORDS.map(" ".join), max_size=4))
def test_a_sketch_holds_the_least_hashes_of_all_runs_of_three_words(texts: list[str]) -> None:
    runs = set()
    for text in texts:
        codes = [crc32(word.encode()) for part in text.lower().split() if (word := part.strip(",.-*"))]
        runs |= {((a * 31 + b) * 31 + c) % 2**32 for a, b, c in zip(codes, codes[1:], codes[2:], strict=False)}
    assert sketch(texts) == (tuple(sorted(runs)[:KEPT]) if len(runs) >= FEWEST else ())


def test_hashes_that_crowd_at_the_upper_end_are_sketched_all_the_same() -> None:
    words = [f"w{number}" for number in range(4_000)]
    codes = [crc32(word.encode()) for word in words]
    hashed = sorted(
        (((a * 31 + b) * 31 + c) % 2**32, at)
        for at, (a, b, c) in enumerate(zip(codes, codes[1:], codes[2:], strict=False))
    )
    upper = [f"{words[at]} {words[at + 1]} {words[at + 2]}" for _, at in hashed[-60:]]
    assert sketch(upper) == tuple(found for found, _ in hashed[-60:][:KEPT])
