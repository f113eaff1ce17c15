"""Our fast RFC 8785 form is the reference library's, byte for byte."""

import math
import struct
from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from therapy_domain.canonical import NotCanonical, canonical_json, plain_json

numbers = (
    st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.floats(-10, 10)
    | st.integers(-(2**53) + 1, 2**53 - 1).map(float)
    | st.decimals(-1000, 1000, places=3, allow_nan=False).map(float)
)
texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5),
    max_leaves=20,
)


@given(values)
@settings(max_examples=250, deadline=None, derandomize=True)
def test_every_json_value_has_the_form_of_the_library(value: Any) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


@given(numbers)
@settings(max_examples=600, deadline=None, derandomize=True)
def test_every_number_has_the_form_of_the_library(value: float) -> None:
    assert canonical_json({"n": value}) == rfc8785.dumps({"n": value})


@pytest.mark.parametrize("bits", range(0, 0x7FF, 3))
def test_numbers_of_every_magnitude_have_the_form_of_the_library(bits: int) -> None:
    for low in (0, 1, 0x8000000000000, 0xFFFFFFFFFFFFF):
        (value,) = struct.unpack(">d", struct.pack(">Q", bits << 52 | low))
        assert canonical_json([value, -value]) == rfc8785.dumps([value, -value])


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (1.0, b"1"),
        (-0.0, b"0"),
        (1e21, b"1e+21"),
        (1e-7, b"1e-7"),
        (0.000001, b"0.000001"),
        (0.001, b"0.001"),
        (float(2**53 - 1), b"9007199254740991"),
        (-float(2**53 - 1), b"-9007199254740991"),
        (100000000000000000000.0, b"100000000000000000000"),
        ({"\ufb33": 1, "\U0001f600": 2, "b": 3, "a": 4}, '{"a":4,"b":3,"\U0001f600":2,"\ufb33":1}'.encode()),
        (["\u20ac", "\x0f", "\n", '"', "\\", "/", "\x7f"], b'["\xe2\x82\xac","\\u000f","\\n","\\"","\\\\","/","\x7f"]'),
    ],
)
def test_the_forms_of_the_standard(value: Any, form: bytes) -> None:
    assert canonical_json(value) == form == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [2**53, -(2**53), [{"a": 2**60}], math.nan, math.inf, {"x": [1.5, -math.inf]}])
def test_what_has_no_form_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical_json(value)


@given(values)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_without_floats_the_plain_form_reads_back_as_it_was(value: Any) -> None:
    plain = plain_json(value)
    if plain is not None:
        assert plain == rfc8785.dumps(value)
        assert orjson.loads(plain) == value


@pytest.mark.parametrize("whole", [2**53 - 1, -(2**53) + 1])
def test_the_largest_whole_numbers_have_a_form_and_one_further_none(whole: int) -> None:
    assert canonical_json([whole]) == plain_json([whole]) == f"[{whole}]".encode()
    with pytest.raises(NotCanonical):
        canonical_json([whole + (1 if whole > 0 else -1)])
