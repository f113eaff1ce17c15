"""What a simulated payer may decide on a claim, and chance that decides the same for the same seed."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType
from typing import NamedTuple, cast

from interchange.professional import ProfessionalClaim
from interchange.remittance.model import GroupCode
from therapy_domain.rulesets.denials import denial_codes
from therapy_domain.rulesets.release import Ruleset

_REMARKS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"16": ("MA130", "M53"), "96": ("N130",), "252": ("M127",), "4": ("N822",), "11": ("M76",)}
)
"""Remark codes that go with a reason; reasons 16, 96 and 252 say nothing without one."""


class Denial(NamedTuple):
    """Why nothing is paid."""

    group: GroupCode
    reason: str
    remarks: tuple[str, ...] = ()


_TOO_MANY = Denial("CO", "151")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay:
    """Pay what the contract allows, less the patient's share."""

    allowed_percent: int = 78
    coinsurance_percent: int = 20
    deductible_cents: int = 0
    sequestration_percent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deny:
    """Pay nothing for some lines, or for any."""

    denial: Denial
    lines: frozenset[int] = frozenset()
    """Numbers from 1; none = the whole claim."""
    others: Pay = Pay()


@dataclass(frozen=True, slots=True, kw_only=True)
class CutUnits:
    """Pay fewer units of one line than were billed."""

    line: int
    paid_units: int
    denial: Denial = _TOO_MANY
    others: Pay = Pay()


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Answer the first lines and the others as two claims."""

    first_lines: int
    pay: Pay = Pay()


Ruling = Pay | Deny | CutUnits | Split


def denials(rules: Ruleset) -> tuple[Denial, ...]:
    """One denial for every reason code of a release that denies, in each group it is usually seen with."""
    return tuple(
        Denial(cast("GroupCode", group), carc.code, _REMARKS.get(carc.code, ()))
        for carc in denial_codes(rules).carcs.values()
        if carc.denial
        for group in carc.usual
    )


def ruling_for(claim: ProfessionalClaim, seed: object, known: tuple[Denial, ...]) -> Ruling:
    """What this payer decides on a claim, the same for the same seed: four in five paid, others denied, cut or split.

    Args:    known: the denials to choose from.
    """
    chance = Random(f"{seed}/{claim.claim_id}")  # noqa: S311 -- a simulation, not a secret
    roll, count = chance.random(), len(claim.lines)
    if roll < 0.8:
        return Pay(deductible_cents=chance.choice([0, 0, 0, 2500]), sequestration_percent=chance.choice([0, 2]))
    if roll < 0.9:
        return Deny(denial=chance.choice(known))
    if roll < 0.95 and count > 1:
        return Deny(denial=chance.choice(known), lines=frozenset({chance.randint(1, count)}))
    line = chance.randint(1, count)
    if roll < 0.98 and claim.lines[line - 1].units > 1:
        return CutUnits(line=line, paid_units=claim.lines[line - 1].units - 1)
    return Split(first_lines=chance.randint(1, count - 1)) if count > 1 else Pay()
