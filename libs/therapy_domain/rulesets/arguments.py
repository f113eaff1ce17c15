"""The table of arguments as types: what is argued against a denial, and what the record must show for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict

from therapy_domain.rulesets.deadline_tables import Program
from therapy_domain.rulesets.release import Ruleset


class Argument(BaseModel):
    """What is argued against some reason codes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    carcs: tuple[str, ...] = ()
    rule: str
    source: str
    other_rule: str
    other_source: str
    must: tuple[str, ...]
    """Keys of evidence that the argument rests on."""
    may: tuple[str, ...]
    """Keys of evidence that is told where the record shows it."""

    def rule_for(self, program: Program) -> tuple[str, str]:
        """The rule and its source, for Medicare or for another payer."""
        return (self.rule, self.source) if program == "medicare-part-b" else (self.other_rule, self.other_source)


@dataclass(frozen=True)
class Arguments:
    """The whole table."""

    by_carc: Mapping[str, Argument]
    other: Argument
    """For denials without a code, or with one that no row names."""

    def against(self, carcs: Iterable[str]) -> tuple[Argument, ...]:
        """The arguments against these reason codes, each once, in the order of the codes."""
        found = [self.by_carc.get(carc, self.other) for carc in carcs] or [self.other]
        return tuple(dict.fromkeys(found))


@cache
def arguments(rules: Ruleset) -> Arguments:
    """The arguments of a release."""
    table = rules.toml["appeal_arguments"]
    rows = [Argument.model_validate(row) for row in table["argument"]]
    by_carc = {carc: row for row in rows for carc in row.carcs}
    return Arguments(MappingProxyType(by_carc), Argument.model_validate(table["other"]))
