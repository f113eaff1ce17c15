"""Everything that is wrong with a claim at once: where, what, what would be right, and where that is in each format."""

from functools import cache
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from interchange.arrival import NOT_SHOWN
from interchange.professional.characters import unsendable
from interchange.professional.claim import ProfessionalClaim
from interchange.professional.guide import CompanionGuide
from interchange.professional.parties import Part
from interchange.professional.places import place_of
from interchange.professional.rules import RULES, Wrong
from therapy_domain.errors import DomainError, InputError
from therapy_domain.strict_json import shown

_TAGS = ("person", "organization")
_WORDS = {
    "greater_than_equal": "{ge} or more",
    "less_than_equal": "{le} or less",
    "is_instance_of": "a {class}",
    "int_type": "a whole number",
    "string_type": "a text",
    "date_type": "a date",
    "bool_type": "True or False",
    "literal_error": "one of {expected}",
    "tuple_type": "a tuple",
    "dataclass_type": "{class_name}",
}
"""By pydantic's type of error. All but the first two say that a field is of another type than declared."""
_FORMS = frozenset({"format", "greater_than_equal", "less_than_equal", "literal_error"})


class ClaimFault(NamedTuple):
    """One thing that is wrong with a claim."""

    path: str
    """From `$`, the claim: `$.lines[0].units`."""
    value: Any
    """As an error shows it; never a personal field's."""
    expected: str
    element: str
    """Where it stands in the 837P (`2400 SV104`), on the CMS-1500 (`24G`) and in FHIR R4; '' for nowhere."""
    box: str
    fhir: str


class InvalidClaim(DomainError):
    """A claim that cannot be sent, with every reason found."""

    code = "invalid-claim"

    def __init__(self, claim_id: str, faults: tuple[ClaimFault, ...]) -> None:
        self.claim_id, self.faults = claim_id, faults
        first = faults[0]
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(f"claim {claim_id}: {first.path} is {first.value!r}; expected {first.expected}{more}")


def faults(claim: ProfessionalClaim, guide: CompanionGuide) -> tuple[ClaimFault, ...]:
    """Everything that keeps a claim from being sent to the payer of that guide, in the order of its fields.

    First the form of every field; then, unless a field is of another type altogether, how the fields fit together
    and what the guide asks. At most one fault a field.
    """
    found: dict[str, ClaimFault] = {}
    errors = _form_errors(claim)
    for detail in errors:
        path = _path(detail)
        _add(found, claim, Wrong(path, _words(detail), _value_at(claim, path)))
    if all(detail["type"] in _FORMS for detail in errors):
        for rule in RULES:
            for wrong in rule(claim, guide):
                _add(found, claim, wrong)
        for wrong in unsendable(claim, guide):
            _add(found, claim, wrong)
    return tuple(found.values())


def require_valid(claim: ProfessionalClaim, guide: CompanionGuide) -> None:
    """Nothing, if the claim can be sent.

    Raises:  InvalidClaim.
    """
    if found := faults(claim, guide):
        raise InvalidClaim(claim.claim_id, found)


def check_form(part: Part, path: str) -> None:
    """Nothing, if every field of a part that stands in no claim (who sends, who receives) has its form.

    Raises:  InputError: the first that has not.
    """
    for detail in _form_errors(part):
        where = _path(detail)
        raise InputError(f"{path}.{where}", _value_at(part, where), _words(detail))


@cache
def _adapter(kind: Any) -> TypeAdapter[Part]:
    return TypeAdapter(kind)


def _form_errors(part: Part) -> list[ErrorDetails]:
    kind: Any = type(part)  # mypy takes type[Part] for unhashable, as a dataclass that compares by value
    try:
        _adapter(kind).validate_python(part)
    except ValidationError as error:
        return error.errors(include_url=False, include_input=False)
    return []


def _path(detail: ErrorDetails) -> str:
    steps = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in detail["loc"] if part not in _TAGS)
    return "".join(steps).removeprefix(".")


def _words(detail: ErrorDetails) -> str:
    return _WORDS[detail["type"]].format_map(detail.get("ctx", {})) if detail["type"] in _WORDS else detail["msg"]


def _add(found: dict[str, ClaimFault], claim: ProfessionalClaim, wrong: Wrong) -> None:
    if wrong.path not in found:
        value = NOT_SHOWN if _is_personal(claim, wrong.path) and wrong.value is not None else shown(wrong.value)
        found[wrong.path] = ClaimFault(f"$.{wrong.path}", value, wrong.expected, *place_of(wrong.path))


def _steps(path: str) -> list[str]:
    return path.replace("[", ".[").split(".")


def _value_at(part: Part, path: str) -> Any:
    here: Any = part
    for step in _steps(path):
        here = here[int(step[1:-1])] if step.startswith("[") else getattr(here, step)
    return here


def _is_personal(claim: ProfessionalClaim, path: str) -> bool:
    """Whether a field on the way to that value identifies the patient."""
    here: Any = claim
    for step in _steps(path):
        if step.startswith("["):
            here = here[int(step[1:-1])]
        elif isinstance(here, Part):
            if step in here.personal:
                return True
            here = getattr(here, step)
    return False
