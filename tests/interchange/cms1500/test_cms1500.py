"""Each value of a claim stands in its box of the CMS-1500, six lines a page, and nothing spills out of the drawing."""

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest

from interchange.cms1500 import cms1500, pages
from interchange.professional import (
    PLACES,
    Accident,
    Assignment,
    Attachment,
    BenefitsAssigned,
    Contact,
    Coverage,
    Frequency,
    InvalidClaim,
    Note,
    NoteKind,
    OrganizationName,
    PersonName,
    ProfessionalClaim,
    Provider,
    RelatedCause,
    Release,
    ServiceFacility,
    Sex,
    TaxIdKind,
    Transmission,
    companion_guides,
)
from support.claims import npi, plain_claim, professional_claims

GUIDES = companion_guides()
GENERIC = GUIDES["generic"]
PLAIN = plain_claim()
LINE = PLAIN.lines[0]
DOCTOR = Provider(name=PersonName(family="Roe", given="Al", suffix="Sr"), npi=npi(8))
THERAPIST = Provider(name=PersonName(family="Doe", given="Ann"), npi=npi(7), taxonomy="225100000X")
POOL = ServiceFacility(name="Pool of the Town", npi=npi(77), address=PLAIN.billing.address)
FULL = replace(
    PLAIN,
    frequency=Frequency.REPLACEMENT,
    payer_claim_number="ICN1",
    subscriber=replace(
        PLAIN.subscriber,
        name=PersonName(family="Müller", given="Zoë", middle="Q", suffix="Jr"),
        phone="5125550199",
        group_number="GRP-77",
        group_name="Blue Plan",
        casualty_claim_number="WC99",
    ),
    billing=replace(
        PLAIN.billing, taxonomy="261QP2000X", contact=Contact(name="Desk", phone="5125550100"), tax_id="12-3456789"
    ),
    accident=Accident(
        causes=(RelatedCause.AUTO_ACCIDENT, RelatedCause.EMPLOYMENT), happened_on=date(2026, 1, 5), state="NY"
    ),
    onset_on=date(2026, 1, 2),
    last_seen_on=date(2026, 2, 20),
    patient_paid_cents=2000,
    prior_authorization="AUTH-9",
    referral_number="REF-1",
    note=Note(kind=NoteKind.ADDITIONAL, text="Two falls"),
    attachments=(Attachment(report_type="OZ", transmission=Transmission.BY_FAX, control_number="A-1"),),
    diagnoses=("R26.81", "G20.A1", "M6281"),
    referring=DOCTOR,
    rendering=THERAPIST,
    facility=POOL,
    lines=(
        replace(LINE, modifiers=("59", "GP", "KX"), diagnosis_pointers=(3, 1)),
        replace(
            LINE, control_number="L2", code="97139", description="Own words", place_of_service="12", rendering=DOCTOR
        ),
    ),
)


def boxes(claim: ProfessionalClaim, guide: str = "generic") -> dict[str, str]:
    (page,) = pages(claim, GUIDES[guide])
    return dict(page.boxes)


@pytest.mark.parametrize(
    ("box", "text"),
    [
        ("1", "Group"),
        ("1a", "W123456789"),
        ("2", "MULLER JR, ZOE, Q"),
        ("3", "02 03 1950 F"),
        ("4", "MULLER JR, ZOE, Q"),
        ("5", "1 MILL LANE\nMILLBROOK NY 12545-0001\n(512) 555-0199"),
        ("6", "Self"),
        ("7", "1 MILL LANE\nMILLBROOK NY 12545-0001\n(512) 555-0199"),
        ("10a", "YES"),
        ("10b", "YES NY"),
        ("10c", "NO"),
        ("11", "GRP-77"),
        ("11a", "02 03 1950 F"),
        ("11b", "Y4 WC99"),
        ("11c", "BLUE PLAN"),
        ("11d", "NO"),
        ("12", "SIGNATURE ON FILE"),
        ("13", "SIGNATURE ON FILE"),
        ("14", "01 02 2026 QUAL 431"),
        ("15", "01 05 2026 QUAL 439"),
        ("17", "DN AL ROE SR"),
        ("17b", DOCTOR.npi),
        ("19", "TWO FALLS PWKOZFXA-1"),
        ("20", "NO"),
        ("21", "0"),
        ("21A", "R2681"),
        ("21B", "G20A1"),
        ("21C", "M6281"),
        ("22", "7 ICN1"),
        ("23", "AUTH-9"),
        ("25", "123456789 EIN"),
        ("26", PLAIN.claim_id),
        ("27", "YES"),
        ("28", "180 00"),
        ("29", "20 00"),
        ("31", "SIGNATURE ON FILE\nANN DOE"),
        ("32", "POOL OF THE TOWN\n1 MILL LANE\nMILLBROOK NY 12545-0001"),
        ("32a", npi(77)),
        ("33", "(512) 555-0100\nNORTH THERAPY\n1 MILL LANE\nMILLBROOK NY 12545-0001"),
        ("33a", "1234567893"),
        ("33b", "ZZ261QP2000X"),
        ("payer", "ACME HEALTH"),
    ],
)
def test_a_value_stands_in_its_box(box: str, text: str) -> None:
    assert boxes(FULL)[box] == text


