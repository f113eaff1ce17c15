"""Whatever is done to an X12 file: it is read whole, or refused whole with the segment where it went wrong."""

import io
import random
import re
from collections.abc import Callable
from typing import BinaryIO

import pytest

from interchange.acknowledgment import read_acknowledgment
from interchange.claim_file import open_claims, write_claims
from interchange.claim_status import open_claim_status
from interchange.professional import companion_guides, faults
from interchange.remittance import open_remittance
from interchange.x12.errors import X12Error
from support.answers import acknowledgment, remittance, status
from support.claims import batch, professional_claims

Read = Callable[[BinaryIO], object]
ROUNDS = 2_500
"""Of each of the four formats: ten thousand together."""
MANY = 50_000
CLAIMS = list(professional_claims("fuzz", 2, "generic"))
GENERIC = companion_guides()["generic"]


def claim_file() -> bytes:
    out = io.BytesIO()
    write_claims(out, batch(), CLAIMS, GENERIC)
    return out.getvalue()


def read_claims(source: BinaryIO) -> object:
    return [faults(claim, GENERIC) for _, claim in open_claims(source).claims()]


def read_remittance(source: BinaryIO) -> object:
    file = open_remittance(source)
    found = list(file.claims())
    assert sum(payment.claims for payment in file.payments) == len(found)
    return found


def read_status(source: BinaryIO) -> object:
    file = open_claim_status(source)
    found = list(file.claims())
    assert sum(report.claims for report in file.reports) == len(found)
    return found


FILES: dict[str, tuple[bytes, Read]] = {
    "837": (claim_file(), read_claims),
    "835": (remittance(CLAIMS, 5).raw, read_remittance),
    "277CA": (status(CLAIMS).raw, read_status),
    "999": (acknowledgment().raw, read_acknowledgment),
}
ODD = [b"", b"*", b"~", b":", b"^", b"\n", b"\x00", b"\xff\xfe", b"9" * 40, b"-", b".", b"1e9", b"MUSTER", b"**", b"~~"]
ODD += [b"SE*1*0001~", b"ISA*", b"IEA*1*1~", b"ST*835*9~", b"CLP*C1*1*1*1~", b"SVC*HC:1*1*1~", b"HL*9**20*1~", b"LX*1~"]


def damaged(good: bytes, chance: random.Random) -> bytes:
    """One to three places changed: bytes, elements, whole segments, or the end cut off."""
    raw = good
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        segments, place = raw.split(b"~"), chance.randrange(max(raw.count(b"~"), 1))
        what = chance.randrange(9)
        if what == 0:
            raw = raw[: chance.randrange(len(raw) + 1)]
        elif what == 1:
            at = chance.randrange(len(raw) + 1)
            raw = raw[:at] + chance.choice(ODD) + raw[at + chance.randrange(4) :]
        elif what == 2:
            raw = b"~".join(segments[:place] + segments[place + 1 :])
        elif what == 3:
            raw = b"~".join([*segments[:place], segments[place], *segments[place:]])
        elif what == 4:
            other = chance.randrange(len(segments))
            segments[place], segments[other] = segments[other], segments[place]
            raw = b"~".join(segments)
        elif what in (5, 6, 7):
            elements = segments[place].split(b"*")
            elements[chance.randrange(len(elements))] = chance.choice(ODD)
            segments[place] = b"*".join(elements)
            raw = b"~".join(segments)
        else:
            raw = recounted(b"~".join(segments[:place] + segments[place + chance.randrange(1, 4) :]))
    return recounted(raw) if chance.random() < 0.5 else raw


def recounted(raw: bytes) -> bytes:
    """With the count in SE made right, so that the fault itself is met and not only the count."""
    start, end = raw.find(b"ST*"), raw.find(b"~SE*")
    if start < 0 or end < 0:
        return raw
    return re.sub(rb"~SE\*\d+\*", b"~SE*%d*" % (raw.count(b"~", start, end) + 2), raw, count=1)


def fuzz(name: str, rounds: int, seed: str) -> tuple[int, int]:
    good, read = FILES[name]
    chance = random.Random(f"{seed} {name}")
    whole, refused = 0, list[tuple[X12Error, int]]()
    for _ in range(rounds):
        raw = damaged(good, chance)
        try:
            read(io.BytesIO(raw))
            whole += 1
        except X12Error as error:
            refused.append((error, raw.count(b"~")))
    for error, segments in refused:
        assert 0 <= error.segment <= segments + 1
        assert "MUSTER" not in str(error)
        assert len(str(error)) < 400
    return whole, len(refused)


@pytest.mark.parametrize("name", FILES)
def test_damaged_files_are_read_whole_or_refused_whole(name: str) -> None:
    whole, refused = fuzz(name, ROUNDS, "x12")
    assert whole > ROUNDS // 50  # damage that says nothing: free text, information, a repeated segment
    assert refused > ROUNDS // 3


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_off_anywhere_is_refused(name: str) -> None:
    good, read = FILES[name]
    for end in range(0, len(good) - 1, max(len(good) // 300, 1)):
        with pytest.raises(X12Error):
            read(io.BytesIO(good[:end]))


@pytest.mark.torture
@pytest.mark.parametrize("name", FILES)
def test_many_more_damaged_files(name: str) -> None:
    fuzz(name, MANY, "torture")
