"""A process to kill while it exports: for every line it is given it forks one that exports, and tells how that ended.

python -m support.exporting_victim, then lines `STORE OUTBOX CLAIMS_A_FILE`; it answers `began PID` and `ended SIGNAL`.
"""

import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import billing.exporting
from billing.choosing import Wanted
from billing.exporting import export
from suite.billing_store import billing_store
from suite.installation import Installation

ON = date(2026, 4, 30)


def main() -> None:
    """Fork for each line, so that a round costs no start of an interpreter."""
    for line in sys.stdin:
        store, outbox, claims_a_file = line.split()
        child = os.fork()
        if child == 0:
            billing.exporting.MOST_CLAIMS_A_FILE = int(claims_a_file)
            _export(Path(store), Path(outbox))
            os._exit(0)
        print(f"began {child}", flush=True)
        _, status = os.waitpid(child, 0)
        print(f"ended {status}", flush=True)


def _export(store: Path, outbox: Path) -> None:
    with Installation(store) as installation:
        export(billing_store(installation), Wanted(), outbox, on=ON, by="A. Biller", now=lambda: datetime.now(UTC))


if __name__ == "__main__":
    main()
