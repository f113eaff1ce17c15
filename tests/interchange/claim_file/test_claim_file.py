"""An 837P has its claims under who bills and who is insured, in the guide's order, and reads back as it was."""

import io
import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise, product
from typing import Any

import pytest

from interchange.claim_file import NothingToWrite, WrittenFile, open_claims, write_claims
from interchange.claim_file.writer import MOST_CLAIMS_A_SUBSCRIBER
from interchange.professional import (
    Accident,
    CompanionGuide,
    Contact,
    InvalidClaim,
    Note,
    NoteKind,
    PersonName,
    ProfessionalClaim,
    Provider,
    RelatedCause,
    companion_guides,
    extended,
)
from interchange.professional.parties import Part
from interchange.x12.characters import folded
from interchange.x12.errors import BadElement, Misplaced, Unwritable
from interchange.x12.output import Partner
from interchange.x12.segments import read_segments
from support.claims import batch, npi, plain_claim, professional_claims
from therapy_domain.errors import InputError

GUIDES = companion_guides()
GENERIC = GUIDES["generic"]
PLAIN = plain_claim()


def written(claims: Sequence[ProfessionalClaim], guide: CompanionGuide = GENERIC) -> tuple[str, WrittenFile]:
    out = io.BytesIO()
    made = write_claims(out, batch(), claims, guide)
    return out.getvalue().decode(), made


def segments(text: str) -> list[str]:
    return text.rstrip("~").split("~")


def read(text: str) -> list[ProfessionalClaim]:
    return [claim for _, claim in open_claims(io.BytesIO(text.encode())).claims()]


def as_sent(part: Any) -> Any:
    """A claim as its receiver knows it: capitals, no accents, no signs in numbers, nothing said twice."""
    if isinstance(part, tuple):
        return tuple(map(as_sent, part))
    if not isinstance(part, Part):
        return part
    changes = {name: as_sent(getattr(part, name)) for name in part.names}
    for name in part.free:
        if changes[name] is not None:
            changes[name] = folded(folded(changes[name]).replace(":", " ") if name in _NOTES else changes[name])
    for name, sign in (("zip", "-"), ("tax_id", "-")):
        if name in changes:
            changes[name] = changes[name].replace(sign, "")
    made = replace(part, **changes)
    return _as_sent_claim(made) if isinstance(made, ProfessionalClaim) else made


_NOTES = {"text", "note", "description"}


def _as_sent_claim(claim: ProfessionalClaim) -> ProfessionalClaim:
    lines = tuple(
        replace(
            line,
            place_of_service=None if line.place_of_service == claim.place_of_service else line.place_of_service,
            rendering=None if line.rendering == claim.rendering else line.rendering,
        )
        for line in claim.lines
    )
    return replace(claim, lines=lines, diagnoses=tuple(code.replace(".", "") for code in claim.diagnoses))


@pytest.mark.parametrize("guide", GUIDES)
def test_what_is_written_is_read_again(guide: str) -> None:
    claims = list(professional_claims(f"round trip {guide}", 150, guide))
    text, made = written(claims, GUIDES[guide])
    assert read(text) == [as_sent(claim) for claim in claims]
    assert made.claims == 150
    found = open_claims(io.BytesIO(text.encode())).transactions
    assert [(one.claims, one.charge_cents) for one in found] == [(150, sum(claim.charge_cents for claim in claims))]
    assert (found[0].reference, found[0].submitter, found[0].submitter_identifier) == (
        "BATCH-1",
        "NORTH THERAPY",
        "NORTH01",
    )


@pytest.mark.parametrize(
    "delimiters",
    [
        {"element": "|", "component": ">", "repetition": "!", "segment": "\n"},
        {"element": "\x1d", "component": "\x1f", "repetition": "\x1e", "segment": "\x1c"},
    ],
)
def test_the_guide_of_the_payer_chooses_the_delimiters(delimiters: dict[str, str]) -> None:
    guide = extended(GENERIC, "own", {"delimiters": delimiters, "characters": "extended"})
    note = Note(kind=NoteKind.ADDITIONAL, text="Kept: all of it * ~ ^")
    claims = [replace(claim, note=note) for claim in professional_claims("delimiters", 20, "generic")]
    assert [claim.note for claim in read(written(claims, guide)[0])] == [replace(note, text=note.text.upper())] * 20


