"""Patients' charts as they were at the versions that decisions name."""

from audit.basis import NotReplayable
from audit.record import Record
from claim_validation.state import charted
from event_log.protocol import EventLog, Recorded
from service_kit.reading import Recently
from therapy_domain.claims.case import Known
from therapy_domain.claims.chart import Chart
from therapy_domain.events.chart import VisitCharted

ENTRIES_KEPT = 40_000
"""Of all charts together, 5 kB each."""


class Charts:
    """Each chart is read on from where it was read last."""

    def __init__(self, log: EventLog, record: Record) -> None:
        self._log, self._record = log, record
        self._known: Recently[str, tuple[Known[VisitCharted], ...]] = Recently(ENTRIES_KEPT, len)

    def enter(self, row: Recorded) -> None:
        """An entry that is at hand: it need not be read once more where it is the next one of a known chart."""
        known = self._known.get(row.stream)
        if known is None and row.version == 1:
            known = ()
        if known is not None and len(known) == row.version - 1:
            self._known.put(row.stream, (*known, charted(self._record.see(row))))

    def at(self, stream: str, version: int) -> Chart:
        """The chart with its first `version` entries.

        Raises:  NotReplayable: it has fewer. Erased.
        """
        if version == 0:
            return {}
        known = self._known.get(stream) or ()
        if len(known) < version:
            rows = self._log.read_stream(stream, after_version=len(known))[: version - len(known)]
            known = (*known, *[charted(self._record.see(row)) for row in rows])
            self._known.put(stream, known)
        if len(known) < version:
            raise NotReplayable(f"the patient's chart has fewer than the {version} entries that the decision saw")
        return {entry.event.case_id: entry for entry in known[:version]}
