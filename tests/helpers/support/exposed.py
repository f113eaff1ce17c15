"""Every metric that the processes tell, as Prometheus reads them: the real telemetry, told of everything there is."""

import subprocess
import sys
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

_TELL = """
import sys, pathlib
from datetime import date
from prometheus_client import generate_latest
from event_log.protocol import Recorded
from service_kit import names
from service_kit.dead_letters import Failure
from service_kit.logs import configure_logs
from service_kit.telemetry import Telemetry
from suite.distributed.gauges import claims, office, standing
from suite.installation import Installation

configure_logs()
telemetry = Telemetry.from_environment("any", scraped=True)
row = Recorded(1, "s", 1, b"i" * 16, "T", 1, None, "o", "a", "s", 1, 1, None, None, None, b"{}", b"l")
with telemetry.batch("s", [row]):
    telemetry.ingested("accepted", 1)
telemetry.dead_letter("s", row, Failure("E", "r", 1))
telemetry.relayed([row])
telemetry.parked("s", 1)
telemetry.recovered("s", 1)
telemetry.leads("relay", True)
telemetry.answered("GET", "/v1/claims", 200, 0.1)
for name in (names.METRIC_LAG, names.METRIC_RESTARTS):
    telemetry.gauge(name, 1, {names.MESSAGING_CONSUMER: "s"})
telemetry.gauge(names.METRIC_READY, 1, {})
telemetry.gauge(names.METRIC_CLOCK_AHEAD, 1, {}, "d")
with Installation(pathlib.Path(sys.argv[1])) as store:
    for each in (*standing(store), *claims(store), *office(store, date(2026, 3, 2))):
        telemetry.gauge(each.name, each.value, each.attributes, each.unit)
sys.stdout.buffer.write(generate_latest())
"""


def exposed(folder: Path) -> dict[str, set[str]]:
    """The names of its labels, by metric."""
    command = [sys.executable, "-c", _TELL, str(folder)]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(told.stdout):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found
