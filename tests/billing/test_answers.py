"""Payers' files come in: whole or not at all, once, each answer to its claim, every cent accounted for."""

import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from audit.replay import replay
from billing.answers.asides import keep
from billing.answers.finding import line_number, numbers
from billing.answers.worklist import dismiss, match, unmatched
from billing.errors import NotMatchable, UnknownItem
from billing.views import answer_files, claim_files
from interchange.claim_status import StatusCode
from interchange.professional import ProfessionalClaim
from interchange.remittance import Adjustment, ProviderAdjustment, write_remittances
from interchange.simulated_payer import CutUnits, Denial, Deny, Pay, Split, reverse, settle
from suite.billing_store import answer_port
from suite.installation import Installation
from support.answers import ENVELOPE, terms
from support.billing import CLEAN, NOW, acknowledgment, claims_in, number_of, paid, remittance, sent, status, taken
from support.store import claims, opened, send
from support.visits import ORG, clock, event
from therapy_domain.events.submission import AnswerMatched, AnswerSetAside

LATER: dict[str, Any] = {"paid_on": date(2026, 4, 20), "produced_on": None}


@pytest.fixture
def claim(store: Installation, outbox: Path) -> ProfessionalClaim:
    """A claim that was sent."""
    send(store, CLEAN)
    (found,) = claims_in(sent(store, outbox))
    return found


def body(store: Installation) -> dict[str, Any]:
    (found,) = claims(store)
    assert replay(store.read, store.codec).differences == []
    return found


def unposted(store: Installation) -> bool:
    """Whether no answer is in the log."""
    return body(store)["remittances"] == [] and unmatched(store.read.rows()) == []


def test_a_payment_is_posted_to_its_claim_with_every_cent(store: Installation, claim: ProfessionalClaim) -> None:
    came = taken(store, "835", remittance([claim], paid([claim], Pay())))
    assert (came.outcome, came.answers, came.tally.matched, came.tally.set_aside) == ("taken", 1, 1, 0)
    found = body(store)
    (answer,) = found["remittances"]
    assert found["status"] == "paid"
    assert answer["paid_cents"] + sum(each["amount_cents"] for each in answer["adjustments"]) == 20000
    assert {each["line"] for each in answer["adjustments"]} == {1, 2}
    assert (answer["submission"], answer["payer_claim_number"]) == (1, number_of(claim))
    assert answer["patient_cents"] == sum(
        each["amount_cents"] for each in answer["adjustments"] if each["group"] == "PR"
    )
    assert [(line["line"], line["code"]) for line in answer["paid_lines"]] == [(1, "97112"), (2, "97530")]
    assert sum(line["paid_cents"] for line in answer["paid_lines"]) == answer["paid_cents"]


@pytest.mark.parametrize(
    ("ruling", "expected"),
    [
        (Pay(), "paid"),
        (Pay(deductible_cents=10**9), "paid"),
        (Deny(denial=Denial("CO", "50")), "denied"),
        (Deny(denial=Denial("CO", "50"), lines=frozenset({2})), "partially_paid"),
        (CutUnits(line=1, paid_units=1), "partially_paid"),
        (Split(first_lines=1), "paid"),
    ],
)
def test_a_ruling_is_the_claims_status(
    store: Installation, claim: ProfessionalClaim, ruling: Any, expected: str
) -> None:
    taken(store, "835", remittance([claim], paid([claim], ruling)))
    assert body(store)["status"] == expected


def test_a_claim_that_the_payer_splits_is_paid_in_part_where_one_part_is_denied(
    store: Installation, claim: ProfessionalClaim
) -> None:
    first, second = paid([claim], Split(first_lines=1))
    lines = tuple(
        replace(line, paid_cents=0, allowed_cents=None, adjustments=(Adjustment("CO", "50", line.charge_cents),))
        for line in first.lines
    )
    denied = replace(first, paid_cents=0, status="4", lines=lines)
    taken(store, "835", remittance([claim], [denied, second]))
    found = body(store)
    assert found["status"] == "partially_paid"
    states = store.log.connection().execute("SELECT status FROM appeal").fetchall()
    assert states == [("open",)], "what pays one part settles nothing of the other"


