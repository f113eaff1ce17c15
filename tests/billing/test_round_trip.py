"""Simulated claims go out, a simulated payer answers, its files come in: every claim in its right status, every cent
accounted for."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest

from audit.replay import replay
from billing.answers import Kind
from billing.answers.worklist import unmatched
from interchange.cloudevents import read_event
from interchange.simulated_payer import CutUnits, Deny, Ruling
from service_kit.dead_letters import dead_letters
from suite.installation import Installation
from suite.simulator import Simulation, simulate
from suite.simulator.payer import SimulatedPayer
from support.billing import claims_in, sent, taken
from support.judges import pyx12_errors
from support.store import claims, opened
from therapy_domain.rulesets import load

ON = date(2026, 3, 31)
KINDS: Mapping[str, Kind] = {".999": "999", ".277": "277CA", ".835": "835"}


def filled(store: Installation, clinics: int, seed: int) -> None:
    """Clean visits of a few weeks, that no payer has answered yet."""
    settings = Simulation(
        clinics=clinics, days=15, seed=seed, organizations=2, mistake_rates={}, remittance_rate=0.0, void_rate=0.0
    )
    batch = []
    for event in simulate(settings):
        batch.append(read_event(event))
        if len(batch) == 2_000:
            store.door.receive(batch)
            store.dispatcher.work_off()
            batch = []
    store.door.receive(batch)
    store.dispatcher.work_off()


def expected(ruling: Ruling, lines: int) -> str:
    """The status that a ruling comes to."""
    match ruling:
        case Deny(lines=denied):
            return "denied" if not denied or len(denied) == lines else "partially_paid"
        case CutUnits():
            return "partially_paid"
        case _:
            return "paid"


def circle(store: Installation, outbox: Path, payer: SimulatedPayer, **wanted: Any) -> Iterator[str]:
    """Export what is due and take every answer in; the claims that went out."""
    exported = sent(store, outbox, ON, **wanted)
    assert exported.kept_back == []
    for file in exported.files:
        with file.path.open("rb") as source:
            answers = payer.answer(source)
        for name, raw in answers.files(file.path.stem):
            came = taken(store, KINDS[name[-4:]], raw)
            assert (came.outcome, came.tally.set_aside, came.tally.conflicts) == ("taken", 0, 0), name
    yield from (claim.claim_id for claim in claims_in(exported))


def round_trip(folder: Path, clinics: int, seed: int) -> None:
    payer = SimulatedPayer(seed, load())
    with opened(folder) as store:
        filled(store, clinics, seed)
        ready = {claim["claim_id"] for claim in claims(store) if claim["status"] == "ready"}
        assert len(ready) >= 1_000
        out = list(circle(store, folder / "outbox", payer))
        assert sorted(out) == sorted(ready), "each claim once"
        back = frozenset(claim["claim_id"] for claim in claims(store) if claim["status"] == "rejected")
        assert 0 < len(back) < len(ready) // 10
        assert sorted(circle(store, folder / "outbox", payer, unchanged=back)) == sorted(back)
        found = {claim["claim_id"]: claim for claim in claims(store) if claim["claim_id"] in ready}
        wanted = {claim: expected(ruling, len(found[claim]["lines"])) for claim, ruling in payer.rulings.items()}
        assert {claim: body["status"] for claim, body in found.items()} == wanted
        for body in found.values():
            assert_balanced(body)
        assert Counter(body["status"] for body in found.values()).keys() == {"paid", "denied", "partially_paid"}
        assert unmatched(store.read.rows()) == []
        assert dead_letters(store.log.connection()) == []
        paid = store.log.connection().execute("SELECT payments FROM answer_file").fetchall()
        assert money_in(paid) == sum(body["paid_cents"] for body in found.values())
        for claim in sorted(ready)[:: max(1, len(ready) // 20)]:
            assert replay(store.read, store.codec, claim).differences == []


def assert_balanced(body: Mapping[str, Any]) -> None:
    """What was charged is paid or has its reason, once, whatever was taken back and made anew."""
    told = 0
    for answer in body["remittances"]:
        off = sum(each["amount_cents"] for each in answer["adjustments"])
        lines = sum(line["paid_cents"] for line in answer["paid_lines"])
        assert lines == answer["paid_cents"]
        told += answer["paid_cents"] + off
    assert told == body["charge_cents"]
    assert body["paid_cents"] == sum(answer["paid_cents"] for answer in body["remittances"])


def money_in(rows: list[tuple[str]]) -> int:
    """What the payments paid for claims: the money, and what lies between payer and provider taken out again."""
    payments = [payment for (text,) in rows for payment in orjson.loads(text)]
    return sum(
        payment["paid_cents"] + sum(each["cents"] for each in payment["provider_balances"]) for payment in payments
    )


def test_a_thousand_simulated_claims_go_round_and_every_cent_comes_back(tmp_path: Path) -> None:
    round_trip(tmp_path, clinics=6, seed=6)


@pytest.mark.torture
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(10))
def test_ten_thousand_simulated_claims_go_round_and_every_cent_comes_back(tmp_path: Path, seed: int) -> None:
    round_trip(tmp_path, clinics=6, seed=seed)


def test_pyx12_finds_nothing_in_the_files_of_simulated_clinics(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        filled(store, clinics=1, seed=2)
        files = sent(store, tmp_path / "outbox", ON).files
        assert sum(len(file.claims) for file in files) >= 150
        for file in files:
            assert pyx12_errors(file.path.read_text()) == []
