"""Bodies that are read whole: of which kind they are, how large they may be, how long they may take."""

import os
import re
from collections.abc import Iterable

import anyio
from fastapi import Request

from suite.http.problems import TOO_LARGE, TOO_SLOW, WRONG_MEDIA_TYPE, Fault, Problem
from therapy_domain.strict_json import shown

LIMIT_VARIABLE = "CLAIMTRAIL_MAX_BODY_BYTES"
DEFAULT_LIMIT = 10 * 1024 * 1024
"""The largest body that is read whole [bytes]."""
LONGEST_WAIT = 30.0
"""How long a body may take to come in, whole [s]."""

_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE).search


def limit_from_environment() -> int:
    """The limit of CLAIMTRAIL_MAX_BODY_BYTES, or the default.

    Raises:  ValueError: it is no whole number of bytes above zero.
    """
    told = os.environ.get(LIMIT_VARIABLE, "").strip()
    if not told:
        return DEFAULT_LIMIT
    if not (told.isascii() and told.isdigit() and int(told) > 0):
        raise ValueError(f"{LIMIT_VARIABLE} is {told!r}; a whole number of bytes above 0 is expected")
    return int(told)


def media_type(request: Request, accepted: Iterable[str]) -> str:
    """The body's media type, one of those accepted; no parameters but an UTF-8 charset mean anything.

    Raises:  Problem: 415, with what is accepted.
    """
    wanted = ", ".join(accepted)
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("", "identity"):
        fault = Fault("header.content-encoding", shown(coding), "identity: a body that is not compressed")
        raise Problem(WRONG_MEDIA_TYPE, "Compressed bodies are not read.", errors=[fault], headers={"Accept": wanted})
    told = request.headers.get("content-type", "")
    kind = told.partition(";")[0].strip().lower()
    charset = _CHARSET(told)
    if kind not in accepted or (charset and charset[1].lower() not in ("utf-8", "utf8", "us-ascii")):
        fault = Fault("header.content-type", shown(told) if told else None, f"one of {wanted}; in UTF-8")
        raise Problem(
            WRONG_MEDIA_TYPE, "This path does not read that kind of body.", errors=[fault], headers={"Accept": wanted}
        )
    return kind


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body.

    Raises:  Problem: 413 when it is larger than `limit` [bytes], 408 when it takes too long.
    """
    told = request.headers.get("content-length", "")
    if told.isdigit() and int(told) > limit:
        await _let_pass(request, limit)
        raise _too_large(limit, int(told))
    body = bytearray()
    try:
        with anyio.fail_after(LONGEST_WAIT):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    await _let_pass(request, limit)
                    raise _too_large(limit, None)
    except TimeoutError:
        fault = Fault("body", None, f"the whole body within {LONGEST_WAIT:.0f} seconds")
        raise Problem(TOO_SLOW, "The body did not come in time.", errors=[fault]) from None
    return bytes(body)


async def _let_pass(request: Request, at_most: int) -> None:
    """Read on for a while: a client that is cut off while it still sends never sees why."""
    passed = 0
    with anyio.move_on_after(1.0):
        while passed < at_most:
            message = await request.receive()
            passed += len(message.get("body", b""))
            if not message.get("more_body"):
                return


def _too_large(limit: int, size: int | None) -> Problem:
    fault = Fault("body", f"{size} bytes" if size else f"more than {limit} bytes", f"at most {limit} bytes")
    return Problem(TOO_LARGE, f"The body is larger than {limit} bytes.", errors=[fault])
