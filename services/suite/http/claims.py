"""`/v1/claims`: the claims, each as it stands and as it was known at any time."""

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from audit.errors import UnknownClaim, UnknownInstant
from audit.history import history, parse_as_of
from billing.expecting import Expectations
from suite import showing
from suite.http import shapes
from suite.http.house import Json, TheHouse
from suite.http.listing import page
from suite.http.parameters import Day, whole
from suite.http.problems import BAD_PARAMETER, UNKNOWN_CLAIM, Fault, Problem
from suite.http.reference import problems
from suite.showing import Wanted
from therapy_domain.strict_json import shown

MOST_A_PAGE = 1_000
ClaimStatus = Literal[
    "held",
    "ready",
    "unbillable",
    "submitted",
    "accepted",
    "rejected",
    "paid",
    "partially_paid",
    "denied",
    "appealed",
    "closed",
    "void",
]
_CLAIM_WORDS = "the id of a claim in this store: C and 16 characters, such as C5J2K8Q0V7M3T9XA4"
_INSTANT_WORDS = "a log position such as 1200, or a time with an offset such as 2026-03-02T17:00:00Z (+ written %2B)"

ClaimId = Annotated[str, Path(description="A claim's id.", examples=["C5J2K8Q0V7M3T9XA4"])]
Text = Query(max_length=200)

router = APIRouter(tags=["claims"])


async def wanted(
    status: Annotated[ClaimStatus | None, Query(description="Only claims of this status.")] = None,
    payer: Annotated[str | None, Text] = None,
    clinic: Annotated[str | None, Text] = None,
    org: Annotated[str | None, Text] = None,
    since: Annotated[Day | None, Query(description="The first date of service.")] = None,
) -> Wanted:
    """Which claims are asked for."""
    return Wanted(status, payer, clinic, org, since)


@router.get(
    "/v1/claims",
    summary="List claims",
    response_model=list[shapes.Claim],
    responses={
        200: {
            "description": "A page of claims by date of service, organization and id. While there are more, the "
            'header `Link` names the next page (`rel="next"`).',
            "headers": {"Link": {"schema": {"type": "string"}, "description": "The next page, where there is one."}},
        },
        **problems(422, 503),
    },
)
def list_claims(
    request: Request,
    house: TheHouse,
    asked: Annotated[Wanted, Depends(wanted)],
    limit: Annotated[
        int, whole(1, MOST_A_PAGE), Query(ge=1, le=MOST_A_PAGE, description="How many claims a page has at most.")
    ] = 100,
    cursor: Annotated[
        str | None, Query(max_length=1000, description="Where the page starts: from the `Link` of the page before.")
    ] = None,
) -> Response:
    """The claims as they stand, a page at a time. A void claim that was never submitted comes only when asked for."""
    expectations = Expectations(house.installation.read, house.installation.rules)
    found = page(house.installation.read.rows(), expectations, asked, limit=limit, cursor=cursor)
    answer = Json(found.claims)
    if found.next_cursor:
        others = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
        following = urlencode([*others, ("cursor", found.next_cursor)])
        answer.headers["Link"] = f'</v1/claims?{following}>; rel="next"'
    return answer


@router.get(
    "/v1/claims/{claim_id}", summary="One claim", response_model=shapes.Claim, responses=problems(404, 422, 503)
)
def one_claim(house: TheHouse, claim_id: ClaimId) -> Response:
    """A claim as it stands: lines, modifiers, findings, money, appeals."""
    try:
        return Json(showing.claim(house.installation.read, house.installation.rules, claim_id))
    except UnknownClaim:
        raise _unknown(claim_id) from None


@router.get(
    "/v1/claims/{claim_id}/history",
    summary="How a claim came to be",
    response_model=shapes.History,
    responses=problems(404, 422, 503),
)
def claim_history(
    house: TheHouse,
    claim_id: ClaimId,
    as_of: Annotated[
        str | None,
        Query(
            max_length=100,
            description="The claim as it was known then: a log position, or a time of recording with its offset.",
            examples=["1200", "2026-03-02T17:00:00Z"],
        ),
    ] = None,
) -> Response:
    """Every event that made the claim, in order: those of its case and every fact that a decision of it names."""
    try:
        moment = parse_as_of(as_of)
    except (UnknownInstant, OverflowError):
        fault = Fault("query.as_of", shown(as_of), _INSTANT_WORDS)
        raise Problem(BAD_PARAMETER, "Not understood: query.as_of.", errors=[fault]) from None
    try:
        return Json(history(house.installation.read, house.installation.codec, claim_id, moment))
    except UnknownClaim:
        raise _unknown(claim_id) from None


def _unknown(claim_id: str) -> Problem:
    told = shown(claim_id)
    return Problem(UNKNOWN_CLAIM, f"There is no claim {told}.", errors=[Fault("path.claim_id", told, _CLAIM_WORDS)])
