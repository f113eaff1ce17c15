"""A simulated payer over exported claim files: 999, 277CA and 835 to each, the same for the same seed and files."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import BinaryIO, NamedTuple

from interchange.acknowledgment import write_acknowledgment
from interchange.claim_file import ReceivedTransaction, open_claims
from interchange.claim_status import LevelStatus, StatusCode, write_claim_status
from interchange.professional import Frequency, ProfessionalClaim
from interchange.remittance import ClaimPayment, Party, Payment, ProviderAdjustment, write_remittances
from interchange.simulated_payer import (
    Denial,
    Deny,
    Pay,
    Received,
    Ruling,
    acknowledge,
    adjudicate,
    claim_status,
    denials,
    payee,
    reverse,
    ruling_for,
    settle,
    status_report,
)
from interchange.x12.output import Envelope, Partner
from therapy_domain.rulesets import Ruleset

LOOKED_AT = timedelta(days=1)
PAID = timedelta(days=14)
CORRECTED = timedelta(days=28)
"""From the file to its 277CA, its payment, and what is taken back of that."""
_SENT_BACK = (
    (StatusCode("A7", "562", "85"),),
    (StatusCode("A6", "164", "IL"), StatusCode("A8", "496")),
    (StatusCode("A3", "21"),),
)


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How often a simulated payer does what; shares from 0 to 1."""

    sent_back: float = 0.03
    """Original claims that come back the first time."""
    corrected: float = 0.05
    """Paid claims whose payment is taken back and made anew."""
    file_refused: float = 0.0
    """Files that are not understood."""


class Answers(NamedTuple):
    """What comes back to one file; None where nothing does."""

    acknowledgment: bytes
    status: bytes | None
    remittance: bytes | None
    corrections: bytes | None

    def files(self, stem: str) -> Iterator[tuple[str, bytes]]:
        """Each with its name."""
        named = {".999": self.acknowledgment, ".277": self.status, ".835": self.remittance}
        for ending, raw in {**named, "-corrections.835": self.corrections}.items():
            if raw is not None:
                yield stem + ending, raw


@dataclass(slots=True)
class _Remembered:
    """What the payer knows of a claim."""

    submissions: int = 0
    paid: tuple[ClaimPayment, ...] = ()
    """Its answers that stand."""


@dataclass(slots=True)
class SimulatedPayer:
    """Answers files in the order in which it gets them: it remembers what it paid."""

    seed: object
    rules: Ruleset
    habits: Habits = field(default_factory=Habits)
    rulings: dict[str, Ruling] = field(default_factory=dict)
    """What it decided last, by claim id."""
    _known: dict[str, _Remembered] = field(default_factory=dict)

    def answer(self, source: BinaryIO) -> Answers:
        """Everything that comes back to one file.

        Raises:  X12Error: it is no claim file.
        """
        file = open_claims(source)
        (transaction,) = file.transactions
        claims = [claim for _, claim in file.claims()]
        letter = _Letter(transaction, claims)
        chance = self._chance("file", transaction.reference)
        if chance.random() < self.habits.file_refused:
            return Answers(letter.acknowledgment(accepted=False), None, None, None)
        back = {claim.claim_id: why for claim in claims if (why := self._sends_back(claim))}
        taken = [claim for claim in claims if claim.claim_id not in back]
        numbers = {claim.claim_id: _number(claim) for claim in taken}
        remittance = [answer for claim in taken for answer in self._adjudicated(claim, letter.day)]
        corrections = [answer for claim in taken for answer in self._corrected(claim, letter.day)]
        return Answers(
            letter.acknowledgment(accepted=True),
            letter.status(back, numbers),
            letter.remittance(remittance, PAID, "EFT") if remittance else None,
            letter.remittance(corrections, CORRECTED, "COR") if corrections else None,
        )

    def _chance(self, *parts: object) -> Random:
        return Random("/".join(map(str, (self.seed, *parts))))  # noqa: S311 -- a simulation, not a secret

    def _sends_back(self, claim: ProfessionalClaim) -> tuple[StatusCode, ...] | None:
        known = self._known.setdefault(claim.claim_id, _Remembered())
        known.submissions += 1
        chance = self._chance("back", claim.claim_id)
        first = known.submissions == 1 and claim.frequency is Frequency.ORIGINAL
        return chance.choice(_SENT_BACK) if first and chance.random() < self.habits.sent_back else None

    def _adjudicated(self, claim: ProfessionalClaim, day: date) -> tuple[ClaimPayment, ...]:
        """The answers to a claim; of a replacement or void claim what was paid before is taken back first."""
        known = self._known[claim.claim_id]
        taken_back = tuple(reverse(each) for each in known.paid if claim.frequency is not Frequency.ORIGINAL)
        known.paid = ()
        if claim.frequency is not Frequency.VOID:
            ruling = ruling_for(claim, f"{self.seed}/{known.submissions}", self._denials())
            known.paid = adjudicate(claim, ruling, Received(_number(claim), day))
            self.rulings[claim.claim_id] = ruling
        return (*taken_back, *known.paid)

    def _corrected(self, claim: ProfessionalClaim, day: date) -> tuple[ClaimPayment, ...]:
        """A payment taken back and made anew, as payers do when they look again."""
        known, chance = self._known[claim.claim_id], self._chance("corrected", claim.claim_id)
        paid = len(known.paid) == 1 and known.paid[0].paid_cents > 0
        if not paid or chance.random() >= self.habits.corrected:
            return ()
        former = known.paid
        denied = Deny(denial=chance.choice(self._denials()))
        rulings: list[Ruling] = [Pay(allowed_percent=70), Pay(allowed_percent=85), denied]
        ruling = self.rulings[claim.claim_id] = chance.choice(rulings)
        known.paid = adjudicate(claim, ruling, Received(_number(claim), day))
        return (*map(reverse, former), *known.paid)

    def _denials(self) -> tuple[Denial, ...]:
        return denials(self.rules)