def test_a_payment_taken_back_and_made_anew_adds_up_and_is_no_denial(
    store: Installation, claim: ProfessionalClaim
) -> None:
    former = paid([claim], Pay())
    anew = paid([claim], Pay(allowed_percent=60))
    taken(store, "835", remittance([claim], former))
    taken(store, "835", remittance([claim], [*map(reverse, former), *anew], trace="EFT2", **LATER))
    found = body(store)
    assert (found["status"], found["paid_cents"]) == ("paid", anew[0].paid_cents)
    assert store.log.connection().execute("SELECT count(*) FROM appeal").fetchone() == (0,)
    assert store.log.connection().execute("SELECT count(*) FROM remedy").fetchone() == (0,)


def test_the_same_file_again_changes_nothing(store: Installation, claim: ProfessionalClaim) -> None:
    raw = remittance([claim], paid([claim], Pay()))
    taken(store, "835", raw)
    head = store.log.head()
    assert taken(store, "835", raw, date(2026, 5, 5)).outcome == "repeated"
    assert store.log.head() == head


def test_the_same_payment_in_another_file_is_counted_and_changes_nothing(
    store: Installation, claim: ProfessionalClaim
) -> None:
    raw = remittance([claim], paid([claim], Pay()))
    taken(store, "835", raw)
    before = body(store)
    again = taken(store, "835", raw.replace(b"~", b"~\n"), date(2026, 5, 5))
    assert (again.outcome, again.tally.matched, again.tally.repeated) == ("taken", 1, 1)
    assert body(store) == before


def test_the_same_payment_with_another_amount_is_a_conflict_for_a_person(
    store: Installation, claim: ProfessionalClaim
) -> None:
    taken(store, "835", remittance([claim], paid([claim], Pay())))
    before = body(store)["remittances"]
    other = taken(store, "835", remittance([claim], paid([claim], Pay(allowed_percent=50))))
    assert (other.tally.conflicts, other.clean) == (1, False)
    assert body(store)["remittances"] == before


@pytest.mark.parametrize("cents", [1, -1, 100_000])
def test_a_file_that_does_not_balance_is_refused_whole_with_the_sum_that_is_off(
    store: Installation, claim: ProfessionalClaim, cents: int
) -> None:
    raw = remittance([claim], paid([claim], Pay()))
    head, rest = raw.split(b"BPR*I*", 1)
    amount, tail = rest.split(b"*", 1)
    off = f"{(round(float(amount) * 100) + cents) / 100:.2f}".encode()
    came = taken(store, "835", head + b"BPR*I*" + off + b"*" + tail)
    assert came.outcome == "refused"
    assert came.refusal is not None
    assert (came.refusal.code, came.refusal.off_cents) == ("out-of-balance", -cents)
    assert unposted(store)
    assert list(answer_files(store.read.rows())) == []


