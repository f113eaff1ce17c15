"""A finding as people read it has what the registry knows of its rule."""

from typing import Any

from therapy_domain.claims.catalog import REGISTRY
from therapy_domain.claims.told import of_rule, told
from therapy_domain.events.claim import Finding

ADDED = ["title", "x12", "cms1500", "since", "until"]


def test_a_finding_is_told_with_its_rules_title_place_and_days(scene: Any) -> None:
    scene.note(safety_precautions="")
    (finding,) = scene.assess().findings
    row = REGISTRY.row(finding.rule, finding.version)
    shown = told(finding)
    assert (shown["rule"], shown["message"]) == (finding.rule, finding.message)
    assert (shown["title"], shown["x12"], shown["cms1500"]) == (row.title, *row.place)


def test_every_rule_tells_its_place_and_its_days() -> None:
    for row in REGISTRY.all():
        days = [day.isoformat() if day else None for day in (row.since, row.until)]
        assert list(of_rule(row.id, row.version).values()) == [row.title, *row.place, *days]
        assert list(of_rule(row.id, row.version)) == ADDED


def test_a_later_releases_rule_is_told_without(scene: Any) -> None:
    scene.note(safety_precautions="")
    (finding,) = scene.assess().findings
    unknown: Finding = finding.model_copy(update={"rule": "NEW-001"})
    assert told(unknown) == unknown.model_dump(mode="json") | dict.fromkeys(
        ["title", "x12", "cms1500", "since", "until"]
    )


def test_what_is_told_of_a_rule_is_the_callers_own() -> None:
    of_rule("SIG-001", 1)["title"] = "changed"
    assert of_rule("SIG-001", 1)["title"] != "changed"
