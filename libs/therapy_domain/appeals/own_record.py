"""What our own record says of a denied line, as far as it decides what to do: pure."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from therapy_domain.appeals.denials import Adjustment
from therapy_domain.events.claim import ClaimAssessed, ClaimLine
from therapy_domain.rulesets.denials import KnownFact
from therapy_domain.rulesets.edits import pair_edits, unit_limits
from therapy_domain.rulesets.release import Ruleset

_BUNDLED = frozenset({"97", "236"})
_TOO_MANY = frozenset({"151"})
_DIAGNOSIS = frozenset({"11", "167"})
_LATE = frozenset({"29"})


class _Line(NamedTuple):
    line: ClaimLine
    claim: ClaimAssessed
    rules: Ruleset

    @property
    def day(self) -> date:
        return self.claim.date_of_service

    def found(self, *rules: str) -> bool:
        """Whether one of these rules speaks of the line or of the whole claim, released by a person or not."""
        return any(
            {finding.rule, *finding.also}.intersection(rules) and finding.line in (None, self.line.line)
            for finding in self.claim.findings
        )


def own_record(
    adjustments: Iterable[Adjustment], claim: ClaimAssessed, rules: Ruleset, *, filed_in_time: bool = False
) -> Mapping[int | None, frozenset[KnownFact]]:
    """What is known of each denied line, for the reason codes whose rows ask for it.

    97, 236: the published pair edit bars the line's code beside another one of the day (indicator 0), or lets it stand
    and our times are not separate. 151: more units than a limit that is absolute. 11, 167: our check of the diagnosis
    against the payer's list found nothing. 29: the payer had the claim in time. What the payer made the patient's (PR)
    is left to the patient.

    A denial of the whole claim says something only where it is true of every line.
    Args:    filed_in_time: it is proved that the payer had the claim by the last day.
    Source:  CMS NCCI Policy Manual, chapter 1 (V: unit limits); 42 CFR 405.980(a), 424.44.
    """
    lines = {line.line: _Line(line, claim, rules) for line in claim.lines}
    found: dict[int | None, frozenset[KnownFact]] = {}
    for each in adjustments:
        if each.group == "PR":
            continue
        concerned = [lines[each.line]] if each.line in lines else list(lines.values()) if each.line is None else []
        known = [_known(each.carc, line) for line in concerned]
        if each.carc in _LATE and filed_in_time:
            known = [frozenset({"filed-in-time"})]
        if known:
            found[each.line] = found.get(each.line, frozenset()) | frozenset.intersection(*known)
    return found


def _known(carc: str, line: _Line) -> frozenset[KnownFact]:
    if carc in _BUNDLED:
        return _bundled(line)
    if carc in _TOO_MANY and _limit_is_absolute(line):
        return frozenset({"mai-2"})
    if carc in _DIAGNOSIS and not line.found("DXM-001", "DXM-002", "MNC-001"):
        return frozenset({"record-supports-claim"})
    return frozenset()


def _bundled(line: _Line) -> frozenset[KnownFact]:
    codes = {other.code for other in line.claim.lines}
    edits = [
        edit
        for edit in pair_edits(line.rules).among(codes, line.day)
        if edit.column_2 == line.line.code and edit.binds(line.day)
    ]
    if any(edit.indicator == 0 for edit in edits):
        return frozenset({"indicator-0"})
    if edits and line.found("NCC-002"):
        return frozenset({"not-separate"})
    return frozenset()


def _limit_is_absolute(line: _Line) -> bool:
    limit = unit_limits(line.rules).limit(line.line.code, line.day)
    units = sum(other.units for other in line.claim.lines if other.code == line.line.code)
    return limit is not None and limit.binds(line.day) and limit.indicator == 2 and units > limit.units
