"""What a published file says that cannot be understood, and the cells that every layout has: codes, dates, amounts."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from interchange.arrival import Fault
from therapy_domain.strict_json import shown

_T = TypeVar("_T")
_CODE = re.compile(r"[0-9A-Z]{5}", re.ASCII)
_AMOUNT = re.compile(r"(\d{1,9})(?:\.(\d{1,2}))?", re.ASCII)
_NUMBER = re.compile(r"-?(?:\d{1,6}(?:\.\d{0,6})?|\.\d{1,6})", re.ASCII)
_DATE = re.compile(
    r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)|(?P<Y>\d{4})-(?P<M>\d\d)-(?P<D>\d\d)(?:[T ]00:00:00)?", re.ASCII
)
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)


class Misread(NamedTuple):
    """One cell that is not what its column holds; or `row`, `header`, `file` for what is no cell."""

    line: int
    """From 1, as the file counts them; of a spreadsheet the row."""
    column: str
    value: Any
    """As an error shows it."""
    expected: str

    def fault(self) -> Fault:
        """The same in the form that the other doors tell faults in."""
        return {"path": f"line {self.line}, {self.column}", "value": self.value, "expected": self.expected}


class Unfit(ValueError):
    """A cell does not hold what its column asks for: `value`, `expected`."""

    def __init__(self, column: str, value: str | None, expected: str) -> None:
        self.column, self.value, self.expected = column, value, expected
        super().__init__(f"{column}: {expected}")

    def on(self, line: int) -> Misread:
        """The same, with the line it stands on."""
        return Misread(line, self.column, shown(self.value), self.expected)


def matching(form: re.Pattern[str], text: str, column: str, expected: str) -> str:
    """The text, which has to be of that form."""
    if form.fullmatch(text):
        return text
    raise Unfit(column, text, expected)


def one_of(known: Mapping[str, _T], text: str, column: str, expected: str) -> _T:
    """What a text stands for."""
    if (value := known.get(text)) is None:
        raise Unfit(column, text, expected)
    return value


def service_code(text: str, column: str) -> str:
    """A CPT or HCPCS code: five digits and capitals."""
    return matching(_CODE, text, column, "a service code of five digits and capital letters")


def day(text: str, column: str) -> date:
    """A date as YYYYMMDD, YYYY-MM-DD or MM/DD/YYYY."""
    if match := _DATE.fullmatch(text):
        year, month, number = (part for part in match.groups() if part is not None)
    elif match := _AMERICAN.fullmatch(text):
        month, number, year = match.groups()
    else:
        raise Unfit(column, text, "a date YYYYMMDD, YYYY-MM-DD or MM/DD/YYYY")
    try:
        return date(int(year), int(month), int(number))
    except ValueError:
        raise Unfit(column, text, "a date of the calendar") from None


def cents(text: str, column: str) -> int:
    """An amount with at most two decimals [cents]."""
    if match := _AMOUNT.fullmatch(text):
        return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
    raise Unfit(column, text, "an amount with at most two decimals")


def number(text: str, column: str) -> Decimal:
    """A decimal number."""
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    raise Unfit(column, text, "a decimal number")
