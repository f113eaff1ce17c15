"""The front of `claimtrail units`: the count alone, asked as JSON, nothing stored."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from therapy_domain.errors import InputError
from therapy_domain.fields import Instant, LocalDate, ServiceCode
from therapy_domain.request import Answers, answer_each, check
from therapy_domain.rulesets.payers import PayerPolicy, shipped
from therapy_domain.rulesets.release import Ruleset, load
from therapy_domain.units.calculate import calculate
from therapy_domain.units.model import DayOfWork, UnitLine, UnitsResult, WorkedInterval

MOST_INTERVALS = 200
"""Intervals of one day that are read [count]."""
_LONGEST = timedelta(hours=24)
_ROLES = "one of PT, PTA, OT, OTA, SLP, DC, AIDE, STUDENT"
_CLOCK = "a time with an offset, such as 2026-03-02T09:00:00-05:00"
_EITHER = "either `minutes`, or `start` and `end`"


def _words(text: str) -> Any:
    return Field(description=text)


Role = Annotated[Literal["PT", "PTA", "OT", "OTA", "SLP", "DC", "AIDE", "STUDENT"], _words(_ROLES)]
Clock = Annotated[Instant, _words(_CLOCK)]
Label = Annotated[str, Field(min_length=1, max_length=200, description="a text of 1 to 200 characters")]


class _Question(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class AskedPerformer(_Question):
    """Who worked, in place of a role alone."""

    id: Label
    role: Role


class AskedInterval(_Question):
    """One interval as the command reads it: minutes, or clock times."""

    code: Annotated[ServiceCode, _words("a HCPCS or CPT code of 5 characters, such as 97112 or G0283")]
    minutes: Annotated[int, Field(ge=0, le=1440, description="a whole number of minutes from 0 to 1440")] | None = None
    start: Clock | None = None
    end: Clock | None = None
    role: Role | None = None
    performer: Annotated[AskedPerformer, _words("an object with `id` and `role`")] | None = None
    contact: Annotated[
        Literal["one_on_one", "group", "observed", "unattended"],
        _words("one of one_on_one, group, observed, unattended"),
    ] = "one_on_one"
    activity: Annotated[
        Literal["treatment", "setup", "rest", "conversation", "documentation", "passive_modality"],
        _words("one of treatment, setup, rest, conversation, documentation, passive_modality"),
    ] = "treatment"
    interval_id: Label | None = None
    technique: Label | None = None
    supervisor_npi: Label | None = None
    skilled: Annotated[bool, _words("true or false")] | None = None


class AskedDay(_Question):
    """One patient's day under one payer and one discipline."""

    payer: Annotated[str, _words("the id of a payer profile")]
    discipline: Annotated[Literal["PT", "OT", "SLP", "CHIRO"], _words("one of PT, OT, SLP, CHIRO")]
    date_of_service: Annotated[LocalDate, _words("a date YYYY-MM-DD")]
    intervals: Annotated[
        list[AskedInterval],
        Field(max_length=MOST_INTERVALS, description=f"a list of intervals, at most {MOST_INTERVALS}"),
    ]


def answer(document: bytes | str, rules: Ruleset | None = None) -> Answers:
    """Answer one day or an array of them: JSON in, for each an answer or an error in its place.

    Args:    document: JSON text, as `claimtrail units --help` shows it. rules: the release; the current one without.
    """
    release = rules or load()
    return answer_each(document, lambda asked: answer_one(asked, release))


def answer_one(asked: Mapping[str, Any], rules: Ruleset) -> dict[str, Any]:
    """Answer one day that is already read.

    Intervals that name a role and no performer are of one person for each role.
    Raises:  InputError: it cannot be understood: path from `$`, value, and what would be right.
    """
    profiles = shipped(rules)
    payer = asked.get("payer")
    if not isinstance(payer, str) or payer not in profiles:
        raise InputError("$.payer", payer, f"one of {', '.join(profiles)}")
    return as_answer(calculate(_day(check(AskedDay, asked), profiles[payer]), rules))


def as_answer(result: UnitsResult) -> dict[str, Any]:
    """The result with the contract's keys."""
    return {
        "rule": result.rule,
        "ruleset": result.ruleset,
        "total_minutes": result.total_minutes,
        "total_units": result.total_units,
        "lines": _lines(result.lines),
        "excluded": [
            {"code": left_out.code, "minutes": left_out.minutes, "reason": left_out.reason}
            for left_out in result.excluded
        ],
        "alternatives": [_lines(lines) for lines in result.alternatives],
        "explanation": list(result.explanation),
    }


def _lines(lines: tuple[UnitLine, ...]) -> list[dict[str, Any]]:
    return [
        {"code": line.code, "minutes": line.minutes, "units": line.units, "modifiers": list(line.modifiers)}
        for line in lines
    ]


def _day(asked: AskedDay, policy: PayerPolicy) -> DayOfWork:
    return DayOfWork(
        policy=policy,
        discipline=asked.discipline,
        date_of_service=asked.date_of_service,
        intervals=tuple(_interval(interval, index) for index, interval in enumerate(asked.intervals)),
    )


def _interval(asked: AskedInterval, index: int) -> WorkedInterval:
    path = f"$.intervals[{index}]"
    _check_time(asked, path)
    if asked.performer is not None and asked.role is not None:
        raise InputError(f"{path}.role", asked.role, "either `role` or `performer`, not both")
    if asked.performer is not None:
        performer_id, role = f"id {asked.performer.id}", asked.performer.role
    elif asked.role is not None:
        performer_id, role = f"role {asked.role}", asked.role
    else:
        raise InputError(f"{path}.role", None, f"{_ROLES}; or `performer` with `id` and `role`")
    return WorkedInterval(
        interval_id=asked.interval_id or str(index),
        session_id="",
        code=asked.code,
        start=asked.start,
        end=asked.end,
        minutes=asked.minutes,
        performer_id=performer_id,
        role=role,
        contact=asked.contact,
        activity=asked.activity,
        technique=asked.technique,
        skilled=asked.skilled,
        supervisor_npi=asked.supervisor_npi,
    )


def _check_time(asked: AskedInterval, path: str) -> None:
    start, end = asked.start, asked.end
    if asked.minutes is not None:
        if start is not None or end is not None:
            raise InputError(f"{path}.minutes", asked.minutes, f"{_EITHER}, not both")
        return
    if start is None and end is None:
        raise InputError(f"{path}.minutes", None, f"a whole number of minutes from 0 to 1440; {_EITHER}")
    if start is None or end is None:
        raise InputError(f"{path}.{'start' if start is None else 'end'}", None, f"{_CLOCK}; {_EITHER}")
    _check_span(start, end, path)


def _check_span(start: datetime, end: datetime, path: str) -> None:
    if not timedelta(0) <= end - start <= _LONGEST:
        raise InputError(f"{path}.end", end.isoformat(), "a time from `start` on, within 24 hours of it")
