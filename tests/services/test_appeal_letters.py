"""The letter of every strategy as it is sent, its exhibits against the log, and what is refused."""

import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest

from appeals.acts import Act, File
from audit.appeal_record import NoRecord
from event_log.keyring import Erased
from suite.appealing import act
from suite.installation import Installation
from suite.letters import Wanted, evidence, letter
from suite.ticking import tell
from support.remittances import NECESSITY, answered, denied, reviewed
from support.store import claims, send
from support.visits import NOTE, reference, visit
from therapy_domain.appeals.composing import CauseMissing, NoLetter, Unsupported
from therapy_domain.identity import id_text
from therapy_domain.rulesets import load
from therapy_domain.rulesets.denials import denial_codes

GOLDEN = Path(__file__).parent / "letters"
DATED = date(2026, 5, 4)
BY = "A. Biller"


def recorded(store: Installation, *adjustments: dict[str, Any], **visited: Any) -> str:
    """A denied visit; the claim's id."""
    send(store, [*reference(), *visit(**visited)])
    claim: str = claims(store)[0]["claim_id"]
    send(store, [answered(claim, "denied", "2026-04-11", *adjustments)])
    return claim


def does(store: Installation, item: str, what: Act) -> None:
    act(store, item, what)
    store.work_off()


def necessity(store: Installation) -> tuple[str, Wanted]:
    return f"{recorded(store, NECESSITY)}-A1", Wanted(DATED, signer=BY)


def late(store: Installation) -> tuple[str, Wanted]:
    return f"{recorded(store, NECESSITY)}-A1", Wanted(date(2026, 8, 20), signer=BY, cause="the office was flooded")


def modifier(store: Installation) -> tuple[str, Wanted]:
    return f"{recorded(store, denied('4'))}-W1", Wanted(DATED, signer=BY)


def duplicate(store: Installation) -> tuple[str, Wanted]:
    send(store, [*reference(), *visit(), *visit("s-2", minutes=(("97112", "15:00", "15:28"),))])
    claim = claims(store)[0]["claim_id"]
    send(store, [answered(claim, "denied", "2026-04-11", denied("18", group="OA", line=1))])
    return f"{claim}-W1", Wanted(DATED, signer=BY)


def authorization(store: Installation) -> tuple[str, Wanted]:
    return f"{recorded(store, denied('50'), denied('151', line=1))}-A1", Wanted(DATED, signer=BY)


def second_level(store: Installation) -> tuple[str, Wanted]:
    claim = recorded(store, NECESSITY)
    does(store, f"{claim}-A1", File(BY, DATED, "portal", "4711"))
    send(store, [reviewed(f"{claim}-A1", "upheld", "2026-06-20")])
    return f"{claim}-A2", Wanted(date(2026, 7, 1), signer=BY)


def dismissed(store: Installation) -> tuple[str, Wanted]:
    claim = recorded(store, NECESSITY)
    does(store, f"{claim}-A1", File(BY, DATED, "portal", "4711"))
    send(store, [reviewed(f"{claim}-A1", "dismissed", "2026-06-20")])
    return f"{claim}-A1", Wanted(date(2026, 7, 1), purpose="vacate", signer=BY, cause="it was in time")


def escalated(store: Installation) -> tuple[str, Wanted]:
    item, _ = second_level(store)
    does(store, item, File(BY, date(2026, 7, 1), "mail", "RR 1"))
    tell(store, date(2026, 9, 1))
    return item, Wanted(date(2026, 9, 1), purpose="escalation", signer=BY)


STRATEGIES = (necessity, late, modifier, duplicate, authorization, second_level, dismissed, escalated)


def as_read(store: Installation, item: str, wanted: Wanted) -> str:
    """The letter's text, without what is of this very log and release: hashes, and ids of decisions."""
    found = letter(store.read, store.rules, item, wanted).decode()
    found = re.sub("[0-9a-f]{64}", "0" * 64, found)
    return re.sub("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "id-of-the-event".ljust(36, "-"), found)


@pytest.mark.parametrize("made", STRATEGIES, ids=lambda made: made.__name__)
def test_the_letter_is_the_one_that_was_read_by_people(
    store: Installation, made: Callable[[Installation], tuple[str, Wanted]]
) -> None:
    item, wanted = made(store)
    assert as_read(store, item, wanted) == (GOLDEN / f"{made.__name__}.txt").read_text()


def test_every_exhibit_names_events_of_the_log_with_their_hashes(store: Installation) -> None:
    item, wanted = necessity(store)
    packet = zipfile.ZipFile(io.BytesIO(letter(store.read, store.rules, item, Wanted(wanted.dated, "zip", signer=BY))))
    manifest = orjson.loads(packet.read("manifest.json"))
    assert {*manifest["files"], "manifest.json"} == set(packet.namelist())
    for name, digest in manifest["files"].items():
        assert hashlib.sha256(packet.read(name)).hexdigest() == digest
        assert name.endswith(".txt") or packet.read(name).startswith(b"%PDF-")
    log = {row.position: row for row in store.log.read_all(0, 10_000)}
    named = [event for exhibit in manifest["exhibits"] for event in exhibit["events"]]
    assert len(manifest["exhibits"]) == 9
    for event in named:
        row = log[event["position"]]
        assert (event["event_id"], event["type"], event["sha256"]) == (
            id_text(row.event_id),
            row.type,
            row.leaf_hash.hex(),
        )
    assert b"Specimen" not in packet.read("manifest.json")
    assert not any("Specimen" in name for name in packet.namelist())


@pytest.mark.parametrize("form", ["text", "html", "pdf", "zip"])
def test_the_same_letter_is_the_same_bytes(store: Installation, form: Any) -> None:
    item, _ = necessity(store)
    wanted = Wanted(DATED, form, signer=BY)
    assert letter(store.read, store.rules, item, wanted) == letter(store.read, store.rules, item, wanted)


def test_what_people_wrote_is_text_in_html(store: Installation) -> None:
    note = {**NOTE, "medical_necessity": 'Falls on stairs <script>alert(1)</script> & needs "skilled" progression.'}
    item = f"{recorded(store, NECESSITY, note=note)}-A1"
    found = letter(store.read, store.rules, item, Wanted(DATED, "html", signer="<b>A</b>")).decode()
    assert "<script>" not in found
    assert "<b>A</b>" not in found
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; needs" in found


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in NOTE.items() if name not in names}


