"""`claimtrail deadline`: the contract's four kinds of question, and errors that help."""

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from therapy_domain.appeals.request import answer

APPEAL: dict[str, Any] = {"program": "medicare-part-b", "level": 1, "notice_date": "2026-02-03"}
FILING: dict[str, Any] = {
    "program": "medicare-part-b",
    "kind": "timely-filing",
    "date_of_service": "2024-02-29",
}
AMOUNT: dict[str, Any] = {
    "program": "medicare-part-b",
    "kind": "amount-in-controversy",
    "level": 3,
    "filed_on": "2026-03-01",
}
RIGHTS: dict[str, Any] = {
    "program": "medicare-part-b",
    "kind": "appeal-rights",
    "group": "CO",
    "carc": "16",
    "rarcs": ["MA130"],
}


def ask(question: dict[str, Any]) -> dict[str, Any]:
    answers = answer(json.dumps(question))
    assert isinstance(answers.body, dict)
    assert answers.exit_code == ("error" in answers.body)
    return answers.body


def test_the_contracts_example_of_an_appeal() -> None:
    assert ask(APPEAL) == {
        "receipt": "2026-02-08",
        "deadline": "2026-06-08",
        "timely": None,
        "source": "42 CFR 405.942",
    }
    assert ask({**APPEAL, "kind": "appeal"}) == ask(APPEAL)


@pytest.mark.parametrize(
    ("change", "receipt", "deadline", "timely"),
    [
        ({"filed_on": "2026-06-08"}, "2026-02-08", "2026-06-08", True),
        ({"filed_on": "2026-06-09"}, "2026-02-08", "2026-06-08", False),
        ({"filed_on": "2026-02-03"}, "2026-02-08", "2026-06-08", True),
        ({"received_on": "2026-02-03"}, "2026-02-03", "2026-06-03", None),
        ({"received_on": "2026-02-20", "filed_on": "2026-06-20"}, "2026-02-20", "2026-06-20", True),
        ({"level": 2}, "2026-02-08", "2026-08-07", None),
        ({"level": 5, "filed_on": None}, "2026-02-08", "2026-04-09", None),
    ],
)
def test_an_appeal_is_answered_with_its_dates(
    change: dict[str, Any], receipt: str, deadline: str, timely: bool | None
) -> None:
    found = ask(APPEAL | change)
    assert list(found) == ["receipt", "deadline", "timely", "source"]
    assert (found["receipt"], found["deadline"], found["timely"]) == (receipt, deadline, timely)


def test_timely_filing_is_answered_with_the_workday() -> None:
    assert ask(FILING) == {"deadline": "2025-02-28", "timely": None, "source": "42 CFR 424.44"}
    saturday = {**FILING, "date_of_service": "2024-03-01"}
    assert ask({**saturday, "filed_on": "2025-03-03"})["timely"] is True
    assert ask({**saturday, "filed_on": "2025-03-04"})["timely"] is False


def test_amounts_are_answered_in_cents_and_null_where_there_is_none() -> None:
    found = [ask({**AMOUNT, "level": level}) for level in range(1, 6)]
    assert [one["amount_cents"] for one in found] == [None, None, 20000, None, 196000]
    assert all(list(one) == ["amount_cents", "source"] for one in found)
    assert all(one["source"] for one in found)
    assert ask({**AMOUNT, "level": 1, "filed_on": "2031-01-01"})["amount_cents"] is None


def test_appeal_rights_are_answered_with_the_action() -> None:
    found = ask(RIGHTS)
    assert list(found) == ["appealable", "action", "source"]
    assert (found["appealable"], found["action"]) == (False, "corrected-claim")
    assert ask({**RIGHTS, "carc": "50", "rarcs": []})["action"] == "appeal"


