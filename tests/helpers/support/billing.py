"""Claims sent and answered in tests: a store's exports, and what a payer sends back to them."""

import io
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from billing.answers import FileTaken, Kind, take
from billing.choosing import Wanted
from billing.exporting import Exported, export
from interchange.acknowledgment import write_acknowledgment
from interchange.claim_file import open_claims
from interchange.claim_status import LevelStatus, StatusCode, write_claim_status
from interchange.professional import ProfessionalClaim
from interchange.remittance import ClaimPayment, write_remittances
from interchange.simulated_payer import (
    Received,
    Ruling,
    acknowledge,
    adjudicate,
    claim_status,
    settle,
    status_report,
)
from suite.billing_store import answer_port, billing_store
from suite.installation import Installation
from support.answers import ENVELOPE, terms
from support.visits import reference, visit

ADDRESS = {"line1": "7 Oak Street", "city": "Springfield", "state": "OH", "zip": "45501"}
ON = date(2026, 3, 9)
NOW = datetime(2026, 3, 9, 17, 30, tzinfo=UTC)
CLEAN = [*reference(address=ADDRESS), *visit()]
"""One clean visit of a patient with an address: a claim that can be sent."""


def sent(store: Installation, folder: Path, on: date = ON, **wanted: Any) -> Exported:
    """Export what is due."""
    return export(billing_store(store), Wanted(**wanted), folder, on=on, by="A. Biller", now=lambda: NOW)


def claims_in(exported: Exported) -> list[ProfessionalClaim]:
    """The claims of the files that were written, as a payer reads them."""
    found = []
    for file in exported.files:
        with file.path.open("rb") as source:
            found += [claim for _, claim in open_claims(source).claims()]
    return found


def taken(store: Installation, kind: Kind, raw: bytes, received_on: date = date(2026, 3, 25)) -> FileTaken:
    """Take a payer's file in."""
    return take(
        f"answer.{kind}",
        io.BytesIO(raw),
        kind,
        answer_port(store),
        received_on=received_on,
        by="A. Biller",
        now=NOW,
    )


def number_of(claim: ProfessionalClaim) -> str:
    """What the payer calls a claim."""
    return f"ICN{claim.claim_id[1:9]}"


def paid(claims: Iterable[ProfessionalClaim], rulings: Mapping[str, Ruling] | Ruling) -> list[ClaimPayment]:
    """The payer's answers to claims."""
    answers: list[ClaimPayment] = []
    for claim in claims:
        ruling = rulings[claim.claim_id] if isinstance(rulings, Mapping) else rulings
        answers += adjudicate(claim, ruling, Received(number_of(claim), ON))
    return answers


def remittance(claims: list[ProfessionalClaim], answers: list[ClaimPayment], trace: str = "EFT1", **of: Any) -> bytes:
    """An 835 of these answers."""
    payment = settle(replace(terms(claims), trace_number=trace, **of), sum(answer.paid_cents for answer in answers))
    out = io.BytesIO()
    write_remittances(out, ENVELOPE, [(payment, answers)])
    return out.getvalue()


def status(claims: list[ProfessionalClaim], back: Mapping[str, tuple[StatusCode, ...]], reference: str) -> bytes:
    """A 277CA to these claims."""
    level = LevelStatus(reference=reference, name="NORTHSIDE", identifier="1234567893")
    report = status_report(("MEDICARE", "MEDICARE"), level, claims, frozenset(back), date(2026, 3, 10))
    numbers = {claim.claim_id: number_of(claim) for claim in claims}
    out = io.BytesIO()
    write_claim_status(out, ENVELOPE, [(report, claim_status(claims, back, numbers, date(2026, 3, 10)))])
    return out.getvalue()


def acknowledgment(number: int, *, accepted: bool) -> bytes:
    """A 999 to a claim file."""
    group = acknowledge(str(number), [f"{number:04d}"], {} if accepted else {f"{number:04d}": ()})
    out = io.BytesIO()
    write_acknowledgment(out, ENVELOPE, [group])
    return out.getvalue()
