"""Payer settings as a what-if asks for them: by name, or as a published policy's document."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import orjson

from audit.other_world import PolicyChange
from interchange.arrival import Refused
from interchange.cloudevents import read_event
from suite.ingesting import sentence
from therapy_domain.errors import DomainError
from therapy_domain.events.reference import PayerPolicyPublished

_NOT_SETTINGS = frozenset({"name", "effective_from", "extends"})


class BadPolicy(DomainError):
    """What was asked for is no policy of a payer, or no setting of one."""

    code = "bad-policy"

    def __init__(self, asked: str, *told: str) -> None:
        self.asked, self.told = asked, told
        super().__init__(f"{asked}: {'; '.join(told)}")


class Setting(NamedTuple):
    """One setting of a payer."""

    payer_id: str
    name: str
    value: Any


def setting(text: str) -> Setting:
    """`PAYER.setting=value`; the value is JSON, or a word as it stands.

    Raises:  BadPolicy: it is not of that form.
    """
    left, equals, value = text.partition("=")
    payer, dot, name = left.strip().rpartition(".")
    if not equals or not dot or not payer or not name:
        raise BadPolicy(text, "expected PAYER.setting=value, such as medicare.unit_rule=cpt-midpoint")
    try:
        return Setting(payer, name, orjson.loads(value))
    except orjson.JSONDecodeError:
        return Setting(payer, name, value.strip())


def changed(asked: Iterable[Setting]) -> dict[str, PolicyChange]:
    """The settings as changes of the payers' policies as they are.

    Raises:  BadPolicy: a payer has no such setting, or not of such a value.
    """
    by_payer: dict[str, dict[str, Any]] = {}
    for each in asked:
        if each.name in _NOT_SETTINGS:
            raise BadPolicy(f"{each.payer_id}.{each.name}", "this is no setting; a whole policy goes with --policy")
        by_payer.setdefault(each.payer_id, {})[each.name] = each.value
    made = {}
    for payer, settings in by_payer.items():
        whole = _read(payer, {"name": payer, "effective_from": "2000-01-01", "extends": "medicare", **settings})
        given = whole.model_dump(exclude_none=True)
        made[payer] = PolicyChange({name: value for name, value in given.items() if name not in _NOT_SETTINGS})
    return made


def published(document: bytes, payer: str | None) -> tuple[str, PolicyChange]:
    """A published policy: the event's envelope, or its data alone with the payer named beside it.

    Raises:  BadPolicy.
    """
    try:
        found = orjson.loads(document)
    except orjson.JSONDecodeError as error:
        raise BadPolicy("the policy", f"expected a JSON document; {error}") from error
    if not isinstance(found, dict):
        raise BadPolicy("the policy", "expected one JSON object")
    data, subject = found, payer
    if isinstance(found.get("data"), dict):
        data, subject = found["data"], payer or str(found.get("subject") or "")
    if not subject:
        raise BadPolicy("the policy", "it does not name its payer; say --payer")
    whole = _read(subject, data)
    given = whole.model_dump(exclude_none=True)
    settings = {name: value for name, value in given.items() if name not in _NOT_SETTINGS}
    return subject, PolicyChange(settings, whole.effective_from, whole.extends, whole.name)


def _read(payer: str, data: Mapping[str, Any]) -> PayerPolicyPublished:
    """The data as the door reads it."""
    envelope = {
        "specversion": "1.0",
        "id": "asked",
        "source": "/orgs/asked",
        "type": PayerPolicyPublished.type,
        "subject": payer,
        "time": "2000-01-01T00:00:00Z",
        "data": dict(data),
    }
    read = read_event(envelope)
    if isinstance(read, Refused):
        raise BadPolicy(f"policy of {payer}", *(sentence(fault) for fault in read.errors))
    assert isinstance(read.event, PayerPolicyPublished)
    return read.event
