"""The head and the foot of an 835 transaction, put together segment by segment."""

from datetime import date
from typing import Any, Literal, NoReturn

from interchange.remittance.balance import check_payment
from interchange.remittance.model import Party, Payment, ProviderAdjustment
from interchange.x12.envelopes import Interchange
from interchange.x12.errors import BadElement, Misplaced
from interchange.x12.segments import Segment
from interchange.x12.values import cents, day

_PAIRS = range(3, 15, 2)
_LONGEST_NUMBER = 50


class PaymentDraft:
    """From an ST on."""

    def __init__(self, interchange: Interchange | None, st: Segment) -> None:
        self._interchange, self._st = interchange, st
        self._bpr: Segment | None = None
        self._trn: Segment | None = None
        self._produced: date | None = None
        self._parties: dict[str, dict[str, Any]] = {}
        self._party: dict[str, Any] = {}
        self._adjustments: list[ProviderAdjustment] = []
        self.claims = self.claims_cents = 0

    def take(self, segment: Segment) -> None:
        """One more segment of the head or the foot; what we do not know is passed over."""
        match segment.parts[0]:
            case "BPR":
                self._bpr = segment
            case "TRN":
                self._trn = segment
            case "DTM" if segment.element(1) == "405":
                self._produced = day(segment, 2)
            case "N1":
                names = {"name": segment.element(2), "qualifier": segment.element(3), "identifier": segment.element(4)}
                self._party = self._parties[segment.element(1)] = names
            case "N3":
                self._party |= {"line1": segment.element(1), "line2": segment.element(2)}
            case "N4":
                self._party |= {"city": segment.element(1), "state": segment.element(2), "zip": segment.element(3)}
            case "REF" if self._party:
                self._party["more"] = (*self._party.get("more", ()), (segment.element(1), segment.element(2)))
            case "PER" if segment.element(1) == "BL" and segment.element(3) == "TE":
                self._party["phone"] = segment.element(4)
            case "PLB":
                self._take_adjustments(segment)

    def _take_adjustments(self, plb: Segment) -> None:
        provider, period = plb.element(1), day(plb, 2)
        if not plb.element(3) or len(plb.parts) > _PAIRS.stop:
            raise BadElement("PLB03", plb.element(3), "one to six reasons with amounts", segment=plb.number)
        for place in _PAIRS:
            if plb.element(place) or plb.element(place + 1):
                reason, reference = (*plb.components(place), "")[:2]
                if not reason:
                    raise BadElement(plb.named(place), "", "a reason code", segment=plb.number)
                amount = cents(plb, place + 1)
                self._adjustments.append(ProviderAdjustment(provider, period, reason, reference, amount))

    def check_head(self, segment: Segment) -> None:
        """Whether everything stands before the first claim that has to.

        Raises:  Misplaced: at the segment that came too early.
        """
        if self._bpr is None or self._trn is None or not {"PR", "PE"} <= set(self._parties):
            self._incomplete(segment)

    def _incomplete(self, segment: Segment) -> NoReturn:
        raise Misplaced("BPR, TRN, N1*PR and N1*PE before it", segment=segment.number, tag=segment.tag)

    def done(self, se: Segment) -> Payment:
        """The payment, balanced.

        Raises:  Misplaced, OutOfBalance, BadElement.
        """
        self.check_head(se)
        bpr, trn = self._bpr, self._trn
        if bpr is None or trn is None:
            self._incomplete(se)
        payment = Payment(
            handling=bpr.element(1),
            paid_cents=cents(bpr, 2),
            direction=_direction(bpr),
            method=bpr.element(4),
            paid_on=day(bpr, 16),
            trace_number=_number(trn, 2),
            payer_number=_number(trn, 3),
            receiver_number=trn.element(4),
            produced_on=self._produced,
            payer=Party(**self._parties["PR"]),
            payee=Party(**self._parties["PE"]),
            provider_adjustments=tuple(self._adjustments),
            interchange=self._interchange,
            control_number=self._st.element(2),
            claims=self.claims,
        )
        adjusted = sum(adjustment.cents for adjustment in self._adjustments)
        check_payment(payment.trace_number, self.claims_cents, adjusted, payment.paid_cents, bpr.number)
        return payment


def _direction(bpr: Segment) -> Literal["C", "D"]:
    match bpr.element(3):
        case "C" | "D" as direction:
            return direction
        case other:
            raise BadElement("BPR03", other, "C or D", segment=bpr.number)


def _number(trn: Segment, place: int) -> str:
    text = trn.element(place)
    if not 1 <= len(text) <= _LONGEST_NUMBER or not text.isprintable():
        expected = f"1 to {_LONGEST_NUMBER} printable characters"
        raise BadElement(trn.named(place), text, expected, segment=trn.number)
    return text
