"""Facts of the clinic and answers of the payer come in any order, before and after a submission, and more than once:
the claim is the same, what is due is sent, and the record replays."""

import random
import tempfile
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from audit.replay import replay
from billing.answers import Kind
from interchange.professional import ProfessionalClaim
from interchange.simulated_payer import Denial, Deny, Pay, reverse
from service_kit.dead_letters import dead_letters
from suite.installation import Installation
from support.billing import CLEAN, acknowledgment, claims_in, paid, remittance, sent, status, taken
from support.histories import interval
from support.store import claims, opened, send
from support.visits import clock, event

LATER: list[dict[str, Any]] = [
    event("interval.recorded", "s-1", interval(3, "97110", "09:44", "10:00"), event_id="late", time=clock("09:59")),
    event(
        "session.amended",
        "s-1",
        {"reason": "typo", "replace_intervals": [interval(2, "97140", "09:28", "09:44")]},
        event_id="a",
        time=clock("11:00"),
    ),
    {**CLEAN[2], "id": "moved", "time": clock("12:00")},
    event("note.recorded", "s-1", {"items": {"equipment": "None."}}, event_id="note", time=clock("12:30")),
]
"""What may come before the submission or after it."""
FACTS = ("lines", "findings", "charge_cents", "session_ids")


@cache
def in_order() -> dict[str, Any]:
    """The claim when everything came before it was sent."""
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as store:
        send(store, [*CLEAN, *LATER])
        return one(store)


def one(store: Installation) -> dict[str, Any]:
    (claim,) = claims(store)
    assert dead_letters(store.log.connection()) == []
    return claim


def answers(claim: ProfessionalClaim, ending: str) -> list[tuple[Kind, bytes]]:
    """Everything that one payer says of one submission."""
    files: list[tuple[Kind, bytes]] = [
        ("999", acknowledgment(1, accepted=True)),
        ("277CA", status([claim], {}, "CT000000001")),
    ]
    first = paid([claim], Pay())
    denied = paid([claim], Deny(denial=Denial("CO", "50")))
    if ending != "accepted":
        files.append(("835", remittance([claim], first)))
    if ending == "denied":
        later = {"trace": "EFT2", "paid_on": date(2026, 4, 20), "produced_on": None}
        files.append(("835", remittance([claim], [*map(reverse, first), *denied], **later)))
    return files


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    before=st.integers(0, len(LATER)),
    ending=st.sampled_from(["accepted", "paid", "denied"]),
)
def test_any_order_of_facts_and_answers_around_a_submission_ends_in_the_same_claim(
    seed: int, before: int, ending: str
) -> None:
    dice = random.Random(seed)
    later = dice.sample(LATER, k=len(LATER))
    early = [*CLEAN, *later[:before]]
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as store:
        send(store, dice.sample(early, k=len(early)))
        (claim,) = claims_in(sent(store, Path(folder) / "outbox"))
        told: list[Any] = [*later[before:], *dice.choices(early, k=5), *answers(claim, ending) * 2]
        dice.shuffle(told)
        for each in told:
            if isinstance(each, dict):
                send(store, [each])
            else:
                kind, raw = each
                assert taken(store, kind, raw).outcome in ("taken", "repeated")
        found = one(store)
        assert {name: found[name] for name in FACTS} == {name: in_order()[name] for name in FACTS}
        assert found["status"] == ending
        replacement = claims_in(sent(store, Path(folder) / "outbox"))
        billed = [(line.code, line.units, line.charge_cents) for line in (replacement or [claim])[-1].lines]
        assert billed == [(line["code"], line["units"], line["charge_cents"]) for line in in_order()["lines"]]
        assert one(store)["status"] == (ending if ending != "accepted" or not replacement else "submitted")
        assert sent(store, Path(folder) / "outbox").files == []
        assert replay(store.read, store.codec).differences == []
