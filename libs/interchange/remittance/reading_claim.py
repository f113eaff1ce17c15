"""A claim of an 835, put together segment by segment."""

import re
from datetime import date
from decimal import Decimal
from typing import cast

from interchange.remittance.balance import check_claim, check_line
from interchange.remittance.model import (
    GROUP_CODES,
    STATUSES,
    Adjustment,
    Amount,
    ClaimPayment,
    GroupCode,
    Procedure,
    ServicePayment,
    Status,
)
from interchange.x12.errors import BadElement
from interchange.x12.segments import Segment
from interchange.x12.values import Days, cents, day, optional_cents, quantity

_REASON = re.compile(r"[0-9A-Z]{1,5}", re.ASCII)
_REMARK = re.compile(r"[A-Z]{1,2}[0-9]{1,4}", re.ASCII)
_TRIPLETS = range(2, 20, 3)
_FIRST_DAYS, _LAST_DAYS = frozenset({"472", "150", "232"}), frozenset({"472", "151", "233"})


class _Part:
    """What a claim and a line have in common."""

    def __init__(self) -> None:
        self.adjustments: list[Adjustment] = []
        self.amounts: list[Amount] = []
        self.remarks: list[str] = []
        self._first: date | None = None
        self._last: date | None = None

    @property
    def days(self) -> Days | None:
        """The service days told so far; where one end is not told, it is the other."""
        first, last = self._first or self._last, self._last or self._first
        return (first, last) if first is not None and last is not None else None

    def _take_days(self, segment: Segment) -> None:
        qualifier = segment.element(1)
        if qualifier in _FIRST_DAYS:
            self._first = day(segment, 2)
        if qualifier in _LAST_DAYS:
            self._last = day(segment, 2)

    def _take_amount(self, segment: Segment) -> None:
        self.amounts.append(Amount(segment.element(1), cents(segment, 2)))

    def _take_remarks(self, segment: Segment, places: tuple[int, ...]) -> None:
        self.remarks.extend(_code(segment, place, _REMARK) for place in places if segment.element(place))

    def _take_adjustments(self, segment: Segment) -> None:
        group = segment.element(1)
        if group not in GROUP_CODES:
            raise BadElement("CAS01", group, "CO, PR, OA or PI", segment=segment.number)
        if len(segment.parts) > _TRIPLETS.stop or not segment.element(2):
            raise BadElement("CAS02", segment.element(2), "one to six reasons with amounts", segment=segment.number)
        for place in _TRIPLETS:
            if segment.element(place) or segment.element(place + 1):
                made = (_code(segment, place, _REASON), cents(segment, place + 1), quantity(segment, place + 2))
                self.adjustments.append(Adjustment(cast("GroupCode", group), *made))


class LineDraft(_Part):
    """From an SVC on."""

    def __init__(self, svc: Segment) -> None:
        super().__init__()
        self.segment = svc.number
        self._procedure = _procedure(svc, 1)
        self._charge, self._paid = cents(svc, 2), cents(svc, 3)
        self._revenue_code = svc.element(4)
        self._units: Decimal | None = quantity(svc, 5)
        self._submitted = _procedure(svc, 6) if svc.element(6) else None
        self._submitted_units = quantity(svc, 7)
        self._control_number = ""
        self._allowed: int | None = None

    def take(self, segment: Segment) -> None:
        """One more segment of the line; what we do not know is passed over."""
        match segment.parts[0]:
            case "CAS":
                self._take_adjustments(segment)
            case "DTM":
                self._take_days(segment)
            case "REF" if segment.element(1) == "6R":
                self._control_number = segment.element(2)
            case "AMT" if segment.element(1) == "B6":
                self._allowed = cents(segment, 2)
            case "AMT":
                self._take_amount(segment)
            case "LQ" if segment.element(1) == "HE":
                self._take_remarks(segment, (2,))

    def done(self) -> ServicePayment:
        """The line."""
        return ServicePayment(
            procedure=self._procedure,
            charge_cents=self._charge,
            paid_cents=self._paid,
            units=self._units,
            submitted=self._submitted,
            submitted_units=self._submitted_units,
            revenue_code=self._revenue_code,
            service_days=self.days,
            line_control_number=self._control_number,
            adjustments=tuple(self.adjustments),
            allowed_cents=self._allowed,
            amounts=tuple(self.amounts),
            remarks=tuple(self.remarks),
        )


