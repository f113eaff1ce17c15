"""What the name of a published file tells: which table it is, for which setting, quarter or year."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Literal, NamedTuple

Kind = Literal["pair-edits", "unit-limits", "fees", "relative-values", "locality-indices", "diagnoses"]
_FIRST_YEAR = 1994
_MONTH = {"A": 1, "B": 4, "C": 7, "D": 10}


class About(NamedTuple):
    """One file, as CMS names it."""

    kind: Kind
    setting: Literal["practitioner", "hospital", "supplier"] | None
    """None where the table has no settings."""
    effective: date
    """First date of service it is published for."""
    through: date
    """Last date of service it is published for: the end of its quarter, its year or its fiscal year."""
    version: str
    """As the name writes it."""
    part: int | None = None
    """Of a table in several parts (`-f1` to `-f4`)."""
    twin: bool = False
    """It says the same as another file of its archive: the factor of alternative payment models, a list beside the
    order file."""


def about(name: str) -> About | None:
    """What the name of a file tells; None for a name that CMS does not give.

    `ccipra-v322r0-f1.TXT`: version 32.2 is the third quarter of 2026 (32 = 2026 - 1994).

    Source:  names of the files of 2024 to 2026, with their quarters, as linked from CMS's pages.

    >>> told = about("ccipra-v322r0-f1.TXT")
    >>> told.setting, str(told.effective), str(told.through)
    ('practitioner', '2026-07-01', '2026-09-30')
    """
    for form, read in _FORMS:
        if match := form.search(name):
            try:
                return read(match)
            except ValueError:
                return None
    return None


def _pairs(match: re.Match[str]) -> About:
    quarter = int(match["quarter"])
    first = date(_FIRST_YEAR + int(match["year"]), 3 * quarter + 1, 1)
    setting: Literal["practitioner", "hospital"] = "practitioner" if match["who"].lower() == "pra" else "hospital"
    version = f"v{match['year']}.{quarter}r{match['revision']}"
    part = int(match["part"]) if match["part"] else None
    return About("pair-edits", setting, first, quarter_end(first), version, part)


def _limits(match: re.Match[str]) -> About:
    who = match["who"].lower()
    first = date(int(match["year"]), int(match["month"]), int(match["day"]))
    setting: Literal["practitioner", "hospital", "supplier"] = (
        "practitioner" if who == "practitioner" else "supplier" if who.startswith("dme") else "hospital"
    )
    return About("unit-limits", setting, first, quarter_end(first), first.isoformat())


def _fees(match: re.Match[str]) -> About:
    year, letter = 2000 + int(match["year"]), match["letter"].upper()
    month = _MONTH[letter] if match["which"].lower() == "rev" and letter else 1
    return About("fees", None, date(year, month, 1), date(year, 12, 31), f"{year}{letter}")


def _values(match: re.Match[str]) -> About:
    year = int(match["year"]) if len(match["year"]) == 4 else 2000 + int(match["year"])
    month = {"jan": 1, "apr": 4, "jul": 7, "oct": 10}[match["month"].lower()[:3]]
    first, version, twin = date(year, month, 1), f"{year}-{month:02}", (match["who"] or "").lower() == "qpp"
    return About("relative-values", None, first, date(year, 12, 31), version, twin=twin)


def _indices(match: re.Match[str]) -> About:
    year = int(match["year"])
    return About("locality-indices", None, date(year, 1, 1), date(year, 12, 31), str(year))


def _codes(match: re.Match[str]) -> About:
    year = int(match["year"])
    twin = match["which"].lower() == "codes"
    return About("diagnoses", None, date(year - 1, 10, 1), date(year, 9, 30), f"FY{year}", twin=twin)


def quarter_end(first: date) -> date:
    """The last day of the quarter that a day is in."""
    month = (first.month - 1) // 3 * 3 + 4
    return date(first.year + month // 13, (month - 1) % 12 + 1, 1) - timedelta(days=1)


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII | re.IGNORECASE)


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], About]], ...] = (
    (_form(r"cci(?P<who>pra|oph)-v(?P<year>\d\d)(?P<quarter>[0-3])r(?P<revision>\d+)(?:-f(?P<part>\d))?"), _pairs),
    (
        _form(
            r"MUE_(?P<who>Practitioner|OutpatientHospital|FacilityOutpatientHospital|DMESupplier)(?:Services)?"
            r"_Eff_(?P<month>\d\d)-(?P<day>\d\d)-(?P<year>20\d\d)"
        ),
        _limits,
    ),
    (_form(r"\bPF(?P<which>ALL|REV)(?P<year>\d\d)(?P<letter>[A-D]?)\b"), _fees),
    (_form(r"\bPPRRVU(?P<year>20\d\d|\d\d)_(?P<month>Jan|Apr|Jul|Oct)(?:_(?P<who>(?:non)?qpp))?"), _values),
    (_form(r"\bGPCI(?P<year>20\d\d)\b"), _indices),
    (_form(r"\bicd10cm_(?P<which>order|codes)_(?P<year>20\d\d)\b"), _codes),
)
