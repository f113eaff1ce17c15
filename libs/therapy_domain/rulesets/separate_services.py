"""What shows that two services of a pair edit were separate, and which published files speak for a claim."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from therapy_domain.rulesets.publications import Setting
from therapy_domain.rulesets.release import Ruleset


@dataclass(frozen=True, eq=False, slots=True)
class SeparateServices:
    """How separate services are shown, by date of service."""

    either_since: date
    """From then on the modifier may stand on either code of a pair; before that on column 2 alone."""
    opening: frozenset[str]
    """Modifiers that open an edit of indicator 1, by whatever they say."""
    structures: tuple[tuple[date, frozenset[str]], ...]
    """From a day on, the column 1 codes beside which only another region of the body is separate."""

    def needs_other_structure(self, column_1: str, day: date) -> bool:
        """Whether time apart is not enough beside that code."""
        return any(since <= day and column_1 in codes for since, codes in self.structures)


@cache
def separate_services(ruleset: Ruleset) -> SeparateServices:
    """The table of separate services of a release.

    Source:  CMS NCCI Policy Manual, chapters 1 and 11; MLN article SE1418; each row names its own.
    """
    table = ruleset.toml["separate_services"]
    rows = tuple((row["from"], frozenset(row["column_1"])) for row in table["structure"])
    return SeparateServices(table["either_column"]["from"], frozenset(table["opening"]["modifiers"]), rows)


def edit_setting(ruleset: Ruleset, places: Iterable[str]) -> Setting:
    """Whose edits hold for a claim with services at these places: the hospital's where all of them bill themselves."""
    named = frozenset(places)
    return "hospital" if named and named <= _hospital_places(ruleset) else "practitioner"


@cache
def _hospital_places(ruleset: Ruleset) -> frozenset[str]:
    return frozenset(ruleset.toml["edit_settings"]["hospital"]["places"])
