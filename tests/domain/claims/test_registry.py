"""The registry: versions stand beside each other, and an old decision finds its own."""

import hashlib
from datetime import date

import pytest

from therapy_domain.claims import catalog
from therapy_domain.claims import registry as declared
from therapy_domain.claims.errors import UnknownRules
from therapy_domain.claims.registry import NOTE, Fault, Registry, Rule
from therapy_domain.claims.visit import Visit, of_visit, once


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


def test_an_edition_runs_the_rules_of_the_day(registry: Registry) -> None:
    registry.rule("X-0", severity="deny", source="s", fix="f.", editions=(2, None))(lambda visit: [])
    edition = registry.edition(2)
    assert [row.id for row in edition.on(date(2025, 12, 31))] == ["X-0"]
    assert [row.id for row in edition.on(date(2026, 1, 1))] == ["X-0", "X-1"]
    assert edition.on(date(2026, 1, 1)) is edition.on(date(2026, 1, 1))
    assert edition == registry.edition(2)


def test_a_rule_is_kept_as_it_was_declared() -> None:
    made = Registry()

    def check(visit: Visit) -> list[Fault]:
        """
        What it looks for.

        And more.
        """
        return []

    assert made.rule("X-2", severity="delay", source="s", fix="f.")(check) is check
    plain = made.row("X-2", 1)
    assert plain == Rule("X-2", 1, "What it looks for.", "delay", (), "s", "f.", NOTE, None, None, (1, None), check)
    first, last = date(2026, 1, 1), date(2026, 2, 1)
    made.rule(
        "X-1",
        severity="reject",
        source="t",
        fix="g.",
        place=declared.Place("2310B NM1", "REF"),
        also=("X-9",),
        version=4,
        since=first,
        until=last,
        editions=(2, 5),
        title="Another.",
    )(check)
    full = Rule(
        "X-1",
        4,
        "Another.",
        "reject",
        ("X-9",),
        "t",
        "g.",
        declared.Place("2310B NM1", "REF"),
        first,
        last,
        (2, 5),
        check,
    )
    assert made.row("X-1", 4) == full
    assert made.all() == (full, plain)
    days = [date(2025, 12, 31), first, last, date(2026, 2, 2)]
    assert [full.holds_on(day) for day in days] == [False, True, True, False]
    assert [plain.holds_on(day) for day in (date.min, date.max)] == [True, True]
    made.rule("X-3", severity="deny", source="s", fix="f.")(lambda visit: [])
    assert made.row("X-3", 1).title == ""


def test_an_edition_runs_from_its_first_to_before_the_one_it_is_gone_in(registry: Registry) -> None:
    registry.rule("X-4", severity="deny", source="s", fix="f.", editions=(2, 4))(lambda visit: [])
    ran = [[(row.id, row.version) for row in registry.edition(number).rules] for number in (1, 2, 3, 4)]
    assert ran == [[("X-1", 1)], [("X-1", 2), ("X-4", 1)], [("X-1", 2), ("X-4", 1)], [("X-1", 2)]]
    assert registry.edition(2) is registry.edition(2)
    assert registry.edition(2).number == 2
    with pytest.raises(UnknownRules, match="0"):
        registry.edition(0)


def test_a_fingerprint_is_over_ids_and_versions_in_order() -> None:
    made = Registry()
    for rule_id in ("B", "A"):
        made.rule(rule_id, severity="deny", source="s", fix="f.")(lambda visit: [])
    digest = hashlib.sha256(b"A@1\nB@1").hexdigest()
    assert made.edition(1).fingerprint == f"1-{digest[:12]}"


def test_a_rule_declared_later_is_in_the_edition_too() -> None:
    made = Registry()
    made.rule("A", severity="deny", source="s", fix="f.")(lambda visit: [])
    before = made.edition(1)
    made.rule("B", severity="deny", source="s", fix="f.")(lambda visit: [])
    assert [row.id for row in made.edition(1).rules] == ["A", "B"]
    assert made.edition(1).fingerprint != before.fingerprint


def test_two_versions_of_a_rule_in_one_edition_are_refused() -> None:
    made = Registry()
    for version in (1, 2):
        made.rule("A", severity="deny", source="s", fix="f.", version=version)(lambda visit: [])
    with pytest.raises(UnknownRules, match="1"):
        made.edition(1)


def test_every_rule_of_the_catalog_has_a_title_a_source_and_a_fix() -> None:
    assert catalog
    for row in declared.REGISTRY.all():
        assert row.title.endswith("."), row.id
        assert row.source, row.id
        assert row.fix.endswith("."), row.id


def test_an_item_of_the_note_is_asked_for_by_a_rule_of_its_own() -> None:
    row = declared.REGISTRY.row("DOC-004", 1)
    assert (row.severity, row.place, row.also, row.editions) == ("deny", NOTE, (), (1, None))
    assert row.title == "The note lists the exercises in their sequence."
    assert row.source == "CMS Pub. 100-02, chapter 15, section 220.3; payers' audit checklists"
    assert row.fix == "List activity, dose and order."


class Counted:
    """Something with a view of its own, and how often it was worked out."""

    worked = 0

    @once
    def view(self) -> int:
        """The view."""
        self.worked += 1
        return self.worked


def test_a_view_is_worked_out_once_for_each() -> None:
    one, other = Counted(), Counted()
    assert (one.view, one.view, other.view) == (1, 1, 1)
    assert (one.worked, one.__dict__["view"]) == (1, 1)
    assert isinstance(Counted.view, once)
    assert Counted.view.__doc__ == "The view."


def test_a_familys_view_of_a_visit_is_worked_out_once_and_kept_under_its_own_name() -> None:
    def view(visit: Counted) -> int:
        """The view."""
        return visit.view

    kept = of_visit(view)  # type: ignore[arg-type]  # a visit as far as it goes
    visit = Counted()
    assert (kept(visit), kept(visit), visit.worked) == (1, 1, 1)  # type: ignore[arg-type]  # as above
    name = f"{view.__module__}.{view.__qualname__}"
    assert visit.__dict__[name] == 1
    visit.__dict__[name] = 7
    assert kept(visit) == 7  # type: ignore[arg-type]  # as above
    assert (kept.__name__, kept.__doc__) == ("view", "The view.")
