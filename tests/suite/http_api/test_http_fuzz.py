"""10,000 broken requests: never a fault of ours, and every refusal says where, what and what would be right."""

import asyncio
import copy
import json
import random

import httpx
import pytest

from suite.http.app import create_app
from suite.http.examples import DEADLINES, INTERVAL, OPENED, SIGNED, UNITS

INPUTS = 10_000
SEED = 20260302
ODD = (
    None, True, 0, -1, 2**70, 1.5, "", "\x00", "\ud800", "é" * 50, "9" * 400, "2026-02-30", "2026-03-02T25:00:00Z",
    [], [[]], {}, {"": {}}, {"a": [{"b": None}]},
)  # fmt: skip
TEXTS = (
    "",
    "x",
    "-1",
    "0",
    "1e9",
    "held",
    "2026-13-01",
    "2026-03-02T09:00:00+05:00",
    "%",
    "\x00",
    "é",
    "' OR 1=1 --",
    "a" * 999,
)
NAMES = ("status", "payer", "clinic", "org", "since", "limit", "cursor", "as_of", "due_within", "nobody", "", "$")
PATHS = (
    "/v1/claims", "/v1/claims/{}", "/v1/claims/{}/history", "/v1/appeals", "/v1/status", "/v1/dead-letters",
    "/v1/dead-letters/{}/redrive", "/healthz", "/readyz", "/docs", "/openapi.json", "/{}", "/v1/{}",
)  # fmt: skip
KINDS = ("application/cloudevents+json", "application/cloudevents-batch+json", "application/x-ndjson")


def bent(dice: random.Random, value):
    """The document with one or two places changed."""
    document = json.loads(json.dumps(value))
    for _ in range(dice.randint(1, 2)):
        places = list(_places(document))
        holder, key = dice.choice(places)
        match dice.randrange(4):
            case 0:
                del holder[key]
            case 1 if isinstance(holder, dict):
                holder[f"odd-{dice.randrange(9)}"] = copy.deepcopy(dice.choice(ODD))
            case _:
                holder[key] = copy.deepcopy(dice.choice(ODD))
        if not any(True for _ in _places(document)):
            break
    return document


def _places(value):
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key])


def torn(dice: random.Random, body: bytes) -> bytes:
    """The bytes with a few of them changed, cut or repeated."""
    at = dice.randrange(len(body) + 1)
    match dice.randrange(4):
        case 0:
            return body[:at]
        case 1:
            return body[:at] + bytes([dice.randrange(256)]) + body[at + 1 :]
        case 2:
            return body[at:] + body[:at]
        case _:
            return body[:at] + body[at - dice.randrange(20) :]


def request(dice: random.Random) -> dict:
    kind = dice.randrange(10)
    if kind < 5:
        media_type = dice.choice((*KINDS, *KINDS, *KINDS, "application/json", "text/html", "é", ";"))
        events = [bent(dice, dice.choice((OPENED, INTERVAL, SIGNED))) for _ in range(dice.randint(1, 3))]
        texts = [json.dumps(event) for event in events]
        body = {KINDS[0]: texts[0], KINDS[1]: f"[{','.join(texts)}]"}.get(media_type, "\n".join(texts)).encode()
        url = "/v1/events"
    elif kind < 8:
        media_type = dice.choice(("application/json",) * 9 + ("text/plain",))
        url, asked = dice.choice((("/v1/units", UNITS), ("/v1/deadlines", DEADLINES[dice.choice(list(DEADLINES))])))
        questions = [bent(dice, asked) for _ in range(dice.randint(1, 3))]
        body = json.dumps(questions[0] if len(questions) == 1 else questions).encode()
    else:
        url = dice.choice(PATHS).replace("{}", dice.choice(("C5J2K8Q0V7M3T9XA4", "%00", "%FF%FE", "a%2Fb", "x" * 500)))
        params = [(dice.choice(NAMES), dice.choice(TEXTS)) for _ in range(dice.randint(0, 3))]
        method = dice.choice(("GET",) * 8 + ("POST", "PUT", "DELETE", "HEAD", "OPTIONS"))
        return {"method": method, "url": url, "params": params}
    if dice.random() < 0.3:
        body = torn(dice, body)
    return {"method": "POST", "url": url, "content": body, "headers": {"content-type": media_type.encode()}}


def check(asked: dict, answer: httpx.Response) -> None:
    assert answer.status_code < 500, (asked, answer.text)
    assert "Traceback" not in answer.text
    if answer.status_code >= 400 and asked["method"] != "HEAD":
        assert answer.headers["content-type"] == "application/problem+json", asked
        assert answer.json()["errors"], (asked, answer.text)
        _check_errors(answer.json()["errors"])
    elif answer.headers["content-type"] == "application/x-ndjson":
        *lines, last = [json.loads(line) for line in answer.text.splitlines()]
        assert sum(last["counts"].values()) == len(lines)
        for line in lines:
            _check_result(line)
    elif asked["url"] == "/v1/events":
        for result in answer.json()["results"]:
            _check_result(result)
    elif asked["method"] == "POST" and isinstance(answer.json(), list):
        _check_errors([told["error"] for told in answer.json() if "error" in told])


def _check_result(result: dict) -> None:
    assert bool(result["errors"]) == (result["outcome"] in ("rejected", "conflict"))
    _check_errors(result["errors"])


def _check_errors(errors: list) -> None:
    for error in errors:
        assert error.keys() == {"path", "value", "expected"}
        assert error["path"]
        assert error["expected"]


@pytest.mark.timeout(120)
def test_ten_thousand_broken_requests_meet_no_fault(installation, portal) -> None:
    app = create_app(installation, start_services=False)
    dice = random.Random(SEED)

    async def all_of_them() -> dict[int, int]:
        statuses: dict[int, int] = {}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://claimtrail") as client:

            async def some(number: int) -> None:
                for _ in range(number):
                    asked = request(dice)
                    answer = await client.request(**asked)
                    check(asked, answer)
                    statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1

            await asyncio.gather(*(some(INPUTS // 16) for _ in range(16)))
        return statuses

    statuses = portal.call(all_of_them)
    assert sum(statuses.values()) == INPUTS
    assert {200, 404, 405, 415, 422} <= statuses.keys()
    installation.dispatcher.work_off()
