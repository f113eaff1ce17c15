"""Whose rules an appeal follows: Medicare's five levels, or the levels that a payer published: pure."""

from dataclasses import dataclass
from datetime import date

from therapy_domain.appeals import deadlines
from therapy_domain.appeals.deadlines import MEDICARE, AppealDeadline, NoSuchLevel, appeal_deadline
from therapy_domain.events.appeal import RequiredAmount
from therapy_domain.events.claim import ClaimAdjudicated
from therapy_domain.facts import SubjectFacts
from therapy_domain.policies import resolve_policy
from therapy_domain.rulesets import Ruleset
from therapy_domain.rulesets.deadline_tables import AppealLevel, Program, amounts_in_controversy, appeal_levels
from therapy_domain.rulesets.payers import AppealLevel as OwnLevel
from therapy_domain.rulesets.payers import shipped

NO_FACTS = SubjectFacts()


@dataclass(frozen=True)
class Levels:
    """The levels of one payer for one date of service."""

    program: Program
    rules: Ruleset
    own: tuple[OwnLevel, ...] = ()
    """As the payer published them, first level first; none: the ruleset's of the program."""
    facts: tuple[str, ...] = ()
    """The ids of the policy facts that they come from."""
    filing_days: int | None = None
    """Days to file a claim after its date of service; None = Medicare's calendar year."""

    @property
    def medicare(self) -> bool:
        """Whether Medicare's law holds."""
        return self.program == MEDICARE

    def filed_in_time(self, said: ClaimAdjudicated) -> bool:
        """Whether the payer's own answer proves that it had the claim by the last day."""
        service = said.date_of_service
        if self.filing_days is None:
            last = deadlines.filing_deadline(service)
        else:
            last = deadlines.payer_filing_deadline(service, self.filing_days)
        return (said.notice_date or said.received_on) <= last

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.own) or max(row.number for row in appeal_levels(self.rules, self.program))

    def row(self, number: int, on: date) -> AppealLevel:
        """The ruleset's row of a level on a day; a payer's own levels share the first one's presumption of receipt.

        Raises:  NoSuchLevel.
        """
        if number > self.count:
            raise NoSuchLevel(number, program=self.program, known=tuple(range(1, self.count + 1)))
        return deadlines.level(1 if self.own else number, self.rules, program=self.program, on=on)

    def name(self, number: int, on: date) -> str:
        """What the level is called."""
        return self.own[number - 1].name if self.own else self.row(number, on).name

    def deadline(
        self,
        number: int,
        *,
        notice_date: date | None = None,
        received_on: date | None = None,
        limit_days: int | None = None,
    ) -> AppealDeadline:
        """By when that level must have the request; see therapy_domain.appeals.deadlines.appeal_deadline."""
        if limit_days is None and self.own:
            limit_days = self.own[number - 1].days
        return appeal_deadline(
            1 if self.own else number,
            self.rules,
            notice_date=notice_date,
            received_on=received_on,
            program=self.program,
            limit_days=limit_days,
        )

    def required(self, number: int, first: date, last: date) -> tuple[RequiredAmount, ...]:
        """What must be in controversy, by the years of these days; none where the level asks for none."""
        amount = self.row(number, first).amount
        if amount is None:
            return ()
        published = amounts_in_controversy(self.rules)
        found = []
        for year in range(first.year, last.year + 1):
            row = published.get(year)
            cents = None if row is None else row.hearing_cents if amount == "hearing" else row.court_cents
            found.append(RequiredAmount(year=year, amount_cents=cents))
        return tuple(found)


def levels_of(said: ClaimAdjudicated, payer: SubjectFacts, rules: Ruleset) -> Levels:
    """The levels for a denied claim.

    Args:    payer: what was published about the payer. Without it, what the adjudication was made under counts.
    """
    policy, facts = resolve_policy(said.payer_id, said.date_of_service, payer, rules)
    if policy is None or not facts:
        profile = shipped(rules).get(said.payer_profile or "")
        days = None if profile is None else profile.timely_filing_days
        if said.payer_profile == "medicare":
            return Levels(MEDICARE, rules, filing_days=days)
        own = () if said.appeal_days is None else (OwnLevel("appeal", said.appeal_days),)
        return Levels("other", rules, own, filing_days=days)
    if policy.medicare_like:
        return Levels(MEDICARE, rules, (), facts, policy.timely_filing_days)
    return Levels("other", rules, policy.appeal_levels, facts, policy.timely_filing_days)
