"""However a sender cuts, ends or pads an X12 file, the same segments come out; what is no X12 is named."""

import io
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interchange.x12.errors import BrokenSegment, NotX12, TrailingData, Truncated, X12Error
from interchange.x12.segments import LONGEST_SEGMENT, read_segments
from support.answers import remittance
from support.claims import professional_claims

PLAIN = remittance(list(professional_claims("segments", 3)), 1).raw
PARTS = [segment.parts for segment in read_segments(io.BytesIO(PLAIN))]


def parts(raw: bytes) -> list[list[str]]:
    return [segment.parts for segment in read_segments(io.BytesIO(raw))]


def other_delimiters(element: str, component: str, repetition: str, segment: str) -> bytes:
    table = str.maketrans({"*": element, ":": component, "^": repetition, "~": segment})
    return PLAIN.decode().translate(table).encode()


def same_but_header(found: list[list[str]]) -> bool:
    """The header tells the delimiters themselves, so that it differs."""
    joined = [["".join(letter for letter in part if letter.isalnum()) for part in segment] for segment in found[1:]]
    return joined == [
        ["".join(letter for letter in part if letter.isalnum()) for part in segment] for segment in PARTS[1:]
    ]


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r", b"\n\n", b" \r\n"])
def test_line_ends_behind_segments_say_nothing(line_end: bytes) -> None:
    assert parts(PLAIN.replace(b"~", b"~" + line_end)) == PARTS


@pytest.mark.parametrize("width", [80, 77, 50, 13])
def test_a_file_wrapped_at_any_width_is_read_as_one_line(width: int) -> None:
    for end in (b"\n", b"\r\n"):
        assert parts(end.join(PLAIN[at : at + width] for at in range(0, len(PLAIN), width))) == PARTS


@pytest.mark.parametrize("delimiters", ["|>!\n", "*:^\r", "\x1d\x1f\x1e\x1c", "+;%'", "|^~\n"])
def test_each_interchange_tells_its_own_delimiters(delimiters: str) -> None:
    assert same_but_header(parts(other_delimiters(*delimiters)))


def test_segments_that_end_in_carriage_return_and_line_feed() -> None:
    assert parts(PLAIN.replace(b"~", b"\r\n"))[1:] == PARTS[1:]


def test_several_interchanges_with_different_delimiters_follow_each_other() -> None:
    assert len(parts(PLAIN + b"\r\n" + other_delimiters("|", ">", "!", "\n") + b"\n" + PLAIN)) == 3 * len(PARTS)


@pytest.mark.parametrize("padding", [b"\n", b"\r\n\r\n", b" " * 500, b"\x1a", b"\x00" * 1000])
def test_padding_around_interchanges_says_nothing(padding: bytes) -> None:
    assert parts(b"\xef\xbb\xbf" + padding + PLAIN + padding) == PARTS


def test_empty_segments_are_not_counted() -> None:
    found = read_segments(io.BytesIO(PLAIN[:-1].replace(b"~", b"~~\n~") + b"~"))
    assert [segment.number for segment in found] == list(range(1, len(PARTS) + 1))


class Dripping(io.BytesIO):
    """Gives a few bytes a time, as a pipe may."""

    def __init__(self, raw: bytes, most: int) -> None:
        super().__init__(raw)
        self._most = most

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size, self._most) if size and size > 0 else self._most)


@pytest.mark.parametrize("most", [1, 7, 105, 106, 107, 4096])
def test_it_does_not_matter_how_many_bytes_come_at_a_time(most: int) -> None:
    source: BinaryIO = Dripping(PLAIN + b"\n" + PLAIN, most)
    assert [segment.parts for segment in read_segments(source)] == PARTS * 2


def test_texts_are_utf_8_or_latin_1() -> None:
    for coding in ("utf-8", "latin-1"):
        assert parts(PLAIN.replace(b"ACME HEALTH", "ÄCME".encode(coding)))[6][2] == "ÄCME"


@pytest.mark.parametrize(
    ("raw", "kind", "segment"),
    [
        (b"", NotX12, 0),
        (b" \n\n", NotX12, 0),
        (b"Dear payer, the file is below", NotX12, 0),
        (PLAIN.decode().encode("utf-16"), NotX12, 0),
        (b"ST*835*0001~", NotX12, 0),
        (PLAIN[:50], Truncated, 1),
        (PLAIN[:105], Truncated, 1),
        (PLAIN[:-4], Truncated, len(PARTS)),
        (PLAIN[: PLAIN.rindex(b"IEA")], Truncated, len(PARTS) - 1),
        (PLAIN.replace(b"LX*1", b"lx*1"), BrokenSegment, 15),
        (PLAIN.replace(b"LX*1~", b"LX*1" + b"x" * LONGEST_SEGMENT * 2), BrokenSegment, 15),
        (b"ISA*00*" + b"x" * 300, NotX12, 1),
        (PLAIN.replace(b"*:~", b"*A~", 1), NotX12, 1),
        (PLAIN.replace(b"*:~", b"**~", 1), NotX12, 1),
    ],
)
def test_what_is_no_x12_is_refused_with_the_segment(raw: bytes, kind: type[X12Error], segment: int) -> None:
    with pytest.raises(kind) as caught:
        parts(raw)
    assert caught.value.segment == segment


def test_what_stands_behind_the_last_interchange_is_named_with_its_place() -> None:
    with pytest.raises(TrailingData) as caught:
        parts(PLAIN + b"\r\nEnd of report")
    assert (caught.value.offset, caught.value.length) == (len(PLAIN) + 2, 13)
    assert caught.value.segment == len(PARTS)


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_any_bytes_are_refused_or_read(raw: bytes) -> None:
    for start in (b"", PLAIN[:106]):
        with pytest.raises(X12Error):
            parts(start + raw)
