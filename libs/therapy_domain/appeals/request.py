"""The front of `claimtrail deadline`: deadlines, appeal rights and amounts, asked as JSON, nothing stored."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from therapy_domain.appeals import deadlines
from therapy_domain.appeals.deadlines import AmountNotPublished
from therapy_domain.appeals.denials import appeal_rights
from therapy_domain.errors import InputError
from therapy_domain.request import Answers, answer_each, check
from therapy_domain.rulesets.release import Ruleset, load

_A_DAY = "a date YYYY-MM-DD from 1980 to 2999"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _day(value: object) -> object:
    """A date from its text; anything else is left for the model to refuse."""
    if isinstance(value, str) and _DAY.fullmatch(value) and "1980" <= value[:4] <= "2999":
        return date.fromisoformat(value)
    raise ValueError(_A_DAY)


def _words(text: str) -> Any:
    return Field(description=text)


Day = Annotated[date, BeforeValidator(_day), _words(_A_DAY)]
Level = Annotated[int, Field(ge=1, le=5, description="an integer from 1 to 5")]
Program = Annotated[Literal["medicare-part-b"], _words("medicare-part-b")]
Group = Annotated[Literal["CO", "PR", "OA", "PI"], _words("one of CO, PR, OA, PI")]
Reason = Annotated[
    str,
    Field(
        pattern=r"^(?:[1-9][0-9]{0,2}|[ABDPWY][1-9][0-9]?|A0)\z",
        description="a reason code (CARC) as text, such as 50 or B7",
    ),
]
Remark = Annotated[
    str,
    Field(
        pattern=r"^(?:M[1-9][0-9]{0,2}|MA[0-9]{2,3}|N[1-9][0-9]{0,3})\z",
        description="a remark code (RARC) as text, such as MA130 or N822",
    ),
]


class _Question(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class AppealQuestion(_Question):
    """By when must an appeal be with the reviewer?"""

    kind: Literal["appeal"] = "appeal"
    program: Program
    level: Level
    notice_date: Day
    received_on: Day | None = None
    filed_on: Day | None = None


class TimelyFilingQuestion(_Question):
    """By when must a claim be with the contractor?"""

    kind: Literal["timely-filing"]
    program: Program
    date_of_service: Day
    filed_on: Day | None = None


class AmountQuestion(_Question):
    """How much must be in dispute at a level?"""

    kind: Literal["amount-in-controversy"]
    program: Program
    level: Level
    filed_on: Day


class RightsQuestion(_Question):
    """What can be done about an adjustment?"""

    kind: Literal["appeal-rights"]
    program: Program
    group: Group
    carc: Reason
    rarcs: Annotated[list[Remark], _words("a list of remark codes (RARC), which may be empty")]


def answer(document: bytes | str, rules: Ruleset | None = None) -> Answers:
    """Answer one question or an array of them: JSON in, for each an answer or an error in its place.

    Args:    document: JSON text, one question or an array of them. rules: the release; the current one without.
    """
    release = rules or load()
    return answer_each(document, lambda question: answer_one(question, release))


def answer_one(question: Mapping[str, Any], rules: Ruleset) -> dict[str, Any]:
    """Answer one question that is already read.

    Raises:  InputError: it cannot be understood: path from `$`, value, and what would be right.
    """
    kind = question.get("kind", "appeal")
    if not isinstance(kind, str) or kind not in _ANSWERS:
        raise InputError("$.kind", kind, f"one of {', '.join(_ANSWERS)}")
    return _ANSWERS[kind](question, rules)


def _appeal(document: Mapping[str, Any], rules: Ruleset) -> dict[str, Any]:
    asked = check(AppealQuestion, document)
    _not_before("received_on", asked.received_on, "notice_date", asked.notice_date)
    _not_before("filed_on", asked.filed_on, "notice_date", asked.notice_date)
    found = deadlines.appeal_deadline(asked.level, rules, notice_date=asked.notice_date, received_on=asked.received_on)
    return {
        "receipt": found.receipt.isoformat(),
        "deadline": found.last_day.isoformat(),
        "timely": _timely(asked.filed_on, found.last_day),
        "source": found.source,
    }


def _timely_filing(document: Mapping[str, Any], _rules: Ruleset) -> dict[str, Any]:
    asked = check(TimelyFilingQuestion, document)
    _not_before("filed_on", asked.filed_on, "date_of_service", asked.date_of_service)
    last_day = deadlines.filing_deadline(asked.date_of_service)
    return {
        "deadline": last_day.isoformat(),
        "timely": _timely(asked.filed_on, last_day),
        "source": deadlines.TIMELY_FILING_SOURCE,
    }


def _amount(document: Mapping[str, Any], rules: Ruleset) -> dict[str, Any]:
    asked = check(AmountQuestion, document)
    try:
        found = deadlines.amount_in_controversy(asked.level, asked.filed_on, rules)
    except AmountNotPublished as error:
        years = f"{error.known[0]} to {error.known[-1]}"
        expected = f"a date in a year whose amount is known ({years})"
        raise InputError("$.filed_on", asked.filed_on.isoformat(), expected) from None
    return {"amount_cents": found.amount_cents, "source": found.source}


def _rights(document: Mapping[str, Any], rules: Ruleset) -> dict[str, Any]:
    asked = check(RightsQuestion, document)
    found = appeal_rights(asked.group, asked.carc, asked.rarcs, rules)
    return {"appealable": found.appealable, "action": found.action, "source": found.source}


_ANSWERS: Mapping[str, Callable[[Mapping[str, Any], Ruleset], dict[str, Any]]] = {
    "appeal": _appeal,
    "timely-filing": _timely_filing,
    "amount-in-controversy": _amount,
    "appeal-rights": _rights,
}


def _not_before(name: str, day: date | None, earliest_name: str, earliest: date) -> None:
    if day is not None and day < earliest:
        expected = f"a day not before {earliest_name} {earliest.isoformat()}"
        raise InputError(f"$.{name}", day.isoformat(), expected)


def _timely(filed_on: date | None, last_day: date) -> bool | None:
    return None if filed_on is None else deadlines.timely(filed_on, last_day)
