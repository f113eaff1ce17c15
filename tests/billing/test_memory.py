"""Exports and imports take no more memory for more claims: what is kept of each is small, and bounded."""

import gc
import tracemalloc
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from billing.writing import write_whole
from service_kit.outcome import Made
from service_kit.reading import LITTLE, Room
from suite.installation import Installation
from support.billing import ADDRESS, CLEAN, sent
from support.command import run
from support.store import opened, send
from support.visits import reference, visit
from therapy_domain.claims.case import Case
from therapy_domain.events.submission import ClaimSubmitted
from therapy_domain.streams import subject_stream

PATIENTS = 8


def alive(kind: type) -> int:
    """How many objects of a kind there are."""
    return sum(type(each) is kind for each in gc.get_objects())


def clean_visits(count: int) -> list[dict[str, Any]]:
    """Of a patient each."""
    events = reference("p-0", address=ADDRESS)
    for number in range(count):
        events += reference(f"p-{number}", address=ADDRESS)[2:] if number else []
        day = f"2026-03-{2 + number // 4:02d}"
        hour, half = 8 + number % 4 // 2, 30 * (number % 2)
        minutes = (("97112", f"{hour:02d}:{half:02d}", f"{hour:02d}:{half + 28}"),)
        events += visit(f"s-{number}", patient=f"p-{number}", day=day, minutes=minutes)
    return events


def test_an_export_has_few_cases_in_memory_however_many_claims_a_file_holds(
    store: Installation, outbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, clean_visits(PATIENTS))
    seen: list[int] = []

    def counted(path: Path, content: bytes) -> None:
        seen.append(alive(Case) - before)
        write_whole(path, content)

    monkeypatch.setattr("billing.choosing.CASES_AT_ONCE", 2)
    monkeypatch.setattr("billing.exporting.write_whole", counted)
    gc.collect()
    before = alive(Case)
    exported = sent(store, outbox)
    assert [len(file.claims) for file in exported.files] == [PATIENTS]
    assert max(seen) <= 2


def test_what_an_export_answers_holds_no_claim(store: Installation, outbox: Path) -> None:
    send(store, clean_visits(PATIENTS))
    gc.collect()
    before = alive(Case)
    exported = sent(store, outbox)
    gc.collect()
    assert alive(Case) == before
    (file,) = exported.files
    assert {type(each) for each in file} <= {int, str, bool, tuple, date, type(file.path)}
    assert {type(each) for each in file.claims} == {str}


def test_an_event_that_is_kept_takes_no_more_memory_than_its_bytes(store: Installation, outbox: Path) -> None:
    send(store, CLEAN)
    sent(store, outbox)
    (row,) = store.log.read_all(0, 1_000, {ClaimSubmitted.type})
    seen = store.read.see(row).event
    made = Made(seen, row.event_id, row.org, 0, seal_for=subject_stream("patient", row.org, "p-1"))
    assert len(store.codec.encode(made).data) > 3_000
    tracemalloc.start()
    try:
        kept = [store.codec.encode(made).data for _ in range(100)]
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken < 1.25 * sum(map(len, kept))


def test_what_came_in_stays_at_hand_without_a_second_copy_of_its_text(store: Installation) -> None:
    send(store, CLEAN)
    facts = [store.read.see(row).event for row in store.log.read_all(0, 1_000) if row.type.startswith("claimtrail.")]
    assert facts
    assert not any(
        isinstance(getattr(each, name), bytes) for each in facts for name in each.__slots__ if name != "fact_id"
    )


@pytest.mark.parametrize(
    ("words", "room"),
    [(["export", "837", "-o", "outbox"], LITTLE), (["import", "835", "answers.835"], LITTLE), (["tick"], Room())],
)
def test_commands_that_walk_through_all_claims_keep_little_at_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], room: Room
) -> None:
    opened(tmp_path).close()
    (tmp_path / "answers.835").write_text("ISA")
    rooms: list[Room] = []

    class Spied(Installation):
        def __init__(self, *of: Any, room: Room, **named: Any) -> None:
            rooms.append(room)
            super().__init__(*of, room=room, **named)

    monkeypatch.setattr("suite.installation.Installation", Spied)
    monkeypatch.chdir(tmp_path)
    run(*words, "--data", tmp_path / "store")
    assert rooms == [room]
