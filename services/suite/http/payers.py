"""`/v1/answers` and what hangs on them: payers' files in, answers that fit no claim."""

import io
from datetime import UTC, date, datetime
from functools import partial
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import Response

from billing.answers import take
from billing.answers.kinds import kind_of
from billing.answers.worklist import dismiss, match, unmatched
from billing.errors import NotMatchable, UnknownItem
from billing.views import answer_files, claim_files
from interchange.x12.errors import X12Error
from suite.answering import as_answer
from suite.billing_store import answer_port
from suite.http import shapes
from suite.http.bodies import media_type, read_body
from suite.http.house import House, Json, TheHouse
from suite.http.parameters import Day
from suite.http.problems import ANSWER_REFUSED, NOT_MATCHABLE, NOT_UNDERSTOOD, UNKNOWN_ITEM, Fault, Problem
from suite.http.reference import problems
from therapy_domain.strict_json import shown

X12 = ("application/edi-x12", "application/octet-stream", "text/plain")
JSON = "application/json"
LARGEST_DECISION = 64 * 1024
"""[bytes]"""
Who = Annotated[str, Query(min_length=1, max_length=200, description="Who sends it.")]

router = APIRouter(tags=["payers"])


class _File(NamedTuple):
    body: bytes
    received_on: date
    by: str


@router.post(
    "/v1/answers",
    summary="Send a payer's file",
    response_model=shapes.AnswerFile,
    responses=problems(408, 413, 415, 422, 503),
    openapi_extra={
        "requestBody": {"content": {kind: {"schema": {"type": "string"}} for kind in X12}, "required": True}
    },
)
async def post_answers(
    request: Request,
    house: TheHouse,
    received_on: Annotated[Day | None, Query(description="The day it came; today without it.")] = None,
    by: Who = "http",
) -> Response:
    """Take an 835, 277CA or 999 in, as the payer sent it: whole, or refused with the segment and the sum that is off.

    The same file again changes nothing. What fits no claim is kept (`/v1/unmatched`).
    """
    media_type(request, X12)
    body = await read_body(request, house.body_limit)
    day = received_on or datetime.now(UTC).date()
    return await house.in_thread(partial(_take, house), _File(body, day, by))


def _take(house: House, file: _File) -> Response:
    source = io.BytesIO(file.body)
    try:
        kind = kind_of(source)
    except X12Error as error:
        raise _refused(error.code, str(error), error.segment, None) from None
    now = datetime.now(UTC)
    port = answer_port(house.installation)
    taken = take("answer", source, kind, port, received_on=file.received_on, by=file.by, now=now)
    if taken.refusal is not None:
        raise _refused(*taken.refusal)
    return Json(as_answer(taken))


def _refused(code: str, message: str, segment: int | None, off_cents: int | None) -> Problem:
    found = code if off_cents is None else f"{code}, off by {off_cents} cents"
    fault = Fault(f"segment {segment or 0}", found, message)
    members = {"code": code, "segment": segment, "off_cents": off_cents}
    return Problem(ANSWER_REFUSED, f"Nothing of the file was posted: {message}.", errors=[fault], members=members)


@router.get(
    "/v1/unmatched",
    summary="Answers that fit no claim",
    response_model=list[shapes.Unmatched],
    responses=problems(422, 503),
)
def list_unmatched(
    house: TheHouse,
    status: Annotated[str, Query(pattern="^(waiting|all)$", description="`waiting`, or `all`.")] = "waiting",
) -> Response:
    """Payers' answers that wait for their claim, the oldest first."""
    return Json(unmatched(house.installation.read.rows(), every=status == "all"))


class Decision(BaseModel):
    """What a person makes of an answer that fits no claim."""

    model_config = ConfigDict(extra="forbid", strict=True)

    claim_id: str | None = Field(default=None, description="The claim that it answers; null: it is none of ours.")
    by: str = Field(min_length=1, max_length=200)
    reason: str = Field(min_length=1, max_length=10_000)


@router.post(
    "/v1/unmatched/{item}/match",
    summary="Match an answer to a claim",
    response_model=shapes.Matched,
    responses=problems(404, 408, 413, 415, 422, 503),
    openapi_extra={"requestBody": {"content": {JSON: {"schema": Decision.model_json_schema()}}, "required": True}},
)
async def match_answer(
    request: Request, house: TheHouse, item: Annotated[str, Path(description="As /v1/unmatched lists it.")]
) -> Response:
    """Put an answer to its claim, or say that it is none of ours; recorded with who says so and why."""
    media_type(request, (JSON,))
    body = await read_body(request, min(house.body_limit, LARGEST_DECISION))
    try:
        decision = Decision.model_validate_json(body)
    except ValidationError as error:
        faults = [
            Fault("$" + "".join(f".{part}" for part in each["loc"]), None, each["msg"]) for each in error.errors()
        ]
        raise Problem(NOT_UNDERSTOOD, "The decision cannot be understood.", errors=faults) from None
    return await house.in_thread(partial(_match, house, item), decision)


def _match(house: House, item: str, decision: Decision) -> Response:
    port, now = answer_port(house.installation), datetime.now(UTC)
    told: dict[str, Any] = {"reason": decision.reason, "by": decision.by, "now": now}
    try:
        if decision.claim_id is None:
            return Json(dismiss(port, item, **told))
        return Json(match(port, item, decision.claim_id.strip().upper(), **told))
    except UnknownItem:
        fault = Fault("path.item", shown(item), "an item that /v1/unmatched lists")
        raise Problem(UNKNOWN_ITEM, f"No answer {shown(item)} waits.", errors=[fault]) from None
    except NotMatchable as error:
        fault = Fault("$.claim_id", shown(decision.claim_id), "a claim that it can answer")
        raise Problem(NOT_MATCHABLE, f"{error}", errors=[fault]) from None


@router.get("/v1/files", summary="Files sent and received", response_model=shapes.Files, responses=problems(422, 503))
def list_files(house: TheHouse) -> Response:
    """Claim files that went out, and payers' files that came in with their payments, the latest first."""
    rows = house.installation.read.rows()
    return Json({"sent": list(claim_files(rows)), "received": list(answer_files(rows))})