def test_nothing_else_is_filled_in() -> None:
    assert set(boxes(PLAIN)) == set(
        "1 1a 2 3 4 5 6 7 10a 10b 10c 11a 11d 12 13 20 21 21A 25 26 27 28 31 33 33a payer".split()  # noqa: SIM905 -- read as a list
    )


def test_a_line_has_its_columns() -> None:
    (page,) = pages(FULL, GENERIC)
    first, second = page.rows
    assert first.boxes == {
        "A": "03 02 26 03 02 26",
        "B": "11",
        "D": "97112 59 GP KX",
        "E": "CA",
        "F": "90 00",
        "G": "2",
        "I": "ZZ",
        "J": THERAPIST.npi,
    }
    assert (first.shaded, first.shaded_j) == ("", "225100000X")
    assert (second.boxes["B"], second.boxes["J"], second.shaded) == ("12", DOCTOR.npi, "ZZ OWN WORDS")
    assert "I" not in second.boxes


def test_a_provider_who_bills_alone_is_the_one_who_treated() -> None:
    (page,) = pages(PLAIN, GENERIC)
    assert page.rows[0].boxes["J"] == PLAIN.billing.npi


def test_medicare_pays_first_and_wants_to_be_told_so() -> None:
    subscriber = replace(PLAIN.subscriber, coverage=Coverage.MEDICARE_PART_B, member_id="1EG4TE5MK73")
    found = boxes(replace(PLAIN, subscriber=subscriber, referring=DOCTOR), "medicare-part-b")
    assert (found["1"], found["11"]) == ("Medicare", "NONE")
    assert not {"4", "7", "11a", "11c", "11d"} & set(found)


@pytest.mark.parametrize(
    ("claim", "box", "text"),
    [
        (replace(PLAIN, assignment=Assignment.NOT_ACCEPTED), "27", "NO"),
        (replace(PLAIN, benefits_assigned=BenefitsAssigned.NO), "13", None),
        (replace(PLAIN, release=Release.INFORMED_CONSENT), "12", None),
        (replace(PLAIN, signature_by_provider=True), "12", "SIGNED BY THE PROVIDER"),
        (replace(PLAIN, provider_signed=False), "31", None),
        (replace(PLAIN, subscriber=replace(PLAIN.subscriber, sex=Sex.UNKNOWN)), "3", "02 03 1950"),
        (replace(PLAIN, billing=replace(PLAIN.billing, tax_id_kind=TaxIdKind.SOCIAL_SECURITY)), "25", "123456789 SSN"),
        (replace(PLAIN, frequency=Frequency.VOID, payer_claim_number="I"), "22", "8 I"),
        (
            replace(PLAIN, initial_treatment_on=date(2026, 1, 9), last_seen_on=date(2026, 2, 1)),
            "15",
            "01 09 2026 QUAL 454",
        ),
        (replace(PLAIN, last_seen_on=date(2026, 2, 1)), "15", "02 01 2026 QUAL 304"),
        (replace(PLAIN, supervising=DOCTOR), "17", "DQ AL ROE SR"),
        (replace(PLAIN, referral_number="R1"), "23", "R1"),
    ],
)
def test_a_choice_of_the_claim_is_seen_in_its_box(claim: ProfessionalClaim, box: str, text: str | None) -> None:
    assert boxes(claim).get(box) == text


def with_lines(count: int) -> ProfessionalClaim:
    return replace(
        PLAIN, lines=tuple(replace(LINE, control_number=f"L{n}") for n in range(count)), patient_paid_cents=5
    )


