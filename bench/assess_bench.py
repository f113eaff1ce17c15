"""What one claim's assessment costs on one core, with every rule of the edition in force.

python bench/assess_bench.py [--quick]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import mean, median, quantiles

import orjson

from audit.again import case_again
from audit.charts import Charts
from audit.record import Record
from common import Table, folder
from suite.collecting import collect_less_garbage
from suite.installation import Installation
from suite_bench import ingested, simulated
from therapy_domain.claims.assess import assess
from therapy_domain.claims.case import Case
from therapy_domain.claims.catalog import REGISTRY
from therapy_domain.rulesets import Ruleset

BAR = 0.4
"""Milliseconds of processor, the median claim."""
DECISIONS_A_PAGE = 500


def cases(store: Path, most: int) -> Iterator[tuple[Case, Ruleset]]:
    """The cases of recorded assessments, whole as the services had them, with history, plans and payers."""
    with Installation(store, read_only=True, whole=True) as installation:
        log, record = installation.log, Record(installation.log, installation.codec)
        charts, after = Charts(log, record), 0
        while rows := log.read_all(after, DECISIONS_A_PAGE, frozenset({"ClaimAssessed"})):
            after = rows[-1].position
            said = [orjson.loads(row.data) for row in rows]
            record.begin(())
            record.fetch(named for each in said for named in each["basis"])
            for each in said:
                yield case_again(each, record.basis(each["basis"]), installation.rules, charts), installation.rules
                most -= 1
                if not most:
                    return


def once_each(held: list[tuple[Case, Ruleset]]) -> list[float]:
    """Milliseconds of processor for each case, nothing kept from one to the next."""
    edition, clock, found = REGISTRY.edition(), time.thread_time_ns, []
    for case, rules in held:
        began = clock()
        assess(case, rules, edition)
        found.append((clock() - began) / 1e6)
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    quick = options.parse_args().quick
    events, rounds = (6_000, 3) if quick else (40_000, 9)
    table = Table("assess")
    collect_less_garbage()
    with folder() as place:
        file, store = place / "events.jsonl", place / "store"
        simulated(file, events)
        ingested(file, store)
        held = list(cases(store, 5_000))
    once_each(held)
    measured = [once_each(held) for _ in range(rounds)]
    each = [median(of_case) for of_case in zip(*measured, strict=True)]
    table.fact("claims", len(held))
    table.fact("rules", len(REGISTRY.edition().rules))
    table.fact("visits in the history, median", median(len(case.history) for case, _ in held))
    table.fact("assessing one claim, median [ms of processor]", median(each), most=BAR)
    table.fact("assessing one claim, mean [ms of processor]", mean(each))
    table.fact("assessing one claim, 99 of 100 below [ms of processor]", quantiles(each, n=100)[-1])
    table.save()


if __name__ == "__main__":
    main()
