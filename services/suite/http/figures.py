"""`/v1/denials`: figures on what payers deny."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from billing.figures.asking import Asked, By, denials, missed
from suite.http import shapes
from suite.http.house import Json, TheHouse
from suite.http.parameters import Day
from suite.http.reference import problems

Org = Annotated[str | None, Query(max_length=200, description="Only of this organization.")]
Since = Annotated[Day | None, Query(description="Only answers that came from this day on.")]

router = APIRouter(tags=["payers"])


@router.get(
    "/v1/denials", summary="Denials counted", response_model=list[shapes.DenialFigures], responses=problems(422, 503)
)
def count_denials(
    house: TheHouse,
    by: Annotated[By, Query(description="What to count by.")] = "payer",
    since: Since = None,
    org: Org = None,
) -> Response:
    """How often payers deny, what is at stake, how appeals end and how long that takes."""
    return Json(denials(house.installation.read.rows(), by, Asked(since, org)))


@router.get(
    "/v1/denials/missed",
    summary="Denials against our rules",
    response_model=shapes.MissedDenials,
    responses=problems(422, 503),
)
def missed_denials(house: TheHouse, since: Since = None, org: Org = None) -> Response:
    """Which denials a finding of ours had foretold before the claim went out, and which none did."""
    return Json(missed(house.installation.read.rows(), Asked(since, org)))