@pytest.mark.parametrize(("count", "forms"), [(1, 1), (6, 1), (7, 2), (12, 2), (13, 3), (50, 9)])
def test_six_lines_a_page_and_the_total_on_the_last(count: int, forms: int) -> None:
    made = pages(with_lines(count), GENERIC)
    assert [page.number for page in made] == list(range(1, forms + 1))
    assert {page.of for page in made} == {forms}
    assert sum(len(page.rows) for page in made) == count
    assert [page.boxes["28"] for page in made] == ["CONTINUED"] * (forms - 1) + [f"{90 * count} 00"]
    assert ["29" in page.boxes for page in made] == [False] * (forms - 1) + [True]
    assert {page.boxes["2"] for page in made} == {"MUSTER, EVA"}


class Drawn(HTMLParser):
    """The boxes of a drawing: where they are, what is typed into them; and whether every tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.boxes: list[tuple[str, dict[str, float]]] = []
        self.typed: list[tuple[str, float, dict[str, float]]] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        told = dict(attrs)
        if tag != "meta":
            self.open.append(tag)
        if tag == "div":
            place = {name: float(number) for name, number in re.findall(r"(\w+):([\d.]+)mm", told["style"] or "")}
            self.boxes.append((told.get("data-box") or "", place))
        if tag == "pre":
            self._size = float(re.findall(r"[\d.]+", told["style"] or "")[0])

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["pre"]:
            self.typed.append((data, self._size, self.boxes[-1][1]))


@pytest.mark.parametrize("guide", GUIDES)
def test_the_drawing_holds_every_box_and_its_text(guide: str) -> None:
    for claim in professional_claims(f"drawn {guide}", 15, guide):
        drawn = Drawn(cms1500(claim, GUIDES[guide]))
        made = pages(claim, GUIDES[guide])
        assert drawn.open == []
        assert drawn.tags.count("section") == len(made)
        typed = [text for text, _, _ in drawn.typed]
        for page in made:
            assert all(text in typed for text in page.boxes.values())
            assert all(row.boxes[letter] in typed for row in page.rows for letter in row.boxes)
        for text, size, place in drawn.typed:
            assert max(map(len, text.split("\n"))) * size * 0.6 <= place["width"] or size == 1.6
            assert place["left"] + place["width"] <= 206.5
            assert place["top"] + place["height"] <= 275


def test_every_box_of_the_table_of_places_is_drawn() -> None:
    drawn = {number for number, _ in Drawn(cms1500(PLAIN, GENERIC)).boxes}
    told = {box for place in PLACES.values() for box in place.box.split(", ")} - {"", "top right", "24", "24 (shaded)"}
    told = {part for box in told for part in (["10a", "10b", "10c"] if box in ("10", "10a-c") else [box])}
    assert told <= drawn


def test_boxes_do_not_overlap() -> None:
    found = [place for _, place in Drawn(cms1500(PLAIN, GENERIC)).boxes]
    for number, one in enumerate(found):
        for other in found[:number]:
            apart = (
                one["left"] >= other["left"] + other["width"] - 0.01
                or other["left"] >= one["left"] + one["width"] - 0.01
                or one["top"] >= other["top"] + other["height"] - 0.01
                or other["top"] >= one["top"] + one["height"] - 0.01
            )
            assert apart, (one, other)


def test_texts_are_escaped_and_nothing_is_fetched() -> None:
    name = OrganizationName(name='A&B "North" <x>')
    extended = replace(GENERIC, characters="extended")
    text = cms1500(replace(PLAIN, billing=replace(PLAIN.billing, name=name)), extended)
    assert "<X>" not in text
    assert "A&amp;B &quot;NORTH&quot; &lt;X&gt;" in text
    assert not re.search(r"https?:|src=|href=|<script|@import|url\(", text)


def test_a_claim_with_faults_is_not_drawn() -> None:
    with pytest.raises(InvalidClaim):
        cms1500(replace(PLAIN, claim_id=""), GENERIC)


def test_a_long_name_is_typed_smaller() -> None:
    long = PersonName(family="M" * 50, given="G" * 30)
    drawn = Drawn(cms1500(replace(PLAIN, subscriber=replace(PLAIN.subscriber, name=long)), GENERIC))
    size = next(size for text, size, _ in drawn.typed if text.startswith("MMM"))
    assert size < 2