def test_a_plain_claim_stands_in_so_many_segments() -> None:
    text, made = written([PLAIN])
    assert segments(text)[2:-3] == [
        "ST*837*0001*005010X222A1",
        "BHT*0019*00*BATCH-1*20260304*0930*CH",
        "NM1*41*2*NORTH THERAPY*****46*NORTH01",
        "PER*IC*BILLING DESK*TE*5125550100",
        "NM1*40*2*CLEARING HOUSE*****46*CLEAR01",
        "HL*1**20*1",
        "NM1*85*2*NORTH THERAPY*****XX*1234567893",
        "N3*1 MILL LANE",
        "N4*MILLBROOK*NY*125450001",
        "REF*EI*123456789",
        "HL*2*1*22*0",
        "SBR*P*18*******CI",
        "NM1*IL*1*MUSTER*EVA****MI*W123456789",
        "N3*1 MILL LANE",
        "N4*MILLBROOK*NY*125450001",
        "DMG*D8*19500203*F",
        "NM1*PR*2*ACME HEALTH*****PI*60054",
        "CLM*C5J2K8Q0V7M3T9XA4*90***11:B:1*Y*A*Y*Y",
        "HI*ABK:R2681",
        "LX*1",
        "SV1*HC:97112:GP*90*UN*2***1",
        "DTP*472*D8*20260302",
        "REF*6R*C5J2K8Q0V7M3T9XA4-1",
    ]
    assert segments(text)[-3:] == ["SE*24*0001", "GE*1*1", "IEA*1*000000001"]
    assert made.segments == len(segments(text))
    assert made.transactions[0].claim_ids == (PLAIN.claim_id,)


def test_causes_of_an_accident_stand_before_its_state() -> None:
    causes = (RelatedCause.AUTO_ACCIDENT, RelatedCause.EMPLOYMENT)
    hurt = Accident(causes=causes, happened_on=date(2026, 1, 5), state="NY")
    text, _ = written([replace(PLAIN, accident=hurt)])
    assert "*Y*A*Y*Y**AA:EM::NY~DTP*439*D8*20260105~" in text


def test_a_late_claim_says_why_at_its_place() -> None:
    text, _ = written([replace(PLAIN, delay_reason="11")])
    clm = next(line for line in segments(text) if line.startswith("CLM")).split("*")
    assert (len(clm), clm[20]) == (21, "11")


def test_a_place_of_service_stands_on_a_line_only_where_it_differs() -> None:
    lines = (
        replace(PLAIN.lines[0], place_of_service="11"),
        replace(PLAIN.lines[0], place_of_service="12", control_number="2"),
    )
    text, _ = written([replace(PLAIN, lines=lines)])
    assert [line.split("*")[5] for line in segments(text) if line.startswith("SV1")] == ["", "12"]


def test_a_provider_who_bills_is_not_named_again_as_the_one_who_treats() -> None:
    alone = Provider(name=PersonName(family="Doe"), npi=PLAIN.billing.npi)
    other = replace(alone, npi=npi(7))
    told = []
    for of_claim, of_line in product((None, alone, other), repeat=2):
        line = replace(PLAIN.lines[0], rendering=of_line)
        text, _ = written([replace(PLAIN, rendering=of_claim, lines=(line,))])
        told.append([part.split("*")[9] for part in segments(text) if part.startswith("NM1*82")])
    assert told == [[], [], [other.npi], [], [], [other.npi], [other.npi], [other.npi, alone.npi], [other.npi]]


def test_a_delimiter_in_a_note_becomes_a_space() -> None:
    text, _ = written([replace(PLAIN, note=Note(kind=NoteKind.ADDITIONAL, text="Falls: two ~ at*home"))])
    assert "~NTE*ADD*FALLS TWO AT HOME~" in text


def levels(text: str) -> Iterator[tuple[int, int | None, str, str]]:
    for line in segments(text):
        if line.startswith("HL*"):
            _, number, parent, code, below = line.split("*")
            yield int(number), int(parent) if parent else None, code, below


def test_claims_of_one_provider_stand_below_it_and_of_one_subscriber_below_that() -> None:
    claims = list(professional_claims("levels", 40, "generic"))
    text, _ = written([claim for claim in claims for _ in range(2)])
    found = list(levels(text))
    assert [number for number, *_ in found] == list(range(1, len(found) + 1))
    billing = 0
    for number, parent, code, below in found:
        if code == "20":
            assert (parent, below) == (None, "1")
            billing = number
        else:
            assert (parent, code, below) == (billing, "22", "0")
    changes = sum(one.billing != other.billing for one, other in pairwise(claims))
    assert sum(code == "20" for _, _, code, _ in found) == 1 + changes
    assert sum(code == "22" for _, _, code, _ in found) == len(claims)


def test_a_subscriber_has_at_most_a_hundred_claims_below_it() -> None:
    text, _ = written([PLAIN] * (MOST_CLAIMS_A_SUBSCRIBER + 1))
    assert [code for _, _, code, _ in levels(text)] == ["20", "22", "22"]


def test_a_new_transaction_begins_when_one_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interchange.claim_file.writer.MOST_CLAIMS_A_TRANSACTION", 3)
    claims = list(professional_claims("full", 8, "generic"))
    text, made = written(claims)
    assert [len(transaction.claim_ids) for transaction in made.transactions] == [3, 3, 2]
    assert [transaction.control_number for transaction in made.transactions] == ["0001", "0002", "0003"]
    assert "GE*3*1" in segments(text)
    assert [claim for transaction in made.transactions for claim in transaction.claim_ids] == [
        c.claim_id for c in claims
    ]
    assert read(text) == [as_sent(claim) for claim in claims]


