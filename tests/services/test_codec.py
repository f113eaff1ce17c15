"""What is sealed is opened in its place, and reads as it does where the whole of it is taken apart."""

import pytest

from event_log.keyring import Erased
from event_log.protocol import Recorded
from suite.codec import SealingCodec
from suite.erasing import erase
from suite.installation import Installation
from support.store import send
from support.visits import reference, visit

TRICKY = 'Tandem stance 3 x 30 s; "note":{"key":"patient/o/p-1","sealed":"AA=="} "}'


@pytest.fixture
def rows(store: Installation) -> list[Recorded]:
    events = [*reference(), *visit()]
    for event in events:
        if event["type"] == "claimtrail.note.recorded.v1":
            event["data"]["items"]["exercises"] = TRICKY
    send(store, events)
    return store.log.read_all(0, 1_000)


def test_what_is_opened_in_place_reads_the_same(
    store: Installation, rows: list[Recorded], monkeypatch: pytest.MonkeyPatch
) -> None:
    quickly = [store.codec.decode(row) for row in rows]
    opened = [row.type for row in rows if b'"sealed"' in row.data and not row.type.startswith("claimtrail.")]
    assert {"SessionRecorded", "VisitCharted"} <= set(opened)
    assert any(getattr(event, "note", None) and event.note.exercises == TRICKY for event in quickly)
    monkeypatch.setattr(SealingCodec, "_opened", lambda *_: None)
    assert [store.codec.decode(row) for row in rows] == quickly


def test_what_is_not_found_once_is_taken_apart(store: Installation, rows: list[Recorded]) -> None:
    row = next(row for row in rows if row.type == "SessionRecorded")
    whole = store.codec.decode(row)
    spaced = row._replace(data=row.data.replace(b'"note":{"key":', b'"note": {"key":'))
    broken = row._replace(data=row.data.replace(b'"sealed":"', b'"seal":{},"sealed":"'))
    assert store.codec.decode(spaced) == whole
    assert store.codec._opened(broken, type(whole)) is None


def test_what_was_erased_is_not_opened(store: Installation, rows: list[Recorded]) -> None:
    row = next(row for row in rows if row.type == "SessionRecorded")
    erase(store, org=row.org, patient="p-1", reason="asked for", by="privacy officer")
    with pytest.raises(Erased):
        store.codec.decode(row)
