"""The registry: versions stand beside each other, and an old decision finds its own."""

from datetime import date

import pytest

from therapy_domain.claims.errors import UnknownRules
from therapy_domain.claims.registry import Fault, Registry
from therapy_domain.claims.visit import Visit


@pytest.fixture
def registry() -> Registry:
    made = Registry()

    @made.rule("X-1", severity="deny", source="s", fix="f.", editions=(1, 2))
    def old(visit: Visit) -> list[Fault]:
        """The old reading."""
        return [Fault("old")]

    @made.rule("X-1", severity="deny", source="s", fix="f.", version=2, editions=(2, None), since=date(2026, 1, 1))
    def new(visit: Visit) -> list[Fault]:
        """The new reading."""
        return [Fault("new")]

    return made


def test_each_edition_runs_its_own_version(registry: Registry) -> None:
    assert [row.version for row in registry.edition(1).rules] == [1]
    assert [row.version for row in registry.edition(2).rules] == [2]
    assert registry.edition(1).fingerprint != registry.edition(2).fingerprint


def test_a_superseded_edition_is_found_by_its_fingerprint(registry: Registry) -> None:
    assert registry.edition_of(registry.edition(1).fingerprint).rules[0].title == "The old reading."


@pytest.mark.parametrize("fingerprint", ["1-000000000000", "9-abc", "", "x"])
def test_an_unknown_fingerprint_is_refused(registry: Registry, fingerprint: str) -> None:
    registry.edition(1)
    with pytest.raises(UnknownRules):
        registry.edition_of(fingerprint)


def test_a_finding_leads_back_to_its_rule(registry: Registry) -> None:
    assert registry.row("X-1", 1).title == "The old reading."
    with pytest.raises(UnknownRules):
        registry.row("X-1", 3)


def test_a_version_is_declared_once(registry: Registry) -> None:
    with pytest.raises(TypeError, match="twice"):
        registry.rule("X-1", severity="deny", source="s", fix="f.")(lambda visit: [])


def test_a_rule_looks_only_at_its_dates_of_service(registry: Registry) -> None:
    row = registry.edition(2).rules[0]
    assert [row.holds_on(day) for day in (date(2025, 12, 31), date(2026, 1, 1))] == [False, True]