def test_an_argument_without_its_evidence_is_refused_with_what_is_missing(store: Installation) -> None:
    note = without("medical_necessity", "skilled_guidance", "patient_response", "functional_change")
    item = f"{recorded(store, NECESSITY, note=note)}-A1"
    with pytest.raises(Unsupported) as refused:
        letter(store.read, store.rules, item, Wanted(DATED))
    assert [gap.words for gap in refused.value.missing] == [
        "the note does not say why treatment was needed",
        "the note does not say the skill that was used",
    ]
    assert "ETH-001" in str(refused.value)
    found = evidence(store.read, store.rules, item)
    assert found["supported"] is False


def test_a_gap_in_the_measures_is_named_with_the_day_since_when(store: Installation) -> None:
    item = f"{recorded(store, NECESSITY, note=without('objective_measures'))}-A1"
    missing = [gap["missing"] for gap in evidence(store.read, store.rules, item)["gaps"]]
    assert any("objective measure" in words for words in missing)


def test_a_letter_needs_the_cause_that_only_a_person_can_state(store: Installation) -> None:
    item, _ = late(store)
    with pytest.raises(CauseMissing):
        letter(store.read, store.rules, item, Wanted(date(2026, 8, 20)))


def test_a_write_off_and_a_bill_have_no_letter(store: Installation) -> None:
    send(store, [*reference(), *visit()])
    claim = claims(store)[0]["claim_id"]
    send(store, [answered(claim, "denied", "2027-06-01", denied("96", group="PR", line=1), denied("29", line=2))])
    rows = list(store.read.rows().execute("SELECT item_id, kind FROM remedy"))
    assert {kind for _, kind in rows} == {"bill-patient", "write-off-proposal"}
    for item, _ in rows:
        assert item.startswith(claim)
        with pytest.raises(NoLetter):
            letter(store.read, store.rules, item, Wanted(DATED))


def test_after_the_key_is_gone_there_is_no_letter(store: Installation) -> None:
    item, wanted = necessity(store)
    store.key_ring.destroy("patient/northside/p-1")
    store.read.forget()
    with pytest.raises((Erased, NoRecord)):
        letter(store.read, store.rules, item, wanted)


CARCS = sorted(denial_codes(load()).carcs)


@pytest.mark.parametrize("group", ["CO", "PR", "OA", "PI"])
def test_every_reason_code_has_letters_or_says_why_not(store: Installation, group: Any) -> None:
    send(store, [*reference(), *visit()])
    claim: str = claims(store)[0]["claim_id"]
    for number, carc in enumerate(CARCS):
        day = date(2026, 4, 11).fromordinal(date(2026, 4, 11).toordinal() + number).isoformat()
        send(store, [answered(claim, "denied", day, denied(carc, group=group))], work=False)
    store.work_off()
    items = [item for table, name in (("appeal", "appeal_id"), ("remedy", "item_id"))
             for (item,) in store.read.rows().execute(f"SELECT {name} FROM {table}")]  # fmt: skip
    written = 0
    for item in items:
        try:
            written += len(letter(store.read, store.rules, item, Wanted(DATED, signer=BY))) > 1_000
        except (NoLetter, Unsupported, CauseMissing):
            continue
    assert items
    assert written or group == "PR"


def test_a_vacate_needs_a_dismissal(store: Installation) -> None:
    item, _ = second_level(store)
    does(store, item, File(BY, date(2026, 7, 1), "mail", "RR 1"))
    for purpose in ("vacate", "escalation"):
        with pytest.raises(NoLetter):
            letter(store.read, store.rules, item, Wanted(DATED, purpose=purpose, cause="it was in time"))
