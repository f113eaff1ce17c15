"""pyx12 4.0.0 finds nothing wrong with our 837P files: two hundred claims of every shape."""

import io
from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from interchange.claim_file import write_claims
from interchange.professional import (
    Accident,
    Assignment,
    BenefitsAssigned,
    Coverage,
    Frequency,
    ProfessionalClaim,
    RelatedCause,
    Release,
    Sex,
    companion_guides,
    extended,
)
from support.claims import batch, plain_claim, professional_claims, provider
from support.judges import pyx12_errors

GUIDES = companion_guides()
PLAIN = plain_claim()


def text_of(claims: list[ProfessionalClaim], guide: str = "generic", line_end: str = "") -> str:
    out = io.BytesIO()
    envelope = batch().envelope._replace(line_end=line_end)
    write_claims(out, batch(envelope=envelope), claims, GUIDES[guide])
    return out.getvalue().decode()


@pytest.mark.parametrize("guide", GUIDES)
@pytest.mark.parametrize("line_end", ["", "\n"])
def test_two_hundred_generated_claims_are_valid(guide: str, line_end: str) -> None:
    claims = list(professional_claims(f"judged {guide} {line_end!r}", 40, guide))
    assert pyx12_errors(text_of(claims, guide, line_end)) == []


def every_choice() -> list[ProfessionalClaim]:
    """Each choice of a claim at least once."""
    made = [
        replace(PLAIN, assignment=assignment, benefits_assigned=benefits, release=release, signature_by_provider=True)
        for assignment, benefits, release in product(Assignment, BenefitsAssigned, Release)
    ]
    made += [replace(PLAIN, subscriber=replace(PLAIN.subscriber, sex=sex)) for sex in Sex]
    made += [replace(PLAIN, subscriber=replace(PLAIN.subscriber, coverage=coverage)) for coverage in Coverage]
    made += [replace(PLAIN, frequency=one, payer_claim_number="ICN1") for one in Frequency if one != Frequency.ORIGINAL]
    happened = date(2026, 1, 5)
    for causes in product(RelatedCause, repeat=2):
        if causes[0] != causes[1]:
            state = "NY" if RelatedCause.AUTO_ACCIDENT in causes else None
            made.append(replace(PLAIN, accident=Accident(causes=causes, happened_on=happened, state=state)))
    return [replace(claim, claim_id=f"C{number}") for number, claim in enumerate(made)]


def test_every_choice_of_a_claim_is_valid() -> None:
    assert pyx12_errors(text_of(every_choice())) == []


def test_twelve_diagnoses_four_pointers_four_modifiers_and_fifty_lines_are_valid() -> None:
    line = replace(PLAIN.lines[0], modifiers=("59", "GP", "CQ", "KX"), diagnosis_pointers=(12, 1, 5, 7))
    lines = tuple(replace(line, control_number=f"L{number}") for number in range(50))
    full = replace(PLAIN, diagnoses=tuple(f"R26.{number:02d}" for number in range(12)), lines=lines)
    assert pyx12_errors(text_of([full])) == []


def test_several_transactions_are_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interchange.claim_file.writer.MOST_CLAIMS_A_TRANSACTION", 2)
    assert pyx12_errors(text_of(list(professional_claims("transactions", 5, "generic")))) == []


def test_other_delimiters_are_valid() -> None:
    signs = {"element": "|", "component": ">", "repetition": "!", "segment": "\n"}
    guide = extended(GUIDES["generic"], "own", {"delimiters": signs, "characters": "extended"})
    out = io.BytesIO()
    write_claims(out, batch(), professional_claims("signs", 10, "generic"), guide)
    assert pyx12_errors(out.getvalue().decode()) == []


def test_the_judge_does_find_faults() -> None:
    """A judge that finds nothing wrong with anything would be no judge."""
    text = text_of([PLAIN])
    for old, new in (
        ("SBR*P*18*******CI~", ""),
        ("UN*2***1~", "UN*2~"),
        ("SE*24*", "SE*25*"),
        ("D8*20260302", "D8*20260230"),
        ("*Y*A*Y*Y", "*Y*Q*Y*Y"),
    ):
        assert old in text
        assert pyx12_errors(text.replace(old, new, 1))


def test_a_person_may_bill() -> None:
    from random import Random

    alone = replace(PLAIN.billing, name=provider(Random(1), taxonomy=False).name)
    assert pyx12_errors(text_of([replace(PLAIN, billing=alone)])) == []
