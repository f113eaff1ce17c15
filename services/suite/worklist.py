"""The worklist of appeals and proposals as people see it: a page at a time, with what the record lacks for each."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from appeals.views import ALL, Place, Wanted, too_small, worklist
from audit.appeal_record import NoRecord
from event_log.keyring import Erased
from service_kit.reading import Reader
from suite.letters import evidence
from therapy_domain.appeals.aggregation import Group, propose_groups
from therapy_domain.appeals.composing import NoLetter
from therapy_domain.rulesets import Ruleset

_TO_BE_WRITTEN = frozenset({"open", "lapsed"})
_ARGUED = frozenset({"appeal", "corrected-claim", "reopening"})
_ROWS_AT_ONCE = 200


def rows(
    read: Reader, rules: Ruleset, wanted: Wanted = ALL, *, after: Place | None = None, limit: int | None = None
) -> Iterator[tuple[Place, dict[str, Any]]]:
    """The worklist, the most urgent first, in constant memory.

    `missing` of what is open names what the appeal and its record lack; `supported` says whether the record supports
    the argument (None where nothing is argued).
    """
    left = limit
    while left is None or left > 0:
        part = list(
            worklist(
                read.rows(),
                wanted,
                after=after,
                limit=_ROWS_AT_ONCE if left is None else min(_ROWS_AT_ONCE, left),
            )
        )
        for place, row in part:
            yield place, _with_record(read, rules, row)
        if not part or len(part) < _ROWS_AT_ONCE:
            return
        after = part[-1][0]
        left = None if left is None else left - len(part)


def groups(read: Reader, today: date) -> tuple[Group, ...]:
    """Proposals to file appeals together that are too small alone."""
    return propose_groups(too_small(read.rows()), today)


def record_of(read: Reader, rules: Ruleset, item_id: str) -> dict[str, Any] | None:
    """What the record shows for an item and what it lacks; None where there is nothing to argue, or no record left."""
    try:
        return evidence(read, rules, item_id)
    except (NoLetter, NoRecord, Erased):
        return None


def _with_record(read: Reader, rules: Ruleset, row: dict[str, Any]) -> dict[str, Any]:
    if row["status"] not in _TO_BE_WRITTEN or row["kind"] not in _ARGUED:
        return {**row, "supported": None}
    found = record_of(read, rules, row["item_id"])
    if found is None:
        return {**row, "supported": False, "missing": [*row["missing"], "the record of the visit"]}
    gaps = [gap["missing"] for gap in found["gaps"]]
    return {**row, "supported": found["supported"], "missing": [*row["missing"], *gaps]}
