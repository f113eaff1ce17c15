"""What every value and every event is by its class: defaults, stored types, what is sealed, where floats may be."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal

import pytest
from pydantic import ValidationError

from therapy_domain.events import appeal, base
from therapy_domain.events.base import REGISTRY, Event, _may_be_float
from therapy_domain.events.claim import Adjustment, ClaimLine
from therapy_domain.events.reference import PlanCertified
from therapy_domain.events.session import Measure, Note
from therapy_domain.fields import PERSONAL, Personal
from therapy_domain.values import Value, lean

OURS = {name: model for name, model in REGISTRY.items() if model.__module__.startswith("therapy_domain.")}
WITH_FLOATS = {"claimtrail.note.recorded.v1", "claimtrail.progress.reported.v1", "SessionRecorded"}


def test_a_field_that_may_be_none_has_a_default() -> None:
    with pytest.raises(TypeError) as raised:

        class Wrong(Value):
            day: int | None

    assert str(raised.value) == "Wrong.day may be None, which is stored by leaving it out: default it"

    class Right(Value):
        day: int | None = None
        code: int
        name: str = "x"

    assert Right(code=1).day is None


def test_a_value_made_without_validation_is_the_one_that_is_validated() -> None:
    said: dict[str, Any] = {"group": "CO", "carc": "50", "amount_cents": 5}
    made, read = Adjustment.trusted(**said), Adjustment(**said)
    assert made == read
    assert (made.rarcs, made.line) == ((), None)
    assert made.model_fields_set == read.model_fields_set == set(said)
    assert made.model_dump(exclude_unset=True) == said
    assert (made.model_extra, made.__pydantic_private__) == (None, None)
    assert Adjustment.trusted(**said, line=3).line == 3
    assert hash(made) == hash(read)


def test_a_lean_value_says_the_same() -> None:
    said: dict[str, Any] = {"group": "CO", "carc": "50", "amount_cents": 5}
    value, same = Adjustment(**said), Adjustment(**said)
    written = value.model_dump_json(exclude_none=True)
    lean(value)
    assert value == same
    assert hash(value) == hash(same)
    assert value.model_dump_json(exclude_none=True) == written
    assert value.model_copy(update={"line": 3}) == Adjustment(**said, line=3)
    assert value.model_fields_set is not value.model_copy(update={"line": 3}).model_fields_set


def test_a_value_is_never_changed_and_takes_no_other_field_or_type() -> None:
    line = ClaimLine(line=1, code="97112", minutes=15, units=1, modifiers=())
    with pytest.raises(ValidationError):
        line.units = 2  # type: ignore[misc]  # it is frozen
    for bad in ({"line": "1"}, {"other": 1}):
        with pytest.raises(ValidationError):
            ClaimLine(**{**line.model_dump(), **bad})


def test_an_event_is_stored_under_its_own_name_or_the_one_it_gives() -> None:
    for name, model in OURS.items():
        assert model.type == name
        assert name == model.__name__ or (name.startswith("claimtrail.") and name.endswith(".v1"))
        assert model.version == 1


def test_two_events_are_never_stored_under_one_name() -> None:
    with pytest.raises(TypeError) as raised:

        class Other(Event, type="ClaimAssessed"):
            """Another of that name."""

    assert str(raised.value) == "two events are stored as ClaimAssessed: ClaimAssessed, Other"
    assert REGISTRY["ClaimAssessed"].__name__ == "ClaimAssessed"


def test_an_event_with_another_version_and_sealed_fields() -> None:
    try:

        class MadeForTheTest(Event, type="made.for.the.test", version=3):
            """Made for the test."""

            open: int = 0
            note: Personal[str] = ""
            day: Annotated[int, "no mark"] = 0
            name: Annotated[str, "another", PERSONAL] = ""

        assert (MadeForTheTest.type, MadeForTheTest.version) == ("made.for.the.test", 3)
        assert MadeForTheTest.personal == ("note", "name")
        assert MadeForTheTest.unread == ()
        assert MadeForTheTest.numbers_are_plain is True
        assert REGISTRY["made.for.the.test"] is MadeForTheTest
    finally:
        REGISTRY.pop("made.for.the.test", None)


def test_where_floats_may_be_is_known_of_each_event() -> None:
    assert {name for name, model in OURS.items() if not model.numbers_are_plain} == WITH_FLOATS
    assert {type(model.numbers_are_plain) for model in OURS.values()} == {bool}
    assert all(model.sealed_is_plain for model in OURS.values())


def test_what_is_sealed_is_stored_as_text_whatever_numbers_are_in_it() -> None:
    try:

        class Sealed(Event, type="sealed.for.the.test"):
            measures: Personal[tuple[float, ...]]

        class Open(Event, type="open.for.the.test"):
            measures: Personal[tuple[float, ...]]
            weight: float | None = None

        assert (Sealed.numbers_are_plain, Sealed.sealed_is_plain) == (False, True)
        assert (Open.numbers_are_plain, Open.sealed_is_plain) == (False, False)
    finally:
        REGISTRY.pop("sealed.for.the.test", None)
        REGISTRY.pop("open.for.the.test", None)


@pytest.mark.parametrize(
    ("annotation", "may"),
    [
        (float, True),
        (Any, True),
        (int, False),
        (str, False),
        (None, False),
        (float | None, True),
        (int | str, False),
        (tuple[float, ...], True),
        (tuple[tuple[int | float, ...], ...], True),
        (dict[str, int], False),
        (dict[str, float], True),
        (Literal["x"], False),
        (Measure, True),
        (Note, True),
        (Note | None, True),
        (tuple[ClaimLine, ...], False),
        (ClaimLine, False),
    ],
)
def test_a_float_is_found_wherever_it_may_be(annotation: Any, may: bool) -> None:
    assert _may_be_float(annotation) is may


def test_absent_fields_are_left_out_of_the_canonical_form_and_aliases_are_written() -> None:
    said = PlanCertified.model_validate_json(
        '{"patient_id":"p","discipline":"PT","diagnoses":["R26.81"],"goals":["g"],"from":"2026-01-01","to":"2026-02-01"}'
    )
    assert said.canonical() == (
        b'{"diagnoses":["R26.81"],"discipline":"PT","from":"2026-01-01","goals":["g"],"patient_id":"p","to":"2026-02-01"}'
    )


@pytest.mark.parametrize("source", ["", "/orgs/", "orgs/a", "/orgs/a/clinics/", "/orgs/a/b"])
def test_what_is_no_source_is_told(source: str) -> None:
    with pytest.raises(ValueError, match="not a source") as raised:
        base.split_source(source)
    assert str(raised.value) == f"not a source: {source!r}"


@pytest.mark.parametrize(
    ("against", "days", "filed"),
    [("escalation", 0, True), ("escalation", 1, False), ("denial", 0, False), ("decision", 1, False)],
)
def test_an_escalation_is_its_own_filing_but_before_a_court(against: Any, days: int, filed: bool) -> None:
    day = date(2026, 5, 4)
    opened = appeal.AppealOpened.model_construct(against=against, received_on=day, file_by=day + timedelta(days=days))
    assert opened.is_filed_by_escalation is filed
