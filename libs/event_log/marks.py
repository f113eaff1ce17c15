"""What a key is known by in the filters of whereabouts.py: a number, and of it the places and bits it marks."""

from zlib import crc32

STRETCH_BITS = 11
"""A stretch is 2**11 positions: position >> 11 is its number."""
GROUP = 64
"""Stretches that share a table of words."""
ERA_BITS = 20
GROUP_BITS = STRETCH_BITS + 6
GROUPS = 1 << (ERA_BITS - GROUP_BITS)
"""Groups in an era."""
SLOTS = 1 << 18
LAST_SLOT = SLOTS - 1
TOP = 14
"""A key is known by its CRC: its upper and lower 18 bits."""
MARKS = [(1 << (low & 63)) | (1 << (low >> 6)) for low in range(1 << 12)]
LAST_MARK = (1 << 12) - 1


def number_of(key: bytes | str) -> int:
    """An event id, case id or stream as a number of 32 bits."""
    if isinstance(key, bytes):
        return crc32(key)
    try:
        return crc32(key.encode())
    except UnicodeEncodeError:  # a lone surrogate: in no log, but it may be asked for
        return crc32(key.encode(errors="surrogatepass"))


def stretches_in(group: int, bits: int) -> list[int]:
    """The stretches of a group that these bits stand for."""
    found: list[int] = []
    while bits:
        lowest = bits & -bits
        found.append(group * GROUP + lowest.bit_length() - 1)
        bits ^= lowest
    return found
