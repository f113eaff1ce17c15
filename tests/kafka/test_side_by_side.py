"""Two copies of a service that miss each other's uncommitted work still come to the claims of one alone."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from claim_validation.state import CHART
from interchange.cloudevents import read_event
from service_kit.runner import Mark, Runner
from service_kit.service import Service
from suite.distributed.members import services
from suite.installation import Installation
from support.histories import claim_of
from support.store import claims, opened, send
from support.visits import ORG, clock, event, reference, visit
from therapy_domain.identity import appeal_id
from therapy_domain.streams import chart_of

BOTH = ("session-capture", "unit-calculation")


class Interrupted:
    """A log on which the next commit of work comes late: something else happens first."""

    def __init__(self, log: Any, meanwhile: Callable[[], None]) -> None:
        self._log, self._meanwhile = log, [meanwhile]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def commit(self, appends: Any, **more: Any) -> Any:
        if self._meanwhile and not any(each.stream.startswith("plans/") for each in appends):
            self._meanwhile.pop()()
        return self._log.commit(appends, **more)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Installation]:
    with opened(tmp_path) as made:
        yield made


def runner(store: Installation, service: Service) -> Runner:
    return Runner(service, store.read, store.codec, store.telemetry, guarded=True)


def settle(store: Installation, *names: str) -> None:
    """These services work until they have nothing to do."""
    runners = [runner(store, service) for name, service in services().items() if name in names]
    while sum(each.step() for each in runners):
        pass


def race(store: Installation, name: str, before: list[Any], late: list[Any], after: int | None = None) -> None:
    """One copy decides on what came before; before it commits, another meets what comes late, and is done with it."""
    send(store, before, work=False)
    others = [each for each in services() if each != name]
    flow = others[: list(services()).index(name)]
    settle(store, *flow)
    slow, quick = runner(store, services()[name]), runner(store, services()[name])
    rows = store.log.read_all(slow.position if after is None else after, 10_000, slow.service.listens_to)

    def meanwhile() -> None:
        head = store.log.head()
        send(store, late, work=False)
        settle(store, *others)
        quick.process(store.log.read_all(head, 10_000, quick.service.listens_to), Mark())

    slow._log = Interrupted(store.log, meanwhile)
    slow.process(rows, Mark())
    settle(store, *others)


def told(store: Installation) -> Any:
    rows = store.log.connection().execute("SELECT appeal_id, status, outcome FROM appeal ORDER BY appeal_id")
    entries = store.read.fold(chart_of(ORG, "p-1"), CHART).state
    return claims(store), rows.fetchall(), [known.event for _, known in sorted(entries.items())]


def calm(tmp_path: Path, *events: list[Any]) -> Any:
    with Installation(tmp_path / "calm") as alone:
        for each in events:
            send(alone, each)
        return told(alone)


def by_kind(word: str) -> tuple[list[Any], list[Any]]:
    """The reference events without those of a kind, and those alone."""
    known = reference()
    return [each for each in known if word not in each["type"]], [each for each in known if word in each["type"]]


@pytest.mark.parametrize("kind", ["organization", "clinician", "patient", "coverage", "plan"])
def test_a_reference_fact_and_a_new_case_never_miss_each_other(kind: str, store: Installation, tmp_path: Path) -> None:
    others, late = by_kind(kind)
    before = [*others, *visit()]
    race(store, "claim-validation", before, late)
    assert told(store) == calm(tmp_path, before, late)


def test_an_organizations_fees_and_a_new_chart_never_miss_each_other(store: Installation, tmp_path: Path) -> None:
    others, late = by_kind("organization")
    before = [*others, *visit()]
    race(store, "patient-charts", before, late)
    assert told(store) == calm(tmp_path, before, late)


def test_two_visits_of_one_clinician_at_one_time_never_miss_each_other(store: Installation, tmp_path: Path) -> None:
    before = [*reference(), *visit(), *reference("p-2")[2:]]
    late = visit("s-2", patient="p-2")
    race(store, "unit-calculation", before, late)
    assert told(store) == calm(tmp_path, before, late)
    counted = [line["units"] for claim in claims(store) for line in claim["lines"]]
    with Installation(tmp_path / "apart") as apart:
        send(apart, [*before, *visit("s-2", patient="p-2", day="2026-03-03")])
        assert [line["units"] for claim in claims(apart) for line in claim["lines"]] != counted


def test_a_plan_reaches_a_visit_that_names_none(store: Installation, tmp_path: Path) -> None:
    others, late = by_kind("plan")
    before = [*others, *visit(plan_id=None)]
    for each in before:
        each["data"].pop("plan_id", None)
    race(store, "claim-validation", before, late)
    assert told(store) == calm(tmp_path, before, late)


def policy() -> Any:
    data = {"name": "M", "effective_from": "2026-01-01", "extends": "medicare", "unit_rule": "cpt-midpoint"}
    at = clock("07:00")
    return event("payer.policy.published", "medicare", data, event_id="p", time=at, source=f"/orgs/{ORG}")


@pytest.mark.parametrize("service", ["unit-calculation", "claim-validation"])
def test_a_payers_policy_and_a_new_case_never_miss_each_other(
    service: str, store: Installation, tmp_path: Path
) -> None:
    short = (("97112", "09:00", "09:07"), ("97530", "09:07", "09:14"))  # one unit together, none by itself
    before = [*reference(), *visit(minutes=short)]
    race(store, service, before, [policy()])
    settle(store, "claim-validation")
    assert told(store) == calm(tmp_path, before, [policy()])


def remittance(outcome: str) -> Any:
    denied = {"group": "CO", "carc": "50", "rarcs": ["MA01"], "amount_cents": 20000}
    data = {"remittance_id": "r", "outcome": outcome, "paid_cents": 0, "adjustments": [denied],
            "received_on": "2026-04-03"}  # fmt: skip
    return event("remittance.received", claim_of("p-1"), data, event_id="r", time=clock("12:00", "2026-04-03"))


def test_a_remittance_and_its_new_claim_never_miss_each_other(store: Installation, tmp_path: Path) -> None:
    before = [*reference(), *visit()]
    race(store, "claim-validation", before, [remittance("denied")])
    settle(store, "appeals")
    assert told(store) == calm(tmp_path, before, [remittance("denied")])


def test_an_appeals_decision_and_its_new_appeal_never_miss_each_other(store: Installation, tmp_path: Path) -> None:
    before = [*reference(), *visit(), remittance("denied")]
    decided = {"outcome": "upheld", "decided_on": "2026-05-20"}
    at = clock("09:00", "2026-05-20")
    late = event("appeal.decided", appeal_id(claim_of("p-1"), 1), decided, event_id="d", time=at)
    race(store, "appeals", before, [late])
    settle(store, "claim-validation")
    assert told(store) == calm(tmp_path, before, [late])


def test_of_two_who_decide_nothing_new_the_later_row_stays(store: Installation, tmp_path: Path) -> None:
    """One copy works once more on what is known; another meets an appeal's conclusion, which the claim only shows."""
    decided = {"outcome": "overturned", "decided_on": "2026-05-20", "paid_cents": 20000}
    at = clock("09:00", "2026-05-20")
    conclusion = event("appeal.decided", appeal_id(claim_of("p-1"), 1), decided, event_id="d", time=at)
    before = [*reference(), *visit(), remittance("denied")]
    send(store, before)
    race(store, "claim-validation", [], [conclusion], after=0)
    assert told(store) == calm(tmp_path, before, [conclusion])


def test_two_doors_that_meet_one_event_keep_it_once(store: Installation) -> None:
    from session_capture.door import Door

    first, second = (
        Door(store.read, store.codec, store.key_ring.fingerprint_key(), store.telemetry, shared=True) for _ in "12"
    )
    one = read_event(orjson.dumps(visit()[0]))
    other = read_event(orjson.dumps({**visit()[0], "data": {**visit()[0]["data"], "place_of_service": "12"}}))
    same: list[str] = []
    first._log = Interrupted(store.log, lambda: same.extend(each.outcome for each in second.receive([one, one])))
    assert [each.outcome for each in first.receive([other])] == ["conflict"]
    assert same == ["accepted", "duplicate"]
