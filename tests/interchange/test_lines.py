"""Files line by line."""

import gzip
import io
import tracemalloc
from pathlib import Path

import pytest

from interchange.lines import LONGEST_LINE, BrokenFile, Line, read_lines


def lines(raw: bytes, *, keep_blank: bool = False) -> list[tuple[int, bytes]]:
    return [(line.number, line.raw) for line in read_lines(io.BytesIO(raw), keep_blank=keep_blank)]


def test_lines_are_numbered_from_one_and_blank_ones_counted() -> None:
    assert lines(b"a\n\n  \r\nb\r\nc") == [(1, b"a"), (4, b"b\r"), (5, b"c")]
    assert lines(b"a\n\nb\n", keep_blank=True) == [(1, b"a"), (2, b""), (3, b"b")]
    assert lines(b"") == lines(b"\n\n") == lines(b"\xef\xbb\xbf\n") == []


def test_a_file_is_read_plain_or_compressed_by_its_first_bytes(tmp_path: Path) -> None:
    text = b"one\ntwo\n" * 1000
    for name, raw in {"plain.gz": text, "packed.jsonl": gzip.compress(text)}.items():
        (tmp_path / name).write_bytes(raw)
        assert b"\n".join(line.raw for line in read_lines(tmp_path / name)) + b"\n" == text


def test_several_members_of_a_compressed_file_are_one_text() -> None:
    assert lines(gzip.compress(b"a\nb") + gzip.compress(b"c\nd\n") + bytes(100)) == [(1, b"a"), (2, b"bc"), (3, b"d")]


def test_a_pipe_that_cannot_seek_is_read() -> None:
    class Pipe(io.RawIOBase):
        def __init__(self, raw: bytes) -> None:
            self._left = io.BytesIO(raw)

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # as io wants it
            piece = self._left.read(min(len(buffer), 3))
            buffer[: len(piece)] = piece
            return len(piece)

    assert [line.raw for line in read_lines(io.BufferedReader(Pipe(gzip.compress(b"a\nb\n"))))] == [b"a", b"b"]


@pytest.mark.parametrize(
    ("damage", "at_least"), [("truncated", 24_000), ("corrupt", 49_990), ("not gzip behind", 50_000)]
)
def test_a_damaged_file_hands_out_its_whole_lines_first(damage: str, at_least: int) -> None:
    text = b"".join(b"line %d %d\n" % (n, n * 7919) for n in range(50_000))
    packed = gzip.compress(text)
    raw = {
        "truncated": packed[: len(packed) // 2],
        "corrupt": packed[:-8] + bytes(8),
        "not gzip behind": packed + b"something else",
    }[damage]
    read, broken = _until_broken(raw)
    assert len(read) >= at_least
    assert broken.lines_read == len(read)
    assert broken.code == "broken-file"
    assert text.startswith(b"".join(line.raw + b"\n" for line in read))


def _until_broken(raw: bytes) -> tuple[list[Line], BrokenFile]:
    read: list[Line] = []
    try:
        for line in read_lines(io.BytesIO(raw)):
            read.append(line)  # noqa: PERF402 -- what was read before the break counts
    except BrokenFile as broken:
        return read, broken
    raise AssertionError("the damage was not seen")


def test_a_line_that_is_too_long_is_refused_and_the_next_is_read() -> None:
    raw = b"a\n" + b"x" * (LONGEST_LINE + 1) + b"\n" + b"y" * LONGEST_LINE + b"\nb"
    read = list(read_lines(io.BytesIO(raw)))
    assert [line.number for line in read] == [1, 2, 3, 4]
    assert [line.fault is None for line in read] == [True, False, True, True]
    assert len(read[1].raw) == LONGEST_LINE + 1
    assert read[3].raw == b"b"


def test_a_long_file_is_not_held_in_memory() -> None:
    raw = gzip.compress(b'{"some": "event", "with": "fields"}\n' * 100_000)
    tracemalloc.start()
    count = sum(1 for _ in read_lines(io.BytesIO(raw)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 100_000
    assert peak < 2_000_000
