"""The modifiers that the count decides: the discipline's, and the assistant's beside it."""

from dataclasses import dataclass
from datetime import date

from therapy_domain.rulesets.codes import Code
from therapy_domain.rulesets.payers import PayerPolicy
from therapy_domain.units.assistants import MODIFIERS_SINCE

DISCIPLINE = {"PT": "GP", "OT": "GO", "SLP": "GN"}
_ASSISTANT = {"PT": ("PTA", "CQ"), "OT": ("OTA", "CO")}


@dataclass(frozen=True, slots=True)
class Modifiers:
    """The modifiers of one code's lines on one day."""

    plain: tuple[str, ...]
    with_assistant: tuple[str, ...] | None
    """Those of a line that an assistant furnished; None where no such modifier applies."""


def modifiers_for(
    code: Code, discipline: str, policy: PayerPolicy | None, on: date, roles: frozenset[str]
) -> Modifiers:
    """Which modifiers a code's lines carry, without and with an assistant's part.

    A chiropractor has no modifier of his own: GP where the payer pays him for a therapy code, and never CO, which
    means an occupational therapy assistant. CQ stands only beside GP for a PTA, CO only beside GO for an OTA.
    Args:    roles: of those whose minutes count to the code.
    Source:  CMS Pub. 100-04, chapter 5, section 20.1.
    """
    if code.therapy == "no":
        return Modifiers((), None)
    if discipline == "CHIRO":
        return Modifiers(("GP",) if policy is not None and policy.allows(code.code, "DC") else (), None)
    plain = DISCIPLINE[discipline]
    if policy is None or not policy.assistant_modifiers or on < MODIFIERS_SINCE or not code.assistant_test:
        return Modifiers((plain,), None)
    assistant, modifier = _ASSISTANT.get(discipline, ("", ""))
    if assistant not in roles:
        return Modifiers((plain,), None)
    order = policy.modifier_order
    pair = (plain, modifier)
    if plain in order and modifier in order:
        pair = (plain, modifier) if order.index(plain) < order.index(modifier) else (modifier, plain)
    return Modifiers((plain,), pair)
