"""A 999 tells which transaction was taken and which segment and element was not; a TA1 speaks of the envelope."""

import io
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interchange.acknowledgment import (
    ElementError,
    GroupAnswer,
    InterchangeAnswer,
    SegmentError,
    TransactionAnswer,
    read_acknowledgment,
    write_acknowledgment,
)
from interchange.acknowledgment.model import GROUP_VERDICTS, TRANSACTION_VERDICTS
from interchange.x12.errors import BadElement, Misplaced
from support.answers import ENVELOPE, acknowledgment
from support.x12 import recounted

ANSWERED = acknowledgment()
TEXT = ANSWERED.raw.decode()

places = st.integers(1, 9999)
elements = st.builds(
    ElementError, places, st.sampled_from(["1", "7", "I9"]), st.none() | places, st.none(), st.sampled_from(["", "66"])
)
segments = st.builds(
    SegmentError,
    st.sampled_from(["NM1", "SV1"]),
    places,
    st.sampled_from(["", "2400"]),
    st.sampled_from(["", "8"]),
    st.lists(elements, max_size=3).map(tuple),
    st.sampled_from(["", "C1"]),
)
codes = st.lists(st.sampled_from(["5", "I5"]), max_size=5).map(tuple)
transactions = st.builds(
    TransactionAnswer,
    st.just("837"),
    st.sampled_from(["0001", "0002"]),
    st.sampled_from(TRANSACTION_VERDICTS),
    st.just("005010X222A1"),
    codes,
    st.lists(segments, max_size=3).map(tuple),
)
groups = st.builds(
    GroupAnswer,
    st.just("HC"),
    st.sampled_from(["1", "77"]),
    st.sampled_from(GROUP_VERDICTS),
    st.integers(0, 9),
    st.just(9),
    st.just(9),
    st.just("005010X222A1"),
    codes,
    st.lists(transactions, max_size=3).map(tuple),
)


@given(st.lists(groups, max_size=3))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_whatever_is_written_is_read_again(answers: list[GroupAnswer]) -> None:
    out = io.BytesIO()
    write_acknowledgment(out, ENVELOPE, answers)
    assert read_acknowledgment(io.BytesIO(out.getvalue())).groups == tuple(answers)


def test_a_rejected_transaction_names_its_segments_and_elements() -> None:
    group = read_acknowledgment(io.BytesIO(ANSWERED.raw)).groups[0]
    assert (group.verdict, group.included, group.received, group.accepted) == ("P", 2, 2, 1)
    first, second = group.transactions
    assert (first.control_number, first.accepted, first.segments) == ("0001", True, ())
    assert (second.control_number, second.accepted, second.codes) == ("0002", False, ("5",))
    name, missing = second.segments
    assert (name.tag, name.position, name.loop, name.claim_control_number) == ("NM1", 8, "2010", "C5J2K8Q0V7M3T9XA4")
    assert name.elements == (ElementError(9, "1", reference="67"), ElementError(1, "7", 2, 1, "66"))
    assert (missing.tag, missing.code, missing.elements) == ("SBR", "3", ())


def test_accepted_with_errors_is_accepted() -> None:
    assert TransactionAnswer("837", "1", "E").accepted
    assert not any(TransactionAnswer("837", "1", verdict).accepted for verdict in ("R", "M", "W", "X"))


def test_a_group_may_be_answered_without_naming_its_transactions() -> None:
    text = TEXT[: TEXT.index("AK2*")] + TEXT[TEXT.index("AK9*") :].replace("AK9*P*2*2*1", "AK9*A*2*2*2")
    group = read_acknowledgment(io.BytesIO(recounted(text).encode())).groups[0]
    assert (group.verdict, group.transactions) == ("A", ())


def test_faulty_values_and_other_contexts_are_not_kept() -> None:
    text = TEXT.replace("IK4*9*67*1~", "IK4*9*67*1*CANARY~").replace(
        "IK3*SBR", "CTX*SUBSCRIBER NAME NM109:CANARY~CTX*SITUATIONAL TRIGGER*CLM*43**5:3*CANARY~IK3*SBR"
    )
    found = read_acknowledgment(io.BytesIO(recounted(text).encode()))
    assert found.groups[0].transactions[1].segments[0].claim_control_number == "C5J2K8Q0V7M3T9XA4"
    assert "CANARY" not in repr(found)


def test_a_ta1_answers_an_interchange() -> None:
    alone = TEXT[: TEXT.index("GS*")] + "TA1*000000009*260302*1205*R*013~IEA*0*000000005~"
    assert read_acknowledgment(io.BytesIO(alone.encode())).interchanges == (
        InterchangeAnswer("000000009", datetime(2026, 3, 2, 12, 5), "R", "013"),  # noqa: DTZ001 -- X12 tells no zone
    )
    both = TEXT.replace("GS*FA", "TA1*000000009*260302*1205*A*000~GS*FA")
    found = read_acknowledgment(io.BytesIO(both.encode()))
    assert (len(found.groups), len(found.interchanges)) == (1, 1)


@pytest.mark.parametrize(
    ("old", "new", "kind", "tag"),
    [
        ("IK5*A~", "IK5*Q~", BadElement, "IK5"),
        ("AK9*P*", "AK9*Z*", BadElement, "AK9"),
        ("AK9*P*2*2*1", "AK9*P*2*2*3", BadElement, "AK9"),
        ("AK9*P*2*2*1", "AK9*P*2*2*0", BadElement, "AK9"),
        ("AK9*P*2*2*1", "AK9*P*2*2", BadElement, "AK9"),
        ("IK3*NM1*8", "IK3*NM1*x", BadElement, "IK3"),
        ("IK4*9*", "IK4**", BadElement, "IK4"),
        ("IK4*1:2:1*", "IK4*1:b*", BadElement, "IK4"),
        ("AK1*HC*5*005010X222A1~", "", Misplaced, "AK2"),
        ("AK2*837*0001*005010X222A1~", "", Misplaced, "IK5"),
        ("IK5*A~", "", Misplaced, "AK2"),
        ("AK9*P*2*2*1~", "", Misplaced, "SE"),
        ("AK9*P*2*2*1~", "AK9*P*2*2*1~AK9*P*2*2*1~", Misplaced, "AK9"),
        ("IK3*NM1*8*2010*8~CTX*CLM01:C5J2K8Q0V7M3T9XA4~", "", Misplaced, "IK4"),
    ],
)
def test_what_cannot_be_understood_is_named(old: str, new: str, kind: type[Any], tag: str) -> None:
    assert old in TEXT
    with pytest.raises(kind) as caught:
        read_acknowledgment(io.BytesIO(recounted(TEXT.replace(old, new, 1)).encode()))
    assert caught.value.tag == tag
    assert caught.value.segment > 0


def test_an_answer_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interchange.acknowledgment.reader.MOST_FAULTS", 3)
    with pytest.raises(Misplaced):
        read_acknowledgment(io.BytesIO(ANSWERED.raw))
