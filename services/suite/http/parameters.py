"""Parameters of the query: each read strictly; one that is not known, or comes twice, is refused by name."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from typing import Annotated, Any

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from suite.http.problems import BAD_PARAMETER, Fault, Problem
from therapy_domain.strict_json import shown

MOST_NAMED = 20
"""So many faults of one query are told."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII).fullmatch
_DIGITS = re.compile(r"\d{1,9}", re.ASCII).fullmatch
_DAY_WORDS = "a date YYYY-MM-DD that is in the calendar"


def _refuse(expected: str) -> PydanticCustomError:
    return PydanticCustomError("format", "{expected}", {"expected": expected})


def _day(value: object) -> object:
    if isinstance(value, str):
        if not _DAY(value):
            raise _refuse(_DAY_WORDS)
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise _refuse(_DAY_WORDS) from None
    return value


def _whole(expected: str) -> Callable[[object], object]:
    def read(value: object) -> object:
        if isinstance(value, str):
            if not _DIGITS(value):
                raise _refuse(expected)
            return int(value)
        return value

    return read


Day = Annotated[date, BeforeValidator(_day)]
"""A date as the contract writes it, and in no other way."""


def whole(low: int, high: int) -> Any:
    """Reads a whole number written in plain digits; its limits stand in the words of the error."""
    return BeforeValidator(_whole(f"a whole number from {low} to {high}"))


async def known_parameters(request: Request) -> None:
    """Refuse parameters that the route does not know, and those that come twice.

    Raises:  Problem: names each, with its value and what is known.
    """
    given = request.query_params.multi_items()
    if not given:
        return
    route = request.scope.get("route")
    known = list(_names(route.dependant)) if isinstance(route, APIRoute) else []
    words = f"one of {', '.join(known)}" if known else "no parameter: this path takes none"
    times = Counter(name for name, _ in given)
    faults = [
        Fault(f"query.{shown(name)!s}", shown(value), f"no such parameter; {words}")
        for name, value in given
        if name not in known
    ]
    faults += [Fault(f"query.{name}", times[name], "once") for name in known if times[name] > 1]
    if faults:
        named = ", ".join(dict.fromkeys(fault.path for fault in faults[:MOST_NAMED]))
        raise Problem(BAD_PARAMETER, f"Not understood: {named}.", errors=faults[:MOST_NAMED])


def _names(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _names(inner)
