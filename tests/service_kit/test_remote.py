"""A log that another process writes: commits go as errands through a pipe, answers come back in order."""

from collections.abc import Iterator
from itertools import count
from multiprocessing import Pipe
from pathlib import Path
from typing import NamedTuple

import pytest

from event_log.protocol import Append, Checkpoint, NewEvent
from event_log.sqlite import SqliteLog
from service_kit.remote import MOST_UNANSWERED, Clerk, RemoteLog, WriterIsGone

_NUMBERS = count(1)


class Office(NamedTuple):
    """The log, and the same one as an assistant writes it."""

    log: SqliteLog
    remote: RemoteLog


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with SqliteLog(tmp_path / "log.sqlite") as log:
        ours, theirs = Pipe()
        clerk = Clerk(log, ours)
        clerk.start()
        with RemoteLog(log.path, theirs) as remote:
            yield Office(log, remote)
        theirs.close()
        clerk.join()


def _event(event_id: bytes | None = None) -> NewEvent:
    return NewEvent(next(_NUMBERS).to_bytes(16, "big") if event_id is None else event_id, "N", 1, b"1", 1, "org", "")


def test_answers_come_in_the_order_of_the_errands_whichever_is_asked_for_first(office: Office) -> None:
    one = office.remote.submit([Append("a", 0, [_event()])], service="s")
    two = office.remote.submit([Append("a", 1, [_event()])], service="s", checkpoint=Checkpoint("s", 1))
    assert (two.result().written, one.result().written) == (1, 1)
    assert (office.remote.head(), office.log.checkpoint("s")) == (2, 1)


def test_a_conflict_comes_back_with_what_was_found(office: Office) -> None:
    office.remote.commit([Append("a", 0, [_event()])], service="s")
    (conflict,) = office.remote.commit([Append("a", 0, [_event()])], service="s").conflicts
    assert (conflict.stream, conflict.actual_version) == ("a", 1)


def test_what_the_writing_process_raises_is_raised_to_who_asks(office: Office) -> None:
    bad = office.remote.submit([Append("a", 0, [_event(event_id=b"")])], service="s")
    good = office.remote.submit([Append("b", 0, [_event()])], service="s")
    assert good.result().written == 1
    with pytest.raises(ValueError, match="16 bytes"):
        bad.result()


def test_versions_are_known_of_what_either_side_wrote(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("event_log.heads.HEADS_KEPT", 4)
    office.log.commit([Append("a", 0, [_event(), _event()])], service="s")
    office.remote.commit([Append("b", 0, [_event()])], service="s")
    assert office.remote.versions(["a", "b", "c"]) == {"a": 2, "b": 1, "c": 0}
    for number in range(9):
        office.log.commit([Append(f"of {number}", 0, [_event()]), Append("a", None, [_event()])], service="s")
    names = ["a", "b", *(f"of {number}" for number in range(9))]
    office.remote.head()
    assert office.remote.versions(names) == office.log.versions(names)
    assert office.remote.versions(["a"]) == {"a": 11}


def test_large_errands_do_not_wait_for_each_other_for_ever(office: Office) -> None:
    """Each answer alone would fill a good part of the pipe."""
    appends = MOST_UNANSWERED + 200
    sent = [
        office.remote.submit(
            [Append(f"{number}/{'x' * 60}/{each}", 0, [_event()]) for each in range(appends)], service="s"
        )
        for number in range(5)
    ]
    assert [each.result().written for each in sent] == [appends] * 5


def test_without_its_writer_it_says_so(tmp_path: Path) -> None:
    with SqliteLog(tmp_path / "log.sqlite") as log:
        ours, theirs = Pipe()
        with RemoteLog(log.path, theirs) as remote:
            ours.close()
            with pytest.raises(WriterIsGone):
                remote.commit([Append("a", 0, [_event()])], service="s")
