"""Bodies cut into lines and elements: the same whatever the cuts, and what JSON itself says."""

import itertools
import json

from hypothesis import given
from hypothesis import strategies as st

from suite.http.documents import elements
from suite.http.lines import Line, Lines

BODIES = st.lists(st.sampled_from([b"{}", b'{"a":1}', b"", b" ", b"\r", b"x" * 9, b"x" * 40]), max_size=8).map(
    b"\n".join
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(BODIES, st.lists(st.integers(0, 100), max_size=6))
def test_lines_are_the_same_however_the_body_is_cut(body: bytes, cuts: list[int]) -> None:
    places = sorted({0, *(cut for cut in cuts if cut < len(body)), len(body)})
    lines = Lines(longest=20)
    found = [line for start, end in itertools.pairwise(places) for line in lines.feed(body[start:end])]
    found += lines.end()
    expected = []
    for number, raw in enumerate(body.split(b"\n"), start=1):
        if len(raw) > 20:
            expected.append(Line(number, b"", too_long=True))
        elif raw.strip():
            expected.append(Line(number, raw))
    assert found == expected


@given(st.lists(JSON, max_size=5), st.sampled_from([None, 1]))
def test_the_elements_of_an_array_are_what_json_says(values: list, indent: int | None) -> None:
    body = json.dumps(values, indent=indent, ensure_ascii=False).encode()
    assert [json.loads(element) for element in elements(body)] == values
