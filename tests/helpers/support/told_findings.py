"""Every finding of these tests in full, beside what was written down of it in tests/domain/claims/findings.txt.

A finding is what a biller reads: its words, its line, what caused it and how it is mended are kept as they are. Where a
change is meant: CLAIMTRAIL_GOLDEN=write pytest -p no:xdist tests/domain/claims
"""

from collections.abc import Iterable
from pathlib import Path

from support import golden
from therapy_domain.events.claim import Finding

GOLDEN = Path(__file__).parents[2] / "domain" / "claims" / "findings.txt"
WRITING = golden.WRITING


def line_of(finding: Finding) -> str:
    """One finding in one line."""
    where = f"line {finding.line}" if finding.line is not None else "claim"
    also = f" (also {', '.join(finding.also)})" if finding.also else ""
    fields = ", ".join(finding.fields) or "-"
    return f"{finding.rule}{also} | {finding.severity} | {where} | {fields} | {finding.message} | {finding.fix}"


def written() -> dict[str, list[str]]:
    """The findings by test."""
    return golden.read(GOLDEN)


def write(found: dict[str, Iterable[str]]) -> None:
    """Write them down."""
    golden.write(GOLDEN, found)
