"""From a payer's adjustment codes to what to do: correct, appeal, write off, bill the patient, or nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol, get_args

from therapy_domain.rulesets.code_lists import code_list
from therapy_domain.rulesets.deadline_tables import Program
from therapy_domain.rulesets.denials import Action, Carc, Ground, KnownFact, Rarc, denial_codes
from therapy_domain.rulesets.release import Ruleset

ORDER: tuple[Action, ...] = get_args(Action)
"""The strategy order: of several actions on one claim, the first one leads."""

Remedy = Literal["corrected-claim", "reopening", "appeal", "write-off-proposal", "bill-patient", "none"]
"""What is to be done, in the order of the strategy: an action, or Medicare's reopening in its place."""
REMEDIES: tuple[Remedy, ...] = get_args(Remedy)

NOTHING_KNOWN: Mapping[int | None, Collection[KnownFact]] = {}


class Adjustment(Protocol):
    """One adjustment of a remittance, as the payer's fact carries it."""

    @property
    def group(self) -> str:
        """CO, PR, OA or PI."""

    @property
    def carc(self) -> str:
        """The reason code."""

    @property
    def rarcs(self) -> Sequence[str]:
        """The remark codes."""

    @property
    def amount_cents(self) -> int:
        """What was taken off the charge [cents]; negative where an earlier one is taken back."""

    @property
    def line(self) -> int | None:
        """The claim line, from 1; None for the whole claim."""


@dataclass(frozen=True)
class Rights:
    """What can and should be done about one adjustment, and why."""

    appealable: bool
    """Is there a right to appeal, whether or not an appeal is the first thing to do?"""
    action: Action
    source: str
    denial: bool = True
    """False: a payment adjustment or the patient's share; nothing was refused."""
    category: str = ""
    meaning: str = ""
    evidence: tuple[str, ...] = ()
    """Keys of what of the record to show."""
    reopening: Ground | None = None
    """Medicare does it by reopening its decision, on this ground."""
    record: tuple[KnownFact, ...] = ()
    """What our record says that decided the action."""

    @property
    def remedy(self) -> Remedy:
        """What is to be done."""
        return self.action if self.reopening is None else "reopening"


@dataclass(frozen=True)
class SortedAdjustment:
    """An adjustment with its answer."""

    group: str
    carc: str
    rarcs: tuple[str, ...]
    amount_cents: int
    line: int | None
    rights: Rights


@dataclass(frozen=True)
class Strategy:
    """What to do about a remittance: the leading action, and every adjustment with its own."""

    action: Action
    adjustments: tuple[SortedAdjustment, ...]

    @property
    def appealable(self) -> bool:
        """Does any of it carry an appeal right?"""
        return any(sorted_.rights.appealable for sorted_ in self.adjustments)

    @property
    def denied_cents(self) -> int:
        """What was refused, without contractual adjustments and the patient's share [cents]."""
        return sum(sorted_.amount_cents for sorted_ in self.adjustments if sorted_.rights.denial)

    def of(self, action: Action) -> tuple[SortedAdjustment, ...]:
        """The adjustments whose own action is this one."""
        return tuple(sorted_ for sorted_ in self.adjustments if sorted_.rights.action == action)


def appeal_rights(
    group: str,
    carc: str,
    rarcs: Sequence[str],
    rules: Ruleset,
    *,
    program: Program = "medicare-part-b",
    known: Collection[KnownFact] = (),
    on: date | None = None,
) -> Rights:
    """What one adjustment's codes mean for us.

    Strategy order: 1 an error on the claim: corrected claim; 2 the payer's error or judgement: appeal;
    3 nothing left to argue: propose to write off; 4 the patient's: bill the patient, which only PR allows.

    Args:    group: CO, PR, OA or PI. carc: the reason code; one that the table does not have is answered by
             its group. rarcs: remark codes; those not in the table say nothing. known: what our record says.
             on: the day of the payer's answer, on which a code should be in use.
    Source:  42 CFR 405.924 (what may be appealed), 405.980(a) (clerical errors and missing papers are
             reopened), CMS Pub. 100-04 chapter 1 sections 70 and 80.3 (late, unprocessable); each row's own.
    """
    table = denial_codes(rules)
    row, facts = table.carc(carc), list[KnownFact]()
    remarks = [table.rarcs[code] for code in dict.fromkeys(rarcs) if code in table.rarcs]
    action = row.action_for(group)
    appealable = row.denial and row.right and _lawful(row, program)
    deciding: list[Rarc] = []
    if row.denial:
        facts = [fact for fact in row.known if fact in known]
        decided = [row.known[fact] for fact in facts]
        action = max(decided, key=ORDER.index, default=action)
        for remark in sorted(remarks, key=_weight):
            after = _after(remark, row, group, program, action, appealable, settled=bool(decided))
            if after != (action, appealable):
                deciding.append(remark)
            action, appealable = after
    ground, by = _reopening(row, remarks, program, action)
    return Rights(
        appealable=appealable,
        action=action,
        source="; ".join([row.source, *(remark.source for remark in (*deciding, *by))]),
        denial=row.denial,
        category=row.category,
        meaning=row.meaning if row is not table.unlisted or on is None else _unlisted(row, carc, on, rules),
        evidence=row.evidence,
        reopening=ground,
        record=tuple(fact for fact in facts if row.known[fact] == action),
    )


