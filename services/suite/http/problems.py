"""RFC 9457 problem documents: what every answer that is no success looks like."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
REFERENCE = "/docs"
"""The page that explains every kind of problem; a problem's `type` points into it."""


class Kind(NamedTuple):
    """One kind of problem: the end of its `type`, its status and its title never change."""

    slug: str
    status: int
    title: str
    meaning: str
    """What it means and what to do, for the reference page."""


class Fault(NamedTuple):
    """One thing that is wrong: where it stands, what it is, what would be right."""

    path: str
    value: Any
    expected: str


class Problem(Exception):
    """Ends a request with a problem document."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        errors: Sequence[Fault | Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        """`members` are further members of the document, as RFC 9457 allows."""
        self.kind, self.detail, self.headers = kind, detail, dict(headers or {})
        self.errors = [error._asdict() if isinstance(error, Fault) else dict(error) for error in errors]
        self.members = dict(members or {})
        super().__init__(detail)

    def document(self, request_id: str) -> dict[str, Any]:
        """The problem document; `instance` names this one occurrence, as the logs do."""
        return {
            "type": f"{REFERENCE}#{self.kind.slug}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "instance": f"urn:uuid:{request_id}",
            "errors": self.errors,
            **self.members,
        }

    def response(self, request_id: str) -> Response:
        """The answer that carries the document."""
        body = orjson.dumps(self.document(request_id))
        return Response(body, self.kind.status, headers=self.headers, media_type=MEDIA_TYPE)


EVENT_REFUSED = Kind(
    "event-refused", 422, "The event is refused", "It cannot be understood: mend what `errors` names and send it again."
)
EVENT_IN_CONFLICT = Kind(
    "event-in-conflict",
    422,
    "The event contradicts an earlier one",
    "Another content was kept under the same source and id. The first stays in force; this one is kept aside and the "
    "case is held until a person decides. A correction is an event of its own, with an id of its own.",
)
NOT_UNDERSTOOD = Kind(
    "not-understood", 422, "The body cannot be understood", "Nothing was kept. Mend what `errors` names."
)
BAD_PARAMETER = Kind(
    "bad-parameter",
    422,
    "A parameter cannot be understood",
    "`errors` names each parameter of the query, its value and what would be right.",
)
NOT_FOUND = Kind("not-found", 404, "There is no such path", "The paths of the API are on this page.")
UNKNOWN_CLAIM = Kind(
    "unknown-claim",
    404,
    "There is no such claim",
    "Claims follow their events within moments: a claim whose events were only now accepted may still be on its way.",
)
UNKNOWN_DEAD_LETTER = Kind(
    "unknown-dead-letter", 404, "There is no such dead letter", "It was put back already, or never was."
)
UNKNOWN_WORK = Kind(
    "unknown-work", 404, "There is no such appeal or proposal", "The ids stand on the worklist, `/v1/appeals`."
)
ACT_REFUSED = Kind(
    "act-refused",
    409,
    "The act is not possible as things stand",
    "`reason` names why, `facts` hold the days, amounts and persons it is about. Where somebody was there before "
    "(`already-taken`, `changed-meanwhile`), look at the item again.",
)
LETTER_REFUSED = Kind(
    "letter-refused",
    409,
    "No letter can be made of the record",
    "`errors` names what the argument rests on and the record does not show; `reason` and `facts` say what else is "
    "missing.",
)
ANSWER_REFUSED = Kind(
    "answer-refused",
    422,
    "The payer's file is refused",
    "Nothing of it was posted. `segment` says where it is wrong, `off_cents` by how much a sum is off.",
)
UNKNOWN_ITEM = Kind("unknown-item", 404, "No such answer waits", "It was matched or dismissed already, or never was.")
NOT_MATCHABLE = Kind(
    "not-matchable",
    422,
    "The answer cannot be put to that claim",
    "The claim is not there, was never sent, or the answer belongs to a file and to no claim.",
)
UNKNOWN_FILE = Kind("unknown-file", 404, "There is no such claim file", "`GET /v1/files` lists those that are.")
FILE_GONE = Kind(
    "file-gone",
    409,
    "The claim file cannot be made again",
    "`code` says why: the data of a patient in it was erased, or another release of the software wrote it.",
)
EXPORT_REFUSED = Kind(
    "export-refused",
    409,
    "The export did not come to its end",
    "`code` says why. What was recorded stays, and is written by the next export; nothing is sent twice.",
)
WRONG_METHOD = Kind(
    "wrong-method", 405, "The path does not answer this method", "The header `Allow` names the methods that it does."
)
TOO_SLOW = Kind("too-slow", 408, "The body did not come in time", "Nothing was kept. Send it again.")
TOO_LARGE = Kind(
    "too-large",
    413,
    "The body is too large",
    "Nothing was kept. Send it in parts, or events as application/x-ndjson, which has no end.",
)
WRONG_HOST = Kind(
    "wrong-host",
    421,
    "The request is for another host",
    "A page of another site may have led a browser here. Name the host as it was bound, or in CLAIMTRAIL_HOSTS.",
)
WRONG_MEDIA_TYPE = Kind(
    "wrong-media-type", 415, "The body is of a kind that is not read here", "The header `Accept` names what is."
)
REFUSED_BY_HTTP = Kind(
    "refused", 400, "The request cannot be understood", "The request itself, before its content, is malformed."
)
INTERNAL = Kind(
    "internal-error",
    500,
    "A fault of ours",
    "Not the caller's doing. The log of the service names the place in the code under the same `instance`.",
)
STORE_BUSY = Kind(
    "store-busy",
    503,
    "The store is busy",
    "Nothing was kept. Send the same again after `Retry-After`: repeated events are only counted.",
)
STORE_FULL = Kind(
    "store-full",
    503,
    "The disk of the store is full",
    "Nothing was kept. The same can be sent again once there is room.",
)
STORE_UNAVAILABLE = Kind(
    "store-unavailable",
    503,
    "The store cannot be used",
    "Nothing was kept. Send the same again after `Retry-After`; if it lasts, the operator has to look.",
)
NOT_READY = Kind(
    "not-ready", 503, "The suite is not ready", "`checks` says what stands in the way; `/healthz` still answers."
)


KINDS = (
    EVENT_REFUSED,
    EVENT_IN_CONFLICT,
    NOT_UNDERSTOOD,
    BAD_PARAMETER,
    NOT_FOUND,
    UNKNOWN_CLAIM,
    UNKNOWN_DEAD_LETTER,
    UNKNOWN_WORK,
    ACT_REFUSED,
    LETTER_REFUSED,
    ANSWER_REFUSED,
    UNKNOWN_ITEM,
    NOT_MATCHABLE,
    UNKNOWN_FILE,
    FILE_GONE,
    EXPORT_REFUSED,
    WRONG_METHOD,
    TOO_SLOW,
    TOO_LARGE,
    WRONG_HOST,
    WRONG_MEDIA_TYPE,
    REFUSED_BY_HTTP,
    INTERNAL,
    STORE_BUSY,
    STORE_FULL,
    STORE_UNAVAILABLE,
    NOT_READY,
)
"""Every kind of problem."""
