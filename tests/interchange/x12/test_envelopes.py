"""Counts and control numbers of trailers are checked; nothing stands outside its envelope."""

import io

import pytest

from interchange.x12.envelopes import Envelopes
from interchange.x12.errors import BadElement, ControlMismatch, Misplaced, NotX12, Truncated, X12Error
from support.answers import remittance
from support.claims import professional_claims

RAW = remittance(list(professional_claims("envelopes", 2)), 1).raw.decode()
SEGMENTS = RAW.count("~")
EXPECTS = ("835", "005010X221")


def walk(text: str) -> list[str]:
    return [segment.tag for segment in Envelopes(io.BytesIO(text.encode()), EXPECTS)]


def test_what_stands_between_the_envelopes_is_handed_out() -> None:
    tags = walk(RAW)
    assert (tags[0], tags[-1], len(tags)) == ("ST", "SE", SEGMENTS - 4)


def test_the_envelopes_are_known_while_their_segments_pass() -> None:
    envelopes = Envelopes(io.BytesIO(RAW.encode()), EXPECTS)
    assert next(iter(envelopes)).tag == "ST"
    assert envelopes.interchange is not None
    assert envelopes.group is not None
    assert envelopes.transaction is not None
    interchange, group, transaction = envelopes.interchange, envelopes.group, envelopes.transaction
    assert (interchange.sender_qualifier, interchange.sender, interchange.receiver) == ("ZZ", "PAYER", "NORTH")
    assert (interchange.control_number, interchange.test) == ("000000005", False)
    assert f"{interchange.created:%Y-%m-%d %H:%M}" == f"{group.created:%Y-%m-%d %H:%M}" == "2026-03-20 08:00"
    assert (group.identifier, group.guide, group.control_number) == ("HP", "005010X221A1", "5")
    assert (transaction.identifier, transaction.control_number) == ("835", "0001")


def test_several_groups_and_transactions_are_counted() -> None:
    body = RAW[RAW.index("ST*") : RAW.index("GE*")]
    second = body.replace("ST*835*0001", "ST*835*0002").replace("*0001~", "*0002~")
    two = RAW.replace(body, body + second).replace("GE*1*5", "GE*2*5")
    assert walk(two).count("ST") == 2
    group = two[two.index("GS*") : two.index("IEA*")]
    assert walk(two.replace(group, group * 3).replace("IEA*1", "IEA*3")).count("ST") == 6


def test_leading_zeros_of_numeric_control_numbers_say_nothing() -> None:
    assert walk(RAW.replace("GE*1*5~", "GE*1*005~").replace("IEA*1*000000005", "IEA*01*5"))


@pytest.mark.parametrize(
    ("old", "new", "kind", "element"),
    [
        (f"SE*{SEGMENTS - 4}*", f"SE*{SEGMENTS - 5}*", ControlMismatch, "SE01"),
        ("*0001~GE", "*0002~GE", ControlMismatch, "SE02"),
        ("GE*1*5", "GE*2*5", ControlMismatch, "GE01"),
        ("GE*1*5", "GE*1*6", ControlMismatch, "GE02"),
        ("IEA*1*", "IEA*2*", ControlMismatch, "IEA01"),
        ("IEA*1*000000005", "IEA*1*000000015", ControlMismatch, "IEA02"),
        (f"SE*{SEGMENTS - 4}*", "SE*many*", BadElement, "SE01"),
        ("*00501*", "*00401*", BadElement, "ISA12"),
        ("*260320*0800*", "*261320*0800*", BadElement, "ISA09"),
        ("*260320*0800*", "*260320*2400*", BadElement, "ISA10"),
        ("*20260320*0800*5*", "*20260320*0800**", BadElement, "GS06"),
        ("ST*835*0001", "ST*837*0001", BadElement, "ST01"),
        ("005010X221A1", "005010X222A1", BadElement, "GS08"),
    ],
)
def test_what_an_envelope_says_wrongly_is_named(old: str, new: str, kind: type[X12Error], element: str) -> None:
    with pytest.raises(kind) as caught:
        walk(RAW.replace(old, new, 1))
    assert isinstance(caught.value, BadElement | ControlMismatch)
    assert caught.value.element == element
    assert caught.value.segment > 0


def test_a_count_that_is_off_is_told_with_both_numbers() -> None:
    with pytest.raises(ControlMismatch) as caught:
        walk(RAW.replace("GE*1*5", "GE*7*5"))
    assert (caught.value.stated, caught.value.actual) == ("7", "1")


def without(tag: str) -> str:
    start = RAW.index(f"~{tag}*") + 1
    return RAW[:start] + RAW[RAW.index("~", start) + 1 :]


@pytest.mark.parametrize("tag", ["GS", "ST", "SE", "GE"])
def test_a_missing_envelope_is_noticed_at_the_next_segment(tag: str) -> None:
    with pytest.raises(Misplaced):
        walk(without(tag))


def test_a_missing_interchange_trailer_is_a_truncated_file() -> None:
    with pytest.raises(Truncated):
        walk(without("IEA"))
    with pytest.raises(Misplaced):
        walk(without("IEA") + RAW)


def test_a_file_cut_off_anywhere_is_refused() -> None:
    for end in range(0, len(RAW) - 1, 37):
        with pytest.raises((Truncated, NotX12)):
            walk(RAW[:end])
