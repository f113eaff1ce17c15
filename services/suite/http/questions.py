"""`/v1/units` and `/v1/deadlines`: what the commands `units` and `deadline` answer, nothing stored."""

from collections.abc import Callable
from functools import partial

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from suite.http import examples, shapes
from suite.http.bodies import media_type, read_body
from suite.http.house import House, Json, TheHouse
from suite.http.problems import NOT_UNDERSTOOD, TOO_LARGE, Fault, Problem
from suite.http.reference import problems
from therapy_domain.appeals import request as deadlines
from therapy_domain.request import Answers
from therapy_domain.rulesets.release import Ruleset
from therapy_domain.units import request as units

MEDIA_TYPE = "application/json"
LARGEST = 1024 * 1024
"""The largest question that is read [bytes]."""
MOST_QUESTIONS = 1_000
"""So many questions an array are answered [count]."""

Asked = Callable[[bytes, Ruleset], Answers]

router = APIRouter(tags=["questions"])


@router.post(
    "/v1/units",
    summary="Count units",
    response_model=shapes.Units | list[shapes.Units | shapes.Failed],
    responses=problems(408, 413, 415, 422, 503),
    openapi_extra={"requestBody": examples.UNITS_BODY},
)
async def count_units(request: Request, house: TheHouse) -> Response:
    """The unit calculation alone. An array answers as an array, each error in its place."""
    return await _answer(request, house, units.answer)


@router.post(
    "/v1/deadlines",
    summary="Tell deadlines, appeal rights and amounts",
    response_model=shapes.Deadline | list[shapes.Deadline | shapes.Failed],
    responses=problems(408, 413, 415, 422, 503),
    openapi_extra={"requestBody": examples.DEADLINES_BODY},
)
async def tell_deadlines(request: Request, house: TheHouse) -> Response:
    """By when to appeal or to file, what must be in dispute, what can be appealed. An array answers as an array."""
    return await _answer(request, house, deadlines.answer)


async def _answer(request: Request, house: House, asked: Asked) -> Response:
    media_type(request, (MEDIA_TYPE,))
    body = await read_body(request, min(house.body_limit, LARGEST))
    _check_number(body)
    answers = await house.in_thread(partial(_ask, house, asked), body)
    if isinstance(answers.body, dict) and answers.failed:
        error = answers.body["error"]
        raise Problem(NOT_UNDERSTOOD, f"{error['path']} is not accepted.", errors=[error])
    return Json(answers.body)


def _ask(house: House, asked: Asked, body: bytes) -> Answers:
    return asked(body, house.installation.rules)


def _check_number(body: bytes) -> None:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return  # what is no JSON at all is told by who answers
    if isinstance(value, list) and len(value) > MOST_QUESTIONS:
        fault = Fault("$", f"{len(value)} questions", f"at most {MOST_QUESTIONS} questions")
        raise Problem(TOO_LARGE, f"An array holds at most {MOST_QUESTIONS} questions.", errors=[fault])
