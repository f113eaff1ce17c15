import asyncio
import json

import pytest

from event_log.errors import DiskFull, LogBusy
from suite.http import bodies
from suite.http.app import create_app
from suite.http.examples import EVENTS, INTERVAL, OPENED
from suite.http.troubles import as_problem


def test_one_event_is_kept_and_answered(client, installation) -> None:
    answer = client.send(OPENED)
    assert answer.status_code == 200
    assert answer.json() == {
        "counts": {"accepted": 1, "duplicate": 0, "parked": 0, "conflict": 0, "rejected": 0},
        "results": [{"id": "evt-1001", "source": OPENED["source"], "outcome": "accepted", "errors": []}],
    }
    assert installation.log.head() == 1


def test_the_same_event_again_is_a_duplicate(client, installation) -> None:
    client.send(OPENED)
    assert client.send(OPENED).json()["results"][0]["outcome"] == "duplicate"
    assert installation.log.head() == 1


def test_other_content_under_a_known_id_is_a_problem_that_says_conflict(client, kit) -> None:
    client.send(OPENED)
    told = kit.problem(client.send({**OPENED, "subject": "another"}), 422)
    assert told["type"] == "/docs#event-in-conflict"
    assert (told["outcome"], told["id"], told["source"]) == ("conflict", "evt-1001", OPENED["source"])
    assert told["errors"][0]["path"] == "$.id"


def test_an_event_of_a_session_that_is_not_opened_is_parked(client) -> None:
    answer = client.send(INTERVAL)
    assert answer.status_code == 200
    assert answer.json()["counts"]["parked"] == 1


def test_a_refused_event_is_a_problem_that_names_every_fault(client, installation, kit) -> None:
    told = kit.problem(client.send({**OPENED, "time": "today", "data": {**OPENED["data"], "discipline": "XX"}}), 422)
    assert told["type"] == "/docs#event-refused"
    assert told["outcome"] == "rejected"
    assert [(error["path"], error["value"]) for error in told["errors"]] == [
        ("$.time", "today"),
        ("$.data.discipline", "XX"),
    ]
    assert installation.log.head() == 0


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 50_000, b'{"a":1,"a":2}', b"1e999"])
def test_a_body_that_is_no_event_is_a_problem(client, kit, body) -> None:
    answer = client.post("/v1/events", content=body, headers={"content-type": kit.one})
    assert kit.problem(answer, 422)["errors"]


def test_a_refusal_does_not_show_what_may_identify_a_person(client) -> None:
    event = {
        **OPENED,
        "type": "claimtrail.patient.registered.v1",
        "subject": "p-1",
        "data": {"family_name": 7, "given_name": "Ottoline", "birth_date": "Ottoline's", "sex": "F", "member_ids": {}},
    }
    assert "Ottoline" not in client.send(event).text


def test_each_event_of_a_batch_is_answered_in_its_place(client, installation, kit) -> None:
    client.send(kit.opened(1))
    batch = [kit.opened(1), {"id": "x"}, kit.opened(2), kit.opened(1, payer_id="other"), INTERVAL, 7]
    answer = client.send_batch(batch)
    assert answer.status_code == 200
    outcomes = [result["outcome"] for result in answer.json()["results"]]
    assert outcomes == ["duplicate", "rejected", "accepted", "conflict", "parked", "rejected"]
    assert answer.json()["counts"] == {"accepted": 1, "duplicate": 1, "parked": 1, "conflict": 1, "rejected": 2}
    assert all(
        bool(result["errors"]) == (result["outcome"] in ("rejected", "conflict")) for result in answer.json()["results"]
    )


def test_an_empty_batch_is_answered_with_nothing(client) -> None:
    assert client.send_batch([]).json()["results"] == []


