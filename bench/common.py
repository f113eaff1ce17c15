"""Shared pieces of the benches: where data goes, paired repetitions, a table and a JSON file."""

from __future__ import annotations

import json
import os
import platform
import resource
import shutil
import sqlite3
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
MEMORY = Path("/dev/shm")


@contextmanager
def folder(on_memory: bool = False) -> Iterator[Path]:
    """A fresh folder, on disk or (where there is /dev/shm) in memory, gone afterwards."""
    base = str(MEMORY) if on_memory and MEMORY.is_dir() else os.environ.get("BENCH_DATA") or None
    path = Path(tempfile.mkdtemp(prefix="claimtrail-bench-", dir=base))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def largest_memory() -> float:
    """Of this process [MiB]; where /proc tells it, without what the parent weighed when it forked."""
    status = Path("/proc/self/status")
    if status.exists():
        told = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(told.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Table:
    """Rows of one bench: printed as they come, written as JSON at the end."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: list[dict[str, object]] = []
        self.about = {
            "bench": name,
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "python": sys.version.split()[0],
            "sqlite": sqlite3.sqlite_version,
            "kernel": platform.release(),
            "cpus": os.cpu_count(),
            "load_before": os.getloadavg(),
        }
        print(f"{'measure':66} {'ours':>12} {'other':>12} {'ratio':>7}  (min-max)      bar", flush=True)

    def paired(
        self,
        label: str,
        ours: Callable[[], float],
        other: Callable[[], float],
        repetitions: int,
        bar: float | None = None,
    ) -> float:
        """Both rates [1/s] measured in turn, the order changing; the ratio is the median of the pairs'."""
        pairs: list[tuple[float, float]] = []
        for number in range(repetitions):
            if number % 2:
                theirs = other()
                pairs.append((ours(), theirs))
            else:
                mine = ours()
                pairs.append((mine, other()))
        return self.pairs(label, pairs, bar)

    def pairs(self, label: str, pairs: Sequence[tuple[float, float]], bar: float | None = None) -> float:
        """Both rates [1/s], measured before in pairs."""
        ratios = [mine / theirs for mine, theirs in pairs]
        ratio = statistics.median(ratios)
        mine, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
        self._row(
            label,
            {
                "ours": mine,
                "other": theirs,
                "ratio": ratio,
                "ratios": ratios,
                "bar": bar,
                "held": None if bar is None else ratio >= bar,
            },
        )
        told = "" if bar is None else f">= {bar:g} {'ok' if ratio >= bar else 'MISSED'}"
        spread = f"({min(ratios):.2f}-{max(ratios):.2f})"
        print(f"{label:66} {mine:>12,.0f} {theirs:>12,.0f} {ratio:>7.2f}  {spread:14} {told}", flush=True)
        return ratio

    def rate(self, label: str, measure: Callable[[], float], repetitions: int) -> float:
        """One rate [1/s], the median of its repetitions."""
        rates = [measure() for _ in range(repetitions)]
        middle = statistics.median(rates)
        self._row(label, {"ours": middle, "rates": rates})
        print(f"{label:66} {middle:>12,.0f} {'':>12} {'':>7}  ({min(rates):,.0f}-{max(rates):,.0f})", flush=True)
        return middle

    def fact(self, label: str, value: float, *, least: float | None = None, most: float | None = None) -> None:
        """One number of its own, and the bar it has to hold."""
        held = None if least is None and most is None else (least or 0) <= value <= (most or float("inf"))
        self._row(label, {"value": value, "least": least, "most": most, "held": held})
        bar = f">= {least:g}" if least is not None else f"<= {most:g}" if most is not None else ""
        told = "" if held is None else f"{bar} {'ok' if held else 'MISSED'}"
        print(f"{label:66} {value:>12,.2f} {'':>12} {'':>7}  {'':14} {told}", flush=True)

    def _row(self, label: str, values: dict[str, object]) -> None:
        self.rows.append({"label": label, **values})

    def save(self) -> None:
        """Write everything measured into bench/results/."""
        RESULTS.mkdir(exist_ok=True)
        self.about["load_after"] = os.getloadavg()
        path = RESULTS / f"{self.name}.json"
        path.write_text(json.dumps({"about": self.about, "rows": self.rows}, indent=1) + "\n")
        print(f"written to {path.relative_to(Path(__file__).parent.parent)}")
