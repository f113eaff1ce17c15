"""How fast the past is looked at: every decision run again, and every claim worked out anew, on all cores.

python bench/replay_bench.py [--quick]
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from statistics import median
from typing import NamedTuple

import suite.looking_back
from audit.other_world import OtherWorld
from audit.past import Past
from audit.replay import replay
from audit.what_if import WhatIf
from common import Table, folder, largest_memory
from service_kit.workers import Workers
from suite.collecting import collect_less_garbage
from suite.installation import Installation
from suite.looking_back import workers_for
from suite_bench import ingested, simulated

BAR = 1_500
"""Claims a second, by the clock."""


class Took(NamedTuple):
    """What one look back took, from the first fork to the last process's end."""

    seconds: float
    processor: float
    """Seconds, of all processes."""
    count: int


def looked_back(store: Path, look: Callable[[Installation, Workers[Past] | None], int], *, alone: bool) -> Took:
    with timed() as took:
        made = nullcontext() if alone else workers_for(store, None)
        with made as workers, Installation(store, read_only=True, whole=True) as installation:
            took.append(look(installation, workers))
    seconds, processor, count = took
    return Took(seconds, processor, int(count))


@contextmanager
def timed() -> Iterator[list[float]]:
    took: list[float] = []
    wall, processor = time.perf_counter(), used()
    yield took
    took[:0] = [time.perf_counter() - wall, used() - processor]


def used() -> float:
    """Processor time of this process and of those that ended [s]."""
    of = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in of)


def replayed(store: Path, *, alone: bool = False) -> Took:
    """Counts the decisions."""

    def look(installation: Installation, workers: Workers[Past] | None) -> int:
        read, codec, rulesets = installation.read, installation.codec, installation.rulesets
        result = replay(read, codec, rulesets=rulesets, workers=workers)
        assert result.clean, result
        return result.same

    return looked_back(store, look, alone=alone)


def worked_out(store: Path, *, alone: bool = False) -> Took:
    """Counts the claims, which are looked at under the release in force."""

    def look(installation: Installation, workers: Workers[Past] | None) -> int:
        read, codec, rulesets = installation.read, installation.codec, installation.rulesets
        question = WhatIf(read, codec, rulesets, OtherWorld(installation.rules), workers=workers)
        assert not list(question.changed())
        return question.totals.claims

    return looked_back(store, look, alone=alone)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    quick = options.parse_args().quick
    events, repetitions = (6_000, 1) if quick else (60_000, 5)
    suite.looking_back.WORTH_IT_BYTES = 0
    table = Table("replay")
    collect_less_garbage()
    with folder() as place:
        file, store = place / "events.jsonl", place / "store"
        simulated(file, events)
        ingested(file, store)
        claims, decisions = worked_out(store).count, replayed(store).count
        rounds: list[Took] = []
        anew: list[Took] = []

        def again() -> float:
            rounds.append(replayed(store))
            return claims / rounds[-1].seconds

        def otherwise() -> float:
            anew.append(worked_out(store))
            return claims / anew[-1].seconds

        table.paired("what-if beside replay, claims/s", otherwise, again, repetitions, bar=1.0)
        alone = [replayed(store, alone=True) for _ in range(repetitions)]
        table.fact("claims", claims)
        table.fact("decisions a claim", decisions / claims)
        table.fact("replay, claims/s on all cores, by the clock (median)", rate(claims, rounds), least=BAR)
        table.fact("replay, decisions/s on all cores, by the clock (median)", rate(decisions, rounds))
        table.fact("replay, processor time a claim [ms] (median)", processor(claims, rounds))
        table.fact("replay in one process, claims/s by the clock (median)", rate(claims, alone))
        table.fact("replay in one process, processor time a claim [ms] (median)", processor(claims, alone))
        table.fact("what-if, claims/s on all cores, by the clock (median)", rate(claims, anew), least=BAR)
        table.fact("what-if, processor time a claim [ms] (median)", processor(claims, anew))
        table.fact("largest memory of one process that does it all [MiB]", largest_memory())
    table.save()


def rate(count: int, rounds: list[Took]) -> float:
    return median(count / took.seconds for took in rounds)


def processor(claims: int, rounds: list[Took]) -> float:
    return median(took.processor / claims for took in rounds) * 1_000


if __name__ == "__main__":
    main()
