"""One claim on the paper form and in FHIR: before it is sent, as it was sent, and with what the payer answered."""

from pathlib import Path
from typing import Any

import pytest

from audit.history import case_of
from billing.documents import fhir, paper_form
from billing.errors import NothingToShow, NotSendable
from interchange.simulated_payer import CutUnits, Denial, Deny, Pay, Split
from suite.billing_store import billing_store
from suite.installation import Installation
from support.billing import CLEAN, claims_in, paid, remittance, sent, taken
from support.judges import fhir_errors
from support.store import claims, send
from support.visits import clock, event, reference, visit


def in_fhir(store: Installation) -> dict[str, Any]:
    (claim,) = claims(store)
    return fhir(billing_store(store), case_of(store.read, claim["claim_id"]), claim["claim_id"])


def resources(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def on_paper(store: Installation) -> str:
    (claim,) = claims(store)
    return paper_form(billing_store(store), case_of(store.read, claim["claim_id"]), claim["claim_id"])


def test_a_ready_claim_is_shown_as_it_would_be_sent(store: Installation) -> None:
    send(store, CLEAN)
    page, bundle = on_paper(store), in_fhir(store)
    assert "SPECIMEN" in page.upper()
    assert "1EG4TE5MK73" in page
    (claim,) = resources(bundle, "Claim")
    assert [item["net"]["value"] for item in claim["item"]] == [130.0, 70.0]
    assert resources(bundle, "ClaimResponse") == []


def test_what_was_sent_is_shown_as_it_was_sent(store: Installation, outbox: Path) -> None:
    send(store, CLEAN)
    sent(store, outbox)
    send(store, [event("session.voided", "s-1", {"reason": "wrong"}, event_id="void", time=clock("12:00"))])
    (claim,) = resources(in_fhir(store), "Claim")
    assert len(claim["item"]) == 2
    assert "NONE" in on_paper(store)


def test_what_a_claim_lacks_is_told_and_no_form_is_drawn(store: Installation) -> None:
    send(store, [*reference(), *visit()])
    with pytest.raises(NotSendable, match=r"patient\.registered address"):
        on_paper(store)


def test_of_a_void_claim_that_was_never_sent_there_is_nothing_to_show(store: Installation) -> None:
    void = event("session.voided", "s-1", {"reason": "wrong"}, event_id="void", time=clock("12:00"))
    send(store, [*CLEAN, void])
    with pytest.raises(NothingToShow):
        in_fhir(store)


def test_each_answer_of_the_payer_is_a_response_and_an_explanation(store: Installation, outbox: Path) -> None:
    send(store, CLEAN)
    (claim,) = claims_in(sent(store, outbox))
    taken(store, "835", remittance([claim], paid([claim], Deny(denial=Denial("CO", "50"), lines=frozenset({2})))))
    bundle = in_fhir(store)
    (response,), (benefit,) = resources(bundle, "ClaimResponse"), resources(bundle, "ExplanationOfBenefit")
    assert [item["itemSequence"] for item in response["item"]] == [1, 2]
    reasons = [
        one["reason"]["coding"][0]["code"]
        for item in benefit["item"]
        for one in item["adjudication"]
        if "reason" in one
    ]
    assert "50" in reasons


@pytest.mark.timeout(900)  # the first time, Maven fetches 150 MB
def test_hapi_finds_no_error_in_a_claim_with_answers_of_every_shape(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bundles = []
    rulings = (
        Pay(),
        Deny(denial=Denial("CO", "16", ("MA130", "M53"))),
        CutUnits(line=1, paid_units=1),
        Split(first_lines=1),
    )
    for number, ruling in enumerate(rulings):
        with Installation(tmp_path / f"store-{number}") as store:
            send(store, CLEAN)
            (claim,) = claims_in(sent(store, tmp_path / f"outbox-{number}"))
            bundles.append(in_fhir(store))
            taken(store, "835", remittance([claim], paid([claim], ruling)))
            bundles.append(in_fhir(store))
    assert [errors for errors in fhir_errors(bundles, tmp_path_factory.mktemp("hapi")) if errors] == []
