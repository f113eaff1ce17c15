import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI

from suite.http.app import create_app
from suite.http.examples import OPENED
from suite.installation import Installation

ONE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
LINES = "application/x-ndjson"
PROBLEM_MEMBERS = {"type", "title", "status", "detail", "instance", "errors"}


class Client:
    """The app in this process, its lifespan around it."""

    def __init__(self, app: FastAPI, portal: BlockingPortal) -> None:
        self.app, self.portal = app, portal
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://claimtrail")

    def ask(self, method: str, url: str, **more: Any) -> httpx.Response:
        async def call() -> httpx.Response:
            return await self._http.request(method, url, **more)

        return self.portal.call(call)

    def get(self, url: str, **more: Any) -> httpx.Response:
        return self.ask("GET", url, **more)

    def post(self, url: str, **more: Any) -> httpx.Response:
        return self.ask("POST", url, **more)

    def send(self, event: Any) -> httpx.Response:
        return self.post("/v1/events", content=json.dumps(event), headers={"content-type": ONE})

    def send_batch(self, events: Any) -> httpx.Response:
        return self.post("/v1/events", content=json.dumps(events), headers={"content-type": BATCH})

    def send_lines(self, body: bytes) -> list[dict[str, Any]]:
        answer = self.post("/v1/events", content=body, headers={"content-type": LINES})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == LINES
        return [json.loads(line) for line in answer.text.splitlines()]


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path / "data") as made:
        yield made


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as made:
        yield made


@pytest.fixture
def client(installation: Installation, portal: BlockingPortal) -> Client:
    """Without services that follow: a test works the events off when it wants them worked off."""
    return Client(create_app(installation, start_services=False), portal)


@pytest.fixture
def client_of(portal: BlockingPortal) -> Callable[[FastAPI], Client]:
    return lambda app: Client(app, portal)


@pytest.fixture
def address(installation: Installation) -> Iterator[str]:
    """A real server on a free port of the loopback."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(installation), log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def opened(number: int, **data: Any) -> dict[str, Any]:
    """A visit of its own patient."""
    return {
        **OPENED,
        "id": f"opened-{number}",
        "subject": f"visit-{number}",
        "data": {**OPENED["data"], "patient_id": f"patient-{number}", **data},
    }


def signed(number: int) -> dict[str, Any]:
    return {
        **OPENED,
        "id": f"signed-{number}",
        "subject": f"visit-{number}",
        "type": "claimtrail.session.signed.v1",
        "data": {"clinician_npi": "1234567893", "credentials": "PT", "license_number": "PT-1"},
    }


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The problem document of an answer, its shape checked."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document.keys() >= PROBLEM_MEMBERS
    assert document["status"] == status
    assert document["type"].startswith("/docs#")
    assert document["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"
    for error in document["errors"]:
        assert error.keys() == {"path", "value", "expected"}
        assert error["path"]
        assert error["expected"]
    return document


class Kit:
    """What the tests of this room share."""

    opened = staticmethod(opened)
    signed = staticmethod(signed)
    problem = staticmethod(problem)
    one, batch, lines = ONE, BATCH, LINES


@pytest.fixture(scope="session")
def kit() -> type[Kit]:
    return Kit
