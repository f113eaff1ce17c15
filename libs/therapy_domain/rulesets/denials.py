"""The table of denial codes as types: reason codes (CARC) and remark codes (RARC), in our own words."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict

from therapy_domain.rulesets.release import Ruleset

Action = Literal["corrected-claim", "appeal", "write-off-proposal", "bill-patient", "none"]
"""What to do first about an adjustment, in the order of the strategy."""

Ground = Literal["clerical-error", "records-not-sent"]
"""Why Medicare would reopen its decision: a clerical error (42 CFR 405.980(a)(3)), or the papers asked for did not come
and are sent now (405.980(a)(2))."""

KnownFact = Literal["record-supports-claim", "indicator-0", "not-separate", "mai-2", "filed-in-time"]
"""What our own record may say about a denied line: the claim is as the record has it; the pair may never be
billed together; its times were not separate; the unit limit is absolute; there is proof of timely filing."""


class Carc(BaseModel):
    """One reason code and what to do about it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    usual: tuple[str, ...]
    meaning: str
    category: str
    action: Action
    when_pr: Action | None = None
    denial: bool = True
    right: bool = True
    medicare_right: bool = True
    mendable: bool = True
    reopening: Ground | None = None
    known: Mapping[KnownFact, Action] = {}
    evidence: tuple[str, ...]
    source: str

    def action_for(self, group: str) -> Action:
        """What to do first where nothing but the group is known."""
        return self.when_pr if group == "PR" and self.when_pr else self.action


class Rarc(BaseModel):
    """One remark code and what it says about the claim or the right to appeal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    meaning: str
    says: Literal["error", "right", "no-right", "unprocessable", "duplicate", "records", ""]
    source: str


@dataclass(frozen=True)
class DenialCodes:
    """The whole table."""

    carcs: Mapping[str, Carc]
    rarcs: Mapping[str, Rarc]
    unlisted: Carc
    evidence: Mapping[str, str]
    """What evidence is called, by its key."""
    outside: frozenset[str]
    """Keys of evidence that no record of ours holds."""

    def carc(self, code: str) -> Carc:
        """The row of a reason code; the row for unlisted codes where the table has none."""
        return self.carcs.get(code, self.unlisted)


@cache
def denial_codes(rules: Ruleset) -> DenialCodes:
    """The denial codes of a release."""
    table, words = rules.toml["denial_codes"], rules.toml["appeal_evidence"]
    carcs = (Carc.model_validate(row) for row in table["carc"])
    rarcs = (Rarc.model_validate(row) for row in table["rarc"])
    return DenialCodes(
        carcs=MappingProxyType({row.code: row for row in carcs}),
        rarcs=MappingProxyType({row.code: row for row in rarcs}),
        unlisted=Carc.model_validate(table["unlisted"]),
        evidence=MappingProxyType({**words["held"], **words["outside"]}),
        outside=frozenset(words["outside"]),
    )
