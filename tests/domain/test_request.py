"""Questions as JSON: every fault is named with its path, its value and what would be right."""

import json
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from therapy_domain.errors import InputError
from therapy_domain.request import Answers, answer_each, check, path_of, problem

Count = Annotated[int, Field(ge=1, le=5, description="an integer from 1 to 5")]


class Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    count: Count
    name: str | None = None


class Whole(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    parts: list[Part] = Field(min_length=1)
    level: Count
    tags: list[Annotated[str, Field(pattern="^[a-z]+$", description="a small word")]] = []
    limits: dict[str, Count] = {}
    after: Count | None = None


def echo(document: dict[str, Any]) -> dict[str, Any]:
    return check(Whole, document).model_dump()


GOOD: dict[str, Any] = {"parts": [{"count": 1}], "level": 2}


def fault_of(document: object) -> dict[str, Any]:
    answers = answer_each(json.dumps(document), echo)
    assert answers.exit_code == 1
    assert isinstance(answers.body, dict)
    error: dict[str, Any] = answers.body["error"]
    assert sorted(error) == ["expected", "path", "value"]
    return error


@pytest.mark.parametrize(
    ("change", "path", "value", "expected"),
    [
        ({"level": 9}, "$.level", 9, "an integer from 1 to 5"),
        ({"level": True}, "$.level", True, "an integer from 1 to 5"),
        ({"level": 2.0}, "$.level", 2.0, "an integer from 1 to 5"),
        ({"after": "x"}, "$.after", "x", "an integer from 1 to 5"),
        ({"parts": [{"count": 1}, {"count": 0}]}, "$.parts[1].count", 0, "an integer from 1 to 5"),
        ({"parts": [{}]}, "$.parts[0].count", None, "an integer from 1 to 5"),
        ({"parts": []}, "$.parts", "[]", "at least 1 items"),
        ({"parts": {}}, "$.parts", "{}", "a list"),
        ({"parts": [7]}, "$.parts[0]", 7, "an object"),
        ({"parts": [{"count": 1, "name": 3}]}, "$.parts[0].name", 3, "a text"),
        ({"parts": [{"count": 1, "x y": 3}]}, '$.parts[0]["x y"]', 3, "no such field; known are count, name"),
        ({"tags": ["a", "B"]}, "$.tags[1]", "B", "a small word"),
        ({"limits": {"97112": 7}}, '$.limits["97112"]', 7, "an integer from 1 to 5"),
        ({"level": "y" * 200}, "$.level", "y" * 80, "an integer from 1 to 5"),
        ({"level": 10**30}, "$.level", str(10**30), "an integer from 1 to 5"),
    ],
)
def test_a_fault_names_path_value_and_what_would_be_right(
    change: dict[str, Any], path: str, value: object, expected: str
) -> None:
    assert fault_of(GOOD | change) == {"path": path, "value": value, "expected": expected}


def test_a_missing_field_says_what_belongs_there() -> None:
    assert fault_of({"parts": [{"count": 1}]}) == {
        "path": "$.level",
        "value": None,
        "expected": "an integer from 1 to 5",
    }


def test_an_array_is_answered_in_place_and_the_fault_does_not_stop_the_rest() -> None:
    answers = answer_each(json.dumps([GOOD, 5, GOOD, {**GOOD, "level": 6}]), echo)
    assert isinstance(answers.body, list)
    assert ["error" in answer for answer in answers.body] == [False, True, False, True]
    assert answers.body[1]["error"] == {"path": "$[1]", "value": 5, "expected": "an object"}
    assert answers.body[3]["error"]["path"] == "$[3].level"
    assert (answers.failed, answers.exit_code) == (2, 1)


def test_an_empty_array_is_answered_with_an_empty_array() -> None:
    assert answer_each("[]", echo) == Answers([], failed=0)
    assert answer_each("[]", echo).exit_code == 0


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"level": 1, "level": 2}', "$.level"),
        ('[{"level": {"a": 1, "a": 1}}]', "$[0].level.a"),
        ('{"level": NaN}', "$.level"),
        ('{"level": -Infinity}', "$.level"),
        ('{"level": 1e999}', "$.level"),
        ('{"level": ' + "9" * 5000 + "}", "$.level"),
        ('{"level": ' + "[" * 40 + "]" * 40 + "}", "$.level" + "[0]" * 31),
    ],
)
def test_what_json_does_not_allow_is_a_fault_in_its_place(text: str, path: str) -> None:
    answers = answer_each(text, echo)
    body = answers.body[0] if isinstance(answers.body, list) else answers.body
    assert body["error"]["path"] == path
    assert answers.exit_code == 1


@pytest.mark.parametrize("text", ["", "{", "[1,", b"\xff{}", "[" * 100_000, "nonsense", "{'a': 1}", b"\x00"])
def test_what_is_not_json_at_all_is_one_error_at_the_root(text: bytes | str) -> None:
    answers = answer_each(text, echo)
    assert isinstance(answers.body, dict)
    assert answers.body["error"]["path"] == "$"
    assert "JSON" in answers.body["error"]["expected"]


def test_a_byte_order_mark_is_read_over() -> None:
    assert answer_each(b"\xef\xbb\xbf" + json.dumps(GOOD).encode(), echo).exit_code == 0


def test_a_lone_surrogate_comes_back_as_printable_text() -> None:
    error = fault_of({**GOOD, "level": "\ud800"})
    assert error["value"] == "?"


def test_a_handlers_own_error_is_placed_under_its_element() -> None:
    def refuse(document: dict[str, Any]) -> dict[str, Any]:
        raise InputError("$.level", document["level"], "another level")

    answers = answer_each('[{"level": 1}]', refuse)
    assert answers.body == [{"error": {"path": "$[0].level", "value": 1, "expected": "another level"}}]


def even(value: int) -> int:
    if value % 2:
        raise PydanticCustomError("odd", "{odd} is odd", {"expected": "an even number {n}"})
    return value


class Own(BaseModel):
    level: Annotated[int, AfterValidator(even), Field(description="a number")]


def test_an_error_of_our_own_making_brings_its_own_words() -> None:
    with pytest.raises(InputError) as caught:
        check(Own, {"level": 3})
    assert (caught.value.path, caught.value.expected) == ("$.level", "an even number {n}")


def test_without_the_model_the_error_speaks_for_itself() -> None:
    document = {**GOOD, "level": 9}
    with pytest.raises(ValidationError) as caught:
        Whole.model_validate(document)
    assert problem(caught.value, document)["expected"] == "5 or less"
    assert problem(caught.value, document, model=Whole, root="$[4]") == {
        "path": "$[4].level",
        "value": 9,
        "expected": "an integer from 1 to 5",
    }


def test_a_path_reads_like_jsonpath() -> None:
    assert path_of(("a", 0, "b")) == "$.a[0].b"
    assert path_of((), "$[2]") == "$[2]"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
near_misses = st.fixed_dictionaries({}, optional=dict.fromkeys((*Whole.model_fields, "other"), json_values))


@settings(max_examples=300, deadline=None)
@given(json_values | near_misses | st.lists(near_misses, max_size=3))
def test_whatever_comes_the_answer_can_be_written_and_errors_have_three_keys(document: object) -> None:
    answers = answer_each(json.dumps(document), echo)
    json.dumps(answers.body, allow_nan=False, ensure_ascii=False).encode()
    for answer in answers.body if isinstance(answers.body, list) else [answers.body]:
        if "error" in answer:
            assert set(answer["error"]) == {"path", "value", "expected"}
            assert answer["error"]["path"].startswith("$")
