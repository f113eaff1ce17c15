"""Over a real socket: what an in-process client cannot show."""

import http.client
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from suite.http.examples import OPENED


def connect(address: str) -> closing[http.client.HTTPConnection]:
    return closing(http.client.HTTPConnection(address, timeout=60))


def post(connection, body, media_type):
    connection.request("POST", "/v1/events", body, {"content-type": media_type})
    answer = connection.getresponse()
    return answer.status, answer.read()


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def test_lines_are_answered_before_the_body_ends(address, kit) -> None:
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), timeout=30) as sock, sock.makefile("rb") as answers:
        sock.sendall(
            b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        for number in range(3):
            line = json.dumps(kit.opened(number)).encode() + b"\n"
            half = len(line) // 2
            sock.sendall(chunk(line[:half]))
            sock.sendall(chunk(line[half:]))
            while not (answer := answers.readline()).startswith(b"{"):
                assert answer, "the server hung up"
            assert json.loads(answer)["outcome"] == "accepted"
        sock.sendall(chunk(b""))
        while not (answer := answers.readline()).startswith(b"{"):
            assert answer, "the server hung up"
        assert json.loads(answer)["counts"]["accepted"] == 3


def test_a_caller_may_send_everything_before_reading_any_answer(address) -> None:
    """About 12 MB of answers: more than any socket buffers."""
    events = 60_000
    line = b'{"id": "' + b"x" * 100 + b'"}\n'
    with connect(address) as connection:
        status, body = post(connection, (line * 500 for _ in range(events // 500)), "application/x-ndjson")
    assert status == 200
    *answers, last = body.splitlines()
    assert len(answers) == events
    assert len(body) > 12_000_000
    assert json.loads(answers[-1])["line"] == events
    assert json.loads(last)["counts"]["rejected"] == events


def test_64_callers_at_once_are_all_kept_and_all_answered(address, installation, kit) -> None:
    callers, each = 64, 10

    def caller(number: int) -> list[int]:
        with connect(address) as connection:
            return [
                post(connection, json.dumps(kit.opened(number * each + index)), kit.one)[0] for index in range(each)
            ]

    with ThreadPoolExecutor(callers) as threads:
        statuses = [status for told in threads.map(caller, range(callers)) for status in told]
    assert statuses == [200] * callers * each
    facts = installation.log.read_all(0, 10_000, {OPENED["type"]})
    assert len(facts) == callers * each


def test_a_caller_that_goes_away_in_the_middle_disturbs_nobody(address, installation, kit) -> None:
    host, port = address.split(":")
    for media_type in (kit.lines, kit.one, kit.batch):
        with socket.create_connection((host, int(port)), timeout=30) as sock:
            head = f"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: {media_type}\r\nContent-Length: 5000\r\n\r\n"
            sock.sendall(head.encode() + json.dumps(OPENED).encode()[:100])
    with connect(address) as connection:
        status, _ = post(connection, json.dumps(kit.opened(1)), kit.one)
    assert status == 200


def test_a_body_that_is_too_large_is_told_so_and_not_hung_up_on(address) -> None:
    with connect(address) as connection:
        status, body = post(connection, b" " * (11 * 1024 * 1024), "application/cloudevents+json")
    assert status == 413
    assert json.loads(body)["type"] == "/docs#too-large"
