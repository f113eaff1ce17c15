"""Two processes at an intake: what each writes, the other follows up, whoever is quicker."""

from pathlib import Path
from typing import Any

import pytest

from interchange.cloudevents import read_event
from suite import installation
from suite.installation import ASSISTED, Installation
from suite.simulator import Simulation, lines


def test_what_the_second_process_wrote_meanwhile_is_followed_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Installation(tmp_path / "store", assisted=True) as store:
        store.door.receive([read_event(line) for line in lines(Simulation(clinics=1, days=30, seed=7))])
        assistant, work_off = store._assistant, store.dispatcher.work_off
        assert assistant is not None

        def and_the_assistant_is_quick(*args: Any, **named: Any) -> int:
            done = work_off(*args, **named)
            assistant.work_off()
            return done

        monkeypatch.setattr(store.dispatcher, "work_off", and_the_assistant_is_quick)
        store.work_off()
        head = store.log.head()
        assert {runner.position for runner in store.dispatcher.runners} == {head}
        assert set(store.log.checkpoints().values()) == {head}
        assert store.log.count(frozenset({"DenialTriaged"}), head) > 0


def test_the_first_process_reads_on_once_the_second_is_close(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "FARTHEST_BEHIND", 50)
    with Installation(tmp_path / "store", assisted=True) as store:
        store.door.receive([read_event(line) for line in lines(Simulation(clinics=1, days=10, seed=7))])
        store.take_turn()
        reached = store.log.checkpoints()
        assert min(reached[name] for name in ASSISTED) >= store.log.head() - 50


def test_a_second_process_that_is_gone_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "FARTHEST_BEHIND", 0)
    with Installation(tmp_path / "store", assisted=True) as store:
        assert store._assistant is not None
        store._assistant._process.kill()
        store._assistant._process.join()
        store.door.receive([read_event(line) for line in lines(Simulation(clinics=1, days=3, seed=7))])
        store.take_turn()
        assert store.log.checkpoint("claim-validation") == 0
        store.work_off()
        assert store.log.checkpoint("claim-validation") == store.log.head()