@pytest.mark.parametrize(
    ("question", "path", "expected"),
    [
        ({**APPEAL, "level": 6}, "$.level", "an integer from 1 to 5"),
        ({**APPEAL, "level": True}, "$.level", "an integer from 1 to 5"),
        ({**APPEAL, "level": "1"}, "$.level", "an integer from 1 to 5"),
        ({**APPEAL, "level": 1.0}, "$.level", "an integer from 1 to 5"),
        ({**APPEAL, "program": "medicaid"}, "$.program", "medicare-part-b"),
        ({**APPEAL, "kind": "hearing"}, "$.kind", "one of appeal, timely-filing"),
        ({**APPEAL, "kind": None}, "$.kind", "one of appeal, timely-filing"),
        ({**APPEAL, "kind": ["appeal"]}, "$.kind", "one of appeal, timely-filing"),
        ({**APPEAL, "notice_date": "2026-02-30"}, "$.notice_date", "a date YYYY-MM-DD"),
        ({**APPEAL, "notice_date": "03.02.2026"}, "$.notice_date", "a date YYYY-MM-DD"),
        ({**APPEAL, "notice_date": "20260203"}, "$.notice_date", "a date YYYY-MM-DD"),
        ({**APPEAL, "notice_date": "2026-02-03T00:00:00"}, "$.notice_date", "a date YYYY-MM-DD"),
        ({**APPEAL, "notice_date": "9999-12-31"}, "$.notice_date", "a date YYYY-MM-DD"),
        ({**APPEAL, "notice_date": "0001-01-01"}, "$.notice_date", "a date YYYY-MM-DD"),
        ({**APPEAL, "notice_date": "２０２６-02-03"}, "$.notice_date", "a date YYYY-MM-DD"),
        ({**APPEAL, "notice_date": 20260203}, "$.notice_date", "a date YYYY-MM-DD"),
        ({**APPEAL, "notice_date": None}, "$.notice_date", "a date YYYY-MM-DD"),
        ({**APPEAL, "received_on": "2026-02-02"}, "$.received_on", "not before notice_date 2026-02-03"),
        ({**APPEAL, "filed_on": "2026-02-02"}, "$.filed_on", "not before notice_date 2026-02-03"),
        ({**APPEAL, "date_of_service": "2026-01-01"}, "$.date_of_service", "no such field; known are"),
        ({"level": 1, "notice_date": "2026-02-03"}, "$.program", "medicare-part-b"),
        ({"program": "medicare-part-b"}, "$.level", "an integer from 1 to 5"),
        ({**FILING, "filed_on": "2024-02-28"}, "$.filed_on", "not before date_of_service 2024-02-29"),
        ({**FILING, "level": 1}, "$.level", "no such field"),
        ({**AMOUNT, "filed_on": "2027-01-01"}, "$.filed_on", "2018 to 2026"),
        ({**AMOUNT, "level": 5, "filed_on": "2017-12-31"}, "$.filed_on", "2018 to 2026"),
        ({**RIGHTS, "group": "XX"}, "$.group", "one of CO, PR, OA, PI"),
        ({**RIGHTS, "group": "co"}, "$.group", "one of CO, PR, OA, PI"),
        ({**RIGHTS, "carc": 50}, "$.carc", "a reason code (CARC)"),
        ({**RIGHTS, "carc": "050"}, "$.carc", "a reason code (CARC)"),
        ({**RIGHTS, "carc": "50\n"}, "$.carc", "a reason code (CARC)"),
        ({**RIGHTS, "carc": ""}, "$.carc", "a reason code (CARC)"),
        ({**RIGHTS, "rarcs": "MA130"}, "$.rarcs", "a list of remark codes"),
        ({**RIGHTS, "rarcs": ["MA130", 7]}, "$.rarcs[1]", "a remark code (RARC)"),
        ({**RIGHTS, "rarcs": ["ma130"]}, "$.rarcs[0]", "a remark code (RARC)"),
    ],
)
def test_a_fault_says_where_what_and_what_would_be_right(question: dict[str, Any], path: str, expected: str) -> None:
    error = ask(question)["error"]
    assert list(error) == ["path", "value", "expected"]
    assert error["path"] == path
    assert expected in error["expected"]


def test_an_array_gives_an_array_and_exit_code_1_when_one_is_wrong() -> None:
    answers = answer(json.dumps([APPEAL, {**APPEAL, "level": 9}, FILING]))
    assert isinstance(answers.body, list)
    assert ["error" in one for one in answers.body] == [False, True, False]
    assert answers.exit_code == 1
    assert answer(json.dumps([APPEAL, FILING, AMOUNT, RIGHTS])).exit_code == 0


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.dates().map(str)
    | st.sampled_from(["medicare-part-b", "appeal", "CO", "50", "MA130", 1, 3, "2026-02-03", "2024-02-29"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
names = sorted({*APPEAL, *FILING, *AMOUNT, *RIGHTS, "received_on", "other"})


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A good question with a few fields changed, added or taken away."""
    question = dict(draw(st.sampled_from([APPEAL, FILING, AMOUNT, RIGHTS])))
    question |= draw(st.dictionaries(st.sampled_from(names), anything, max_size=3))
    for name in draw(st.sets(st.sampled_from(names), max_size=2)):
        question.pop(name, None)
    return question


def check_answers(document: str | bytes) -> None:
    answers = answer(document)
    json.dumps(answers.body, allow_nan=False, ensure_ascii=False).encode()
    bodies = answers.body if isinstance(answers.body, list) else [answers.body]
    errors = [body["error"] for body in bodies if "error" in body]
    assert answers.failed == len(errors)
    for error in errors:
        assert set(error) == {"path", "value", "expected"}
        assert error["path"].startswith("$")
        assert error["expected"]


@settings(max_examples=300, deadline=None)
@given(mutated() | st.lists(mutated(), max_size=3) | anything)
def test_no_question_ends_in_a_traceback(document: object) -> None:
    check_answers(json.dumps(document))


def test_two_thousand_bent_questions_end_in_answers_or_helpful_errors() -> None:
    odd: list[Any] = [None, True, -1, 3, 6, 1e300, 10**25, "", "x" * 300, "2026-02-29", "2028-02-29", "9999-12-31"]
    odd += [[], {}, [[]], {"a": 1}, "\ud800", "medicare-part-b", "appeal-rights", "PR", "B7", ["MA130"], ["N1", 1]]
    chance = random.Random(20260203)
    for _ in range(2000):
        question = dict(chance.choice([APPEAL, FILING, AMOUNT, RIGHTS]))
        for _ in range(chance.randint(0, 3)):
            question[chance.choice(names)] = chance.choice(odd)
        if chance.random() < 0.2:
            question.pop(chance.choice(sorted(question)))
        text = json.dumps(question)
        at = chance.randrange(len(text))
        check_answers(text if chance.random() < 0.7 else text[:at] + chance.choice('{}[],:"0aN') + text[at + 1 :])


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=60) | st.text(alphabet='{}[]":,0123456789eE.-+ntfNaI \\u', max_size=60))
def test_no_bytes_end_in_a_traceback(document: bytes | str) -> None:
    check_answers(document)


@pytest.mark.parametrize(("year", "taken"), [(1979, False), (1980, True), (2999, True), (3000, False)])
def test_days_from_1980_to_2999_are_understood(year: int, taken: bool) -> None:
    body = ask({**APPEAL, "notice_date": f"{year}-02-03"})
    assert ("error" in body and "1980 to 2999" in str(body)) is not taken
