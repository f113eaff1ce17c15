"""`/v1/appeals`: the worklist in pages, one item, its letter, every act, and bodies that are none."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appeals.acts import NAMES
from suite.http import shapes
from support.remittances import NECESSITY, answered, denied
from support.store import claims, send
from support.visits import reference, visit

BY = {"by": "A. Biller"}
JSON = {"content-type": "application/json"}


@pytest.fixture
def claim(installation) -> str:
    send(installation, [*reference(), *visit()])
    found: str = claims(installation)[0]["claim_id"]
    adjustments = denied("50", "MA01", line=1, cents=13_000), denied("4", line=2, cents=7_000)
    send(installation, [answered(found, "denied", "2026-04-11", *adjustments)])
    return found


def acted(client, item: str, **body: Any):
    return client.post(f"/v1/appeals/{item}/acts", content=json.dumps({**BY, **body}), headers=JSON)


def test_the_worklist_comes_in_pages_that_hold_each_item_once(client, installation) -> None:
    patients = [f"p-{number}" for number in range(5)]
    for patient in patients:
        send(installation, [*reference(patient), *visit(f"s-{patient}", patient=patient)])
    for each in claims(installation):
        send(installation, [answered(each["claim_id"], "denied", "2026-04-11", NECESSITY)])
    whole = client.get("/v1/appeals").json()
    assert len(whole) == len(patients)
    found, url = [], "/v1/appeals?limit=2"
    while url:
        page = client.get(url)
        found += page.json()
        link = page.headers.get("link", "")
        url = link.partition("<")[2].partition(">")[0]
        assert len(page.json()) <= 2
    assert found == whole


def test_an_item_shows_its_record_and_what_can_be_done(client, claim) -> None:
    answer = client.get(f"/v1/appeals/{claim}-A1")
    item = answer.json()
    shapes.WorkItem.model_validate(item, strict=True)
    assert item["record"]["supported"] is True
    assert {"take", "file"} <= set(item["possible"])
    assert answer.headers["etag"] == f'"{item["version"]}"'


def test_an_act_is_answered_with_the_item_as_it_stands_then(client, claim, installation) -> None:
    item = f"{claim}-A1"
    taken = acted(client, item, act="take")
    assert (taken.status_code, taken.json()["taken_by"], taken.json()["recorded"]) == (200, "A. Biller", 1)
    assert acted(client, item, act="take").json()["recorded"] == 0
    filed = acted(client, item, act="file", on="2026-05-04", how="portal", proof="4711").json()
    assert (filed["status"], filed["filed_on"], filed["decision_due"]) == ("filed", "2026-05-04", "2026-07-03")
    installation.work_off()
    assert client.get(f"/v1/appeals/{item}").json() == {
        **{name: value for name, value in filed.items() if name != "recorded"},
        "record": client.get(f"/v1/appeals/{item}").json()["record"],
    }
    assert client.get(f"/v1/claims/{claim}").json()["status"] == "appealed"


def test_who_comes_second_gets_a_409_with_the_facts(client, claim, kit) -> None:
    item = f"{claim}-A1"
    acted(client, item, act="take")
    refused = kit.problem(acted(client, item, act="take", by="B. Other"), 409)
    assert refused["facts"]["taken_by"] == "A. Biller"
    stale = kit.problem(acted(client, item, act="note", text="x", if_version=0), 409)
    assert (stale["facts"]["expected"], stale["facts"]["actual"]) == (0, stale["facts"]["actual"])


def test_a_late_filing_is_a_409_with_its_days(client, claim, kit) -> None:
    refused = kit.problem(acted(client, f"{claim}-A1", act="file", on="2026-08-20", how="fax"), 409)
    assert refused["facts"]["file_by" if "file_by" in refused["facts"] else "last_day"].startswith("2026-08")


@pytest.mark.parametrize(
    ("form", "kind", "begins"),
    [
        ("text", "text/plain; charset=utf-8", b"Northside"),
        ("html", "text/html; charset=utf-8", b"<!doctype html>"),
        ("pdf", "application/pdf", b"%PDF-"),
        ("zip", "application/zip", b"PK"),
    ],
)
def test_the_letter_comes_in_each_format(client, claim, form, kind, begins) -> None:
    answer = client.get(f"/v1/appeals/{claim}-A1/letter?format={form}&dated=2026-05-04&by=A")
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert answer.content.lower().startswith(begins.lower())


def test_a_letter_that_the_record_does_not_support_is_refused_with_what_is_missing(client, installation, kit) -> None:
    send(installation, [*reference(), *visit(note={"exercises": "Stairs 2 x 10 with one rail, contact guard."})])
    claim = claims(installation)[0]["claim_id"]
    send(installation, [answered(claim, "denied", "2026-04-11", NECESSITY)])
    refused = kit.problem(client.get(f"/v1/appeals/{claim}-A1/letter"), 409)
    assert refused["reason"] == "unsupported-argument"
    assert {error["path"] for error in refused["errors"]} >= {"skilled-need"}


@pytest.mark.parametrize("end", ["", "/letter", "/acts"])
def test_an_item_that_is_not_there_is_a_404(client, kit, end) -> None:
    url = f"/v1/appeals/C5J2K8Q0V7M3T9XA4-A1{end}"
    answer = acted(client, "C5J2K8Q0V7M3T9XA4-A1", act="take") if end == "/acts" else client.get(url)
    kit.problem(answer, 404)


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.lists(st.integers(), max_size=2),
    st.sampled_from(["2026-05-04", "0001-01-01", "9999-12-31", "portal", "fax", "declined", "contested", "A. Biller"]),
)  # fmt: skip
FIELDS = ("by", "on", "how", "proof", "reason", "text", "good_cause", "outcome", "taken_from", "if_version", "more")
BODIES = st.one_of(
    st.binary(max_size=40),
    st.builds(
        lambda act, fields: json.dumps({"act": act, **BY, **fields}).encode(),
        st.one_of(st.sampled_from(sorted(NAMES.values())), VALUES),
        st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=5),
    ),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES)
def test_whatever_stands_in_a_body_it_is_an_act_or_a_problem(client, claim, kit, body: bytes) -> None:
    answer = client.post(f"/v1/appeals/{claim}-A1/acts", content=body, headers=JSON)
    if answer.status_code == 200:
        shapes.WorkItem.model_validate(answer.json(), strict=True)
    else:
        assert answer.status_code in (400, 409, 422)
        kit.problem(answer, answer.status_code)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cursor=st.text(max_size=30))
def test_a_cursor_that_is_none_is_a_problem(client, kit, cursor: str) -> None:
    kit.problem(client.get("/v1/appeals", params={"cursor": cursor}), 422)