def test_a_truncated_file_is_refused_with_its_segment(store: Installation, claim: ProfessionalClaim) -> None:
    raw = remittance([claim], paid([claim], Pay()))
    came = taken(store, "835", raw[: len(raw) // 2])
    assert came.refusal is not None
    assert came.refusal.segment is not None
    assert unposted(store)


def test_a_file_of_another_kind_is_refused(store: Installation, claim: ProfessionalClaim) -> None:
    assert taken(store, "835", acknowledgment(1, accepted=True)).outcome == "refused"
    assert taken(store, "277CA", remittance([claim], paid([claim], Pay()))).outcome == "refused"
    assert unposted(store)


def test_what_lies_between_payer_and_provider_is_kept_and_shown(store: Installation, claim: ProfessionalClaim) -> None:
    answers = paid([claim], Pay())
    owed = ProviderAdjustment("1234567893", date(2026, 12, 31), "WO", "OLD-1", 1234)
    out = io.BytesIO()
    write_remittances(out, ENVELOPE, [(settle(terms([claim]), answers[0].paid_cents, (owed,)), answers)])
    taken(store, "835", out.getvalue())
    (row,) = answer_files(store.read.rows())
    (payment,) = row["payments"]
    assert payment["paid_cents"] == answers[0].paid_cents - 1234
    assert payment["provider_balances"] == [
        {"provider": "1234567893", "reason": "WO", "reference": "OLD-1", "fiscal_period": "2026-12-31", "cents": 1234}
    ]


class TestMatching:
    def test_a_lines_number_is_ours_or_none(self) -> None:
        assert line_number("C5J2K8Q0V7M3T9XA4.12.3") == ("C5J2K8Q0V7M3T9XA4", 12, 3)
        for text in ("", "C5J2K8Q0V7M3T9XA4", "C5J2K8Q0V7M3T9XA4.0.1", "C5J2K8Q0V7M3T9XA4.1", "SMITH.1.1"):
            assert line_number(text) is None

    def test_lines_decide_then_the_claims_own_number(self) -> None:
        ours, other = "C5J2K8Q0V7M3T9XA4", "C0000000000000000"
        assert numbers(other, [f"{ours}.2.1", ""])[:2] == (ours, 2)
        assert numbers(ours, [""])[:2] == (ours, None)
        assert numbers(ours.lower(), [])[:2] == (ours, None)
        assert numbers("SMITH", [])[:2] == (None, None)
        assert numbers(ours, [f"{ours}.1.1", f"{other}.1.1"]).several

    def test_a_payer_that_cuts_the_claims_number_is_matched_by_its_lines(
        self, store: Installation, claim: ProfessionalClaim
    ) -> None:
        cut = [replace(answer, claim_control_number=claim.claim_id[:12]) for answer in paid([claim], Pay())]
        assert taken(store, "835", remittance([claim], cut)).tally.matched == 1
        assert body(store)["status"] == "paid"

    def test_a_payer_that_returns_no_line_numbers_is_matched_by_the_claims(
        self, store: Installation, claim: ProfessionalClaim
    ) -> None:
        bare = [
            replace(answer, lines=tuple(replace(line, line_control_number="") for line in answer.lines))
            for answer in paid([claim], Pay())
        ]
        assert taken(store, "835", remittance([claim], bare)).tally.matched == 1
        assert {each["line"] for each in body(store)["remittances"][0]["adjustments"]} == {1, 2}


class TestWorklist:
    def foreign(self, claim: ProfessionalClaim, number: str = "SMITH-4711") -> bytes:
        lines = [replace(line, line_control_number="") for answer in paid([claim], Pay()) for line in answer.lines]
        (answer,) = paid([claim], Pay())
        return remittance([claim], [replace(answer, claim_control_number=number, lines=tuple(lines))])

    def test_what_fits_no_claim_is_kept_without_its_number(self, store: Installation, claim: ProfessionalClaim) -> None:
        came = taken(store, "835", self.foreign(claim))
        assert (came.tally.matched, came.tally.set_aside, came.clean) == (0, 1, True)
        (item,) = unmatched(store.read.rows())
        assert (item["kind"], item["reason"], item["claim_id"], item["status"]) == (
            "835",
            "unknown-claim",
            None,
            "waiting",
        )
        assert item["amount_cents"] == paid([claim], Pay())[0].paid_cents
        assert b"SMITH" not in b"".join(row.data for row in store.log.read_all(0, 10_000))
        assert body(store)["remittances"] == []

    def test_a_person_puts_it_to_its_claim(self, store: Installation, claim: ProfessionalClaim) -> None:
        taken(store, "835", self.foreign(claim))
        (item,) = unmatched(store.read.rows())
        port = answer_port(store)
        answer = match(port, item["item"], claim.claim_id, reason="called the payer", by="A. Biller", now=NOW)
        assert answer["status"] == "paid"
        assert body(store)["status"] == "paid"
        assert unmatched(store.read.rows()) == []
        with pytest.raises(UnknownItem):
            match(port, item["item"], claim.claim_id, reason="again", by="A. Biller", now=NOW)

    def test_a_person_dismisses_what_is_none_of_ours(self, store: Installation, claim: ProfessionalClaim) -> None:
        taken(store, "835", self.foreign(claim))
        (item,) = unmatched(store.read.rows())
        dismiss(answer_port(store), item["item"], reason="another practice", by="A. Biller", now=NOW)
        assert unmatched(store.read.rows()) == []
        (row,) = unmatched(store.read.rows(), every=True)
        assert row["status"] == "dismissed"
        assert unposted(store)

    def test_it_is_not_matched_to_a_claim_that_is_not_there(
        self, store: Installation, claim: ProfessionalClaim
    ) -> None:
        taken(store, "835", self.foreign(claim))
        (item,) = unmatched(store.read.rows())
        with pytest.raises(NotMatchable):
            match(answer_port(store), item["item"], "C0000000000000000", reason="?", by="A. Biller", now=NOW)

    def test_the_same_answer_in_two_files_is_one_item_and_stays_matched(
        self, store: Installation, claim: ProfessionalClaim
    ) -> None:
        raw = self.foreign(claim)
        taken(store, "835", raw)
        (item,) = unmatched(store.read.rows())
        match(answer_port(store), item["item"], claim.claim_id, reason="called", by="A. Biller", now=NOW)
        taken(store, "835", raw.replace(b"~", b"~\r\n"))
        assert unmatched(store.read.rows()) == []
        assert len(body(store)["remittances"]) == 1

    def test_it_is_matched_by_itself_when_its_claim_appears(
        self, store: Installation, claim: ProfessionalClaim, tmp_path: Path
    ) -> None:
        raw = remittance([claim], paid([claim], Pay()))
        with opened(tmp_path / "restored") as other:
            assert taken(other, "835", raw).tally.set_aside == 1
            assert [item["claim_id"] for item in unmatched(other.read.rows())] == [claim.claim_id]
            send(other, CLEAN)
            assert body(other)["status"] == "paid"
            (row,) = unmatched(other.read.rows(), every=True)
            assert (row["status"], row["matched_to"]) == ("matched", claim.claim_id)

    def test_it_is_matched_at_the_next_file_when_import_and_claim_missed_each_other(
        self, store: Installation, claim: ProfessionalClaim, tmp_path: Path
    ) -> None:
        with opened(tmp_path / "restored") as other:
            taken(other, "835", remittance([claim], paid([claim], Pay())))
            (row,) = other.log.read_all(0, 100, types={AnswerSetAside.type})
            missed = other.read.see(row).event
        keep([missed], answer_port(store), "A. Biller")
        assert (len(unmatched(store.read.rows())), body(store)["status"]) == (1, "submitted")
        taken(store, "999", acknowledgment(1, accepted=True))
        assert (unmatched(store.read.rows()), body(store)["status"]) == ([], "paid")

    def test_of_two_who_decide_on_an_answer_at_the_same_time_the_first_counts(
        self, store: Installation, claim: ProfessionalClaim
    ) -> None:
        taken(store, "835", self.foreign(claim))
        (item,) = unmatched(store.read.rows())
        port = answer_port(store)

        def dismissed_meanwhile(event: Any) -> Any:
            if isinstance(event.event, AnswerMatched) and event.event.claim_id:
                dismiss(port, item["item"], reason="none of ours", by="B. Clerk", now=NOW)
            return port.codec.encode(event)

        slow = port._replace(codec=SimpleNamespace(encode=dismissed_meanwhile))
        with pytest.raises(UnknownItem):
            match(slow, item["item"], claim.claim_id, reason="called", by="A. Biller", now=NOW)
        assert unposted(store)

    def test_an_acknowledgment_waits_for_the_submission_of_its_claim(
        self, store: Installation, claim: ProfessionalClaim, tmp_path: Path
    ) -> None:
        raw = status([claim], {}, "CT000000001")
        with opened(tmp_path / "restored") as other:
            send(other, CLEAN)
            assert taken(other, "277CA", raw).tally.set_aside == 1
            sent(other, tmp_path / "other outbox")
            assert body(other)["status"] == "accepted"
            assert unmatched(other.read.rows()) == []

    def test_lines_of_several_claims_in_one_answer_wait_for_a_person(
        self, store: Installation, claim: ProfessionalClaim
    ) -> None:
        (answer,) = paid([claim], Pay())
        first, second = answer.lines
        other = replace(second, line_control_number="C0000000000000000.1.1")
        taken(store, "835", remittance([claim], [replace(answer, lines=(first, other))]))
        assert [item["reason"] for item in unmatched(store.read.rows())] == ["several-claims"]

    def test_an_answer_to_a_file_that_is_not_ours_waits(self, store: Installation, claim: ProfessionalClaim) -> None:
        taken(store, "999", acknowledgment(77, accepted=False))
        (item,) = unmatched(store.read.rows())
        assert (item["kind"], item["reason"]) == ("999", "unknown-file")
        with pytest.raises(NotMatchable):
            match(answer_port(store), item["item"], claim.claim_id, reason="?", by="A. Biller", now=NOW)


class TestAcknowledgments:
    def test_a_277ca_accepts_and_gives_the_payers_number(self, store: Installation, claim: ProfessionalClaim) -> None:
        taken(store, "277CA", status([claim], {}, "CT000000001"))
        found = body(store)
        assert (found["status"], found["payer_claim_number"]) == ("accepted", number_of(claim))

    def test_the_latest_word_counts(self, store: Installation, claim: ProfessionalClaim) -> None:
        back = status([claim], {claim.claim_id: (StatusCode("A7", "562", "85"),)}, "CT000000001")
        taken(store, "277CA", back.replace(b"20260310", b"20260312"))
        taken(store, "277CA", status([claim], {}, "CT000000001"))
        found = body(store)
        assert found["status"] == "rejected", "what was said earlier and comes later is not the latest word"
        assert [each["verdict"] for each in found["submissions"][0]["acknowledgments"]] == ["accepted", "rejected"]

    def test_it_is_taken_once(self, store: Installation, claim: ProfessionalClaim) -> None:
        raw = status([claim], {}, "CT000000001")
        taken(store, "277CA", raw)
        before = body(store)
        again = taken(store, "277CA", raw.replace(b"~", b"~\n"))
        assert (again.tally.matched, again.tally.repeated) == (1, 1)
        assert body(store) == before

    def test_a_999_is_told_of_its_file(self, store: Installation, claim: ProfessionalClaim) -> None:
        taken(store, "999", acknowledgment(1, accepted=True))
        assert [row["verdict"] for row in claim_files(store.read.rows())] == ["accepted"]
        assert body(store)["status"] == "submitted"

    def test_the_payers_money_outweighs_what_its_gate_said(self, store: Installation, claim: ProfessionalClaim) -> None:
        taken(store, "835", remittance([claim], paid([claim], Pay())))
        taken(store, "277CA", status([claim], {}, "CT000000001"))
        assert body(store)["status"] == "paid"


def test_an_answer_that_a_clinic_sends_by_event_counts_as_well(store: Installation, claim: ProfessionalClaim) -> None:
    data = {"remittance_id": "r", "outcome": "denied", "paid_cents": 0, "adjustments": [], "received_on": "2026-03-12"}
    told = event(
        "remittance.received",
        claim.claim_id,
        data,
        event_id="r",
        time=clock("12:00", "2026-03-12"),
        source=f"/orgs/{ORG}",
    )
    send(store, [told])
    found = body(store)
    assert found["status"] == "denied"
    assert found["remittances"][0]["submission"] == 1
