"""Whatever is committed in whatever order, PostgreSQL's function answers as the plan in memory does."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from event_log.grouping import Job
from event_log.memory import MemoryLog
from event_log.postgres import PostgresLog
from event_log.protocol import Append, Checkpoint, Guard, NewEvent

NAMES = ("a", "b", "c")
RUNS = itertools.count(1)


def event(number: int) -> NewEvent:
    return NewEvent(number.to_bytes(16, "big"), "t", 1, b"{}", number, "o", "x")


appends = some.builds(
    Append,
    some.sampled_from(NAMES),
    some.one_of(some.none(), some.integers(0, 5)),
    some.lists(some.integers(1, 9).map(event), max_size=4),
)
guards = some.builds(Guard, some.sampled_from(NAMES), some.integers(0, 3))
commits = some.tuples(
    some.lists(appends, max_size=4),
    some.lists(guards, max_size=2),
    some.one_of(some.none(), some.builds(Checkpoint, some.sampled_from("xy"), some.integers(0, 9))),
)


@pytest.fixture(scope="module")
def both(module_database):
    """The two logs, which grow alike from run to run."""
    with PostgresLog(module_database, clock=lambda: 7) as log, MemoryLog(clock=lambda: 7) as memory:
        yield log, memory


@settings(max_examples=150, deadline=None)
@given(groups=some.lists(some.lists(commits, min_size=1, max_size=4), min_size=1, max_size=4))
def test_any_commits_get_the_same_answers_and_leave_the_same_log(both, groups):
    log, memory = both
    before, run = log.head(), next(RUNS)
    for group in groups:
        jobs = [Job(of_run(run, appends), "test", None, at, of_run(run, guards)) for appends, guards, at in group]
        with log._turn:
            log._writer.run(jobs)
        for job in jobs:
            told = memory.commit(job.appends, service="test", checkpoint=job.checkpoint, guards=job.guards)
            assert job.error is None
            assert comparable(job.answer) == comparable(told)
    assert log.read_all(before, 1000) == memory.read_all(before, 1000)
    names = [f"{run}/{name}" for name in NAMES]
    assert log.versions(names) == memory.versions(names)
    assert log.checkpoints() == memory.checkpoints()


def of_run(run, given):
    """The same in streams, and with event ids, of this run only."""
    moved = [each._replace(stream=f"{run}/{each.stream}") for each in given]
    for number, each in enumerate(moved):
        if isinstance(each, Append):
            ids = (run.to_bytes(8, "big") + one.event_id[8:] for one in each.events)
            events = [one._replace(event_id=event_id) for one, event_id in zip(each.events, ids, strict=True)]
            moved[number] = each._replace(events=events)
    return moved


def comparable(commit):
    """Positions as a list, whatever sequence holds them."""
    return commit.stale, [
        result._replace(positions=list(result.positions)) if hasattr(result, "positions") else result
        for result in commit.results
    ]
