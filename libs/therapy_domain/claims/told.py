"""A finding as people read it: beside what it says, where it is mended on the claim and when its rule holds."""

from functools import lru_cache
from typing import Any

from therapy_domain.claims.catalog import REGISTRY
from therapy_domain.claims.errors import UnknownRules
from therapy_domain.events.claim import Finding

_UNKNOWN: dict[str, Any] = {"title": None, "x12": None, "cms1500": None, "since": None, "until": None}


@lru_cache(maxsize=1024)
def _of_rule(rule_id: str, version: int) -> dict[str, Any]:
    try:
        row = REGISTRY.row(rule_id, version)
    except UnknownRules:
        return _UNKNOWN  # a later release's rule
    return {
        "title": row.title,
        "x12": row.place.x12,
        "cms1500": row.place.cms1500,
        "since": row.since.isoformat() if row.since else None,
        "until": row.until.isoformat() if row.until else None,
    }


def of_rule(rule_id: str, version: int) -> dict[str, Any]:
    """What the registry adds to a finding of that rule and version.

    Returns: `title`; `x12`, the loop and element of the 837P, and `cms1500`, the box on paper, where it is mended;
             `since` and `until`, the dates of service that the rule looks at. Each None where there is none.
    """
    return dict(_of_rule(rule_id, version))


def told(finding: Finding) -> dict[str, Any]:
    """The finding as JSON shows it, with what the registry adds."""
    return {**finding.model_dump(mode="json"), **_of_rule(finding.rule, finding.version)}
