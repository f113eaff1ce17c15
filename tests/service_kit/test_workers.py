"""Work spread over processes: the answers of one, in its order, or none at all."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest

from service_kit.workers import Alone, WorkerEnded, Workers


def workers(count: int = 2) -> Workers[str]:
    return Workers(count, lambda: nullcontext("here"))


def whole(place: str) -> Callable[[int], tuple[str, int, int]]:
    return lambda task: (place, task, os.getpid())


def large(_place: str) -> Callable[[bytes], bytes]:
    return lambda task: task


def slow_at_first(_place: str) -> Callable[[int], tuple[int, int]]:
    def work(task: int) -> tuple[int, int]:
        time.sleep(0.5 if task == 0 else 0.001)
        return task, os.getpid()

    return work


def asleep(_place: str) -> Callable[[int], None]:
    return lambda _task: time.sleep(600)


class Odd(Exception):
    """Not made of its message, as many errors are."""

    def __init__(self, number: int, *, why: str) -> None:
        self.number = number
        super().__init__(f"{number} is odd: {why}")


def fails_at_odd(_place: str) -> Callable[[int], int]:
    def work(task: int) -> int:
        if task % 2:
            raise Odd(task, why="it is")
        return task

    return work


def fails_unsendably(_place: str) -> Callable[[int], int]:
    def work(_task: int) -> int:
        error = KeyError("a patient's name")
        error.held = lambda: None  # type: ignore[attr-defined]
        raise error

    return work


def dies(_place: str) -> Callable[[int], int]:
    def work(task: int) -> int:
        if task == 5:
            os.kill(os.getpid(), signal.SIGKILL)
        return task

    return work


def test_answers_come_in_the_order_of_the_tasks_from_all_processes() -> None:
    with workers(3) as spread:
        answers = list(spread.answers(whole, ((number, number) for number in range(100))))
    assert [(place, task) for place, task, _ in answers] == [("here", task) for task in range(100)]
    by_kind = [{pid for _, task, pid in answers if task % 3 == kind} for kind in range(3)]
    assert len(set.union(*by_kind)) == 3
    assert os.getpid() not in set.union(*by_kind)


def test_alone_the_answers_are_the_same() -> None:
    answers = list(Alone("here").answers(whole, ((number, number) for number in range(5))))
    assert answers == [("here", task, os.getpid()) for task in range(5)]


def test_who_has_nothing_left_takes_from_another() -> None:
    with workers() as spread:
        answers = list(spread.answers(slow_at_first, ((0, number) for number in range(20))))
    assert [task for task, _ in answers] == list(range(20))
    assert len({pid for _, pid in answers}) == 2


def test_tasks_and_answers_larger_than_a_pipe_do_not_wait_for_each_other() -> None:
    tasks = [bytes([number]) * 1_000_000 for number in range(20)]
    with workers() as spread:
        assert list(spread.answers(large, enumerate(tasks))) == tasks


def test_no_task_is_no_answer() -> None:
    with workers() as spread:
        assert list(spread.answers(whole, ())) == []


def test_they_do_one_job_after_another() -> None:
    with workers() as spread:
        first = [task for _, task, _ in spread.answers(whole, [(0, 1), (1, 2)])]
        assert first == [1, 2]
        assert list(spread.answers(large, [(0, b"3"), (1, b"4")])) == [b"3", b"4"]


def test_not_all_tasks_are_taken_at_once() -> None:
    taken = 0

    def tasks() -> Iterator[tuple[int, int]]:
        nonlocal taken
        for number in range(1_000):
            taken += 1
            yield number, number

    with workers() as spread:
        for count, _ in enumerate(spread.answers(slow_at_first, tasks()), 1):
            assert taken - count < 20


def test_an_error_comes_as_it_is_at_its_place() -> None:
    with workers() as spread:
        answers = spread.answers(fails_at_odd, ((0, number) for number in (2, 4, 7, 6)))
        assert (next(answers), next(answers)) == (2, 4)
        with pytest.raises(Odd, match="7 is odd: it is") as caught:
            next(answers)
    assert caught.value.number == 7
    assert caught.value.raised_at.startswith("test_workers.py:")  # type: ignore[attr-defined]


def test_an_error_that_cannot_be_sent_is_told_by_its_kind_alone() -> None:
    with workers() as spread, pytest.raises(RuntimeError) as caught:
        list(spread.answers(fails_unsendably, [(0, 0)]))
    assert str(caught.value) == "KeyError"


def test_a_place_that_cannot_be_opened_is_an_error_of_the_first_task() -> None:
    @contextmanager
    def nowhere() -> Iterator[str]:
        raise FileNotFoundError(2, "no such file", "log.sqlite")
        yield ""

    with Workers(2, nowhere) as spread, pytest.raises(FileNotFoundError, match="no such file") as caught:
        list(spread.answers(whole, [(0, 0)]))
    assert caught.value.filename == "log.sqlite"


def test_a_worker_that_dies_leaves_no_answer_behind() -> None:
    got: list[Any] = []
    with workers() as spread, pytest.raises(WorkerEnded, match="by SIGKILL") as caught:
        got.extend(spread.answers(dies, ((number, number) for number in range(100))))
    assert caught.value.exit_code == -signal.SIGKILL


def test_a_worker_that_died_before_there_was_work_is_noticed() -> None:
    with workers() as spread:
        os.kill(next(iter(spread.answers(whole, [(0, 0)])))[2], signal.SIGTERM)
        time.sleep(0.2)
        with pytest.raises(WorkerEnded, match="by SIGTERM"):
            list(spread.answers(whole, ((number, number) for number in range(10))))


def test_who_is_interrupted_waits_for_no_worker() -> None:
    began = time.monotonic()
    with workers() as spread:
        before = signal.signal(signal.SIGALRM, signal.default_int_handler)
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        with pytest.raises(KeyboardInterrupt):
            list(spread.answers(asleep, [(0, 0), (1, 1)]))
        signal.signal(signal.SIGALRM, before)
    assert time.monotonic() - began < 30


_KILLED = """
import multiprocessing, sys
sys.path[:0] = {path!r}
from test_workers import asleep, workers
with workers() as spread:
    print(*[child.pid for child in multiprocessing.active_children()], flush=True)
    list(spread.answers(asleep, [(0, 0), (1, 1)]))
"""


def test_workers_end_with_the_process_that_gives_out_the_work() -> None:
    path = [os.path.dirname(__file__)]  # noqa: PTH120
    process = subprocess.Popen([sys.executable, "-c", _KILLED.format(path=path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    pids = list(map(int, process.stdout.readline().split()))
    time.sleep(0.3)
    process.kill()
    process.wait()
    process.stdout.close()
    deadline = time.monotonic() + 30
    while any(map(_runs, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(pids) == 2
    assert not any(map(_runs, pids))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return not status.strip().startswith("Z") and bool(status.strip())
