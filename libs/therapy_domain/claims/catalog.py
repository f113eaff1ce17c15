"""All families, declared: importing this module fills the registry."""

from therapy_domain.claims import (
    authorization,
    bypass,
    certifiers,
    coding,
    communication,
    corrections,
    coverage,
    documentation,
    duplicates,
    filing,
    group,
    modifiers,
    monitoring,
    necessity,
    notes,
    patient,
    plan,
    progress,
    signature,
    skill,
    threshold,
    time,
)
from therapy_domain.claims.registry import REGISTRY

FAMILIES = (
    authorization,
    bypass,
    certifiers,
    coding,
    communication,
    corrections,
    coverage,
    documentation,
    duplicates,
    filing,
    group,
    modifiers,
    monitoring,
    necessity,
    notes,
    patient,
    plan,
    progress,
    signature,
    skill,
    threshold,
    time,
)
"""One module a family of rules."""

__all__ = ["FAMILIES", "REGISTRY"]
