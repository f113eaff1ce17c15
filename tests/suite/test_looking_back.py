"""All processes together look back as one does: the same words, counts, order and exit codes."""

import os
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

import suite.looking_back
from audit.replay import Cases, Replayed, _begun, _part_size, _Run
from event_log.errors import LogUnavailable
from suite.installation import Installation
from suite.looking_back import workers_for
from support.command import Claimtrail, Ran
from support.store import claims
from therapy_domain.identity import id_text

WHAT_IF = ("what-if", "--set", "medicare.unit_rule=cpt-midpoint")


@pytest.fixture
def spread(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Makes the command work in so many processes."""

    def over(count: int) -> None:
        monkeypatch.setattr(suite.looking_back, "WORTH_IT_BYTES", 0)
        monkeypatch.setattr(suite.looking_back, "_cores", lambda: count)

    return over


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a small store makes many tasks."""
    monkeypatch.setattr("audit.replay.CASES_A_PART", 12)
    monkeypatch.setattr("audit.replay.FEWEST_A_PART", 3)
    monkeypatch.setattr("audit.replay.DIFFERENCES_KEPT", 40)
    monkeypatch.setattr("audit.what_if.CLAIMS_A_BATCH", 5)


def changed(data: Path) -> None:
    """Decisions that are not what was decided, and one patient forgotten."""
    rows = sqlite3.connect(data / "log.sqlite")
    for (trigger,) in rows.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        rows.execute(f"DROP TRIGGER {trigger}")
    rows.execute(
        "UPDATE event SET data = CAST(replace(CAST(data AS TEXT), '\"revision\":1', '\"revision\":7') AS BLOB) "
        "WHERE type = 'SessionRecorded' AND position % 3 > 0"
    )
    rows.execute(
        "UPDATE event SET data = CAST(replace(CAST(data AS TEXT), '\"units\":2', '\"units\":3') AS BLOB) "
        "WHERE type IN ('UnitsCalculated', 'ClaimAssessed') AND position % 3 = 0"
    )
    rows.execute(
        "UPDATE event SET data = CAST(replace(CAST(data AS TEXT), '2026.1', '1999.9') AS BLOB) "
        "WHERE type = 'ClaimAssessed' AND position % 11 = 0"
    )
    rows.execute("UPDATE data_key SET wrapped = NULL, destroyed_at = 1 WHERE subject LIKE '%7'")
    rows.commit()
    rows.close()


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("words", [("replay", "--all"), WHAT_IF])
def test_an_untouched_store(
    claimtrail: Claimtrail, filled: Path, spread: Callable[[int], None], words: tuple[str, ...], count: int
) -> None:
    alone = [claimtrail(*words, *form, "--data", filled) for form in ((), ("--json",))]
    spread(count)
    assert [claimtrail(*words, *form, "--data", filled) for form in ((), ("--json",))] == alone
    assert alone[0].code == 0


def test_a_patients_cases_go_to_one_worker_and_all_have_something_to_do(filled: Path) -> None:
    with Installation(filled, read_only=True, whole=True) as store:
        parts = list(_begun(store.read, store.log.head(), 3))
        patient_of = {claim["case_id"]: claim["patient_id"] for claim in claims(store)}
    whose: dict[str, set[int]] = {}
    for part, cases in parts:
        for case in map(id_text, cases.ids):
            if case in patient_of:
                whose.setdefault(patient_of[case], set()).add(part)
    assert len(whose) > 5
    assert all(len(of_patient) == 1 for of_patient in whose.values())
    assert set.union(*whose.values()) == {0, 1, 2}
    assert sorted(case for _, cases in parts for case in cases.ids) == sorted({c for _, p in parts for c in p.ids})


@pytest.mark.parametrize(("after", "listed", "size"), [(0, 0, 12), (500, 40, 12), (800, 40, 5), (900, 45, 3)])
def test_the_last_parts_are_small(after: int, listed: int, size: int) -> None:
    assert _part_size(after, listed, head=1_000) == size


@pytest.mark.parametrize("words", [("replay", "--all"), WHAT_IF])
def test_a_store_that_was_changed(
    claimtrail: Claimtrail, own: Path, spread: Callable[[int], None], words: tuple[str, ...]
) -> None:
    changed(own)
    alone = [claimtrail(*words, *form, "--data", own) for form in ((), ("--json",))]
    spread(3)
    assert [claimtrail(*words, *form, "--data", own) for form in ((), ("--json",))] == alone
    if words[0] == "replay":
        answer = alone[1].json
        assert alone[0].code == 1
        assert answer["different"] > 40
        assert len(answer["differences"]) == 40
        assert answer["erased"] > 0
        assert answer["unknown"]
        positions = [each["position"] for each in answer["differences"]]
        assert positions == sorted(positions)


def asked(claimtrail: Claimtrail, data: Path) -> Ran:
    return claimtrail("replay", "--all", "--json", "--data", data)


def test_a_process_that_dies_leaves_no_answer(
    claimtrail: Claimtrail, filled: Path, spread: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    spread(2)
    first, decide = os.getpid(), _Run.decide

    def dies(run: _Run, cases: Cases) -> Replayed:
        if cases.listed > 1_000:
            assert os.getpid() != first
            os.kill(os.getpid(), signal.SIGKILL)
        return decide(run, cases)

    monkeypatch.setattr(_Run, "decide", dies)
    told = asked(claimtrail, filled)
    assert (told.code, told.out) == (70, "")
    assert "a process at work on this ended by SIGKILL" in told.err


def test_a_fault_is_told_as_by_one_process(
    claimtrail: Claimtrail, filled: Path, spread: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_run: _Run, _cases: Cases) -> Replayed:
        raise LogUnavailable("the log cannot be read: disk I/O error")

    monkeypatch.setattr(_Run, "decide", fails)
    alone = asked(claimtrail, filled)
    spread(2)
    assert asked(claimtrail, filled) == alone
    assert alone.code == 2


def test_a_small_store_and_a_single_core_need_no_processes(
    filled: Path, spread: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with workers_for(filled, None) as made:
        assert made is None
    spread(1)
    with workers_for(filled, None) as made:
        assert made is None
    spread(2)
    with workers_for(filled, None) as made:
        assert made is not None
        assert made.count == 2