class _Letter:
    """What the payer writes to the sender of one file."""

    def __init__(self, transaction: ReceivedTransaction, claims: Sequence[ProfessionalClaim]) -> None:
        sent = transaction.interchange
        assert sent is not None, "a file that was read has its envelope"
        self._transaction, self._claims, self._sent = transaction, claims, sent
        self.day = sent.created.date()
        self._number = int(sent.control_number)

    def _envelope(self, later: timedelta) -> Envelope:
        sent = self._sent
        created: datetime = sent.created + later
        ours, theirs = Partner(sent.receiver_qualifier, sent.receiver), Partner(sent.sender_qualifier, sent.sender)
        return Envelope(ours, theirs, created, self._number, self._number, acknowledgment_requested=False)

    def acknowledgment(self, *, accepted: bool) -> bytes:
        """The 999."""
        number = self._transaction.control_number
        group = acknowledge(self._transaction.group_control_number, [number], {} if accepted else {number: ()})
        out = io.BytesIO()
        write_acknowledgment(out, self._envelope(timedelta(0)), [group])
        return out.getvalue()

    def status(self, back: dict[str, tuple[StatusCode, ...]], numbers: dict[str, str]) -> bytes:
        """The 277CA."""
        day = self.day + LOOKED_AT
        payer = self._claims[0].payer
        batch = LevelStatus(
            reference=self._transaction.reference,
            name=self._transaction.submitter,
            identifier=self._transaction.submitter_identifier,
        )
        report = status_report((payer.name, payer.identifier), batch, self._claims, frozenset(back), day)
        out = io.BytesIO()
        write_claim_status(out, self._envelope(LOOKED_AT), [(report, claim_status(self._claims, back, numbers, day))])
        return out.getvalue()

    def remittance(self, answers: Sequence[ClaimPayment], later: timedelta, kind: str) -> bytes:
        """An 835; a small amount between payer and provider is in every one."""
        claim, day = self._claims[0], self.day + later
        terms = Payment(
            handling="I",
            paid_cents=0,
            method="ACH",
            paid_on=day,
            trace_number=f"{kind}{self._number:09d}",
            payer_number=f"1{int(claim.billing.npi) % 10**9:09d}",
            produced_on=day,
            payer=Party(
                claim.payer.name, line1="1 Payer Way", city="Austin", state="TX", zip="787010001", phone="8005550100"
            ),
            payee=payee(claim.billing),
        )
        year_end = date(day.year, 12, 31)
        interest = ProviderAdjustment(claim.billing.npi, year_end, "L6", terms.trace_number, -self._number % 100 - 1)
        payment = settle(terms, sum(answer.paid_cents for answer in answers), (interest,))
        out = io.BytesIO()
        write_remittances(out, self._envelope(later), [(payment, answers)])
        return out.getvalue()


def _number(claim: ProfessionalClaim) -> str:
    return claim.payer_claim_number or f"ICN{claim.claim_id[1:13]}"
