"""How the suite stands, and what could not be processed: for those who run it."""

from typing import Annotated

import anyio
from fastapi import APIRouter, Path
from starlette.responses import Response

from service_kit.dead_letters import dead_letters
from service_kit.errors import UnknownDeadLetter
from suite.http import shapes
from suite.http.house import Json, TheHouse
from suite.http.problems import UNKNOWN_DEAD_LETTER, Fault, Problem
from suite.http.reference import problems
from suite.standing import status
from therapy_domain.strict_json import shown

SESSIONS_SHOWN = 100

router = APIRouter(tags=["operations"])


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
