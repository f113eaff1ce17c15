import json
import re

import pytest
from structlog.testing import capture_logs

from suite.http import examples, shapes
from suite.http.app import create_app
from suite.http.problems import KINDS


@pytest.mark.parametrize(
    "url", ["/", "/v1", "/v1/claims/", "/v2/claims", "/docs/x", "/v1/claims/a/b", "//", "/%2e%2e/"]
)
def test_an_unknown_path_is_a_problem(client, kit, url) -> None:
    assert kit.problem(client.get(url), 404)["type"] == "/docs#not-found"


def test_a_wrong_method_is_answered_with_the_right_ones(client, kit) -> None:
    answer = client.ask("PUT", "/v1/claims")
    assert kit.problem(answer, 405)["errors"] == [{"path": "method", "value": "PUT", "expected": "GET"}]
    assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize("url", ["/healthz", "/v1/status", "/v1/dead-letters", "/docs"])
def test_paths_without_parameters_take_none(client, kit, url) -> None:
    told = kit.problem(client.get(f"{url}?verbose=1"), 422)
    assert told["errors"][0]["expected"] == "no such parameter; no parameter: this path takes none"


def test_a_fault_of_ours_shows_nothing_of_itself_in_answer_or_log(installation, client_of, kit) -> None:
    app = create_app(installation, start_services=False)

    async def fault() -> None:
        raise ValueError("Ottoline Example, born 1950")

    app.add_api_route("/fault", fault)
    with capture_logs() as logs:
        answer = client_of(app).get("/fault")
    told = kit.problem(answer, 500)
    assert told["errors"] == []
    assert "Ottoline" not in answer.text + str(logs)
    assert any(line["event"] == "request failed" and line["error"] == "ValueError" for line in logs)


def test_the_log_of_a_request_holds_the_route_and_never_the_query(client) -> None:
    with capture_logs() as logs:
        client.get("/v1/claims/CSECRET?patient=p-204")
        client.get("/nowhere/p-204")
    assert [(line["route"], line["status"]) for line in logs] == [("/v1/claims/{claim_id}", 422), ("unmatched", 404)]
    assert "p-204" not in str(logs)
    assert "CSECRET" not in str(logs)


@pytest.mark.parametrize("url", ["/healthz", "/docs", "/nowhere", "/v1/claims"])
def test_every_answer_has_the_headers_that_browsers_heed(client, url) -> None:
    headers = client.get(url).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert re.fullmatch(r"[0-9a-f-]{36}", headers["x-request-id"])


def test_the_reference_needs_nothing_from_elsewhere_and_explains_every_problem(client) -> None:
    page = client.get("/docs").text
    assert "<script" not in page
    assert "//" not in page.replace("application/", "").replace("https://json-schema.org", "")
    for kind in KINDS:
        assert f'id="{kind.slug}"' in page
    assert client.get("/docs/style.css").headers["content-type"].startswith("text/css")


def test_the_openapi_document_names_every_status_of_every_path(client) -> None:
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    wanted = {
        ("/v1/events", "post"): {"200", "408", "413", "415", "422", "500", "503"},
        ("/v1/claims", "get"): {"200", "422", "500", "503"},
        ("/v1/claims/{claim_id}", "get"): {"200", "404", "422", "500", "503"},
        ("/v1/claims/{claim_id}/history", "get"): {"200", "404", "422", "500", "503"},
        ("/v1/answers", "post"): {"200", "408", "413", "415", "422", "500", "503"},
        ("/v1/unmatched", "get"): {"200", "422", "500", "503"},
        ("/v1/unmatched/{item}/match", "post"): {"200", "404", "408", "413", "415", "422", "500", "503"},
        ("/v1/files", "get"): {"200", "422", "500", "503"},
        ("/v1/files", "post"): {"200", "409", "422", "500", "503"},
        ("/v1/files/{number}", "get"): {"200", "404", "409", "422", "500", "503"},
        ("/v1/denials", "get"): {"200", "422", "500", "503"},
        ("/v1/denials/missed", "get"): {"200", "422", "500", "503"},
        ("/v1/units", "post"): {"200", "408", "413", "415", "422", "500", "503"},
        ("/v1/deadlines", "post"): {"200", "408", "413", "415", "422", "500", "503"},
        ("/v1/appeals", "get"): {"200", "422", "500", "503"},
        ("/v1/appeal-groups", "get"): {"200", "422", "500", "503"},
        ("/v1/appeals/{item_id}", "get"): {"200", "404", "422", "500", "503"},
        ("/v1/appeals/{item_id}/letter", "get"): {"200", "404", "409", "422", "500", "503"},
        ("/v1/appeals/{item_id}/acts", "post"): {"200", "404", "408", "409", "413", "415", "422", "500", "503"},
        ("/v1/status", "get"): {"200", "422", "500", "503"},
        ("/v1/dead-letters", "get"): {"200", "422", "500", "503"},
        ("/v1/dead-letters/{letter_id}/redrive", "post"): {"200", "404", "422", "500", "503"},
        ("/healthz", "get"): {"200", "422", "500"},
        ("/readyz", "get"): {"200", "422", "500", "503"},
    }
    found = {
        (path, method): set(operation["responses"])
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    assert found == wanted
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                assert response["description"]
                assert ("application/problem+json" in response["content"]) == (status >= "400")
    names = set(re.findall(r'#/components/schemas/(\w+)"', json.dumps(document)))
    assert names <= set(document["components"]["schemas"])
    assert "HTTPValidationError" not in names


def test_the_examples_of_the_reference_are_true(client) -> None:
    for name, told in examples.EVENTS_BODY["content"].items():
        if name == "application/json":
            continue
        content = told["example"] if isinstance(told["example"], str) else json.dumps(told["example"])
        answer = client.post("/v1/events", content=content, headers={"content-type": name})
        assert answer.status_code == 200
        if name == "application/cloudevents+json":
            assert answer.json() == examples.RECEIPTS["one"]["value"]
        elif name == "application/cloudevents-batch+json":
            assert answer.json() == examples.RECEIPTS["several"]["value"]
            shapes.Receipt.model_validate(answer.json(), strict=True)


def test_the_example_of_answer_lines_is_true(client) -> None:
    lines = examples.EVENTS_BODY["content"]["application/x-ndjson"]["example"]
    answer = client.post("/v1/events", content=lines, headers={"content-type": "application/x-ndjson"})
    assert [json.loads(line) for line in answer.text.splitlines()] == [
        json.loads(line) for line in examples.ANSWER_LINES.splitlines()
    ]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("localhost:8112", 200),
        ("127.0.0.1:8112", 200),
        ("[::1]:8112", 200),
        ("LOCALHOST", 200),
        ("claims.example", 421),
        ("localhost.claims.example", 421),
        ("", 421),
    ],
)
def test_a_request_for_another_host_is_not_answered(installation, client_of, kit, host: str, status: int) -> None:
    app = create_app(installation, start_services=False, hosts=frozenset({"localhost", "127.0.0.1", "[::1]"}))
    answer = client_of(app).get("/v1/claims", headers={"host": host})
    assert answer.status_code == status
    if status == 421:
        assert kit.problem(answer, status)["type"] == "/docs#wrong-host"
