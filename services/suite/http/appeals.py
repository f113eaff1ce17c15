"""`/v1/appeals`: the worklist of denials, each item with its letter, and what people do about it."""

import base64
import binascii
from datetime import UTC, date, datetime
from functools import partial
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from appeals.acts import Act
from appeals.views import Place, Wanted, later
from event_log.keyring import Erased
from interchange.letters import NotPrintable
from suite import appealing, letters, worklist
from suite.http import act_bodies, shapes
from suite.http.bodies import media_type, read_body
from suite.http.house import House, Json, TheHouse
from suite.http.parameters import Day, whole
from suite.http.problems import ACT_REFUSED, BAD_PARAMETER, LETTER_REFUSED, NOT_UNDERSTOOD, UNKNOWN_WORK, Fault, Problem
from suite.http.reference import problems
from therapy_domain.errors import DomainError, InputError
from therapy_domain.strict_json import shown

LONGEST_OUTLOOK = 36_500
MOST_A_PAGE = 1_000
LARGEST = 64 * 1024
"""The largest act that is read [bytes]."""
MEDIA_TYPE = "application/json"
_ITEM_WORDS = "the id of an appeal or a proposal that /v1/appeals lists, such as C5J2K8Q0V7M3T9XA4-A1"
ItemId = Annotated[str, Path(description="An appeal's or a proposal's id.", examples=["C5J2K8Q0V7M3T9XA4-A1"])]
Words = Annotated[str | None, Query(min_length=1, max_length=10_000)]

router = APIRouter(tags=["appeals"])


@router.get(
    "/v1/appeals",
    summary="The worklist of denials",
    response_model=list[shapes.Work],
    responses={
        200: {
            "description": "A page of the worklist, the most urgent first. While there is more, the header `Link` "
            'names the next page (`rel="next"`).',
            "headers": {"Link": {"schema": {"type": "string"}, "description": "The next page, where there is one."}},
        },
        **problems(422, 503),
    },
)
def list_work(
    request: Request,
    house: TheHouse,
    due_within: Annotated[
        int | None,
        whole(0, LONGEST_OUTLOOK),
        Query(ge=0, le=LONGEST_OUTLOOK, description="Only what asks for something within so many days, or is overdue."),
    ] = None,
    taken_by: Annotated[str | None, Query(max_length=200, description="Only what this person has.")] = None,
    limit: Annotated[
        int, whole(1, MOST_A_PAGE), Query(ge=1, le=MOST_A_PAGE, description="How many items a page has at most.")
    ] = 100,
    cursor: Annotated[
        str | None, Query(max_length=1000, description="Where the page starts: from the `Link` of the page before.")
    ] = None,
) -> Response:
    """Appeals, corrected claims, reopenings and what else a person decides on, with what each lacks."""
    due_by = None if due_within is None else later(datetime.now(UTC).date(), due_within)
    after = None if cursor is None else _read(cursor)
    wanted, store = Wanted(due_by, taken_by), house.installation
    found = list(worklist.rows(store.read, store.rules, wanted, after=after, limit=limit + 1))
    answer = Json([row for _, row in found[:limit]])
    if len(found) > limit:
        others = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
        following = urlencode([*others, ("cursor", _written(found[limit - 1][0]))])
        answer.headers["Link"] = f'</v1/appeals?{following}>; rel="next"'
    return answer


@router.get(
    "/v1/appeal-groups",
    summary="Appeals to file together",
    response_model=list[shapes.AppealGroup],
    responses=problems(422, 503),
)
def list_groups(house: TheHouse) -> Response:
    """Appeals that are too small alone for their level, and reach the amount in controversy together."""
    return Json([vars(group) for group in worklist.groups(house.installation.read, datetime.now(UTC).date())])


@router.get(
    "/v1/appeals/{item_id}", summary="One item", response_model=shapes.WorkItem, responses=problems(404, 422, 503)
)
def one_item(house: TheHouse, item_id: ItemId) -> Response:
    """An appeal or a proposal as it stands: its notes, what can be done about it, what its record shows and lacks."""
    store = house.installation
    try:
        found = appealing.item(store, item_id)
    except DomainError as error:
        raise _refused(error, item_id) from None
    answer = Json({**found, "record": worklist.record_of(store.read, store.rules, item_id)})
    answer.headers["ETag"] = f'"{found["version"]}"'
    return answer


