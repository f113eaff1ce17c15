"""End to end over a log: adjudications and decisions in, the worklist out."""

import itertools
import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from appeals import views
from appeals.service import NAME, _Appeals, service
from event_log.keyring import KeyRing
from event_log.protocol import Append
from event_log.sqlite import SqliteLog
from rule_releases.rulesets import Rulesets
from service_kit import dead_letters
from service_kit.outcome import Made, Outcome
from service_kit.reading import Reader
from service_kit.runner import Runner
from service_kit.tables import create_tables
from service_kit.telemetry import Telemetry
from suite.codec import SealingCodec
from support.denials import CASE, MODIFIER, NECESSITY, START, answer
from therapy_domain.events.appeal import AppealDecided
from therapy_domain.events.base import Fact, fact, microseconds
from therapy_domain.events.claim import Adjustment, ClaimAdjudicated
from therapy_domain.identity import case_id, claim_id, decision_id, id_bytes
from therapy_domain.streams import appeals_of, claim_of, fact_stream

OTHER = case_id("org-1", "P-2", "PT", "medicare", date(2026, 1, 12))


class Office:
    """A log with the appeals service over it."""

    def __init__(self, place: Path) -> None:
        self.log = SqliteLog(place / "log.sqlite")
        self.codec = SealingCodec(KeyRing(place / "keys", self.log))
        self.log.ensure_schema(create_tables(*dead_letters.TABLES, *views.TABLES))
        self.restart()

    def restart(self) -> None:
        """Forget everything that is not in the log."""
        self.read = Reader(self.log, self.codec)
        self.runner = Runner(service(Rulesets()), self.read, self.codec, Telemetry.from_environment())

    def hears(self, *said: ClaimAdjudicated | Fact[Any]) -> None:
        """These events arrive together, and all is worked off."""
        for event in said:
            self.log.commit([Append(stream_of(event), None, [self.codec.encode(made(event))])], service="test")
        self.work_off()

    def work_off(self) -> None:
        while self.runner.step():
            pass
        self.runner.save()

    def worklist(self, due_within: tuple[date, int] | None = None) -> list[dict[str, Any]]:
        return views.appeals_list(self.read.rows(), due_within)

    def said(self, case: str = CASE) -> list[tuple[str, bytes]]:
        """What the service appended for a case."""
        return [(row.type, row.event_id) for row in self.log.read_stream(appeals_of(case))]


def stream_of(event: ClaimAdjudicated | Fact[Any]) -> str:
    if isinstance(event, Fact):
        return fact_stream(event.event.type, event.source, event.subject)
    return claim_of(event.case_id)


def made(event: ClaimAdjudicated | Fact[Any]) -> Made:
    if isinstance(event, Fact):
        return Made(event, event.fact_id, event.org, microseconds(event.time))
    event_id = decision_id(event.type, event.case_id, event.basis)
    return Made(event, event_id, event.org, microseconds(event.at), case_id=id_bytes(event.case_id))


def denial(number: int, *adjustments: Adjustment, case: str = CASE, **changes: Any) -> ClaimAdjudicated:
    return answer(number, *adjustments, case_id=case, claim_id=claim_id(case), **changes)[1]


def decided(number: int, outcome: str, hours: int = 50, case: str = CASE) -> Fact[AppealDecided]:
    event = AppealDecided.model_validate({"outcome": outcome, "decided_on": date(2026, 6, 1)})
    subject = f"{claim_id(case)}-A{number}"
    time = START + timedelta(hours=hours)
    return fact(event, source="/orgs/org-1", event_id=f"{subject}-{outcome}", subject=subject, time=time)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    whole = Office(tmp_path)
    yield whole
    whole.log.close()


def test_a_denial_is_listed_as_an_appeal_with_its_last_day(office: Office) -> None:
    office.hears(denial(1, NECESSITY))
    (listed,) = office.worklist()
    expected = {
        "kind": "appeal",
        "item_id": f"{claim_id(CASE)}-A1",
        "appeal_id": f"{claim_id(CASE)}-A1",
        "case_id": CASE,
        "claim_id": claim_id(CASE),
        "org": "org-1",
        "payer_id": "medicare",
        "level": 1,
        "level_name": "redetermination",
        "received_on": "2026-02-08",
        "file_by": "2026-06-08",
        "status": "open",
        "outcome": None,
        "amount_cents": 10_000,
        "reasons": ["CO-50"],
        "taken_by": None,
        "filed_on": None,
        "decision_due": None,
        "missing": [],
    }
    assert {name: listed[name] for name in expected} == expected
    assert "42 CFR 405.942" in listed["source"]


def test_a_corrected_claim_is_listed_with_the_appeals(office: Office) -> None:
    office.hears(denial(1, MODIFIER))
    (row,) = office.worklist()
    assert (row["kind"], row["appeal_id"], row["status"]) == ("corrected-claim", None, "open")
    assert (row["remittance_id"], row["reasons"], row["amount_cents"]) == ("R-1", ["CO-4"], 4_000)


def test_the_worklist_is_sorted_by_last_day(office: Office) -> None:
    office.hears(
        denial(1, NECESSITY, received_on=date(2026, 3, 1)),
        denial(2, MODIFIER, case=OTHER),
        denial(3, NECESSITY, received_on=date(2026, 2, 20), case=OTHER),
    )
    assert [row["file_by"] for row in office.worklist()] == ["2026-06-08", "2026-06-20", "2026-06-29"]


