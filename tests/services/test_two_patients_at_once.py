"""A clinician is one-on-one with one patient at a time, whatever the cases, clinics and order of arrival."""

from typing import Any

from audit.replay import replay
from service_kit.dead_letters import dead_letters
from suite.erasing import erase
from suite.installation import Installation
from support.store import claims, send
from support.visits import ORG, SOURCE, THERAPIST, clock, event, reference, visit


def blocking(claim: dict[str, Any]) -> set[str]:
    return {finding["rule"] for finding in claim["findings"] if finding["severity"] != "advice"}


def one_on_one(store: Installation, *, source: str = SOURCE, performer: str = THERAPIST) -> list[dict[str, Any]]:
    """The claims of two patients whom one performer treats at overlapping times, the second's at a source."""
    second = visit("s-2", patient="p-2", minutes=(("97112", "09:20", "09:50"),), performer=performer)
    events = [*reference(), *reference("p-2")[2:], *visit(performer=performer)]
    send(store, [*events, *({**each, "source": source} for each in second)])
    return claims(store)


def test_a_clinician_is_one_on_one_with_one_patient_at_a_time(store: Installation) -> None:
    first, second = sorted(one_on_one(store), key=lambda claim: str(claim["patient_id"]))
    assert "TIM-004" in blocking(first) & blocking(second)
    assert [(line["code"], line["minutes"]) for line in first["lines"]] == [("97112", 20)]
    assert second["lines"] == []


def test_an_npi_is_one_person_in_every_clinic_and_another_id_one_in_its_own(store: Installation) -> None:
    oak = SOURCE.replace("elm", "oak")
    assert all("TIM-004" in blocking(claim) for claim in one_on_one(store, source=oak))


def test_an_id_of_staff_is_a_person_of_one_clinic(store: Installation) -> None:
    oak = SOURCE.replace("elm", "oak")
    assert not any("TIM-004" in blocking(claim) for claim in one_on_one(store, source=oak, performer="staff-1"))


def test_times_are_free_again_when_the_other_visit_moves_or_is_voided(store: Installation) -> None:
    one_on_one(store)
    later = {
        "reason": "wrong clock",
        "replace_intervals": [
            {
                "interval_id": "i-1",
                "code": "97112",
                "start": clock("11:00"),
                "end": clock("11:30"),
                "performer": {"id": THERAPIST, "role": "PT"},
                "contact": "one_on_one",
            }
        ],
    }
    send(store, [event("session.amended", "s-2", later, event_id="a-1", time=clock("12:00"))])
    assert not any("TIM-004" in blocking(claim) for claim in claims(store))


def test_a_voided_visit_holds_nobody(store: Installation) -> None:
    one_on_one(store)
    send(store, [event("session.voided", "s-2", {"reason": "no show"}, event_id="v-1", time=clock("12:00"))])
    (left,) = [claim for claim in claims(store) if claim["status"] != "void"]
    assert "TIM-004" not in blocking(left)
    assert replay(store.read, store.codec).different == 0


def test_a_visit_of_an_erased_patient_holds_nobody_and_disturbs_nobody(store: Installation) -> None:
    send(store, [*reference(), *visit()])
    erase(store, org=ORG, patient="p-1", by="auditor", reason="asked for")
    send(store, [*reference("p-2")[2:], *visit("s-2", patient="p-2", minutes=(("97112", "09:20", "09:50"),))])
    (second,) = [claim for claim in claims(store) if claim["patient_id"] == "p-2"]
    assert "TIM-004" not in blocking(second)
    assert dead_letters(store.log.connection()) == []
