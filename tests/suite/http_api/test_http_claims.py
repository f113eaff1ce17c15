import re
import sqlite3

import pytest

from suite import showing
from suite.http import shapes

CLAIMS = 25


@pytest.fixture
def worked(client, installation, kit):
    """Some claims of two organizations, and one that is void."""
    events = []
    for number in range(CLAIMS):
        org = "/orgs/riverbend/clinics/north" if number % 3 else "/orgs/lakeside/clinics/shore"
        payer = "medicare" if number % 2 else "commercial-cms"
        day = f"2026-03-{1 + number % 4:02}"
        events += [
            {**kit.opened(number, payer_id=payer, date_of_service=day), "source": org},
            {**kit.signed(number), "source": org},
        ]
    voided = {**events[0], "id": "voided", "type": "claimtrail.session.voided.v1", "data": {"reason": "not seen"}}
    assert client.send_batch([*events, voided]).json()["counts"]["accepted"] == len(events) + 1
    installation.dispatcher.work_off()
    return client


def test_the_list_is_the_list_of_the_command(worked, installation) -> None:
    answer = worked.get("/v1/claims?limit=1000")
    assert answer.json() == list(showing.claims(installation.read, installation.rules))
    assert len(answer.json()) == CLAIMS - 1
    assert "link" not in answer.headers
    for claim in answer.json():
        shapes.Claim.model_validate(claim, strict=True)


def test_pages_end_in_the_whole_list_each_claim_once(worked) -> None:
    whole = worked.get("/v1/claims?limit=1000").json()
    for limit in (1, 7, CLAIMS - 1):
        seen, url = [], f"/v1/claims?limit={limit}"
        while url:
            answer = worked.get(url)
            assert len(answer.json()) <= limit
            seen += answer.json()
            link = re.fullmatch(r'<(.+)>; rel="next"', answer.headers.get("link", ""))
            url = link[1] if link else ""
        assert seen == whole


@pytest.mark.parametrize(
    ("query", "belongs"),
    [
        ("payer=medicare", lambda claim: claim["payer_id"] == "medicare"),
        ("clinic=shore", lambda claim: claim["clinic"] == "shore"),
        ("org=riverbend", lambda claim: claim["org"] == "riverbend"),
        ("since=2026-03-03", lambda claim: claim["date_of_service"] >= "2026-03-03"),
        ("status=paid", lambda claim: claim["status"] == "paid"),
        ("payer=nobody", lambda _claim: False),
        ("org=riverbend&payer=medicare", lambda claim: (claim["org"], claim["payer_id"]) == ("riverbend", "medicare")),
    ],
)
def test_a_filter_keeps_what_belongs(worked, query, belongs) -> None:
    whole = worked.get("/v1/claims?limit=1000").json()
    assert worked.get(f"/v1/claims?limit=1000&{query}").json() == [claim for claim in whole if belongs(claim)]


def test_a_void_claim_comes_only_when_asked_for(worked) -> None:
    assert [claim["status"] for claim in worked.get("/v1/claims?status=void").json()] == ["void"]


def test_one_claim_is_found_by_its_id(worked) -> None:
    claim = worked.get("/v1/claims?limit=1").json()[0]
    assert worked.get(f"/v1/claims/{claim['claim_id']}").json().items() >= claim.items()


def test_a_history_ends_in_the_claim_and_can_stop_before(worked) -> None:
    claim = worked.get("/v1/claims?limit=1").json()[0]
    url = f"/v1/claims/{claim['claim_id']}/history"
    whole = worked.get(url).json()
    shapes.History.model_validate(whole, strict=True)
    assert whole["state"]["status"] == claim["status"]
    positions = [event["position"] for event in whole["events"]]
    first = next(event["position"] for event in whole["events"] if event["stream"].startswith("case/"))
    early = worked.get(url, params={"as_of": str(first)}).json()
    assert [event["position"] for event in early["events"]] == [each for each in positions if each <= first]
    assert early["state"] is None
    at = whole["events"][-1]["recorded_at"]
    assert worked.get(url, params={"as_of": at}).json()["events"] == whole["events"]


def test_a_history_marks_an_event_that_is_not_what_was_written(worked, installation) -> None:
    url = f"/v1/claims/{worked.get('/v1/claims?limit=1').json()[0]['claim_id']}/history"
    assessed = next(event for event in worked.get(url).json()["events"] if event["type"] == "ClaimAssessed")
    with sqlite3.connect(installation.data / "log.sqlite") as connection:
        connection.execute("DROP TRIGGER event_is_never_changed")
        connection.execute("UPDATE event SET data = x'7b22' WHERE position = ?", (assessed["position"],))
    connection.close()
    whole = worked.get(url).json()
    shapes.History.model_validate(whole, strict=True)
    told = {
        event["position"]: (event["changed"], event["unreadable"]) for event in whole["events"] if "changed" in event
    }
    assert told == {assessed["position"]: (True, True)}


@pytest.mark.parametrize("url", ["/v1/claims/C0000000000000000", "/v1/claims/%00%FF", "/v1/claims/x/history"])
def test_an_unknown_claim_is_a_problem(client, kit, url) -> None:
    assert kit.problem(client.get(url), 404)["type"] == "/docs#unknown-claim"


@pytest.mark.parametrize("as_of", ["yesterday", "2026-03-02", "0001-01-01T00:00:00+23:59", "-1", "9" * 19, ""])
def test_an_as_of_that_is_no_moment_is_a_problem(worked, kit, as_of) -> None:
    claim = worked.get("/v1/claims?limit=1").json()[0]
    answer = worked.get(f"/v1/claims/{claim['claim_id']}/history", params={"as_of": as_of})
    assert kit.problem(answer, 422)["errors"][0] == {
        "path": "query.as_of",
        "value": as_of,
        "expected": "a log position such as 1200, or a time with an offset such as 2026-03-02T17:00:00Z"
        " (+ written %2B)",
    }


@pytest.mark.parametrize(
    ("query", "path", "value", "expected"),
    [
        ("limit=0", "query.limit", "0", "1 or more"),
        ("limit=1001", "query.limit", "1001", "1000 or less"),
        ("limit=ten", "query.limit", "ten", "a whole number from 1 to 1000"),
        ("since=2026-02-30", "query.since", "2026-02-30", "a date YYYY-MM-DD that is in the calendar"),
        ("since=20260203", "query.since", "20260203", "a date YYYY-MM-DD that is in the calendar"),
        (
            "state=held",
            "query.state",
            "held",
            "no such parameter; one of limit, cursor, status, payer, clinic, org, since",
        ),
        ("limit=1&limit=2", "query.limit", 2, "once"),
    ],
)
def test_a_parameter_that_is_not_understood_is_named(client, kit, query, path, value, expected) -> None:
    told = kit.problem(client.get(f"/v1/claims?{query}"), 422)
    assert told["errors"] == [{"path": path, "value": value, "expected": expected}]


def test_a_status_that_is_none_is_answered_with_all_that_are(client, kit) -> None:
    error = kit.problem(client.get("/v1/claims?status=happy"), 422)["errors"][0]
    assert error["expected"].startswith("one of held, ready, unbillable, submitted")


@pytest.mark.parametrize("cursor", ["x", "WzEsMiwzXQ", "WyJhIiwiYiIsImMiXQ", "é", "A" * 1000])
def test_a_cursor_of_somebody_else_is_a_problem(client, kit, cursor) -> None:
    assert kit.problem(client.get("/v1/claims", params={"cursor": cursor}), 422)
