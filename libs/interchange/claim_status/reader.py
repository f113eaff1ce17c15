"""277CA files (005010X214) read: checked whole first, then claim by claim in constant memory."""

from collections.abc import Iterator
from typing import BinaryIO, NoReturn

from interchange.claim_status.drafts import ClaimDraft, LevelDraft, ReportDraft
from interchange.claim_status.model import ClaimStatus, Report
from interchange.x12.envelopes import Envelopes
from interchange.x12.errors import BadElement, Misplaced
from interchange.x12.rereading import Rereadable
from interchange.x12.segments import Segment

MOST_SEGMENTS_A_CLAIM = 50_000


class StatusFile:
    """A 277CA file of which every transaction was read to its end and every control total checked."""

    def __init__(self, source: Rereadable, reports: tuple[Report, ...]) -> None:
        self._source = source
        self.reports = reports
        """One a batch that is answered."""

    def claims(self) -> Iterator[tuple[Report, ClaimStatus]]:
        """Every claim's answer with its report, in the file's order; reads the file again."""
        place = 0
        for found in _read(self._source.from_start()):
            if isinstance(found, Report):
                place += 1
            else:
                yield self.reports[place], found


def open_claim_status(source: BinaryIO) -> StatusFile:
    """Read and check a file of 277CA transactions; several interchanges, groups and transactions may follow each other.

    Args:    source: from where it stands; it must be seekable and stay open and unchanged while claims are read.
    Raises:  X12Error: the first fault, with the segment's number; InputError: not seekable.
    Source:  005010X214.
    """
    rereadable = Rereadable(source)
    reports = tuple(found for found in _read(rereadable.from_start()) if isinstance(found, Report))
    return StatusFile(rereadable, reports)


def _read(source: BinaryIO) -> Iterator[ClaimStatus | Report]:
    """The claims of a report, then the report."""
    envelopes = Envelopes(source, expects=("277", "005010X214"))
    walk = _Walk()
    for segment in envelopes:
        match segment.parts[0]:
            case "ST":
                walk = _Walk(segment.element(2))
            case "SE":
                yield from walk.finish_report(segment)
            case "HL":
                yield from walk.level(segment)
            case "TRN" if walk.patient:
                yield from walk.finish_claim()
                walk.claim = ClaimDraft(segment)
            case _:
                walk.take(segment)


class _Walk:
    """Where in the levels of a transaction the reading stands."""

    def __init__(self, control_number: str = "") -> None:
        self._control_number = control_number
        self._report: ReportDraft | None = None
        self._level: LevelDraft | None = None
        self.claim: ClaimDraft | None = None
        self.patient = False
        self._since = 0

    def level(self, hl: Segment) -> Iterator[ClaimStatus | Report]:
        """The level that an HL opens, and what it ends."""
        level = hl.element(3)
        yield from self.finish_claim()
        self.patient, self._level = level == "PT", None
        match level:
            case "20":
                if self._report is not None:
                    yield self._report.done()
                self._report = ReportDraft(self._control_number)
            case "21" | "19" if self._report is not None:
                self._level = self._report.below(level)
            case "PT" if self._report is not None:
                pass
            case "19" | "21" | "PT":
                self._misplaced(hl)
            case other:
                raise BadElement("HL03", other, "20, 21, 19 or PT", segment=hl.number)

    def finish_claim(self) -> Iterator[ClaimStatus]:
        """The claim that was being read, if there was one."""
        if self.claim is not None and self._report is not None:
            self._report.claims += 1
            yield self.claim.done()
        self.claim, self._since = None, 0

    def finish_report(self, se: Segment) -> Iterator[ClaimStatus | Report]:
        """At the end of the transaction."""
        yield from self.finish_claim()
        if self._report is None:
            self._misplaced(se)
        yield self._report.done()

    def take(self, segment: Segment) -> None:
        """One more segment of whatever is open."""
        self._since += 1
        if self._since > MOST_SEGMENTS_A_CLAIM:
            expected = f"at most {MOST_SEGMENTS_A_CLAIM} segments a claim"
            raise Misplaced(expected, segment=segment.number, tag=segment.tag)
        if self.claim is not None:
            self.claim.take(segment)
        elif self._level is not None:
            self._level.take(segment)
        elif self._report is not None and not self.patient:
            self._report.take(segment)

    def _misplaced(self, segment: Segment) -> NoReturn:
        raise Misplaced(
            "the level of a payer or clearinghouse (HL*20) before it", segment=segment.number, tag=segment.tag
        )
