"""The words of letters: titles, openings and requests by purpose; days, money and lists."""

from datetime import date, datetime
from typing import Any

import pytest

from support.denied import Denied
from therapy_domain.appeals.phrases import opening, request, title
from therapy_domain.appeals.words import clock_words, counted, day_words, dollars, listed, quotation

BOTH = "97112 and 97530 of 2 March 2026"
KINDS: dict[str, tuple[str, dict[str, Any], str]] = {
    "appeal": ("appeal", {}, "appeal"),
    "decision": ("appeal", {"against": "decision"}, "appeal"),
    "dismissal": ("appeal", {"against": "dismissal"}, "appeal"),
    "escalation": ("appeal", {}, "escalation"),
    "vacate": ("appeal", {}, "vacate"),
    "escalated dismissal": ("appeal", {"against": "dismissal"}, "escalation"),
    "vacated dismissal": ("appeal", {"against": "dismissal"}, "vacate"),
    "clerical error": ("proposal", {"ground": "clerical-error"}, "reopening"),
    "records": ("proposal", {"ground": "records-not-sent"}, "reopening"),
    "correction": ("correction", {}, "corrected-claim"),
}


def said(kind: str, *, codes: bool = True, program: str = "medicare-part-b", **changes: Any) -> tuple[Any, ...]:
    """Matter, purpose and dispute."""
    name, more, purpose = KINDS[kind]
    denied = Denied().change(program=program, **({} if codes else {"disputed": ()}))
    dispute = denied.dispute()
    return getattr(denied, name)(dispute, **more, **changes), purpose, dispute


@pytest.mark.parametrize(
    ("kind", "medicare", "other"),
    [
        ("appeal", "Request for redetermination", "Appeal: internal appeal"),
        ("decision", "Request for redetermination", "Appeal: internal appeal"),
        ("dismissal", "Request for review of a dismissal", "Request for review of a dismissal"),
        (
            "escalation",
            "Request for escalation of a redetermination",
            "Request for escalation of a internal appeal",
        ),
        (
            "vacate",
            "Request to vacate the dismissal of a request for redetermination",
            "Request to vacate the dismissal of a request for internal appeal",
        ),
        (
            "escalated dismissal",
            "Request for escalation of a redetermination",
            "Request for escalation of a internal appeal",
        ),
        (
            "vacated dismissal",
            "Request to vacate the dismissal of a request for redetermination",
            "Request to vacate the dismissal of a request for internal appeal",
        ),
        ("clerical error", "Request for reopening", "Request for reopening"),
        ("records", "Request for reopening", "Request for reopening"),
        ("correction", "Corrected claim", "Corrected claim"),
    ],
)
def test_the_title_says_what_is_asked(kind: str, medicare: str, other: str) -> None:
    for program, words in (("medicare-part-b", medicare), ("other", other)):
        matter, purpose, dispute = said(kind, program=program)
        assert title(matter, purpose, dispute.program) == words


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("appeal", "We do not agree with the denial of {}, and ask for a redetermination."),
        ("decision", "We do not agree with the decision below on {}, and ask for a redetermination."),
        ("dismissal", "Our request about {} was dismissed at the level below. We ask that you review that."),
        (
            "escalation",
            "Our request for redetermination of {} was not decided in time. We ask that it go on to the next level.",
        ),
        ("vacate", "Our request for redetermination of {} was dismissed. We ask that this be vacated."),
        (
            "escalated dismissal",
            "Our request for redetermination of {} was not decided in time. We ask that it go on to the next level.",
        ),
        ("vacated dismissal", "Our request for redetermination of {} was dismissed. We ask that this be vacated."),
        ("clerical error", "The denial of {} rests on a clerical error. We ask that it be reopened and revised."),
        (
            "records",
            "The denial of {} was made without the record, which is enclosed. We ask that it be reopened, also where "
            "this is received as a request for redetermination.",
        ),
        ("correction", "A corrected claim for {} replaces the one below. This is what the record shows."),
    ],
)
def test_the_opening_asks_in_a_sentence_or_two(kind: str, words: str) -> None:
    for codes, services in ((True, BOTH), (False, "the claim below")):
        assert opening(*said(kind, codes=codes)) == words.format(services)


