"""All families, declared: importing this module fills the registry."""

from therapy_domain.claims import (
    add_ons,
    bypass,
    coding,
    communication,
    coverage,
    documentation,
    group,
    modifiers,
    necessity,
    notes,
    notices,
    patient,
    plan,
    signature,
    skill,
    telehealth,
    time,
    together,
    unit_limits,
)
from therapy_domain.claims.registry import REGISTRY

FAMILIES = (
    add_ons,
    bypass,
    coding,
    communication,
    coverage,
    documentation,
    group,
    modifiers,
    necessity,
    notes,
    notices,
    patient,
    plan,
    signature,
    skill,
    telehealth,
    time,
    together,
    unit_limits,
)
"""One module a family of rules."""

__all__ = ["FAMILIES", "REGISTRY"]