class ClaimDraft(_Part):
    """From a CLP on."""

    def __init__(self, clp: Segment, number: int) -> None:
        super().__init__()
        if not clp.element(1):
            raise BadElement("CLP01", "", "the number the provider gave the claim", segment=clp.number)
        if clp.element(2) not in STATUSES:
            raise BadElement("CLP02", clp.element(2), "one of " + ", ".join(STATUSES), segment=clp.number)
        self._clp, self._number = clp, number
        self._charge, self._paid, self._patient = cents(clp, 3), cents(clp, 4), optional_cents(clp, 5)
        self._lines: list[ServicePayment] = []
        self._line: LineDraft | None = None
        self._dates: dict[str, date] = {}
        self._texts: dict[str, str] = {}

    def take(self, segment: Segment) -> None:
        """One more segment of the claim or of its lines; what we do not know is passed over."""
        if segment.parts[0] == "SVC":
            self._finish_line()
            self._line = LineDraft(segment)
        elif self._line is not None:
            self._line.take(segment)
        else:
            self._take(segment)

    def _take(self, segment: Segment) -> None:
        match segment.parts[0]:
            case "CAS":
                self._take_adjustments(segment)
            case "MOA":
                self._take_remarks(segment, (3, 4, 5, 6, 7))
            case "MIA":
                self._take_remarks(segment, (5, 20, 21, 22, 23))
            case "DTM" if segment.element(1) in ("036", "050"):
                self._dates[segment.element(1)] = day(segment, 2)
            case "DTM":
                self._take_days(segment)
            case "AMT":
                self._take_amount(segment)
            case "REF" if segment.element(1) == "F8":
                self._texts["F8"] = segment.element(2)
            case "NM1" if segment.element(1) == "82" and segment.element(8) == "XX":
                self._texts["82"] = segment.element(9)
            case "NM1" if segment.element(1) == "TT":
                self._texts["TT"] = segment.element(3)

    def _finish_line(self) -> None:
        if self._line is None:
            return
        line = self._line.done()
        self._lines.append(line)
        check_line(self._clp.element(1), len(self._lines), line, self._line.segment)

    def done(self) -> ClaimPayment:
        """The claim, balanced.

        Raises:  OutOfBalance: a line or the claim.
        """
        self._finish_line()
        clp = self._clp
        claim = ClaimPayment(
            claim_control_number=clp.element(1),
            status=cast("Status", clp.element(2)),
            charge_cents=self._charge,
            paid_cents=self._paid,
            patient_cents=self._patient,
            filing_indicator=clp.element(6),
            payer_claim_number=clp.element(7),
            place_of_service=clp.element(8),
            frequency=clp.element(9),
            adjustments=tuple(self.adjustments),
            lines=tuple(self._lines),
            remarks=tuple(self.remarks),
            amounts=tuple(self.amounts),
            service_days=self.days,
            received_on=self._dates.get("050"),
            coverage_ended_on=self._dates.get("036"),
            original_number=self._texts.get("F8", ""),
            rendering_npi=self._texts.get("82", ""),
            crossover_payer=self._texts.get("TT", ""),
            segment=clp.number,
            number=self._number,
        )
        check_claim(claim)
        return claim


def _code(segment: Segment, place: int, form: re.Pattern[str]) -> str:
    text = segment.element(place)
    if form.fullmatch(text) is None:
        expected = "a reason code, e.g. 45" if form is _REASON else "a remark code, e.g. N130"
        raise BadElement(segment.named(place), text, expected, segment=segment.number)
    return text


def _procedure(segment: Segment, place: int) -> Procedure:
    parts = segment.components(place)
    if len(parts) < 2 or not parts[0] or not parts[1]:
        raise BadElement(
            segment.named(place), segment.element(place), "a qualifier and a code, HC:97112", segment=segment.number
        )
    return Procedure(parts[0], parts[1], tuple(modifier for modifier in parts[2:6] if modifier))
