"""What is written can be read: envelopes counted, delimiters kept out of data, partners' ids that fit."""

import io

import pytest

from interchange.x12.delimiters import Delimiters
from interchange.x12.envelopes import Envelopes
from interchange.x12.errors import Unwritable
from interchange.x12.output import Envelope, Partner, SegmentWriter
from interchange.x12.segments import read_segments
from support.answers import ENVELOPE
from therapy_domain.errors import InputError


def written(envelope: Envelope, *segments: tuple[str, ...]) -> bytes:
    out = io.BytesIO()
    writer = SegmentWriter(out, envelope)
    writer.open("HP", "005010X221A1")
    for _ in range(2):
        writer.begin("835")
        for segment in segments:
            writer.write(*segment)
        writer.end()
    writer.close()
    return out.getvalue()


def test_the_header_has_its_fixed_width_and_the_trailers_their_counts() -> None:
    raw = written(ENVELOPE, ("LX", "1"))
    assert raw.index(b"~") == 105
    assert raw.endswith(b"ST*835*0002~LX*1~SE*3*0002~GE*2*5~IEA*1*000000005~")


def test_control_numbers_count_up_from_the_first() -> None:
    raw = written(ENVELOPE._replace(first_transaction=9999, control_number=123456789), ("LX", "1"))
    assert b"ST*835*9999~" in raw
    assert b"ST*835*10000~" in raw
    assert raw.endswith(b"IEA*1*123456789~")


def test_usage_and_acknowledgment_are_the_callers_choice() -> None:
    assert b"*1*P*:~" in written(ENVELOPE, ("LX", "1"))
    assert b"*0*T*:~" in written(ENVELOPE._replace(test=True, acknowledgment_requested=False), ("LX", "1"))


def test_absent_elements_and_components_at_the_end_are_left_out() -> None:
    writer = SegmentWriter(out := io.BytesIO(), ENVELOPE)
    writer.begin("835")
    writer.write("SVC", ("HC", "97112", "", ""), "1", "", (), "")
    writer.close()
    assert b"~SVC*HC:97112*1~" in out.getvalue()


@pytest.mark.parametrize("line_end", ["", "\n", "\r\n"])
@pytest.mark.parametrize(
    "delimiters", [Delimiters(), Delimiters("|", ">", "!", "'"), Delimiters("\x1d", "\x1f", "\x1e", "\x1c")]
)
def test_any_delimiters_and_line_ends_are_read_again(delimiters: Delimiters, line_end: str) -> None:
    envelope = ENVELOPE._replace(delimiters=delimiters, line_end=line_end)
    raw = written(envelope, ("NTE", "ADD", "TEXT"), ("LX", "1"))
    assert [s.tag for s in Envelopes(io.BytesIO(raw), ("835", "005010X221"))] == ["ST", "NTE", "LX", "SE"] * 2
    assert {segment.delimiters for segment in read_segments(io.BytesIO(raw))} == {delimiters}


@pytest.mark.parametrize("character", ["*", ":", "^", "~", "\n", "\r"])
@pytest.mark.parametrize("place", ["element", "component"])
def test_a_value_that_holds_a_delimiter_is_refused_with_its_element(character: str, place: str) -> None:
    writer = SegmentWriter(io.BytesIO(), ENVELOPE)
    value = f"A{character}B"
    with pytest.raises(Unwritable) as caught:
        writer.write("NM1", "85", value if place == "element" else ("X", value))
    assert (caught.value.element, caught.value.character) == ("NM102", character)
    assert value not in str(caught.value)


def test_a_delimiter_at_the_end_of_a_component_is_not_lost() -> None:
    with pytest.raises(Unwritable):
        SegmentWriter(io.BytesIO(), ENVELOPE).write("HI", ("ABK", "R26:"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"control_number": 0},
        {"control_number": 10**9},
        {"group_control_number": -1},
        {"first_transaction": 0},
        {"sender": Partner("Z", "NORTH")},
        {"sender": Partner("ZZ", "N")},
        {"receiver": Partner("ZZ", "SIXTEEN CHARACTE")},
        {"receiver": Partner("ZZ", "MÜNCHEN")},
        {"line_end": "; "},
    ],
)
def test_what_does_not_fit_an_envelope_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        written(ENVELOPE._replace(**wrong), ("LX", "1"))


def test_a_partner_that_holds_a_delimiter_is_refused() -> None:
    with pytest.raises(Unwritable):
        written(ENVELOPE._replace(sender=Partner("ZZ", "NORTH*1")), ("LX", "1"))
