"""What people do about an item, as JSON bodies: each act strict, refused with the path of what is wrong."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from appeals.acts import Act, Close, Escalate, File, GiveBack, Note, Send, Take, Vacate, Withdraw
from therapy_domain.appeals.request import Day
from therapy_domain.errors import InputError
from therapy_domain.events.appeal_work import How
from therapy_domain.request import check
from therapy_domain.strict_json import faults, parse

_NAME, _TEXT = "a name of 1 to 200 characters", "a text of 1 to 10,000 characters"
Name = Annotated[str, Field(pattern=r"\S", min_length=1, max_length=200, description=_NAME)]
Text = Annotated[str, Field(pattern=r"\S", min_length=1, max_length=10_000, description=_TEXT)]
Proof = Annotated[str, Field(pattern=r"\S", min_length=1, max_length=500, description="a text of 1 to 500 characters")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}\z", description="a SHA-256 of 64 hexadecimal digits")]
Ways = Annotated[How, Field(description="one of portal, electronic, fax, mail, courier, by-hand")]
Others = Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=500)]


class _Body(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    by: Name
    if_version: Annotated[int, Field(ge=0, lt=2**31)] | None = None


class _Take(_Body):
    act: Literal["take"]
    taken_from: Name | None = None


class _GiveBack(_Body):
    act: Literal["give-back"]


class _Note(_Body):
    act: Literal["note"]
    text: Text


class _File(_Body):
    act: Literal["file"]
    on: Day
    how: Ways
    proof: Proof | None = None
    good_cause: Text | None = None
    together_with: Others = []
    packet_sha256: Digest | None = None


class _Send(_Body):
    act: Literal["send"]
    on: Day
    how: Ways
    proof: Proof | None = None
    packet_sha256: Digest | None = None


class _Withdraw(_Body):
    act: Literal["withdraw"]
    on: Day
    reason: Text


class _Escalate(_Body):
    act: Literal["escalate"]
    on: Day
    how: Ways
    proof: Proof | None = None


class _Vacate(_Body):
    act: Literal["vacate"]
    on: Day
    how: Ways
    reason: Text
    proof: Proof | None = None


class _Close(_Body):
    act: Literal["close"]
    outcome: Literal["done", "declined", "contested"]
    reason: Text


def _file(body: Any) -> Act:
    others = tuple(dict.fromkeys(body.together_with))
    return File(body.by, body.on, body.how, body.proof, body.good_cause, others, body.packet_sha256)


_READERS: Mapping[str, tuple[type[_Body], Callable[[Any], Act]]] = {
    "take": (_Take, lambda body: Take(body.by, body.taken_from)),
    "give-back": (_GiveBack, lambda body: GiveBack(body.by)),
    "note": (_Note, lambda body: Note(body.by, body.text)),
    "file": (_File, _file),
    "send": (_Send, lambda body: Send(body.by, body.on, body.how, body.proof, body.packet_sha256)),
    "withdraw": (_Withdraw, lambda body: Withdraw(body.by, body.on, body.reason)),
    "escalate": (_Escalate, lambda body: Escalate(body.by, body.on, body.how, body.proof)),
    "vacate": (_Vacate, lambda body: Vacate(body.by, body.on, body.how, body.reason, body.proof)),
    "close": (_Close, lambda body: Close(body.by, body.outcome, body.reason)),
}


def read(body: bytes) -> tuple[Act, int | None]:
    """An act, and the version of the item at which it is meant.

    Raises:  InputError: where it cannot be understood, what stands there, what would be right.
    """
    document = parse(body)
    for fault in faults(document, "$"):
        raise InputError(fault.path, fault.value, fault.expected)
    if not isinstance(document, dict):
        raise InputError("$", document, "an object")
    name = document.get("act")
    if not isinstance(name, str) or name not in _READERS:
        raise InputError("$.act", name, f"one of {', '.join(_READERS)}")
    model, made = _READERS[name]
    asked = check(model, document)
    return made(asked), asked.if_version


BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["act", "by"],
                "properties": {
                    "act": {"enum": list(_READERS)},
                    "by": {"type": "string", "description": "Who does it."},
                    "if_version": {"type": "integer", "description": "Only if the item is at this version."},
                },
                "description": "Beside these, the fields of the act; errors tell them.",
            },
            "examples": {
                "take": {"value": {"act": "take", "by": "A. Biller"}},
                "file": {
                    "value": {"act": "file", "by": "A. Biller", "on": "2026-05-04", "how": "portal", "proof": "4711"}
                },
                "close": {
                    "value": {"act": "close", "by": "A. Biller", "outcome": "declined", "reason": "not worth it"}
                },
            },
        }
    },
}
