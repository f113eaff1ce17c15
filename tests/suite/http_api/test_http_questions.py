import json

import pytest

from suite.http import shapes
from suite.http.examples import DEADLINES, UNITS
from therapy_domain.appeals import request as deadlines
from therapy_domain.units import request as units


def test_units_are_counted_as_by_the_command(client) -> None:
    answer = client.post("/v1/units", json=UNITS)
    assert answer.status_code == 200
    assert answer.json() == units.answer(json.dumps(UNITS)).body
    shapes.Units.model_validate(answer.json(), strict=True)


@pytest.mark.parametrize("kind", DEADLINES)
def test_deadlines_are_told_as_by_the_command(client, kind) -> None:
    answer = client.post("/v1/deadlines", json=DEADLINES[kind])
    assert answer.json() == deadlines.answer(json.dumps(DEADLINES[kind])).body
    shapes.Deadline.model_validate(answer.json(), strict=True)


@pytest.mark.parametrize("path", ["/v1/units", "/v1/deadlines"])
def test_an_array_answers_each_in_its_place(client, path) -> None:
    good = UNITS if path == "/v1/units" else DEADLINES["appeal"]
    answer = client.post(path, json=[good, {}, 7])
    assert answer.status_code == 200
    first, second, third = answer.json()
    assert "error" not in first
    assert second["error"]["path"].startswith("$[1]")
    assert third == {"error": {"path": "$[2]", "value": 7, "expected": "an object"}}


@pytest.mark.parametrize("path", ["/v1/units", "/v1/deadlines"])
@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"7", b"\xff", b'{"a":NaN}', b"[" * 50_000])
def test_one_question_that_is_not_understood_is_a_problem(client, kit, path, body) -> None:
    answer = client.post(path, content=body, headers={"content-type": "application/json"})
    assert kit.problem(answer, 422)["errors"][0]["path"].startswith("$")


def test_too_many_or_too_large_questions_are_refused(client, kit) -> None:
    headers = {"content-type": "application/json"}
    assert kit.problem(client.post("/v1/units", content=b"[" + b"0," * 1000 + b"0]", headers=headers), 413)
    assert kit.problem(client.post("/v1/units", content=b" " * (1024 * 1024 + 1), headers=headers), 413)
    assert kit.problem(client.post("/v1/units", content=b"{}", headers={"content-type": "text/plain"}), 415)
