"""How a service runs: one transaction a batch, retries with backoff, dead letters that hold back one case only."""

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
import stamina

from event_log.errors import LogUnreachable
from event_log.protocol import Append, Checkpoint, Commit, NewEvent, Recorded
from service_kit.codec import Seen
from service_kit.dispatcher import Dispatcher
from service_kit.errors import UnknownDeadLetter
from service_kit.outcome import Outcome
from service_kit.reading import Reader
from service_kit.runner import Runner
from service_kit.tables import upsert
from service_kit.telemetry import Telemetry
from support.adder import SUM, House, PlainCodec, Total
from support.engines import ENGINES, opened


@pytest.fixture(params=ENGINES)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    with opened(request, tmp_path) as log:
        yield House(log)


def test_outcome_rows_and_checkpoint_are_there_together(house: House) -> None:
    house.tell(("a", 1), ("b", 2), ("a", 3))
    assert house.dispatcher.work_off() == 3
    assert house.totals() == {"a": 4, "b": 2}
    assert house.log.checkpoint("adder") == house.log.head()
    assert house.dispatcher.work_off() == 0


def test_a_service_goes_on_from_its_checkpoint_after_a_restart(house: House) -> None:
    house.tell(("a", 1))
    house.dispatcher.work_off()
    house.tell(("a", 2))
    house.restart()
    house.adder.worked.clear()
    house.dispatcher.work_off()
    assert house.adder.worked == [("a", 1)]
    assert house.totals() == {"a": 3}


def test_a_failing_case_is_set_aside_and_others_go_on(house: House) -> None:
    house.adder.poisoned.add("a")
    house.tell(("a", 1), ("b", 2))
    house.dispatcher.work_off()
    house.tell(("a", 5), ("b", 3))
    house.dispatcher.work_off()
    assert house.totals() == {"b": 5}
    (letter,) = house.letters()
    assert (letter["service"], letter["case_key"], letter["attempts"], letter["waiting"]) == ("adder", "a", 1, 2)


def test_a_dead_letters_reason_never_holds_the_message_of_a_foreign_error(house: House) -> None:
    house.adder.poisoned.add("a")
    house.tell(("a", 1))
    house.dispatcher.work_off()
    assert house.letters()[0]["reason"].startswith("ValueError at adder.py:")
    assert "patient" not in house.letters()[0]["reason"]


def test_redrive_does_the_held_work_in_order_and_lets_the_case_go_on(house: House) -> None:
    house.adder.poisoned.add("a")
    house.tell(("a", 1))
    house.dispatcher.work_off()
    house.restart()
    house.tell(("a", 2))
    house.dispatcher.work_off()
    letter = house.letters()[0]["id"]
    assert house.dispatcher.redrive(letter) is False
    assert house.letters()[0]["attempts"] == 2
    house.adder.poisoned.clear()
    assert house.dispatcher.redrive(letter) is True
    assert (house.letters(), house.totals()) == ([], {"a": 3})
    house.tell(("a", 4))
    house.dispatcher.work_off()
    assert house.totals() == {"a": 7}


def test_an_unknown_dead_letter_is_named(house: House) -> None:
    with pytest.raises(UnknownDeadLetter, match="0123"):
        house.dispatcher.redrive("0123")


def test_a_fault_that_passes_is_tried_again(house: House) -> None:
    house.adder.flaky["a"] = 2
    house.tell(("a", 1))
    with stamina.set_testing(True, attempts=5):
        house.dispatcher.work_off()
    assert (house.letters(), house.totals()) == ([], {"a": 1})


def test_a_case_that_is_tried_again_takes_nothing_from_those_behind_it(house: House) -> None:
    """A service keeps what it prepared last: for all of a batch, or for the one that is tried again."""
    kept: list[set[str]] = []
    work = house.adder.work

    def prepare(asked: Mapping[str, Sequence[Recorded]], _read: Reader) -> None:
        kept[:] = [set(asked)]

    def prepared(case: str, events: Sequence[Seen], read: Reader) -> Outcome:
        assert case in kept[0], "nobody prepared it"
        return work(case, events, read)

    house.adder.flaky["b"] = 1
    house.tell(("a", 1), ("b", 2), ("c", 3), ("d", 4))
    service = replace(house.adder.service(), work=prepared, prepare=prepare)
    runner = Runner(service, Reader(house.log, PlainCodec()), PlainCodec(), Telemetry())
    with stamina.set_testing(True, attempts=5):
        runner.step()
    assert (house.letters(), house.totals()) == ([], {"a": 1, "b": 2, "c": 3, "d": 4})


