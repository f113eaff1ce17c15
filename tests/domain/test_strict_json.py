"""What is no JSON as we read it is told with its place, what was found, and what would be right."""

from typing import Any

import pytest

from therapy_domain.errors import InputError
from therapy_domain.strict_json import DEEPEST, NotJson, faults, parse, shown, step

TEXT = "JSON text: one object, or an array of objects"


def told(error: InputError) -> tuple[str, object, str]:
    return error.path, error.value, error.expected


@pytest.mark.parametrize(
    ("document", "value"),
    [
        (b'{"a": [1, -2, 1.5, 1e3, true, null, "x"]}', {"a": [1, -2, 1.5, 1000.0, True, None, "x"]}),
        (b"\xef\xbb\xbf{}", {}),
        ('{"\u00e9": "\u20ac"}'.encode(), {"\u00e9": "\u20ac"}),
        ('{"a": 1}', {"a": 1}),
        ("9" * 40, int("9" * 40)),
        ("-" + "9" * 39, -int("9" * 39)),
        ("9" * 41, NotJson("9" * 41, "a number of at most 40 digits")),
        ("9" * 100, NotJson("9" * 80, "a number of at most 40 digits")),
        ("NaN", NotJson("NaN", "a finite number")),
        ("-Infinity", NotJson("-Infinity", "a finite number")),
        ("1e999", NotJson("1e999", "a finite number")),
        ("1" * 90 + "e999", NotJson("1" * 80, "a finite number")),
        ('{"a": 1, "a": 2, "b": 3}', {"a": NotJson("given twice", "every name once"), "b": 3}),
    ],
)
def test_a_text_is_read_and_what_json_does_not_allow_stands_in_it(document: bytes | str, value: Any) -> None:
    assert parse(document) == value
    assert type(parse(document)) is type(value)


@pytest.mark.parametrize(
    ("document", "found", "expected"),
    [
        (b'{"a": "\xff"}', "byte 7 is not UTF-8", "JSON text in UTF-8"),
        (b"{", "line 1 column 2: Expecting property name enclosed in double quotes", TEXT),
        (b'{"a":\n 1,}', "line 2 column 3: Illegal trailing comma before end of object", TEXT),
        ("", "line 1 column 1: Expecting value", TEXT),
        ("[" * 100_000, "nested too deep", "JSON of at most 32 levels"),
    ],
)
def test_what_is_no_json_is_told_with_its_place(document: bytes | str, found: str, expected: str) -> None:
    with pytest.raises(InputError) as raised:
        parse(document)
    path, value, words = told(raised.value)
    assert (path, words) == ("$", expected)
    if "trailing comma" not in found:  # Python's own words, which differ by version
        assert value == found
    else:
        assert str(value).startswith("line 2 column ")


def nested(levels: int) -> Any:
    value: Any = 0
    for _ in range(levels):
        value = [value]
    return value


def test_every_fault_is_told_with_its_path() -> None:
    value = parse('{"a": [0, NaN, {"odd name": 1e999}], "b": {"c": 1, "c": 2}}')
    assert [told(fault) for fault in faults(value)] == [
        ("$.a[1]", "NaN", "a finite number"),
        ('$.a[2]["odd name"]', "1e999", "a finite number"),
        ("$.b.c", "given twice", "every name once"),
    ]
    assert [told(fault) for fault in faults(parse("NaN"), "$.x")] == [("$.x", "NaN", "a finite number")]


def test_nesting_goes_so_deep_and_no_deeper() -> None:
    assert list(faults(nested(DEEPEST))) == []
    deep = [told(fault) for fault in faults(nested(DEEPEST + 1))]
    assert deep == [("$" + "[0]" * DEEPEST, "nested too deep", "at most 32 levels")]
    inner: Any = {}
    for _ in range(DEEPEST):
        inner = {"a": inner}
    assert [told(fault) for fault in faults(inner)] == [("$" + ".a" * DEEPEST, "nested too deep", "at most 32 levels")]
    assert [fault.path for fault in faults(nested(1), depth=DEEPEST + 1)] == ["$"]


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (0, "[0]"),
        ("a", ".a"),
        ("_a1", "._a1"),
        ("a" * 80, "." + "a" * 80),
        ("a" * 81, '["' + "a" * 80 + '"]'),
        ("1a", '["1a"]'),
        ("", '[""]'),
        ('"', '["\\""]'),
        ("\u00e9", '["\\u00e9"]'),
    ],
)
def test_a_step_of_a_path_is_a_word_or_quoted(part: int | str, words: str) -> None:
    assert step(part) == words


@pytest.mark.parametrize(
    ("value", "as_shown"),
    [
        (None, None),
        (True, True),
        (2**53 - 1, 2**53 - 1),
        (-(2**53) + 1, -(2**53) + 1),
        (2**53, str(2**53)),
        (-(2**53), str(-(2**53))),
        (1.5, 1.5),
        (float("inf"), "Infinity"),
        ("x" * 80, "x" * 80),
        ("x" * 81, "x" * 80),
        ("\ud800", "?"),
        (NotJson("y" * 81, "z"), "y" * 80),
        ([1, "\u00e9"], '[1, "\u00e9"]'),
        ({"a": NotJson("n", "z")}, '{"a": "n"}'),
        (["x" * 100], '["' + "x" * 78),
    ],
)
def test_a_value_is_shown_short(value: Any, as_shown: Any) -> None:
    assert shown(value) == as_shown
    assert type(shown(value)) is type(as_shown)


def test_what_cannot_be_written_is_shown_by_its_kind() -> None:
    ring: list[Any] = []
    ring.append(ring)
    assert shown(ring) == "<list>"
    assert shown({(1, 2): 3}) == "<dict>"
    assert shown(nested(100_000)) == "<list>"
