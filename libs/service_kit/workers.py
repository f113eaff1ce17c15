"""Work spread over processes forked from this one: tasks go out, answers come back in the order of the tasks.

Tasks of one kind (one patient's, say) go to the same worker, for what it keeps at hand; a worker that has nothing left
takes from the one that has most. What is held at any moment does not grow with the number of tasks.
"""

import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack
from multiprocessing.connection import Connection, wait
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Generic, NamedTuple, Protocol, Self, TypeVar

_CONTEXT = multiprocessing.get_context("fork")
IN_HAND = 2
"""Tasks that a worker is given at once: it finds the next one there when it has done one."""
AHEAD = 8
"""Tasks a worker, at most, from the one whose answer is waited for to the last one that was taken."""
SECONDS_TO_END = 5
_NOTHING: Any = object()

Place = TypeVar("Place")
Somewhere = TypeVar("Somewhere", covariant=True)
Task = TypeVar("Task")
Answer = TypeVar("Answer")
Job = Callable[[Place], Callable[[Task], Answer]]
"""What is to be done, at a place: one that can be pickled."""


class WorkerEnded(Exception):
    """A worker is gone, and what it had in hand with it."""

    def __init__(self, exit_code: int | None) -> None:
        self.exit_code = exit_code
        how = "for a reason unknown"
        if exit_code is not None:
            how = f"by {signal.Signals(-exit_code).name}" if exit_code < 0 else f"with exit code {exit_code}"
        super().__init__(
            f"a process at work on this ended {how} (was there too little memory?); "
            "what the others found is not the whole answer, so there is none: try again"
        )


class Spread(Protocol[Somewhere]):
    """How work is spread."""

    @property
    def count(self) -> int:
        """Over how many processes."""

    def answers(self, job: Job[Somewhere, Task, Answer], tasks: Iterable[tuple[int, Task]]) -> Iterator[Answer]:
        """The answer to each task, in order.

        Args:    tasks: each with the number of its kind.
        Raises:  whatever the job does, at its place; WorkerEnded.
        """


class Alone(Generic[Place]):
    """All of it is done here."""

    count = 1

    def __init__(self, place: Place) -> None:
        self._place = place

    def answers(self, job: Job[Place, Task, Answer], tasks: Iterable[tuple[int, Task]]) -> Iterator[Answer]:
        """See Spread."""
        work = job(self._place)
        for _, task in tasks:
            yield work(task)


class _Done(NamedTuple):
    number: int
    answer: Any
    failed: Any = None
    """Sent as a _Carried, comes as an exception."""


class _Worker:
    """A worker, seen from the process that gives out the work."""

    def __init__(self, opened: Callable[[], AbstractContextManager[Any]], others: Iterable["_Worker"]) -> None:
        self.end, their_end = _CONTEXT.Pipe()
        ends = (*(other.end for other in others), self.end)
        self.process = _CONTEXT.Process(target=_work, args=(opened, their_end, ends), name="worker", daemon=True)
        self.process.start()
        their_end.close()
        self.waiting: deque[tuple[int, Any]] = deque()
        self.in_hand = 0

    def send(self, what: Any) -> None:
        """Raises:  WorkerEnded."""
        try:
            self.end.send(what)
        except OSError as error:
            raise self._ended() from error

    def receive(self) -> _Done:
        """Raises:  WorkerEnded."""
        try:
            done: _Done = self.end.recv()
        except (EOFError, OSError) as error:
            raise self._ended() from error
        self.in_hand -= 1
        return done

    def _ended(self) -> WorkerEnded:
        self.process.join(SECONDS_TO_END)
        return WorkerEnded(self.process.exitcode)