def test_another_payer_is_asked_for_a_review() -> None:
    assert (
        opening(*said("appeal", program="other")) == f"We do not agree with the denial of {BOTH}, and ask for a review."
    )


ALLOW = "Please allow {} as billed; $160.00 are in dispute."


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("appeal", ALLOW),
        ("decision", ALLOW),
        ("dismissal", "Please vacate the dismissal and send the request back to be decided."),
        ("escalation", "Please send the appeal on, or decide it within five days of this request."),
        ("vacate", "Please vacate the dismissal and decide the request."),
        ("escalated dismissal", "Please send the appeal on, or decide it within five days of this request."),
        ("vacated dismissal", "Please vacate the dismissal and decide the request."),
        ("clerical error", "Please reopen and revise the determination, and allow {} as billed."),
        ("records", "Please reopen and revise the determination, and allow {} as billed."),
        ("correction", "Please process the corrected claim in place of the one above."),
    ],
)
def test_the_request_says_what_is_to_be_done_behind_the_cause(kind: str, words: str) -> None:
    for codes, services in ((True, BOTH), (False, "the services")):
        wanted = words.format(services)
        assert list(request(*said(kind, codes=codes), None)) == [wanted]
        assert list(request(*said(kind, codes=codes), "")) == [wanted]
        assert list(request(*said(kind, codes=codes), "a flood")) == ["Good cause: a flood", wanted]


@pytest.mark.parametrize(
    ("new_evidence", "words"),
    [
        ("last", ["What the record holds is enclosed: later, new evidence needs good cause (42 CFR 405.966)."]),
        ("good-cause", ["No evidence is enclosed that was not there at the level below."]),
        ("open", []),
        (None, []),
    ],
)
def test_an_appeal_says_what_of_new_evidence_unless_a_cause_is_stated(new_evidence: Any, words: list[str]) -> None:
    asked = said("appeal", new_evidence=new_evidence)
    assert list(request(*asked, None)) == [ALLOW.format(BOTH), *words]
    assert list(request(*asked, "a flood")) == ["Good cause: a flood", ALLOW.format(BOTH)]


def test_a_day_has_its_month_in_words() -> None:
    said = [day_words(date(2026, month, month)) for month in range(1, 13)]
    assert said == [
        *("1 January 2026", "2 February 2026", "3 March 2026", "4 April 2026", "5 May 2026", "6 June 2026"),
        *("7 July 2026", "8 August 2026", "9 September 2026", "10 October 2026", "11 November 2026"),
        "12 December 2026",
    ]


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-03-02T09:05:00-05:00", "09:05"),
        ("2026-03-02T09:05:01-05:00", "09:05:01"),
        ("2026-03-02T00:00:59Z", "00:00:59"),
        ("2026-03-02T23:59:00Z", "23:59"),
    ],
)
def test_a_clock_time_has_seconds_where_there_are_any(at: str, words: str) -> None:
    assert clock_words(datetime.fromisoformat(at)) == words


@pytest.mark.parametrize(
    ("cents", "words"),
    [
        (0, "$0.00"),
        (1, "$0.01"),
        (-1, "-$0.01"),
        (99, "$0.99"),
        (100, "$1.00"),
        (-100, "-$1.00"),
        (100_000, "$1,000.00"),
        (123_456_789, "$1,234,567.89"),
    ],
)
def test_an_amount_is_in_dollars_and_cents(cents: int, words: str) -> None:
    assert dollars(cents) == words


@pytest.mark.parametrize(
    ("words", "row"),
    [([], "none"), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_words_in_a_row(words: list[str], row: str) -> None:
    assert listed(words) == listed(iter(words)) == row


@pytest.mark.parametrize(
    ("text", "words"),
    [("Falls", "“Falls.”"), (" Falls. ", "“Falls.”"), ("Falls...", "“Falls.”"), ("1. Falls", "“1. Falls.”")],
)
def test_a_quotation_ends_with_one_point(text: str, words: str) -> None:
    assert quotation(text) == words


def test_a_number_has_its_noun() -> None:
    assert [counted(number, "unit") for number in (0, 1, 2)] == ["0 units", "1 unit", "2 units"]
