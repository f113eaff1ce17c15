"""How fast the past is looked at: every decision run again, and every claim worked out anew, on one core.

python bench/replay_bench.py [--quick]
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path
from statistics import median

from audit.other_world import OtherWorld
from audit.replay import replay
from audit.what_if import WhatIf
from common import Table, folder
from suite.collecting import collect_less_garbage
from suite.installation import Installation
from suite_bench import ingested, simulated

BAR = 1_500
"""Claims a second."""


def replayed(store: Path) -> tuple[float, int]:
    """Seconds of processor, and how many decisions came out the same."""
    with Installation(store, read_only=True, whole=True) as installation:
        began = time.process_time()
        result = replay(installation.read, installation.codec, rulesets=installation.rulesets)
        assert result.clean, result
        return time.process_time() - began, result.same


def worked_out(store: Path) -> tuple[float, int]:
    """Seconds of processor, and how many claims were looked at under the release in force."""
    with Installation(store, read_only=True, whole=True) as installation:
        began = time.process_time()
        question = WhatIf(installation.read, installation.codec, installation.rulesets, OtherWorld(installation.rules))
        assert not any(compared.changed for compared in question.claims())
        return time.process_time() - began, question.totals.claims


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    quick = options.parse_args().quick
    events, repetitions = (6_000, 1) if quick else (60_000, 5)
    table = Table("replay")
    collect_less_garbage()
    with folder() as place:
        file, store = place / "events.jsonl", place / "store"
        simulated(file, events)
        ingested(file, store)
        _, claims = worked_out(store)
        _, decisions = replayed(store)
        rates: list[float] = []

        def again() -> float:
            rates.append(claims / replayed(store)[0])
            return rates[-1]

        def anew() -> float:
            return claims / worked_out(store)[0]

        ratio = table.paired("what-if beside replay, claims/s", anew, again, repetitions, bar=1.0)
        table.fact("claims", claims)
        table.fact("decisions a claim", decisions / claims)
        table.fact("replay, claims/s on one core (median)", median(rates), least=BAR)
        table.fact("replay, decisions/s on one core (median)", median(rates) * decisions / claims)
        table.fact("what-if, claims/s on one core, by the ratio", median(rates) * ratio, least=BAR)
        table.fact("largest memory [MiB]", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    table.save()


if __name__ == "__main__":
    main()
