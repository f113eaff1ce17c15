"""Every rule by id and version: what it asks, where its fault lives on the claim, and since when it runs."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from therapy_domain.claims.errors import UnknownRules
from therapy_domain.claims.visit import Visit
from therapy_domain.events.claim import Severity

CURRENT_EDITION = 1
"""The edition that new decisions use. A changed rule gets a new version and raises this by one."""


class Place(NamedTuple):
    """Where a fault is mended on the claim itself."""

    x12: str | None
    """Loop and element of the 837P."""
    cms1500: str | None
    """Box of the paper form."""


NOTE = Place("2300 PWK", None)
"""Not on the claim: the record behind it, sent when the payer asks."""
SERVICE_DATE = Place("2400 DTP03", "24A")
PLACE_OF_SERVICE = Place("2300 CLM05-1", "24B")
PROCEDURE = Place("2400 SV101-2", "24D")
MODIFIERS = Place("2400 SV101-3", "24D")
DIAGNOSES = Place("2300 HI", "21")
UNITS = Place("2400 SV104", "24G")
MEMBER = Place("2010BA NM109", "1a")
PAYER = Place("2010BB NM109", "11c")
RENDERING = Place("2310B NM109", "24J")
SIGNATURE = Place("2300 CLM06", "31")
REFERRING = Place("2310A NM109", "17b")
AUTHORIZATION = Place("2300 REF02", "23")
NOWHERE = Place(None, None)


class Fault(NamedTuple):
    """What a rule found; the registry adds what is the same for every fault of the rule."""

    message: str
    line: int | None = None
    fields: tuple[str, ...] = ()
    severity: Severity | None = None
    """None = the rule's own."""
    also: tuple[str, ...] | None = None
    """None = the rule's own."""
    fix: str | None = None
    """None = the rule's own."""
    arose: datetime | None = None
    """An earlier release does not cover it; None = a release of the rule does, whenever it was given."""


Check = Callable[[Visit], Iterable[Fault]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of one rule."""

    id: str
    version: int
    title: str
    severity: Severity
    """Unless the fault says otherwise."""
    also: tuple[str, ...]
    """Other ids of the same fault."""
    source: str
    fix: str
    place: Place
    since: date | None
    """First date of service it looks at; None = every one."""
    until: date | None
    """Last date of service it looks at; None = every one."""
    editions: tuple[int, int | None]
    """First edition it runs in, and the first it no longer runs in."""
    check: Check

    def holds_on(self, date_of_service: date) -> bool:
        """Whether the rule looks at that date of service."""
        return (self.since is None or self.since <= date_of_service) and (
            self.until is None or date_of_service <= self.until
        )


@dataclass(frozen=True, slots=True)
class Edition:
    """The rules that run together, in one fixed order; what a decision names."""

    number: int
    rules: tuple[Rule, ...]
    fingerprint: str
    """`number-` and 12 hexadecimal digits over ids and versions."""
    _by_day: dict[date, tuple[Rule, ...]] = field(default_factory=dict, compare=False, repr=False)
    _kept: dict[tuple[Rule, ...], tuple[Rule, ...]] = field(default_factory=dict, compare=False, repr=False)

    def on(self, date_of_service: date) -> tuple[Rule, ...]:
        """Those that look at a date of service: the very same tuple wherever they are the same."""
        found = self._by_day.get(date_of_service)
        if found is None:
            found = tuple(row for row in self.rules if row.holds_on(date_of_service))
            self._by_day[date_of_service] = found = self._kept.setdefault(found, found)
        return found


class Registry:
    """Rules as they were declared; superseded versions stay, so that old decisions can be run again."""

    def __init__(self) -> None:
        self._rules: dict[tuple[str, int], Rule] = {}
        self._editions: dict[int, Edition] = {}

    def rule(
        self,
        rule_id: str,
        *,
        severity: Severity,
        source: str,
        fix: str,
        place: Place = NOTE,
        also: tuple[str, ...] = (),
        version: int = 1,
        since: date | None = None,
        until: date | None = None,
        editions: tuple[int, int | None] = (1, None),
        title: str | None = None,
    ) -> Callable[[Check], Check]:
        """Declare the decorated check as a version of a rule; its docstring's first line is the title."""

        def declare(check: Check) -> Check:
            words = title or (check.__doc__ or "").strip().partition("\n")[0]
            row = Rule(rule_id, version, words, severity, also, source, fix, place, since, until, editions, check)
            self.add(row)
            return check

        return declare

    def add(self, row: Rule) -> None:
        """Take in one version of a rule."""
        if (row.id, row.version) in self._rules:
            raise TypeError(f"rule {row.id} version {row.version} is declared twice")
        self._rules[row.id, row.version] = row
        self._editions.clear()

    def row(self, rule_id: str, version: int) -> Rule:
        """The rule that a finding names, with its title and its place on the claim.

        Raises:  UnknownRules: it is not declared here.
        """
        try:
            return self._rules[rule_id, version]
        except KeyError:
            raise UnknownRules(f"{rule_id}@{version}") from None

    def all(self) -> tuple[Rule, ...]:
        """Every version of every rule, by id and version."""
        return tuple(self._rules[key] for key in sorted(self._rules))

    def edition(self, number: int = CURRENT_EDITION) -> Edition:
        """The rules of that edition.

        Raises:  UnknownRules: no rule runs in it, or one runs in two versions.
        """
        known = self._editions.get(number)
        if known is None:
            known = self._editions[number] = self._compose(number)
        return known

    def edition_of(self, fingerprint: str) -> Edition:
        """The edition that a decision named.

        Raises:  UnknownRules: it is not declared here, or no longer the same.
        """
        number, _, _ = fingerprint.partition("-")
        if not number.isdecimal() or self.edition(int(number)).fingerprint != fingerprint:
            raise UnknownRules(fingerprint)
        return self.edition(int(number))

    def _compose(self, number: int) -> Edition:
        rows = tuple(row for row in self.all() if _runs_in(row, number))
        if not rows or len({row.id for row in rows}) != len(rows):
            raise UnknownRules(str(number))
        digest = hashlib.sha256("\n".join(f"{row.id}@{row.version}" for row in rows).encode()).hexdigest()
        return Edition(number, rows, f"{number}-{digest[:12]}")


def _runs_in(row: Rule, number: int) -> bool:
    first, gone = row.editions
    return first <= number and (gone is None or number < gone)


REGISTRY = Registry()
"""Where the families of this package declare their rules; `catalog` makes sure that all have."""
rule = REGISTRY.rule
