"""Family MOD: the modifiers that the clinic charged, against those that the visit asks for.

Ours are decided (`claims.decided`) and never wrong by these rules; MOD-001 also speaks of what the record leaves open,
and MOD-009 of what a line cannot carry.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from therapy_domain.claims.decided import decided
from therapy_domain.claims.habilitation import asked_for, habilitative
from therapy_domain.claims.lines import MOST_MODIFIERS
from therapy_domain.claims.notices import NOTICES
from therapy_domain.claims.registry import MODIFIERS, Fault, rule
from therapy_domain.claims.tables import ChargeModifiers, charge_modifiers
from therapy_domain.claims.unit_limits import line_limits
from therapy_domain.claims.visit import Visit
from therapy_domain.events.session import Charge
from therapy_domain.rulesets.codes import Code
from therapy_domain.units.modifiers import DISCIPLINE

_DISCIPLINES = frozenset(DISCIPLINE.values())
_ASSISTANT = {"CQ": ("GP", "PTA"), "CO": ("GO", "OTA")}
_FIELDS = ("charges.modifiers",)
_MANUAL = "CMS Pub. 100-04, chapter 5, section 20.1"


@rule(
    "MOD-003",
    severity="reject",
    source=_MANUAL,
    fix="Charge the one modifier of the plan's discipline.",
    place=MODIFIERS,
    also=("MOD-001", "DOC-010"),
)
def the_discipline_is_charged(visit: Visit) -> Iterator[Fault]:
    """Each therapy code is charged with the one modifier of its discipline."""
    asked = DISCIPLINE.get(visit.case.discipline, "GP")
    for code, charges in visit.charges_of.items():
        row = visit.codes.get(code)
        if row is None or row.therapy == "no":
            continue
        carried = [_DISCIPLINES.intersection(charge.modifiers) for charge in charges]
        if any(found != {asked} for found in carried):
            wrong = sorted(set().union(*carried) - {asked})
            words = f"with {' and '.join(wrong)}" if wrong else "without a discipline's modifier"
            told = f"{code}: charged {words}; for {visit.case.discipline} it carries {asked} alone"
            yield Fault(told, visit.line_of.get(code), _FIELDS)


@rule(
    "MOD-001",
    severity="delay",
    source=f"{_MANUAL}; payer contracts",
    fix="Say in the plan whether it is habilitative.",
    place=MODIFIERS,
)
def no_modifier_is_forgotten(visit: Visit) -> Iterator[Fault]:
    """The record tells every modifier that the payer asks for, and the charges name those that our lines carry."""
    asked = asked_for(visit)
    if asked and habilitative(visit) is None:
        yield Fault("the payer wants 96 or 97, and no plan says which", asked[0], ("plan.habilitative",))
    if not visit.charges:
        return
    ours: dict[str, set[str]] = {}
    for line in decided(visit).lines:
        ours.setdefault(line.code, set()).update(_beyond_the_count(visit).intersection(line.modifiers))
    for code, charges in visit.charges_of.items():
        forgotten = ours.get(code, set()) - {modifier for charge in charges for modifier in charge.modifiers}
        if forgotten:
            words = f"{code}: charged without {' and '.join(sorted(forgotten))}; our line carries it"
            yield Fault(words, visit.line_of.get(code), _FIELDS, severity="advice", fix="Charge it as our line does.")


def _beyond_the_count(visit: Visit) -> frozenset[str]:
    """Decided modifiers that no other rule compares with the charges."""
    own = {visit.policy.telehealth_modifier} if visit.policy is not None else set()
    return frozenset({"AT", "96", "97", *NOTICES, *charge_modifiers(visit.ruleset).repeats, *own})


@rule(
    "MOD-002",
    severity="deny",
    source="CPT and HCPCS modifiers as defined; payer contracts",
    fix="Take the modifier off.",
    place=MODIFIERS,
)
def modifiers_belong_to_the_code(visit: Visit) -> Iterator[Fault]:
    """A charged modifier is one that this code and payer know."""
    table = charge_modifiers(visit.ruleset)
    for code, charges in visit.charges_of.items():
        row = visit.codes.get(code)
        wrong = sorted(
            {modifier for charge in charges for modifier in (*_misplaced(charge, row, table), *_repeats(visit, charge))}
        )
        if wrong:
            yield Fault(f"{code}: charged with {', '.join(wrong)}, not valid here", visit.line_of.get(code), _FIELDS)


def _misplaced(charge: Charge, row: Code | None, table: ChargeModifiers) -> Iterator[str]:
    refused: frozenset[str] = frozenset()
    if row is not None:
        refused = (table.never if row.therapy != "no" else refused) | (table.not_timed if row.timed else refused)
    for modifier in charge.modifiers:
        only_on = table.only_on.get(modifier)
        if modifier not in table.known or modifier in refused or (only_on is not None and charge.code not in only_on):
            yield modifier
    for together in table.exclusive:
        if together <= set(charge.modifiers):
            yield from together


def _repeats(visit: Visit, charge: Charge) -> frozenset[str]:
    """76 and 77 on counted time, but where one line carries no more units."""
    named = charge_modifiers(visit.ruleset).repeats.intersection(charge.modifiers)
    row = visit.codes.get(charge.code)
    if not named or row is None or not row.timed or line_limits(visit.case, visit.ruleset)(charge.code) is not None:
        return frozenset()
    return named


@dataclass(frozen=True, slots=True)
class _Split:
    """Units of one code, without and with an assistant's modifier."""

    without: int
    with_assistant: int


