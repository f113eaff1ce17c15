"""Events line by line, answers line by line: answered while the body is still being read."""

from collections import Counter
from collections.abc import Sequence

import anyio
import orjson
import structlog
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from interchange.arrival import NOT_SHOWN, Arrived, Fault, Refused
from interchange.cloudevents import read_event
from interchange.lines import LONGEST_LINE
from suite.http.answers import counted, told
from suite.http.backlog import Backlog
from suite.http.house import House
from suite.http.lines import Line, Lines
from suite.http.middleware import REQUEST_ID
from suite.http.troubles import as_problem, of_group

MEDIA_TYPE = "application/x-ndjson"
LINES_A_COMMIT = 2_000
CHUNKS_AHEAD = 32
"""So many chunks of the body are read before their turn comes [chunks of at most 64 KiB]."""

_log = structlog.get_logger(__name__)
_TOO_LONG: Fault = {"path": "$", "value": NOT_SHOWN, "expected": f"a line of at most {LONGEST_LINE} bytes"}


class Conversation(Response):
    """Answers a stream of events.

    Reading never waits for the caller to fetch answers, so a caller may also send all before it reads any.
    When the store fails before anything was answered, the answer is a 503; after that, the last line is a problem.
    """

    media_type = MEDIA_TYPE

    def __init__(self, request: Request, house: House) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._request, self._house = request, house
        self._counts: Counter[str] = Counter()
        self._backlog = Backlog()
        self._started = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 -- the request reads
        """Listen and tell at once."""
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._tell, send)
                await self._listen_to_the_end()
        finally:
            self._backlog.close()

    async def _listen_to_the_end(self) -> None:
        last: dict[str, object] = {}
        try:
            await self._listen()
        except Exception as wrapped:  # noqa: BLE001 -- the answer has begun: its last line says what went wrong
            error = of_group(wrapped)
            if not self._started or isinstance(error, ClientDisconnect):
                raise error from None
            request_id = self._request.scope["state"][REQUEST_ID]
            _log.error("a stream of events was cut", request_id=request_id, error=type(error).__name__)
            last["problem"] = as_problem(error).document(request_id)
        last["counts"] = counted(self._counts)
        self._backlog.put(orjson.dumps(last) + b"\n")
        self._backlog.end()

    async def _listen(self) -> None:
        sender, receiver = anyio.create_memory_object_stream[list[Line]](CHUNKS_AHEAD)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._read, sender)
            await self._work(receiver)

    async def _read(self, sender: MemoryObjectSendStream[list[Line]]) -> None:
        lines = Lines()
        async with sender:
            async for chunk in self._request.stream():
                if found := lines.feed(chunk):
                    await sender.send(found)
            if found := lines.end():
                await sender.send(found)

    async def _work(self, receiver: MemoryObjectReceiveStream[list[Line]]) -> None:
        async with receiver:
            async for first in receiver:
                lines = list(first)
                while len(lines) < LINES_A_COMMIT:
                    try:
                        lines += receiver.receive_nowait()
                    except (anyio.WouldBlock, anyio.EndOfStream):
                        break
                for start in range(0, len(lines), LINES_A_COMMIT):
                    answers = await self._house.in_thread(self._answer, lines[start : start + LINES_A_COMMIT])
                    self._backlog.put(answers)

    def _answer(self, lines: Sequence[Line]) -> bytes:
        """Keep what the lines say, and the lines that answer them."""
        answers = self._house.keep_now([_event(line) for line in lines])
        self._counts.update(answer.outcome for answer in answers)
        pairs = zip(lines, answers, strict=True)
        return b"".join(orjson.dumps({"line": line.number, **told(answer)}) + b"\n" for line, answer in pairs)

    async def _tell(self, send: Send) -> None:
        while piece := await self._backlog.get():
            if not self._started:
                self._started = True
                await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _event(line: Line) -> Arrived | Refused:
    return Refused(None, None, (_TOO_LONG,)) if line.too_long else read_event(line.raw)
