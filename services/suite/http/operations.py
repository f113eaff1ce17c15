"""How the suite stands, what is due, what could not be processed: for those who run it."""

from datetime import UTC, datetime
from typing import Annotated

import anyio
from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from appeals.views import appeals_list
from service_kit.dead_letters import dead_letters
from service_kit.errors import UnknownDeadLetter
from suite.http import shapes
from suite.http.house import Json, TheHouse
from suite.http.parameters import whole
from suite.http.problems import UNKNOWN_DEAD_LETTER, Fault, Problem
from suite.http.reference import problems
from suite.standing import status
from therapy_domain.strict_json import shown

LONGEST_OUTLOOK = 36_500
SESSIONS_SHOWN = 100

router = APIRouter(tags=["operations"])


@router.get(
    "/v1/appeals", summary="The appeals worklist", response_model=list[shapes.Work], responses=problems(422, 503)
)
def worklist(
    house: TheHouse,
    due_within: Annotated[
        int | None,
        whole(0, LONGEST_OUTLOOK),
        Query(ge=0, le=LONGEST_OUTLOOK, description="Only what is open and due within so many days, or overdue."),
    ] = None,
) -> Response:
    """Appeals and corrected claims with their deadlines, the most urgent first."""
    due = None if due_within is None else (datetime.now(UTC).date(), due_within)
    return Json(appeals_list(house.installation.read.rows(), due))


@router.get("/v1/status", summary="How the suite stands", response_model=shapes.Status, responses=problems(422, 503))
def standing(house: TheHouse) -> Response:
    """Each service's position, lag, rate and dead letters; unsigned and parked sessions, the oldest listed; the log."""
    return Json(status(house.installation, sessions=SESSIONS_SHOWN))


@router.get(
    "/v1/dead-letters",
    summary="What could not be processed",
    response_model=list[shapes.DeadLetter],
    responses=problems(422, 503),
)
def list_dead_letters(house: TheHouse) -> Response:
    """Each case that a service could not process: why, and how many events wait behind it."""
    return Json(dead_letters(house.installation.read.rows()))


@router.post(
    "/v1/dead-letters/{letter_id}/redrive",
    summary="Put a dead letter back",
    response_model=shapes.Redriven,
    responses=problems(404, 422, 503),
)
async def redrive(
    house: TheHouse, letter_id: Annotated[str, Path(description="A dead letter's id.", examples=["3f2a9c0b1d4e"])]
) -> Response:
    """Do the work of its case again, with all that waits behind it; `goes_on` says whether that went well."""
    try:
        goes_on = await anyio.to_thread.run_sync(house.installation.dispatcher.redrive, letter_id)
    except UnknownDeadLetter:
        told = shown(letter_id)
        fault = Fault("path.letter_id", told, "the id of a dead letter that /v1/dead-letters lists")
        raise Problem(UNKNOWN_DEAD_LETTER, f"There is no dead letter {told}.", errors=[fault]) from None
    return Json({"id": letter_id, "goes_on": goes_on})
