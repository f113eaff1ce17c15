"""Patients' charts as they were at the versions that decisions name."""

from audit.basis import NotReplayable
from audit.record import Record
from claim_validation.state import CHART
from event_log.protocol import EventLog, Recorded
from service_kit.reading import Recently
from therapy_domain.claims.chart import Chart

CHARTS_KEPT = 4_000


class Charts:
    """Each chart is read on from where it was read last."""

    def __init__(self, log: EventLog, record: Record) -> None:
        self._log, self._record = log, record
        self._known: Recently[str, list[Chart]] = Recently(CHARTS_KEPT)

    def enter(self, row: Recorded) -> None:
        """An entry that is at hand: it need not be read once more where it is the next one of a known chart."""
        known = self._known.get(row.stream)
        if known is None and row.version == 1:
            known = [CHART.start]
            self._known.put(row.stream, known)
        if known is not None and len(known) == row.version:
            known.append(CHART.evolve(known[-1], self._record.see(row)))

    def at(self, stream: str, version: int) -> Chart:
        """The chart with its first `version` entries.

        Raises:  NotReplayable: it has fewer. Erased.
        """
        if version == 0:
            return CHART.start
        known = self._known.get(stream)
        if known is None:
            known = [CHART.start]
            self._known.put(stream, known)
        if len(known) <= version:
            for row in self._log.read_stream(stream, after_version=len(known) - 1)[: version + 1 - len(known)]:
                known.append(CHART.evolve(known[-1], self._record.see(row)))
        if len(known) <= version:
            raise NotReplayable(f"the patient's chart has fewer than the {version} entries that the decision saw")
        return known[version]
