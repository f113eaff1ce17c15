"""Dated reference data: one folder a release, never changed once published; a decision names id and hash."""

from therapy_domain.rulesets.release import CURRENT, Ruleset, available, load

__all__ = ["CURRENT", "Ruleset", "available", "load"]