def test_a_fault_that_does_not_pass_in_time_is_set_aside_with_its_attempts(house: House) -> None:
    house.adder.flaky["a"] = 99
    house.tell(("a", 1))
    with stamina.set_testing(True, attempts=4):
        house.dispatcher.work_off()
    (letter,) = house.letters()
    assert (letter["error_type"], letter["attempts"]) == ("ConnectionLost", 5)


def test_a_body_that_cannot_be_read_holds_back_its_own_stream_only(house: House) -> None:
    house.tell(("a", 666), ("b", 1))
    house.dispatcher.work_off()
    assert house.totals() == {"b": 1}
    assert [letter["case_key"] for letter in house.letters()] == ["stream:in/a"]


def test_what_is_best_looked_up_together_is_routed_together_and_the_rest_one_by_one(house: House) -> None:
    batches: list[list[str]] = []

    def together(batch: Sequence[Seen], _read: Reader) -> dict[bytes, list[str]]:
        batches.append([seen.event.case for seen in batch])
        return {seen.recorded.event_id: ["x", "y"] for seen in batch if seen.event.case == "b"}

    house.runner.casework.service = replace(house.adder.service(), route_together=together)
    house.tell(("a", 1), ("b", 2), ("c", 666), ("b", 3))
    house.dispatcher.work_off()
    assert batches == [["a", "b", "b"]], "what cannot be read is no part of it"
    assert house.adder.worked == [("a", 1), ("x", 2), ("y", 2)]
    assert [letter["case_key"] for letter in house.letters()] == ["stream:in/c"]


def test_where_routing_together_fails_each_event_is_routed_alone(house: House) -> None:
    def together(_batch: Sequence[Seen], _read: Reader) -> dict[bytes, list[str]]:
        raise KeyError("x")

    house.runner.casework.service = replace(house.adder.service(), route_together=together)
    house.tell(("a", 1), ("b", 2))
    house.dispatcher.work_off()
    assert house.totals() == {"a": 1, "b": 2}


def test_deciding_twice_appends_nothing(house: House) -> None:
    house.tell(("a", 1), ("b", 2))
    house.dispatcher.work_off()
    head = house.log.head()
    again = Runner(house.adder.service(), Reader(house.log, PlainCodec()), PlainCodec(), Telemetry())
    again.position = 0
    again.step()
    assert house.log.head() == head


def test_a_stream_that_changed_meanwhile_is_folded_and_decided_again(house: House) -> None:
    house.tell(("a", 1))
    work, raced = house.adder.work, []

    def interrupted(case: str, events: Sequence[Seen], read: Reader) -> Outcome:
        outcome = work(case, events, read)
        if not raced:
            raced.append(True)
            other = NewEvent(b"x" * 16, "Added", 1, orjson.dumps(["Added", "a", 0]), 1, "org", "")
            house.log.commit([Append("out/a", None, [other])], service="other")
        return outcome

    house.adder.work = interrupted  # type: ignore[method-assign]  # a fault put in
    house.restart()
    house.dispatcher.work_off()
    versions = [row.version for row in house.log.read_stream("out/a")]
    assert versions == [1, 2]
    assert house.totals() == {"a": 1}


def test_a_guarded_case_is_decided_again_alone_when_what_it_read_changed_meanwhile(house: House) -> None:
    house.tell(("a", 1), ("b", 2))
    work, rate = house.adder.work, NewEvent(b"r" * 16, "Rate", 1, orjson.dumps(["Rate", "a", 7]), 1, "org", "")

    def guarding(case: str, events: Sequence[Seen], read: Reader) -> Outcome:
        version = read.fold(f"rate/{case}", SUM).version
        if not house.log.head() > 2 + (case == "b"):
            house.log.commit([Append("rate/a", None, [rate])], service="other")
        outcome = work(case, events, read)
        outcome.guard(f"rate/{case}", version)
        return outcome

    house.adder.work = guarding  # type: ignore[method-assign]  # a fault put in
    codec = PlainCodec()
    runner = Runner(house.adder.service(), Reader(house.log, codec), codec, Telemetry(), guarded=True)
    runner.step()
    assert house.adder.worked == [("a", 1), ("b", 1), ("a", 1)]
    assert house.totals() == {"a": 1, "b": 2}