@rule(
    "MOD-005",
    severity="deny",
    source=f"42 CFR 410.59(a)(4), 410.60(a)(4); {_MANUAL}",
    fix="Charge CQ or CO on the units that the assistant furnished, and on no others.",
    place=MODIFIERS,
)
def the_assistants_units_are_marked(visit: Visit) -> Iterator[Fault]:
    """The units an assistant furnished are charged with CQ or CO, and no others."""
    if visit.policy is None or not visit.policy.assistant_modifiers:
        return
    for code, charges in visit.charges_of.items():
        earned = _split([(line.units, line.modifiers) for line in visit.agreed if line.code == code])
        charged = _split([(charge.units, charge.modifiers) for charge in charges])
        if earned.with_assistant > charged.with_assistant and charged.without > earned.without:
            yield Fault(
                f"{code}: charged without the assistant's modifier on units that an assistant furnished",
                visit.line_of.get(code),
                _FIELDS,
                also=("MOD-001",),
            )
        elif _too_many(charged, earned) and _worked(visit, code, _ASSISTANT_ROLES):
            yield Fault(
                f"{code}: charged with the assistant's modifier on units that a therapist furnished",
                visit.line_of.get(code),
                _FIELDS,
                severity="advice",
            )


def _too_many(charged: _Split, earned: _Split) -> bool:
    return charged.with_assistant > earned.with_assistant and charged.without < earned.without


def _split(units: list[tuple[int, tuple[str, ...]]]) -> _Split:
    marked = sum(count for count, modifiers in units if _ASSISTANT.keys() & set(modifiers))
    return _Split(sum(count for count, _ in units) - marked, marked)


_ASSISTANT_ROLES = frozenset(role for _, role in _ASSISTANT.values())


def _worked(visit: Visit, code: str, roles: frozenset[str]) -> bool:
    return not roles.isdisjoint(visit.roles_of.get(code, ()))


@rule(
    "MOD-006",
    severity="reject",
    source=_MANUAL,
    fix="CQ stands with GP for a PTA, CO with GO for an OTA; CO is no chiropractor's modifier.",
    place=MODIFIERS,
)
def assistants_modifiers_stand_with_their_pair(visit: Visit) -> Iterator[Fault]:
    """CQ stands with GP where a PTA treated, CO with GO where an OTA treated."""
    for code, charges in visit.charges_of.items():
        wrong = sorted({words for charge in charges for words in _unpaired(visit, charge)})
        if wrong:
            yield Fault(f"{code}: charged with {', '.join(wrong)}", visit.line_of.get(code), _FIELDS)


def _unpaired(visit: Visit, charge: Charge) -> Iterator[str]:
    for modifier, (pair, role) in _ASSISTANT.items():
        if modifier not in charge.modifiers:
            continue
        if pair not in charge.modifiers:
            yield f"{modifier} without {pair}"
        if not _worked(visit, charge.code, frozenset({role})):
            yield f"{modifier} where no {role} treated"


@rule(
    "MOD-009",
    severity="reject",
    source="X12 005010X222A1, SV101",
    fix="Keep the four that the payer needs.",
    place=MODIFIERS,
)
def four_modifiers_at_most(visit: Visit) -> Iterator[Fault]:
    """A line carries four modifiers at most."""
    ours = decided(visit)
    for number, lost in ours.overfull.items():
        words = f"line {number} needs more than {MOST_MODIFIERS} modifiers; no place for {' and '.join(lost)}"
        yield Fault(words, number, ("lines.modifiers",))
    for number, dropped in ours.dropped.items():
        words = f"line {number} has no place for {' and '.join(dropped)}: only for information, so dropped"
        fix = "Nothing is to be done, unless the payer wants another order of modifiers."
        yield Fault(words, number, ("lines.modifiers",), severity="advice", fix=fix)
    for code, charges in visit.charges_of.items():
        if any(len(charge.modifiers) > MOST_MODIFIERS for charge in charges):
            yield Fault(f"{code}: charged with more than {MOST_MODIFIERS} modifiers", visit.line_of.get(code), _FIELDS)
