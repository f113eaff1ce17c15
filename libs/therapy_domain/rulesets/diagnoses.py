"""The year's ICD-10-CM codes, where a release holds them: which are valid on a claim, and which are only categories."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from therapy_domain.rulesets.publications import Publication, Rows, covering, once_a_table, publications
from therapy_domain.rulesets.release import Ruleset


@dataclass(frozen=True, eq=False, slots=True)
class DiagnosisCodes:
    """The codes of one publication, without dots."""

    publication: Publication
    billable: frozenset[str]
    categories: frozenset[str]
    """Too short to stand on a claim."""


def diagnosis_codes(ruleset: Ruleset, day: date) -> DiagnosisCodes | None:
    """The codes of that day's fiscal year; None where the release does not hold them: no other year answers for it.

    Source:  CMS/NCHS, ICD-10-CM code files of the fiscal year; 45 CFR 162.1002.
    """
    publication = covering(_published(ruleset), day)
    return None if publication is None else _codes(ruleset, publication)


@cache
def _published(ruleset: Ruleset) -> tuple[Publication, ...]:
    return publications(ruleset, "diagnoses")


@once_a_table
def _codes(rows: Rows, publication: Publication) -> DiagnosisCodes:
    billable, categories = set[str](), set[str]()
    for _, row in rows:
        (billable if row["billable"] == "1" else categories).add(row["code"])
    return DiagnosisCodes(publication, frozenset(billable), frozenset(categories))