def test_a_database_out_of_reach_is_no_cases_fault(house: House) -> None:
    house.tell(("a", 1))
    work, broken = house.adder.work, [True]

    def breaking(case: str, events: Sequence[Seen], read: Reader) -> Outcome:
        if broken:
            raise LogUnreachable("the database is away")
        return work(case, events, read)

    house.adder.work = breaking  # type: ignore[method-assign]  # a fault put in
    house.restart()
    with pytest.raises(LogUnreachable):
        house.dispatcher.work_off()
    assert (house.letters(), house.log.checkpoint("adder")) == ([], 0)
    broken.clear()
    house.dispatcher.work_off()
    assert house.totals() == {"a": 1}


def test_every_event_carries_its_cause_and_a_trace(house: House) -> None:
    house.tell(("a", 1))
    house.dispatcher.work_off()
    (made,) = house.log.read_stream("out/a")
    (cause,) = house.log.read_stream("in/a")
    assert made.causation_id == cause.event_id
    assert made.traceparent is not None
    assert made.service == "adder"


def _ahead(house: House) -> Runner:
    codec = PlainCodec()
    return Runner(house.adder.service(), Reader(house.log, codec), codec, Telemetry(), ahead=True)


def _numbers(house: House, cases: int) -> dict[str, int]:
    told = [(f"case {number}", number) for number in range(1, cases + 1)]
    house.tell(*told)
    return dict(told)


def test_a_step_ahead_leaves_its_last_commit_to_the_next_one(house: House) -> None:
    expected, runner = _numbers(house, 3), _ahead(house)
    assert (runner.step(), runner.step()) == (3, 0)
    assert (house.totals(), house.log.checkpoint("adder")) == (expected, 3)