def test_a_name_that_stands_twice_is_noticed_in_a_batch_too(client, kit) -> None:
    body = b"[" + json.dumps(OPENED).encode()[:-1] + b',"id":"another"}]'
    answer = client.post("/v1/events", content=body, headers={"content-type": kit.batch})
    assert answer.json()["results"][0]["outcome"] == "rejected"


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[", b"[1,]", b"[1 2]", b"[1] 2", b"\xff", b"[" * 50_000, b"[" + b"9" * 5_000 + b"]"]
)
def test_a_batch_that_is_no_array_is_refused_whole(client, installation, kit, body) -> None:
    answer = client.post("/v1/events", content=body, headers={"content-type": kit.batch})
    assert kit.problem(answer, 422)["errors"][0]["path"] == "$"
    assert installation.log.head() == 0


def test_a_batch_of_too_many_events_is_refused_whole(client, kit) -> None:
    answer = client.post("/v1/events", content=b"[" + b"0," * 10_000 + b"0]", headers={"content-type": kit.batch})
    assert kit.problem(answer, 413)["errors"][0]["expected"] == "at most 10000 events"


@pytest.mark.parametrize("told", ["application/json", "text/plain", "application/cloudevents+json; charset=latin1", ""])
def test_another_media_type_is_answered_with_those_that_are_read(client, kit, told) -> None:
    answer = client.post("/v1/events", content=json.dumps(OPENED), headers={"content-type": told})
    kit.problem(answer, 415)
    assert "application/x-ndjson" in answer.headers["accept"]


def test_a_compressed_body_is_not_read(client, kit) -> None:
    headers = {"content-type": kit.one, "content-encoding": "gzip"}
    assert kit.problem(client.post("/v1/events", content=b"x", headers=headers), 415)


def test_a_charset_of_utf_8_is_accepted(client) -> None:
    headers = {"content-type": 'Application/CloudEvents+JSON; charset="UTF-8"'}
    assert client.post("/v1/events", content=json.dumps(OPENED), headers=headers).status_code == 200


def test_a_body_over_the_limit_is_refused_told_or_not(installation, client_of, kit, monkeypatch) -> None:
    monkeypatch.setenv("CLAIMTRAIL_MAX_BODY_BYTES", "2000")
    client = client_of(create_app(installation, start_services=False))

    async def pieces():
        for _ in range(3):
            yield b" " * 1000

    for content in (b" " * 2001, pieces()):
        answer = client.post("/v1/events", content=content, headers={"content-type": kit.one})
        assert kit.problem(answer, 413)["errors"][0]["expected"] == "at most 2000 bytes"
    assert client.send(OPENED).status_code == 200
    assert client.send_lines(b"\n" * 3000 + json.dumps(OPENED).encode())[-1]["counts"]["duplicate"] == 1


def test_a_body_that_does_not_come_in_time_is_given_up(client, kit, monkeypatch) -> None:
    monkeypatch.setattr(bodies, "LONGEST_WAIT", 0.05)

    async def slowly():
        yield b"{"
        await asyncio.sleep(5)
        yield b"}"

    kit.problem(client.post("/v1/events", content=slowly(), headers={"content-type": kit.one}), 408)


def test_a_limit_that_is_no_number_stops_the_start(installation, monkeypatch) -> None:
    monkeypatch.setenv("CLAIMTRAIL_MAX_BODY_BYTES", "plenty")
    with pytest.raises(ValueError, match="CLAIMTRAIL_MAX_BODY_BYTES is 'plenty'"):
        create_app(installation)


def test_lines_are_answered_line_by_line_and_then_counted(client, kit) -> None:
    body = b"\n".join(json.dumps(event).encode() for event in (*EVENTS, OPENED)) + b"\r\n\n{}\nnonsense"
    *answers, last = client.send_lines(body)
    assert [(answer["line"], answer["outcome"]) for answer in answers] == [
        (1, "accepted"),
        (2, "accepted"),
        (3, "accepted"),
        (4, "duplicate"),
        (6, "rejected"),
        (7, "rejected"),
    ]
    assert last == {"counts": {"accepted": 3, "duplicate": 1, "parked": 0, "conflict": 0, "rejected": 2}}


def test_a_line_that_is_too_long_is_refused_and_the_others_go_on(client) -> None:
    long = b'{"id":"' + b"x" * (8 * 1024 * 1024) + b'"}'
    first, second, last = client.send_lines(long + b"\n" + json.dumps(OPENED).encode())
    assert first["errors"][0]["expected"] == "a line of at most 8388608 bytes"
    assert (second["line"], second["outcome"]) == (2, "accepted")
    assert last["counts"]["rejected"] == 1


def test_many_lines_are_kept_in_several_commits(client, installation, kit) -> None:
    *answers, last = client.send_lines(b"\n".join(json.dumps(kit.opened(n)).encode() for n in range(4_500)))
    assert [answer["line"] for answer in answers] == list(range(1, 4_501))
    assert last["counts"]["accepted"] == installation.log.head() == 4_500


def test_no_lines_are_answered_with_counts_alone(client) -> None:
    assert client.send_lines(b"") == [
        {"counts": {"accepted": 0, "duplicate": 0, "parked": 0, "conflict": 0, "rejected": 0}}
    ]


def test_an_event_in_binary_mode_is_the_same_event(client, kit) -> None:
    headers = {f"ce-{name}": value for name, value in OPENED.items() if name != "data"}
    headers |= {"content-type": "application/json"}
    answer = client.post("/v1/events", content=json.dumps(OPENED["data"]), headers=headers)
    assert answer.json()["counts"]["accepted"] == 1
    assert client.send(OPENED).json()["counts"]["duplicate"] == 1
    for broken in (b"{", b'{},"id":"other"', b'{"a":1,"a":2}', b""):
        answer = client.post("/v1/events", content=broken, headers={**headers, "ce-id": "new"})
        assert kit.problem(answer, 422)["errors"][0]["path"].startswith("$")


@pytest.mark.parametrize("media_type", ["one", "batch", "lines"])
def test_a_store_that_cannot_be_written_is_a_503_and_says_when_to_try_again(
    client, installation, kit, media_type
) -> None:
    installation.close()
    body = json.dumps([OPENED] if media_type == "batch" else OPENED)
    answer = client.post("/v1/events", content=body, headers={"content-type": getattr(kit, media_type)})
    assert kit.problem(answer, 503)["type"] == "/docs#store-unavailable"
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(("error", "slug"), [(LogBusy("/a/path"), "store-busy"), (DiskFull("/a/path"), "store-full")])
def test_each_trouble_of_the_store_is_its_own_problem_without_its_paths(error, slug) -> None:
    problem = as_problem(error)
    assert (problem.kind.slug, problem.kind.status) == (slug, 503)
    assert "/a/path" not in json.dumps(problem.document("x"))
