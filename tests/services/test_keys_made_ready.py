"""The keys that a batch is sealed with are asked for together, before the batch is gone through."""

import pytest

from interchange.cloudevents import read_event
from suite.installation import Installation
from suite.simulator import Simulation, lines


def test_every_patients_key_was_made_ready(store: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    ready: list[set[str]] = []
    sealed: set[str] = set()
    seal = store.key_ring.seal
    monkeypatch.setattr(store.door, "_ready", lambda subjects: ready.append(set(subjects)))
    monkeypatch.setattr(store.key_ring, "seal", lambda subject, *rest: (sealed.add(subject), seal(subject, *rest))[1])
    store.door.receive([read_event(line) for line in lines(Simulation(clinics=1, days=3, seed=7))])
    (asked,) = ready
    patients = {subject for subject in sealed if subject.startswith("patient/")}
    assert len(patients) > 20
    assert patients <= asked
    assert all(subject.startswith("session/") for subject in sealed - asked)
