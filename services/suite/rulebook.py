"""Every rule in one page: `python -m suite.rulebook` prints docs/rules.md from the registry."""

import sys
from collections.abc import Iterable, Iterator
from typing import Any

from suite.rule_words import BESIDE, EXAMPLES, GAPS, PARTLY, UNCHECKED, Gap, family_name
from therapy_domain.claims.catalog import REGISTRY
from therapy_domain.claims.registry import CURRENT_EDITION, Registry, Rule
from therapy_domain.errors import DomainError

EVERY_DAY = "every date of service"
_SEVERITIES = {
    "deny": "the payer would deny it",
    "reject": "the payer would send it back unread",
    "delay": "the payer, or a person here, would ask first",
    "advice": "better practice, or units left unbilled; never blocks",
}


class UnknownRule(DomainError):
    """No rule of that id can be run."""

    code = "unknown-rule"

    def __init__(self, rule_id: str, why: str) -> None:
        self.rule_id = rule_id
        super().__init__(f"{rule_id} is no rule that runs: {why}")


def family_of(rule_id: str) -> str:
    """The letters before the number."""
    return rule_id.partition("-")[0]


def latest() -> list[Rule]:
    """The latest version of each rule, by id."""
    return list({row.id: row for row in REGISTRY.all()}.values())


def versions(rule_id: str, registry: Registry = REGISTRY) -> list[Rule]:
    """Every version of a rule, the first one first.

    Raises:  UnknownRule: it is not there, stands beside another, or cannot be run yet; the message says which.
    """
    found = [row for row in registry.all() if row.id == rule_id]
    if not found:
        raise UnknownRule(rule_id, _why_not(rule_id))
    return found


def _why_not(rule_id: str) -> str:
    by = beside().get(rule_id)
    if by:
        return f"{' and '.join(by)} names it beside itself; `claimtrail rules show {by[0]}`"
    gap = gaps().get(rule_id)
    if gap is not None:
        return f"{gap.title} Not yet: {gap.reason}"
    return "`claimtrail rules list` has those that do"


def beside() -> dict[str, list[str]]:
    """Ids that are no rules of their own, each with the rules that name it."""
    own = {row.id for row in REGISTRY.all()}
    found: dict[str, list[str]] = {}
    for row in latest():
        for other in (*row.also, *(also for also, rule_id in BESIDE.items() if rule_id == row.id)):
            if other not in own and row.id not in found.setdefault(other, []):
                found[other].append(row.id)
    return dict(sorted(found.items()))


def gaps() -> dict[str, Gap]:
    """Known rules that cannot be run yet, by id."""
    own = {row.id for row in REGISTRY.all()}
    return {rule_id: gap for rule_id, gap in sorted(GAPS.items()) if rule_id not in own}


def days(row: Rule) -> str:
    """The dates of service that a version looks at."""
    if row.since is None and row.until is None:
        return EVERY_DAY
    return " ".join([f"from {row.since}"] * bool(row.since) + [f"to {row.until}"] * bool(row.until))


def described(row: Rule) -> dict[str, Any]:
    """One version of a rule as `rules list --json` shows it."""
    first, gone = row.editions
    return {
        "id": row.id,
        "version": row.version,
        "family": family_of(row.id),
        "title": row.title,
        "severity": row.severity,
        "also": list(row.also),
        "source": row.source,
        "since": row.since,
        "until": row.until,
        "editions": {"first": first, "gone": gone},
    }


def explained(rule_id: str, registry: Registry = REGISTRY) -> dict[str, Any]:
    """A rule as `rules show --json` shows it: its latest version, with its history and an example.

    Raises:  UnknownRule.
    """
    every = versions(rule_id, registry)
    row, example = every[-1], EXAMPLES.get(rule_id)
    return {
        **described(row),
        "fix": row.fix,
        "x12": row.place.x12,
        "cms1500": row.place.cms1500,
        "example": example._asdict() if example else None,
        "history": [described(each) for each in every],
    }


def page() -> str:
    """docs/rules.md."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    edition = REGISTRY.edition()
    yield "# The rules"
    yield ""
    yield "Printed by `python -m suite.rulebook` from the registry; change the rules, not this page."
    yield f"Edition {CURRENT_EDITION} ({edition.fingerprint}) runs {len(edition.rules)} rules on every claim."
    yield "`claimtrail rules show ID` prints a rule with its history and an example."
    yield ""
    for severity, words in _SEVERITIES.items():
        yield f"- `{severity}`: {words}."
    yield ""
    yield "The first three hold the claim until it is mended or a person releases it with a reason. The severity is the"
    yield "rule's own; a single finding may carry another. Without dates, a rule looks at every date of service."
    for family in sorted({family_of(row.id) for row in edition.rules}):
        yield from _family(family, [row for row in edition.rules if family_of(row.id) == family])
    yield from _beside()
    yield from _parts()
    yield from _gaps()
    yield from ("", "## Asked by the sources and checked by nothing here", "")
    yield from _table(["what", "why not"], ([what, why] for what, why in UNCHECKED.items()))


def _family(family: str, rows: Iterable[Rule]) -> Iterator[str]:
    yield from ("", f"## {family}: {family_name(family)}", "")
    yield from _table(["rule", "asks", "severity", "fix", "source", "on the claim"], map(_cells, rows))


def _cells(row: Rule) -> list[str]:
    named = f"{row.id}, also {', '.join(row.also)}" if row.also else row.id
    since = "" if days(row) == EVERY_DAY else f"; {days(row)}"
    version = f" (version {row.version})" if row.version > 1 else ""
    return [f"{named}{version}", row.title, row.severity, row.fix, f"{row.source}{since}", where(row)]


def where(row: Rule) -> str:
    """The place on the claim, electronic and on paper."""
    parts = [row.place.x12] if row.place.x12 else []
    parts += [f"box {row.place.cms1500}"] if row.place.cms1500 else []
    return ", ".join(parts) or "nowhere"


def _beside() -> Iterator[str]:
    yield from ("", "## Told beside another rule", "")
    yield "One fault is one finding: these ids stand in `also` of the rule that speaks."
    yield ""
    yield from _table(["id", "rule that speaks"], ([other, ", ".join(by)] for other, by in beside().items()))


def _parts() -> Iterator[str]:
    rows = [[row.id, PARTLY[row.id][1]] for row in latest() if row.id in PARTLY and PARTLY[row.id][0] == row.version]
    if rows:
        yield from ("", "## Executable in part", "")
        yield from _table(["rule", "what it does not see yet"], rows)


def _gaps() -> Iterator[str]:
    yield from ("", "## Not executable yet", "")
    if not gaps():
        yield "None: every known rule runs."
        return
    yield from _table(
        ["rule", "asks", "severity", "why not"],
        ([rule_id, gap.title, gap.severity, gap.reason] for rule_id, gap in gaps().items()),
    )


def _table(head: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for cells in rows:
        yield f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


if __name__ == "__main__":
    sys.stdout.write(page())
