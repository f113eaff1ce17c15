import time
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from service_kit.codec import Seen
from service_kit.dispatcher import Dispatcher
from service_kit.outcome import Outcome
from service_kit.reading import Reader
from service_kit.runner import Runner
from service_kit.service import Service
from suite.http import shapes
from suite.http.app import create_app
from suite.http.examples import EVENTS


def test_the_process_is_alive_also_when_the_store_is_not(client, installation) -> None:
    installation.close()
    assert client.get("/healthz").json() == {"status": "alive"}


def test_ready_when_store_services_and_disk_are(client) -> None:
    answer = client.get("/readyz")
    assert answer.json() == {"status": "ready", "checks": {"store": "ok", "services": "ok", "disk": "ok"}}


def test_not_ready_while_the_services_are_held_up(client, installation, kit) -> None:
    installation.dispatcher.fault = "DiskFull"
    answer = client.get("/readyz")
    told = kit.problem(answer, 503)
    assert told["checks"]["services"] == "held up by DiskFull"
    assert answer.headers["retry-after"]
    installation.dispatcher.fault = None
    assert client.get("/readyz").status_code == 200


def test_not_ready_when_the_store_cannot_be_read(client, installation, kit) -> None:
    installation.close()
    assert kit.problem(client.get("/readyz"), 503)["checks"]["store"].startswith("cannot be read")


def test_the_status_names_every_service_and_what_waits(client, installation, kit) -> None:
    client.send_batch([kit.opened(1), kit.signed(2)])
    installation.dispatcher.work_off()
    status = client.get("/v1/status").json()
    shapes.Status.model_validate(status, strict=True)
    assert [service["service"] for service in status["services"]] == [
        "session-capture",
        "unit-calculation",
        "patient-charts",
        "claim-validation",
        "appeals",
        "denial-figures",
    ]
    assert (status["unsigned"]["count"], status["parked"]["count"]) == (1, 1)


def test_a_denied_claim_is_on_the_worklist_until_its_day(client, installation) -> None:
    client.send_batch(list(EVENTS))
    installation.dispatcher.work_off()
    claim = client.get("/v1/claims").json()[0]["claim_id"]
    today = datetime.now(UTC).date()
    denied = {
        **EVENTS[0],
        "id": "denied",
        "type": "claimtrail.remittance.received.v1",
        "subject": claim,
        "time": datetime.now(UTC).isoformat(),
        "data": {
            "remittance_id": "r-1",
            "outcome": "denied",
            "paid_cents": 0,
            "adjustments": [{"group": "CO", "carc": "50", "rarcs": ["N115"], "amount_cents": 7000}],
            "received_on": (today - timedelta(days=30)).isoformat(),
        },
    }
    assert client.send(denied).status_code == 200
    installation.dispatcher.work_off()
    work = client.get("/v1/appeals").json()
    assert [item["appeal_id"] for item in work] == [f"{claim}-A1"]
    shapes.Work.model_validate(work[0], strict=True)
    assert client.get("/v1/appeals?due_within=10").json() == []
    assert client.get("/v1/appeals?due_within=400").json() == work
    assert client.get(f"/v1/claims/{claim}").json()["appeals"]


@pytest.mark.parametrize("value", ["-1", "soon", "36501", "1e3", ""])
def test_an_outlook_that_is_no_number_of_days_is_a_problem(client, kit, value) -> None:
    assert kit.problem(client.get(f"/v1/appeals?due_within={value}"), 422)["errors"][0]["path"] == "query.due_within"


class Stubborn:
    """A service that fails until it is told not to."""

    def __init__(self) -> None:
        self.fails = True

    def service(self) -> Service:
        def route(seen: Seen, _read: Reader) -> Collection[str]:
            return (seen.recorded.stream,)

        def work(_key: str, _events: Sequence[Seen], _read: Reader) -> Outcome:
            if self.fails:
                raise ValueError("Ottoline Example, born 1950")
            return Outcome()

        return Service("stubborn", frozenset({EVENTS[0]["type"]}), route, work)


def test_a_dead_letter_is_listed_and_put_back(client, installation, kit) -> None:
    stubborn = Stubborn()
    runner = Runner(stubborn.service(), installation.read, installation.codec, installation.telemetry)
    installation.dispatcher = Dispatcher(installation.log, [*installation.dispatcher.runners, runner])
    client.send(kit.opened(1))
    installation.dispatcher.work_off()
    (letter,) = client.get("/v1/dead-letters").json()
    shapes.DeadLetter.model_validate(letter, strict=True)
    assert "Ottoline" not in str(letter)
    url = f"/v1/dead-letters/{letter['id']}/redrive"
    assert client.post(url).json() == {"id": letter["id"], "goes_on": False}
    stubborn.fails = False
    assert client.post(url).json() == {"id": letter["id"], "goes_on": True}
    assert client.get("/v1/dead-letters").json() == []
    assert kit.problem(client.post(url), 404)["type"] == "/docs#unknown-dead-letter"


def test_the_services_follow_while_the_app_runs(installation, client_of, portal, kit) -> None:
    app = create_app(installation)
    client = client_of(app)
    with portal.wrap_async_context_manager(app.router.lifespan_context(app)):
        client.send_batch([kit.opened(1), kit.signed(1)])
        until = time.monotonic() + 20
        while not client.get("/v1/claims").json():
            assert time.monotonic() < until
            time.sleep(0.02)