def test_work_ahead_moves_the_checkpoint_when_all_before_it_is_written(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first two commits of a batch are refused once; the last one, with the checkpoint, waits for both."""
    monkeypatch.setattr("service_kit.runner.CASES_A_COMMIT", 2)
    expected, runner = _numbers(house, 6), _ahead(house)
    submit, seen = house.log.submit, []

    def after_another(appends: Sequence[Append], **more: Any) -> Future[Commit]:
        seen.append((more["checkpoint"], set(house.totals())))
        if len(seen) in (1, 3):
            other = NewEvent(bytes([len(seen)]) * 16, "Added", 1, orjson.dumps(["Added", "a", 0]), 1, "org", "")
            house.log.commit([Append(appends[0].stream, None, [other])], service="other")
        return submit(appends, **more)

    monkeypatch.setattr(house.log, "submit", after_another)
    while runner.step():
        pass
    assert [checkpoint for checkpoint, _ in seen[:-1]] == [None] * 4
    assert seen[-1] == (Checkpoint("adder", 6), {"case 1", "case 2", "case 3", "case 4"})
    assert house.totals() == expected


def test_what_is_indexed_ahead_is_written_before_any_work(house: House) -> None:
    """While that is on its way the batch is read; a body that cannot be read holds back its own stream only."""
    seen: list[set[str]] = []
    house.adder.before_work = lambda: seen.append(set(house.totals()))

    def index(said: Seen, outcome: Outcome) -> None:
        outcome.show(upsert(Total), {"case_key": f"index of {said.event.case}", "total": 0})

    service = replace(house.adder.service(), index=index, indexed=frozenset({"Number"}))
    house.tell(("a", 1), ("b", 666), ("c", 3))
    runner = Runner(service, Reader(house.log, PlainCodec()), PlainCodec(), Telemetry(), ahead=True)
    while runner.step():
        pass
    assert seen == [{"index of a", "index of c"}] * 2
    assert (house.totals()["a"], house.totals()["c"]) == (1, 3)
    assert [letter["case_key"] for letter in house.letters()] == ["stream:in/b"]


class _Unread(PlainCodec):
    """Knows of no event what it says."""

    def decode(self, recorded: Recorded) -> Any:
        raise AssertionError(f"{recorded.type} at {recorded.position} was decoded")


def test_what_is_nobodys_work_by_its_row_is_not_decoded(house: House) -> None:
    service = replace(house.adder.service(), concerns=lambda row: row.version > 1)
    house.tell(("a", 1), ("b", 2))
    runner = Runner(service, Reader(house.log, _Unread()), _Unread(), Telemetry())
    assert (runner.step(), house.totals(), house.log.checkpoint("adder")) == (2, {}, 2)
    house.tell(("a", 3))
    runner = Runner(service, Reader(house.log, PlainCodec()), PlainCodec(), Telemetry())
    runner.step()
    assert (house.adder.worked, house.totals()) == ([("a", 1)], {"a": 4})


def test_what_was_said_ahead_is_at_hand_before_its_service_hears_that_it_is_written(house: House) -> None:
    house.tell(("a", 1))
    codec = PlainCodec()
    reader = Reader(house.log, codec)
    runner = Runner(house.adder.service(), reader, codec, Telemetry(), ahead=True)
    runner.step()
    (row,) = _awaited(house, "out/a")
    reader._codec = _Unread()
    assert reader.see(row).event == ("Added", "a", 1)


def _awaited(house: House, stream: str) -> list[Recorded]:
    """The stream once it has an event; whoever submitted it has not asked for the answer."""
    until = time.monotonic() + 10
    while not (rows := house.log.read_stream(stream)) and time.monotonic() < until:
        time.sleep(0.005)
    return rows


@pytest.fixture
def followed(house: House) -> tuple[Dispatcher, list[tuple[int, int]]]:
    """The adder with a service behind it that listens to others than numbers; how far both were at each number."""
    codec, reader = PlainCodec(), Reader(house.log, PlainCodec())
    behind = replace(house.adder.service(), name="behind", listens_to=frozenset({"Other"}))
    runners = [Runner(service, reader, codec, Telemetry()) for service in (house.adder.service(), behind)]
    places: list[tuple[int, int]] = []
    house.adder.before_work = lambda: places.append((runners[0].position, runners[1].position))
    return Dispatcher(house.log, runners), places


def test_a_service_goes_not_far_ahead_of_those_behind_it(
    house: House, followed: tuple[Dispatcher, list[tuple[int, int]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it read is still at hand when they come to it."""
    monkeypatch.setattr("service_kit.dispatcher.FARTHEST_AHEAD", 3)
    expected, (dispatcher, places) = _numbers(house, 9), followed
    assert dispatcher.step() == 3
    assert dispatcher.work_off() == 6
    assert (house.totals(), house.log.checkpoint("adder")) == (expected, house.log.head())
    assert all(ours <= others + 3 for ours, others in places)


def test_a_service_is_not_held_back_by_one_that_has_nothing_to_do(
    house: House, followed: tuple[Dispatcher, list[tuple[int, int]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody's events lie before its own: more of them than it may be ahead."""
    monkeypatch.setattr("service_kit.dispatcher.FARTHEST_AHEAD", 3)
    nobodys = [
        NewEvent(bytes([9, n]) * 8, "Nobodys", 1, orjson.dumps(["Nobodys", "a", n]), 1, "org", "") for n in range(8)
    ]
    house.log.commit([Append("nobodys", None, nobodys)], service="test")
    expected, (dispatcher, _) = _numbers(house, 1), followed
    assert dispatcher.step() == 1
    assert house.totals() == expected


def test_work_ahead_that_could_not_be_written_is_done_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    expected, runner = _numbers(house, 3), _ahead(house)
    submit, faults = house.log.submit, [LogUnreachable("the disk is away")]

    def failing(appends: Sequence[Append], **more: Any) -> Future[Commit]:
        if not faults:
            return submit(appends, **more)
        failed: Future[Commit] = Future()
        failed.set_exception(faults.pop())
        return failed

    monkeypatch.setattr(house.log, "submit", failing)
    assert runner.step() == 3
    with pytest.raises(LogUnreachable):
        runner.step()
    assert (house.totals(), house.log.checkpoint("adder")) == ({}, 0)
    assert (runner.step(), runner.step()) == (3, 0)
    assert (house.totals(), house.log.checkpoint("adder")) == (expected, 3)
