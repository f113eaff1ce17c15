"""All families, declared: importing this module fills the registry."""

from therapy_domain.claims import (
    bypass,
    coding,
    communication,
    coverage,
    documentation,
    group,
    modifiers,
    necessity,
    notes,
    patient,
    plan,
    signature,
    skill,
    time,
)
from therapy_domain.claims.registry import REGISTRY

FAMILIES = (
    bypass,
    coding,
    communication,
    coverage,
    documentation,
    group,
    modifiers,
    necessity,
    notes,
    patient,
    plan,
    signature,
    skill,
    time,
)
"""One module a family of rules."""

__all__ = ["FAMILIES", "REGISTRY"]
