"""A claim as it stands beside the same claim in another world: what differs, in units, findings and money. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

from therapy_domain.claims.told import told
from therapy_domain.events.claim import ClaimAssessed

T = TypeVar("T")
Shown = Mapping[str, Any]
OURS = frozenset({"held", "ready", "unbillable", "void"})
"""Statuses that an assessment gives; the others are the payer's answers, which nothing takes back."""
PAIRS = ("units", "charge_cents", "held_cents", "expected_cents", "not_estimated")
"""What is summed in both worlds."""


class Pair(NamedTuple, Generic[T]):
    """How it stands, and how it would be."""

    was: T
    now: T

    @property
    def differs(self) -> bool:
        """Whether the two differ."""
        return self.was != self.now


@dataclass(frozen=True, slots=True)
class Compared:
    """One claim in both worlds."""

    claim: Shown
    """As it stands (`claims --json`)."""
    status: Pair[str]
    lines: Pair[Sequence[Shown]]
    added: Sequence[Shown]
    """Findings that it would have more."""
    gone: Sequence[Shown]
    """Findings that it would lose."""
    expected_cents: Pair[int | None]
    """What the payer should pay; None: cannot be told."""

    @property
    def changed(self) -> bool:
        """Whether anything would be otherwise. That an amount becomes known, or unknown, changes no claim."""
        pay = self.expected_cents
        return bool(
            self.status.differs or self.rebilled or self.added or self.gone or (None not in pay and pay.differs)
        )

    @property
    def rebilled(self) -> bool:
        """Whether the lines would be billed otherwise; why in words, which may name another file, is no part of it."""
        was, now = self.lines
        return was != now and list(map(_billed, was)) != list(map(_billed, now))

    @property
    def units(self) -> Pair[int]:
        """Billable units."""
        return Pair(*(sum(line["units"] for line in lines) for lines in self.lines))

    @property
    def charge_cents(self) -> Pair[int | None]:
        """What would be charged; None where a line has no charge."""
        return Pair(*(_sum(line["charge_cents"] for line in lines) for lines in self.lines))

    def as_json(self) -> dict[str, Any]:
        """As `what-if --json` lists it."""
        same = ("claim_id", "org", "clinic", "payer_id", "discipline", "date_of_service", "ruleset")
        return {
            **{name: self.claim[name] for name in same},
            **{name: getattr(self, name)._asdict() for name in ("status", "units", "charge_cents", "expected_cents")},
            "lines": self.lines._asdict() if self.rebilled else None,
            "changes": list(_words(self.lines)),
            "findings": {"added": list(self.added), "gone": list(self.gone)},
        }


def compare(claim: Shown, there: ClaimAssessed, expected_cents: Pair[int | None]) -> Compared:
    """The claim as it stands, and what it would be."""
    lines = [line.model_dump(mode="json") for line in there.lines]
    findings = [told(finding) for finding in there.findings]
    was: str = claim["status"]
    return Compared(
        claim=claim,
        status=Pair(was, there.outcome if was in OURS else was),
        lines=Pair(claim["lines"], lines),
        added=[finding for finding in findings if finding not in claim["findings"]],
        gone=[finding for finding in claim["findings"] if finding not in findings],
        expected_cents=expected_cents,
    )


def _billed(line: Shown) -> Shown:
    return {**line, "explanation": ()}


def _words(lines: Pair[Sequence[Shown]]) -> Iterator[str]:
    """What differs in the lines, by code."""
    was, now = (dict(_keyed(side)) for side in lines)
    for key in sorted(was.keys() | now.keys()):
        old, new = was.get(key), now.get(key)
        code = key[0]
        if old is None and new is not None:
            yield f"{code}: {_units(new)} more, {' '.join(new['modifiers']) or 'no modifier'}"
        elif new is None and old is not None:
            yield f"{code}: {_units(old)} gone"
        elif old is not None and new is not None:
            if old["units"] != new["units"]:
                yield f"{code}: {old['units']} -> {_units(new)}"
            if old["modifiers"] != new["modifiers"]:
                before, after = (" ".join(line["modifiers"]) or "none" for line in (old, new))
                yield f"{code}: modifiers {before} -> {after}"


def _units(line: Shown) -> str:
    return "1 unit" if line["units"] == 1 else f"{line['units']} units"


def _keyed(lines: Iterable[Shown]) -> Iterator[tuple[tuple[str, int], Shown]]:
    """Lines by code; a second line of a code (an assistant's part) apart."""
    seen: Counter[str] = Counter()
    for line in lines:
        seen[line["code"]] += 1
        yield (line["code"], seen[line["code"]]), line


def _sum(cents: Iterable[int | None]) -> int | None:
    known = list(cents)
    return None if None in known else sum(each or 0 for each in known)


@dataclass(slots=True)
class Totals:
    """What all claims looked at come to."""

    claims: int = 0
    changed: int = 0
    statuses: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Of those whose status would be another one."""
    added: Counter[str] = field(default_factory=Counter)
    """Findings by rule."""
    gone: Counter[str] = field(default_factory=Counter)
    units: list[int] = field(default_factory=lambda: [0, 0])
    charge_cents: list[int] = field(default_factory=lambda: [0, 0])
    """Of claims whose every line has a charge."""
    held_cents: list[int] = field(default_factory=lambda: [0, 0])
    """Of those, the charges of claims that are held."""
    expected_cents: list[int] = field(default_factory=lambda: [0, 0])
    """Of claims that can be estimated."""
    not_estimated: list[int] = field(default_factory=lambda: [0, 0])
    skipped: Counter[str] = field(default_factory=Counter)
    """Claims that cannot be looked at, by reason."""

    def add(self, each: Compared) -> None:
        """One more claim."""
        self.claims += 1
        self.changed += each.changed
        if each.status.differs:
            self.statuses[each.status] += 1
        self.added.update(finding["rule"] for finding in each.added)
        self.gone.update(finding["rule"] for finding in each.gone)
        for side in (0, 1):
            charge, expected = each.charge_cents[side], each.expected_cents[side]
            self.units[side] += each.units[side]
            self.charge_cents[side] += charge or 0
            self.held_cents[side] += (charge or 0) * (each.status[side] == "held")
            self.expected_cents[side] += expected or 0
            self.not_estimated[side] += expected is None

    def include(self, other: "Totals") -> None:
        """Other claims' totals."""
        self.claims += other.claims
        self.changed += other.changed
        for name in ("statuses", "added", "gone", "skipped"):
            getattr(self, name).update(getattr(other, name))
        for name in PAIRS:
            mine, theirs = getattr(self, name), getattr(other, name)
            mine[:] = map(sum, zip(mine, theirs, strict=True))

    def as_json(self) -> dict[str, Any]:
        """As `what-if --json` has them."""
        return {
            "claims": self.claims,
            "changed": self.changed,
            **{name: Pair(*getattr(self, name))._asdict() for name in PAIRS},
            "statuses": [
                {"was": was, "now": now, "claims": count} for (was, now), count in sorted(self.statuses.items())
            ],
            "findings": {"added": dict(sorted(self.added.items())), "gone": dict(sorted(self.gone.items()))},
            "skipped": dict(sorted(self.skipped.items())),
        }
