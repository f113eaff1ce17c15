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

    @property
    def medicare(self) -> bool:
        """Whether Medicare's law holds."""
        return self.program == MEDICARE

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
    if policy is not None and facts:
        if policy.medicare_like:
            return Levels(MEDICARE, rules, facts=facts)
        return Levels("other", rules, own=policy.appeal_levels, facts=facts)
    if said.payer_profile == "medicare":
        return Levels(MEDICARE, rules)
    own = () if said.appeal_days is None else (OwnLevel("appeal", said.appeal_days),)
    return Levels("other", rules, own=own)