@pytest.mark.parametrize(("days", "listed"), [(0, True), (-1, False), (10**9, True)])
def test_an_appeal_is_due_on_its_last_day(office: Office, days: int, *, listed: bool) -> None:
    office.hears(denial(1, NECESSITY))
    assert bool(office.worklist((date(2026, 6, 8), days))) is listed


def test_what_is_due_is_open_and_includes_the_overdue(office: Office) -> None:
    office.hears(denial(1, NECESSITY), decided(1, "upheld"))
    (due,) = office.worklist((date(2027, 1, 1), 7))
    assert (due["level"], due["file_by"]) == (2, "2026-12-03")


def test_the_appeals_of_claims_come_in_the_order_of_their_numbers(office: Office) -> None:
    office.hears(*(denial(number, NECESSITY) for number in range(1, 12)))
    ids = [f"{claim_id(CASE)}-A{number}" for number in range(1, 12)]
    assert views.appeals_of_claim(office.read.rows(), claim_id(CASE)) == ids
    assert views.appeals_of_claims(office.read.rows(), [claim_id(CASE), claim_id(OTHER)]) == {claim_id(CASE): ids}
    assert views.appeals_of_claim(office.read.rows(), claim_id(OTHER)) == []
    assert [row["appeal_id"] for row in views.appeals_list(office.read.rows(), claim_id=claim_id(CASE))] == ids
    assert views.appeals_list(office.read.rows(), claim_id=claim_id(OTHER)) == []


def test_a_decision_that_comes_before_its_denial_takes_effect_with_it(office: Office) -> None:
    office.hears(decided(1, "overturned"))
    assert office.worklist() == []
    office.hears(denial(1, NECESSITY))
    (row,) = office.worklist()
    assert (row["status"], row["outcome"]) == ("decided", "overturned")


def test_a_decision_that_comes_later_is_routed_to_its_case(office: Office) -> None:
    office.hears(denial(1, NECESSITY))
    office.hears(decided(1, "upheld"))
    assert [(row["level"], row["status"]) for row in office.worklist()] == [(1, "decided"), (2, "open")]


def test_a_decision_on_an_appeal_of_another_organization_changes_nothing(office: Office) -> None:
    office.hears(denial(1, NECESSITY))
    theirs = decided(1, "upheld")
    office.hears(fact(theirs.event, source="/orgs/org-2", event_id="x", subject=theirs.subject, time=theirs.time))
    assert [row["status"] for row in office.worklist()] == ["open"]


def test_working_on_the_same_events_again_appends_nothing(office: Office) -> None:
    office.hears(denial(1, NECESSITY, MODIFIER.model_copy(update={"line": 1})), decided(1, "upheld"))
    before, head = office.worklist(), office.log.head()
    with office.log.connection() as rows:  # read-only
        assert rows.execute("SELECT count(*) FROM dead_letter").fetchone() == (0,)
    office.runner.position = 0
    office.work_off()
    office.restart()
    office.runner.position = 0
    office.work_off()
    assert office.log.head() == head
    assert office.worklist() == before


def test_decisions_carry_their_case_and_cause(office: Office) -> None:
    office.hears(denial(1, NECESSITY))
    rows = list(office.log.read_stream(appeals_of(CASE)))
    (cause,) = office.log.read_stream(claim_of(CASE))
    assert [row.type for row in rows] == ["DenialTriaged", "AppealOpened"]
    assert {(row.service, row.case_id, row.causation_id, row.occurred_at) for row in rows} == {
        (NAME, id_bytes(CASE), cause.event_id, cause.occurred_at)
    }


def test_what_is_paid_is_no_work_before_anything_was_denied(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    worked: list[int] = []
    work = _Appeals.work

    def noting(self: _Appeals, case: str, events: Any, read: Reader) -> Outcome:
        worked.append(len(events))
        return work(self, case, events, read)

    monkeypatch.setattr(_Appeals, "work", noting)
    office.restart()
    office.hears(denial(1, outcome="paid"))
    assert worked == []
    office.hears(denial(2, NECESSITY))
    office.hears(denial(3, outcome="paid"))
    assert worked == [1, 1]


HISTORY: Sequence[ClaimAdjudicated | Fact[Any]] = (
    denial(1, NECESSITY),
    denial(2, MODIFIER, outcome="partial"),
    denial(3, outcome="paid"),
    decided(1, "upheld", 50),
    decided(2, "dismissed", 51),
)


@pytest.mark.parametrize("seed", range(6))
def test_any_order_of_arrival_ends_in_the_same_worklist(tmp_path: Path, seed: int) -> None:
    found = []
    for number, said in enumerate((list(HISTORY), shuffled(seed))):
        (tmp_path / str(number)).mkdir()
        office = Office(tmp_path / str(number))
        for event in said:
            office.hears(event)
        found.append((office.worklist(), sorted(office.said())))
        office.log.close()
    assert found[0] == found[1]


def shuffled(seed: int) -> list[ClaimAdjudicated | Fact[Any]]:
    said = list(HISTORY)
    random.Random(seed).shuffle(said)
    return said


def test_many_cases_in_one_batch_do_not_mix(office: Office) -> None:
    cases = [case_id("org-1", f"P-{number}", "PT", "medicare", date(2026, 1, 12)) for number in range(40)]
    said = [
        [denial(number, NECESSITY, case=case), decided(1, "upheld", case=case)] for number, case in enumerate(cases)
    ]
    office.hears(*itertools.chain.from_iterable(zip(*said, strict=True)))
    assert {row["claim_id"] for row in office.worklist()} == {claim_id(case) for case in cases}
    assert len(office.worklist()) == 80