def _reopening(
    row: Carc, remarks: Sequence[Rarc], program: Program, action: Action
) -> tuple[Ground | None, Sequence[Rarc]]:
    """The ground on which Medicare reopens its decision, and the remark that says so where the row does not."""
    said = {remark.says: remark for remark in remarks}
    if program != "medicare-part-b" or not row.denial or "unprocessable" in said:
        return None, ()
    if action == "appeal" and "records" in said:
        return "records-not-sent", (said["records"],)
    if action != "corrected-claim":
        return None, ()
    return ("clerical-error" if "duplicate" in said else row.reopening), ()


def _unlisted(row: Carc, carc: str, on: date, rules: Ruleset) -> str:
    """What is said of a code that our table does not have: where the published list is held, also whether it exists."""
    published = code_list(rules, "reason_codes", on)
    if published is None:
        return row.meaning
    stands = "in use" if published.in_use(carc, on) else "not in use"
    return f"{row.meaning}; {stands} on {on} by the list of {published.publication.effective}"


def sort_denial(
    adjustments: Sequence[Adjustment],
    rules: Ruleset,
    *,
    program: Program = "medicare-part-b",
    known: Mapping[int | None, Collection[KnownFact]] = NOTHING_KNOWN,
    on: date | None = None,
) -> Strategy:
    """A whole remittance: each adjustment by its codes, the claim by the first action in strategy order.

    An adjustment that takes an earlier one back (negative amount) asks for nothing.

    Args:    known: what our record says, by claim line (None: of the whole claim). on: the day of the answer.
    """
    everywhere = tuple(known.get(None, ()))
    made: list[SortedAdjustment] = []
    for given in adjustments:
        facts = everywhere if given.line is None else (*everywhere, *known.get(given.line, ()))
        rights = appeal_rights(given.group, given.carc, given.rarcs, rules, program=program, known=facts, on=on)
        if given.amount_cents < 0:
            rights = Rights(False, "none", rights.source, denial=False, category="reversal")
        made.append(
            SortedAdjustment(given.group, given.carc, tuple(given.rarcs), given.amount_cents, given.line, rights)
        )
    actions = [sorted_.rights.action for sorted_ in made]
    return Strategy(min(actions, key=ORDER.index, default="none"), tuple(made))


def _lawful(row: Carc, program: Program) -> bool:
    return row.medicare_right or program != "medicare-part-b"


def _weight(remark: Rarc) -> int:
    """Remarks speak in this order, the last word being the strongest: there is no right."""
    return ("", "records", "right", "error", "duplicate", "no-right", "unprocessable").index(remark.says)


def _after(
    remark: Rarc,
    row: Carc,
    group: str,
    program: Program,
    action: Action,
    appealable: bool,
    *,
    settled: bool,
) -> tuple[Action, bool]:
    """Action and appeal right once a remark was heard; `settled`: our record has already decided the action."""
    mended: Action = "corrected-claim" if row.mendable else action
    match remark.says:
        case "unprocessable":
            return mended, False
        case "no-right":
            given_up: Action = "bill-patient" if group == "PR" else "write-off-proposal"
            return (given_up if action == "appeal" else action), False
        case "duplicate":
            return mended, appealable and program != "medicare-part-b"
        case "error":
            return (action if settled else mended), appealable
        case "right":
            return action, _lawful(row, program)
        case _:
            return action, appealable