@router.get(
    "/v1/appeals/{item_id}/letter",
    summary="The letter, with its evidence",
    response_class=Response,
    responses={
        200: {
            "description": "The letter and its exhibits.",
            "content": {kind: {} for kind in letters.MEDIA_TYPES.values()},
        },
        **problems(404, 409, 422, 503),
    },
)
def one_letter(
    house: TheHouse,
    item_id: ItemId,
    as_format: Annotated[Literal["text", "html", "pdf", "zip"], Query(alias="format")] = "text",
    purpose: Annotated[
        Literal["escalation", "vacate"] | None, Query(alias="for", description="Else what the item asks for.")
    ] = None,
    by: Annotated[str | None, Query(min_length=1, max_length=200, description="Who signs.")] = None,
    dated: Annotated[Day | None, Query(description="The letter's date; else today.")] = None,
    good_cause: Words = None,
) -> Response:
    """Made from the record alone: an argument that the record does not support is refused with what is missing."""
    wanted = letters.Wanted(dated or date.today(), as_format, purpose, by, good_cause)  # noqa: DTZ011 -- a letter is dated where it is written
    try:
        content = letters.letter(house.installation.read, house.installation.rules, item_id, wanted)
    except (DomainError, NotPrintable, Erased) as error:
        raise _refused(error, item_id) from None
    return Response(content, media_type=letters.MEDIA_TYPES[as_format])


@router.post(
    "/v1/appeals/{item_id}/acts",
    summary="Record what is done about an item",
    response_model=shapes.WorkItem,
    responses=problems(404, 408, 409, 413, 415, 422, 503),
    openapi_extra={"requestBody": act_bodies.BODY},
)
async def record_act(request: Request, house: TheHouse, item_id: ItemId) -> Response:
    """Take, note, file, send, withdraw, escalate, vacate, close. With `if_version`, only if nobody was there before."""
    media_type(request, (MEDIA_TYPE,))
    body = await read_body(request, min(house.body_limit, LARGEST))
    try:
        asked = act_bodies.read(body)
    except InputError as error:
        fault = Fault(error.path, shown(error.value), error.expected)
        raise Problem(NOT_UNDERSTOOD, f"{error.path} is not accepted.", errors=[fault]) from None
    done = await house.in_thread(partial(_record, house, item_id), asked)
    answer = Json(done)
    answer.headers["ETag"] = f'"{done["version"]}"'
    return answer


def _record(house: House, item_id: str, asked: tuple[Act, int | None]) -> dict[str, Any]:
    act, expected = asked
    try:
        return appealing.act(house.installation, item_id, act, expected=expected)
    except (DomainError, Erased) as error:
        raise _refused(error, item_id) from None


def _refused(error: Exception, item_id: str) -> Problem:
    """The problem that a refusal is, with its facts."""
    code = getattr(error, "code", "refused")
    if code == "unknown-item":
        told = shown(item_id)
        fault = Fault("path.item_id", told, _ITEM_WORDS)
        return Problem(UNKNOWN_WORK, f"There is no appeal or proposal {told}.", errors=[fault])
    kind = LETTER_REFUSED if code in _OF_LETTERS else ACT_REFUSED
    missing = [Fault(gap.key, None, gap.words) for gap in getattr(error, "missing", ())]
    return Problem(kind, f"{error}.", errors=missing, members={"reason": code, "facts": _facts(error)})


_OF_LETTERS = frozenset({"unsupported-argument", "no-letter", "cause-missing", "no-record", "not-printable", "erased"})


def _facts(error: Exception) -> dict[str, Any]:
    """The attributes of a refusal that JSON has words for."""
    return {name: value for name, value in vars(error).items() if isinstance(value, str | int | date | None)}


def _written(place: Place) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(list(place))).decode().rstrip("=")


def _read(cursor: str) -> Place:
    try:
        key = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        sort_on, claim_id, kind, number = key
        if all(isinstance(part, str) for part in (sort_on, claim_id, kind)) and type(number) is int and number < 10**9:
            return Place(sort_on, claim_id, kind, number)
    except (binascii.Error, ValueError, TypeError):
        pass
    expected = "the cursor of an earlier answer's Link header, with the same other parameters"
    raise Problem(BAD_PARAMETER, "Not understood: query.cursor.", errors=[Fault("query.cursor", cursor[:80], expected)])
