"""`/v1/files`: claim files out. They lie in `claim-files` beside the log, and are handed out whole."""

from datetime import UTC, date, datetime
from functools import partial
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from billing.choosing import Wanted
from billing.claim_files import content_again, recorded_file
from billing.errors import ChangedMeanwhile, ErasedFromFile, FileInTheWay, UnknownClaimFile, WrittenOtherwise
from billing.exporting import export
from suite.billing_store import billing_store
from suite.exported import as_answer
from suite.http import shapes
from suite.http.house import House, Json, TheHouse
from suite.http.parameters import Day
from suite.http.problems import EXPORT_REFUSED, FILE_GONE, UNKNOWN_FILE, Fault, Problem
from suite.http.reference import problems

DIRECTORY = "claim-files"
X12 = "application/edi-x12"
Name = Annotated[str | None, Query(max_length=200)]

router = APIRouter(tags=["payers"])


class _Asked(NamedTuple):
    wanted: Wanted
    on: date
    by: str
    dry_run: bool


@router.post("/v1/files", summary="Export claims", response_model=shapes.Exported, responses=problems(409, 422, 503))
async def post_files(
    _request: Request,
    house: TheHouse,
    payer: Annotated[Name, Query(description="Only to this payer.")] = None,
    org: Annotated[Name, Query(description="Only of this organization.")] = None,
    clinic: Annotated[Name, Query(description="Only of this clinic.")] = None,
    on: Annotated[Day | None, Query(description="The day of the export, for timely filing; today without it.")] = None,
    dry_run: Annotated[bool, Query(description="Show what would go; record and write nothing.")] = False,
    by: Annotated[str, Query(min_length=1, max_length=200, description="Who exports.")] = "http",
) -> Response:
    """Send what is due as X12 837P files, one an organization and payer: ready, replacement and void claims.

    Each is recorded before it is written, and what was sent is not sent twice: asking again is safe.
    `GET /v1/files/{number}` hands out the file itself. Claims with a fault stay back and say what is missing.
    """
    day = on or date.today()  # noqa: DTZ011 -- a claim is filed on the day where its sender is
    return await house.in_thread(partial(_export, house), _Asked(Wanted(payer, org, clinic), day, by, dry_run))


def _export(house: House, asked: _Asked) -> Response:
    installation = house.installation
    try:
        done = export(
            billing_store(installation),
            asked.wanted,
            installation.data / DIRECTORY,
            on=asked.on,
            by=asked.by,
            now=lambda: datetime.now(UTC).astimezone(),
            dry_run=asked.dry_run,
        )
    except (ChangedMeanwhile, FileInTheWay) as error:
        raise Problem(EXPORT_REFUSED, f"{error}.", members={"code": error.code}) from None
    return Json(as_answer(done))


@router.get(
    "/v1/files/{number}",
    summary="A claim file",
    response_class=Response,
    responses={200: {"content": {X12: {"schema": {"type": "string"}}}}, **problems(404, 409, 422, 503)},
)
def get_file(house: TheHouse, number: Annotated[int, Path(ge=1, lt=10**9, description="Its number.")]) -> Response:
    """A claim file, byte for byte as it was recorded. It holds patient data."""
    read = house.installation.read
    try:
        record = recorded_file(read, number)
        content = content_again(read, record)
    except UnknownClaimFile:
        fault = Fault("path.number", number, "a number that GET /v1/files lists")
        raise Problem(UNKNOWN_FILE, f"There is no claim file {number}.", errors=[fault]) from None
    except (ErasedFromFile, WrittenOtherwise) as error:
        raise Problem(FILE_GONE, f"{error}.", members={"code": error.code}) from None
    return Response(content, media_type=X12, headers={"content-disposition": f'attachment; filename="{record.name}"'})
