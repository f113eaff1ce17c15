"""What a payer asks of its claim files: the guide of its profile, and what an organization published for it."""

from dataclasses import dataclass
from typing import Any

from interchange.professional import CompanionGuide, Coverage, Payer, PayerIdKind, companion_guides, extended
from therapy_domain.rulesets.payers import PayerPolicy


@dataclass(frozen=True, slots=True)
class _Habits:
    """What claims to payers of a profile have in common."""

    guide: str
    coverage: Coverage


_PROFILES = {
    "medicare": _Habits("medicare-part-b", Coverage.MEDICARE_PART_B),
    "workers-comp": _Habits("workers-compensation", Coverage.WORKERS_COMPENSATION),
}
_OTHERS = _Habits("generic", Coverage.COMMERCIAL)


@dataclass(frozen=True, slots=True)
class Companion:
    """A payer as its claim files need it."""

    base: str
    """The shipped guide that it extends: it also writes the file."""
    guide: CompanionGuide
    coverage: Coverage
    payer: Payer
    strict: bool
    """What the payer may stumble over keeps a claim back."""
    member_id: str
    """The form of its member ids, as a regular expression for the whole: one that is not of it is sent all the same."""
    member_id_words: str
    medicare: bool
    accident_at_work: bool


def companion(policy: PayerPolicy) -> Companion:
    """What this payer asks.

    ZIP codes of five digits are taken unless the payer refuses them: clinics know no others. 005010X222A1 asks for nine
    of the practice and its clinics.

    Raises:  InputError: a published setting means nothing: a path that is none, a coverage that is none.
    """
    habits, told = _PROFILES.get(policy.profile, _OTHERS), policy.claim_file
    shipped = companion_guides()[habits.guide]
    own: dict[str, Any] = {"nine_digit_zip": told.get("nine_digit_zip", False), "member_id": ".*"}
    if told.get("frequencies"):
        own["frequencies"] = list(told["frequencies"])
    if told.get("coverage"):
        own["coverages"] = [told["coverage"]]
    needs = dict.fromkeys(told.get("required") or (), "required") | dict.fromkeys(told.get("refused") or (), "refused")
    if needs:
        own["needs"] = needs
    guide = extended(shipped, policy.payer_id, own)
    return Companion(
        base=habits.guide,
        guide=guide,
        coverage=next(iter(guide.coverages)) if told.get("coverage") else habits.coverage,
        payer=Payer(
            name=policy.name,
            identifier=told.get("payer_identifier") or file_identifier(policy.payer_id),
            identifier_kind=PayerIdKind.PAYER,
        ),
        strict=told.get("strict", False),
        member_id=shipped.member_id,
        member_id_words=shipped.member_id_words,
        medicare=policy.medicare_like,
        accident_at_work=policy.profile == "workers-comp",
    )


def file_identifier(text: str, longest: int = 80) -> str:
    """An id of ours as a claim file can hold it: capitals, digits, hyphens and periods, at least two characters.

    >>> file_identifier("acme_health"), file_identifier("x", 15)
    ('ACME-HEALTH', 'X0')
    """
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in text.upper())
    return plain[:longest].strip("-").ljust(2, "0")
