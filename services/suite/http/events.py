"""`POST /v1/events`: the door of the contract over HTTP, in all of its media types."""

from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from interchange.cloudevents import read_event
from suite.http import examples, shapes
from suite.http.answers import receipt, refusal
from suite.http.binary_mode import is_binary, read_binary
from suite.http.bodies import media_type, read_body
from suite.http.conversation import MEDIA_TYPE as LINES
from suite.http.conversation import Conversation
from suite.http.documents import elements
from suite.http.house import House, Json, house_of
from suite.http.parameters import known_parameters
from suite.http.reference import problems

ONE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
BINARY = "application/json"
MEDIA_TYPES = (ONE, BATCH, LINES)

router = APIRouter(tags=["events"])


@router.post(
    "/v1/events",
    summary="Send events",
    response_model=shapes.Receipt,
    responses={
        200: {
            "description": "The events are kept, durably; claims follow. As application/x-ndjson: a line an event "
            "(`line`, `id`, `source`, `outcome`, `errors`), while the body is still read; the last line is "
            '`{"counts": {…}}`, with a `problem` when the store failed on the way. A stream without that last line '
            "was cut: send it again, repeated events are only counted.",
            "content": {
                "application/json": {"examples": examples.RECEIPTS},
                LINES: {"schema": {"type": "string"}, "example": examples.ANSWER_LINES},
            },
        },
        **problems(408, 413, 415, 422, 503),
    },
    openapi_extra={"requestBody": examples.EVENTS_BODY},
)
async def post_events(request: Request) -> Response:
    """Keep what clinics and payers say: one event, an array of them, or a stream of lines.

    Every event ends in one of `accepted`, `duplicate`, `conflict`, `rejected`, `parked`, in its own place; the others
    go on. One event sent alone that is rejected or in conflict is a problem document (422). Also read is CloudEvents'
    binary mode: the attributes in `ce-` headers, the data as application/json.
    """
    # Called, not depended on: FastAPI's injection costs as much as all the rest of a request.
    await known_parameters(request)
    house = await house_of(request)
    binary = is_binary(request.headers)
    kind = media_type(request, (BINARY,) if binary else MEDIA_TYPES)
    if kind == LINES:
        return Conversation(request, house)
    body = await read_body(request, house.body_limit)
    if kind == BATCH:
        return await house.in_thread(partial(_batch, house), body)
    event = read_binary(request.headers, body) if binary else read_event(body)
    answer = await house.desk.take(event)
    if problem := refusal(answer):
        raise problem
    return Json(receipt([answer]))


def _batch(house: House, body: bytes) -> Response:
    events = [read_event(element) for element in elements(body)]
    return Json(receipt(house.keep_now(events)))
