"""A person's question on a claim holds it until a person answers."""

from datetime import UTC, datetime, timedelta
from typing import Any

AT = datetime(2026, 3, 5, 12, tzinfo=UTC)
HELD = [("COM-001", "delay")]


def test_an_open_question_holds_the_claim_and_an_answer_lets_it_go(new_scene: Any) -> None:
    scene = new_scene(questions=[(1, AT)])
    assert scene.short() == HELD
    assert scene.assess().outcome == "held"
    scene.answers = [1]
    assert scene.short() == []


def test_each_open_question_is_named_without_a_word_of_it(new_scene: Any) -> None:
    scene = new_scene(questions=[(1, AT), (2, AT), (3, AT)], answers=[2])
    assert [f.message for f in scene.found()] == [
        "question Q1 of 2026-03-05 is open",
        "question Q3 of 2026-03-05 is open",
    ]


def test_a_conflict_and_a_question_are_two_findings(new_scene: Any) -> None:
    scene = new_scene(questions=[(1, AT)], conflicts=("c",))
    assert scene.short() == HELD * 2


def test_a_release_does_not_cover_what_is_asked_later(new_scene: Any) -> None:
    released = datetime(2026, 3, 3, tzinfo=UTC)  # when a scene's overrides are given
    scene = new_scene(conflicts=("c",), questions=[(1, released + timedelta(days=1))], overrides=[("COM-001", None)])
    assert [(f.message[:8], f.overridden) for f in scene.found()] == [("a fact c", True), ("question", False)]
    scene.questions = [(1, released - timedelta(days=1))]
    assert [f.overridden for f in scene.found()] == [True, True]


def test_questions_and_answers_are_in_the_basis(new_scene: Any) -> None:
    scene = new_scene(questions=[(1, AT)], answers=[1])
    case = scene.case()
    assert {known.id for known in (*case.questions, *case.answers)} <= set(scene.assess().basis)