class Workers(Generic[Place]):
    """That many processes. Make them before this one has threads, or an open database: neither survives a fork.

    Args:    opened: opens the place where a worker works, in its own process, when its first task comes.
    """

    def __init__(self, count: int, opened: Callable[[], AbstractContextManager[Place]]) -> None:
        self._workers: list[_Worker] = []
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # until a worker has said what it does then
        try:
            for _ in range(count):
                self._workers.append(_Worker(opened, self._workers))
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    @property
    def count(self) -> int:
        """See Spread."""
        return len(self._workers)

    def answers(self, job: Job[Place, Task, Answer], tasks: Iterable[tuple[int, Task]]) -> Iterator[Answer]:
        """See Spread. One after another, each gone through to its end."""
        for worker in self._workers:
            worker.send((None, job))
        source, taken, turn = iter(tasks), 0, 0
        done: dict[int, _Done] = {}
        while True:
            while taken - turn < AHEAD * self.count and any(worker.in_hand < IN_HAND for worker in self._workers):
                kind, task = next(source, (0, _NOTHING))
                if task is _NOTHING:
                    break
                self._workers[kind % self.count].waiting.append((taken, task))
                taken += 1
                self._hand_out()
            self._hand_out(steal=True)
            busy = {worker.end: worker for worker in self._workers if worker.in_hand}
            if not busy:
                return
            for end in wait(list(busy)):
                each = busy[end].receive()  # type: ignore[index]  # the ends that were asked for
                done[each.number] = each
            while turn in done:
                each = done.pop(turn)
                turn += 1
                if each.failed is not None:
                    raise each.failed
                yield each.answer

    def _hand_out(self, *, steal: bool = False) -> None:
        for worker in self._workers:
            while worker.in_hand < IN_HAND:
                if worker.waiting:
                    task = worker.waiting.popleft()
                elif steal and (most := max(self._workers, key=lambda each: len(each.waiting))).waiting:
                    task = most.waiting.pop()
                else:
                    break
                worker.in_hand += 1
                worker.send(task)

    def close(self) -> None:
        """End them, whatever they have in hand."""
        for worker in self._workers:
            worker.end.close()
        for worker in self._workers:
            worker.process.join(SECONDS_TO_END)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _work(
    opened: Callable[[], AbstractContextManager[Any]],
    end: "Connection[Any, Any]",
    other_ends: tuple["Connection[Any, Any]", ...],
) -> None:
    for other in other_ends:
        other.close()  # inherited: with them open here, nobody would notice that the first process is gone
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that gives out the work: it ends this one
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    inbox: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=_receive, args=(end, inbox), daemon=True).start()
    with ExitStack() as stack:
        job: Any = None
        work: Any = None
        place: Any = None
        while True:
            number, task = inbox.get()
            if number is None:
                job, work = task, None
                continue
            try:
                if place is None:
                    place = stack.enter_context(opened())
                if work is None:
                    work = job(place)
                done = _Done(number, work(task))
            except Exception as error:  # noqa: BLE001 -- it is raised where the answer is waited for
                done = _Done(number, None, _carried(error))
            end.send(done)


def _receive(end: "Connection[Any, Any]", inbox: SimpleQueue[Any]) -> None:
    """Take what comes at once, so that two who send each other more than a pipe holds do not wait for each other."""
    try:
        while True:
            inbox.put(end.recv())
    except (EOFError, OSError):
        os._exit(0)  # the first process wants no more answers, or is gone; what is here is only read


def _carried(error: Exception) -> "_Carried":
    """An error as it goes to another process: of its kind, with its message and what it knows; where it was raised."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    where, told = f"{Path(last.filename).name}:{last.lineno}", "".join(traceback.format_exception(error))
    try:
        pickle.loads(pickle.dumps(_Carried(error)))  # noqa: S301 -- our own bytes
    except Exception:  # noqa: BLE001 -- it holds something that cannot go along
        error = RuntimeError(type(error).__name__)
    error.raised_at = where  # type: ignore[attr-defined]  # read by whoever tells of it
    error.add_note(told)
    return _Carried(error)


class _Carried:
    """Arrives as the error. Many errors cannot be pickled themselves, for they are not made of their message."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __reduce__(self) -> tuple[Any, ...]:
        if isinstance(self._error, OSError):
            return self._error.__reduce__()  # type: ignore[return-value]  # a callable and its arguments
        return _again, (type(self._error), self._error.args, vars(self._error))


def _again(kind: type[Exception], args: tuple[Any, ...], state: dict[str, Any]) -> Exception:
    error = kind.__new__(kind, *args)
    error.args = args
    vars(error).update(state)
    return error
