"""A 277CA put together segment by segment: the levels, and the claims below them."""

from datetime import date
from typing import Any

from interchange.claim_status.model import ClaimStatus, LevelStatus, LineStatus, Report, Status, StatusCode
from interchange.x12.errors import BadElement
from interchange.x12.segments import Segment
from interchange.x12.values import Days, cents, days, optional_cents, optional_day, quantity, whole


class LevelDraft:
    """A batch, or a provider's part of it."""

    def __init__(self) -> None:
        self._told: dict[str, Any] = {}
        self._statuses: list[Status] = []

    def take(self, segment: Segment) -> None:
        """One more segment of the level; what we do not know is passed over."""
        told, kind = self._told, segment.element(1)
        match segment.parts[0]:
            case "NM1":
                told |= {"name": segment.element(3), "identifier": segment.element(9)}
            case "TRN":
                told["reference"] = segment.element(2)
            case "STC":
                self._statuses.append(status(segment))
            case "QTY" if kind in ("90", "QA"):
                told["accepted"] = whole(segment, 2)
            case "QTY" if kind in ("AA", "QC"):
                told["rejected"] = whole(segment, 2)
            case "AMT" if kind == "YU":
                told["accepted_cents"] = cents(segment, 2)
            case "AMT" if kind == "YY":
                told["rejected_cents"] = cents(segment, 2)

    def done(self) -> LevelStatus:
        """The level."""
        return LevelStatus(**{"reference": "", **self._told}, statuses=tuple(self._statuses))


class ReportDraft:
    """From the level of the payer or clearinghouse on."""

    def __init__(self, control_number: str) -> None:
        self._control_number = control_number
        self._source = self._identifier = self._trace = ""
        self._dates: dict[str, date] = {}
        self._batch: LevelDraft | None = None
        self._providers: list[LevelDraft] = []
        self.claims = 0

    def below(self, level: str) -> LevelDraft:
        """A new batch (21) or provider (19) of it."""
        draft = LevelDraft()
        if level == "21":
            self._batch = draft
        else:
            self._providers.append(draft)
        return draft

    def take(self, segment: Segment) -> None:
        """One more segment about the source; what we do not know is passed over."""
        match segment.parts[0]:
            case "NM1":
                self._source, self._identifier = segment.element(3), segment.element(9)
            case "TRN":
                self._trace = segment.element(2)
            case "DTP":
                self._dates[segment.element(1)] = days(segment, 2, 3)[0]

    def done(self) -> Report:
        """The report."""
        return Report(
            source=self._source,
            source_identifier=self._identifier,
            trace_number=self._trace,
            received_on=self._dates.get("050"),
            processed_on=self._dates.get("009"),
            batch=None if self._batch is None else self._batch.done(),
            providers=tuple(draft.done() for draft in self._providers),
            control_number=self._control_number,
            claims=self.claims,
        )


class ClaimDraft:
    """From the TRN below a patient on."""

    def __init__(self, trn: Segment) -> None:
        if not trn.element(2):
            raise BadElement("TRN02", "", "the number the provider gave the claim", segment=trn.number)
        self._trn = trn
        self._statuses: list[Status] = []
        self._references: dict[str, str] = {}
        self._days: Days | None = None
        self._lines: list[LineStatus] = []
        self._line: LineDraft | None = None

    def take(self, segment: Segment) -> None:
        """One more segment of the claim or of its lines; what we do not know is passed over."""
        match segment.parts[0]:
            case "SVC":
                self._finish_line()
                self._line = LineDraft(segment)
            case _ if self._line is not None:
                self._line.take(segment)
            case "STC":
                self._statuses.append(status(segment))
            case "REF":
                self._references[segment.element(1)] = segment.element(2)
            case "DTP" if segment.element(1) == "472":
                self._days = days(segment, 2, 3)

    def _finish_line(self) -> None:
        if self._line is not None:
            self._lines.append(self._line.done())

    def done(self) -> ClaimStatus:
        """The claim's answer.

        Raises:  BadElement: it says nothing of the claim.
        """
        self._finish_line()
        if not self._statuses:
            raise BadElement("STC01", "", "a status behind the claim's TRN", segment=self._trn.number)
        return ClaimStatus(
            claim_control_number=self._trn.element(2),
            statuses=tuple(self._statuses),
            payer_claim_number=self._references.get("1K", ""),
            clearinghouse_trace=self._references.get("D9", ""),
            service_days=self._days,
            lines=tuple(self._lines),
            segment=self._trn.number,
        )


class LineDraft:
    """From an SVC on."""

    def __init__(self, svc: Segment) -> None:
        parts = svc.components(1)
        if len(parts) < 2 or not parts[1]:
            raise BadElement("SVC01", svc.element(1), "a qualifier and a code, HC:97112", segment=svc.number)
        self._code, self._modifiers = parts[1], tuple(modifier for modifier in parts[2:6] if modifier)
        self._charge, self._units = cents(svc, 2), quantity(svc, 7)
        self._statuses: list[Status] = []
        self._number = ""
        self._days: Days | None = None

    def take(self, segment: Segment) -> None:
        """One more segment of the line; what we do not know is passed over."""
        match segment.parts[0]:
            case "STC":
                self._statuses.append(status(segment))
            case "REF" if segment.element(1) == "FJ":
                self._number = segment.element(2)
            case "DTP" if segment.element(1) == "472":
                self._days = days(segment, 2, 3)

    def done(self) -> LineStatus:
        """The line's answer."""
        return LineStatus(
            code=self._code,
            modifiers=self._modifiers,
            charge_cents=self._charge,
            units=self._units,
            statuses=tuple(self._statuses),
            line_control_number=self._number,
            service_days=self._days,
        )


def status(stc: Segment) -> Status:
    """One STC segment."""
    if stc.element(3) not in ("WQ", "U"):
        raise BadElement("STC03", stc.element(3), "WQ (taken) or U (sent back)", segment=stc.number)
    codes = []
    for place in (1, 10, 11):
        if stc.element(place):
            category, code, entity = (*stc.components(place), "", "")[:3]
            if not category or not code:
                expected = "a category and a status code, A2:20"
                raise BadElement(stc.named(place), stc.element(place), expected, segment=stc.number)
            codes.append(StatusCode(category, code, entity))
    if not codes:
        raise BadElement("STC01", "", "a category and a status code, A2:20", segment=stc.number)
    return Status(tuple(codes), stc.element(3) == "WQ", optional_day(stc, 2), optional_cents(stc, 4), stc.element(12))