def test_counts_of_segments_are_right_in_every_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interchange.claim_file.writer.MOST_CLAIMS_A_TRANSACTION", 5)
    text, _ = written(list(professional_claims("counts", 12, "generic")))
    start = 0
    for place, segment in enumerate(segments(text)):
        if segment.startswith("ST*"):
            start = place
        if segment.startswith("SE*"):
            assert segment.split("*")[1] == str(place - start + 1)


def test_a_claim_with_faults_is_not_written() -> None:
    out = io.BytesIO()
    with pytest.raises(InvalidClaim):
        write_claims(out, batch(), [PLAIN, replace(PLAIN, claim_id="")], GENERIC)
    assert b"IEA" not in out.getvalue()


def test_a_file_without_claims_is_not_written() -> None:
    out = io.BytesIO()
    with pytest.raises(NothingToWrite):
        write_claims(out, batch(), [], GENERIC)
    assert out.getvalue() == b""


@pytest.mark.parametrize(
    "wrong",
    [
        {"reference": ""},
        {"reference": "B" * 31},
        {"submitter": replace(batch().submitter, name="")},
        {"submitter": replace(batch().submitter, contact=Contact(name="Desk", phone="1"))},
        {"receiver": replace(batch().receiver, identifier="R")},
        {"envelope": batch().envelope._replace(sender=Partner("ZZ", ""))},
    ],
)
def test_a_batch_that_does_not_fit_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        write_claims(io.BytesIO(), batch(**wrong), [PLAIN], GENERIC)


def test_a_delimiter_in_the_batch_is_refused() -> None:
    with pytest.raises(Unwritable) as caught:
        write_claims(io.BytesIO(), batch(reference="B*1"), [PLAIN], GENERIC)
    assert caught.value.element == "BHT03"


def test_memory_stays_flat_while_claims_stream() -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        claims = (replace(PLAIN, claim_id=f"C{number}") for number in range(count))
        with open("/dev/null", "wb") as nowhere:  # noqa: PTH123 -- nothing is kept
            write_claims(nowhere, batch(), claims, GENERIC)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)
    few, many = peak(200), peak(1200)
    assert many - few < 1000 * 250  # of a claim that was written only its number is kept


@pytest.mark.parametrize(
    ("old", "new", "kind", "where"),
    [
        ("CLM*C5J2K8Q0V7M3T9XA4*90*", "CLM*C5J2K8Q0V7M3T9XA4*91*", BadElement, "CLM"),
        ("11:B:1", "11:B:2", BadElement, "CLM"),
        ("*Y*A*Y*Y", "*Y*Z*Y*Y", BadElement, "CLM"),
        ("HI*ABK:R2681~", "", Misplaced, "CLM"),
        ("DTP*472*D8*20260302~", "", Misplaced, "CLM"),
        ("SV1*HC:97112:GP*90*UN*2", "SV1*HC:97112:GP*90*UN*2.5", BadElement, "SV1"),
        ("SV1*HC:97112:GP*90*UN*2", "SV1*HC:97112:GP*90*MJ*30", BadElement, "SV1"),
        ("SV1*HC:97112", "SV1*97112", BadElement, "SV1"),
        ("UN*2***1~", "UN*2***A~", BadElement, "SV1"),
        ("HL*1**20*1~", "", Misplaced, "HL"),
        ("HL*2*1*22*0~", "HL*2*1*23*0~", BadElement, "HL"),
        ("HL*2*1*22*0~", "", Misplaced, "CLM"),
        ("DMG*D8*19500203*F~", "", Misplaced, "CLM"),
        ("DMG*D8*19500203*F~", "DMG*D8*19500203*Q~", BadElement, "DMG"),
        ("REF*EI*123456789~", "", Misplaced, "CLM"),
        ("*******CI~", "*******QQ~", BadElement, "SBR"),
        ("NM1*IL*1*", "NM1*IL*2*", Misplaced, "CLM"),
    ],
)
def test_a_file_that_cannot_be_understood_is_refused_whole(old: str, new: str, kind: type[Any], where: str) -> None:
    text = written([PLAIN])[0].replace(old, new, 1)
    count = len(segments(text)) - 4
    with pytest.raises(kind) as caught:
        open_claims(io.BytesIO(text.replace("SE*24*", f"SE*{count}*").encode()))
    assert caught.value.tag == where
    assert caught.value.segment > 0
    assert "MUSTER" not in str(caught.value)


def test_what_another_payer_paid_is_passed_over() -> None:
    text, _ = written([PLAIN])
    more = "SBR*S*18*******MB~OI***Y***Y~NM1*IL*1*OTHER*X****MI*M1~NM1*PR*2*OTHER*****PI*77~REF*G1*NOT-OURS~LX*1~"
    text = text.replace("LX*1~", more).replace("SE*24*", "SE*29*")
    assert read(text) == [as_sent(PLAIN)]


def test_every_segment_has_capitals_only() -> None:
    text, _ = written(list(professional_claims("capitals", 50, "generic")))
    assert text == text.upper()
    assert text.isascii()
    assert all(len(segment.parts) > 1 for segment in read_segments(io.BytesIO(text.encode())))
