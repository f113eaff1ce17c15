"""Which of our rules look for what a payer denies by a code: the table as types."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from therapy_domain.rulesets.release import Ruleset


@dataclass(frozen=True, slots=True)
class DenialRules:
    """Rule ids by reason code and by remark code."""

    carcs: Mapping[str, tuple[str, ...]]
    rarcs: Mapping[str, tuple[str, ...]]

    def looking_for(self, carc: str, rarcs: Iterable[str]) -> tuple[str, ...]:
        """The rules that look for what these codes deny, what the remarks say first; none = none can."""
        by_remark = [rule for code in rarcs for rule in self.rarcs.get(code, ())]
        return tuple(dict.fromkeys((*by_remark, *self.carcs.get(carc, ()))))


@cache
def denial_rules(rules: Ruleset) -> DenialRules:
    """The table of a release."""
    table = rules.toml["denial_rules"]
    carcs, rarcs = (
        MappingProxyType({code: tuple(row["rules"]) for code, row in table[kind].items()}) for kind in ("carc", "rarc")
    )
    return DenialRules(carcs, rarcs)
