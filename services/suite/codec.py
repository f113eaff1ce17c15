"""Events to stored bytes and back: envelope, sealing of personal fields, versions. The only place that does it."""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeGuard

import orjson

from event_log.keyring import Erased, KeyRing
from event_log.protocol import NewEvent, Recorded
from service_kit.outcome import Made
from therapy_domain.canonical import canonical_json, trimmed
from therapy_domain.events.base import ERASED_TEXT, REGISTRY, Event, Fact

_ENVELOPE = frozenset({"data", "id", "source", "subject", "time"})


class UnknownEvent(Exception):
    """The log holds a type or a version that this release cannot read."""

    code = "unknown-event"

    def __init__(self, event_type: str, version: int, position: int) -> None:
        self.event_type, self.version, self.position = event_type, version, position
        super().__init__(f"position {position} holds {event_type} in version {version}, which this release cannot read")


class SealingCodec:
    """The codec of the suite: `service_kit.codec.Codec` over the domain's events."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    def encode(self, made: Made) -> NewEvent:
        """The stored form: a fact with its envelope, a decision as its data; personal fields sealed."""
        whole = made.event
        if isinstance(whole, Fact):
            event: Event = whole.event
            data = self._fact(whole, made)
        else:
            event = whole
            data = self._decision(event, made)
        return NewEvent(  # by place: twice as fast as by name
            made.event_id,
            event.type,
            event.version,
            data,
            made.occurred_at,
            made.org,
            made.actor,
            made.case_id,
            made.causation_id,
            made.traceparent,
            made.fingerprint,
        )

    def _decision(self, event: Event, made: Made) -> bytes:
        data = event.model_dump(mode="json", by_alias=True, exclude_none=True)
        self._seal_personal(event, data, made, numbers_are_plain=event.numbers_are_plain)
        return trimmed(canonical_json(data, numbers_are_plain=event.sealed_is_plain))

    def _fact(self, fact: Fact[Any], made: Made) -> bytes:
        """The envelope around the data as it came; names in the order that RFC 8785 wants."""
        event: Event = fact.event
        as_came = made.as_came or canonical_json(event.model_dump(mode="json", by_alias=True, exclude_unset=True))
        if event.personal:
            data = orjson.loads(as_came)
            plain = canonical_json(data, numbers_are_plain=True) == as_came
            self._seal_personal(event, data, made, numbers_are_plain=plain)
            as_came = canonical_json(data, numbers_are_plain=plain)
        dumps, time = orjson.dumps, fact.time.isoformat().encode()
        own = as_came, dumps(fact.id), dumps(fact.source), dumps(fact.subject), b'"%b"' % time
        if not fact.extensions:
            return b'{"data":%b,"id":%b,"source":%b,"subject":%b,"time":%b}' % own
        written = list(zip((b"data", b"id", b"source", b"subject", b"time"), own, strict=True))
        written += [(name.encode(), canonical_json(value)) for name, value in fact.extensions.items()]
        return b"{%b}" % b",".join([b'"%b":%b' % pair for pair in sorted(written)])

    def _seal_personal(self, event: Event, data: dict[str, Any], made: Made, *, numbers_are_plain: bool) -> None:
        for name in event.personal:
            if name in data:
                data[name] = self._seal(data[name], made, name, numbers_are_plain=numbers_are_plain)

    def decode(self, recorded: Recorded) -> Fact[Any] | Event:
        """The event, opened.

        Raises:  Erased: the key of something that decisions look at was destroyed.
                 UnknownEvent: this release cannot read it.
        """
        kind = REGISTRY.get(recorded.type)
        if kind is None or kind.version != recorded.schema_version:
            raise UnknownEvent(recorded.type, recorded.schema_version, recorded.position)
        is_fact = recorded.type.startswith("claimtrail.")
        if not is_fact and (opened := self._opened(recorded, kind)) is not None:
            return kind.model_validate_json(opened)
        stored = orjson.loads(recorded.data)
        data = stored["data"] if is_fact else stored
        for name in kind.personal:
            if name in data:
                data[name] = orjson.loads(self._readable(data[name], recorded, kind, name))
        event = kind.model_validate_json(orjson.dumps(data))
        if not is_fact:
            return event
        return Fact(
            event,
            stored["source"],
            stored["id"],
            stored["subject"],
            datetime.fromisoformat(stored["time"]),
            recorded.event_id,
            {name: value for name, value in stored.items() if name not in _ENVELOPE},
        )

    def _opened(self, recorded: Recorded, kind: type[Event]) -> bytes | None:
        """A decision's JSON with every sealed text opened in its place: half the price of reading all of it twice.

        None where one is not found at once, and once only.
        """
        data = recorded.data
        for name in kind.personal:
            begins = b'"%b":{"key":' % name.encode()
            at = data.find(begins)
            if at < 0 or data.find(begins, at + 1) >= 0:
                return None
            start, end = at + len(name) + 3, data.find(b'"}', at) + 2
            try:
                sealed = orjson.loads(data[start:end])
            except orjson.JSONDecodeError:
                return None
            if not _is_sealed(sealed):
                return None
            data = data[:start] + self._readable(sealed, recorded, kind, name) + data[end:]
        return data

    def _readable(self, sealed: dict[str, str], recorded: Recorded, kind: type[Event], name: str) -> bytes:
        """A personal field's JSON. Raises: Erased, unless no decision looks at it."""
        try:
            return self._plain(sealed, recorded.event_id, name)
        except Erased:
            if name not in kind.unread:
                raise
            return orjson.dumps(ERASED_TEXT)

    def readable(self, recorded: Recorded) -> tuple[dict[str, Any], bool]:
        """The stored JSON with personal fields opened, for people.

        Returns: the JSON, and whether something in it is erased (then it says so in its place).
        """
        stored: dict[str, Any] = orjson.loads(recorded.data)
        data = stored["data"] if recorded.type.startswith("claimtrail.") else stored
        erased = False
        for name, value in data.items():
            if _is_sealed(value):
                try:
                    data[name] = self._open(value, recorded.event_id, name)
                except Erased:
                    data[name], erased = {"erased": True}, True
        return stored, erased

    def unsealed(self, recorded: Recorded, data: Mapping[str, Any]) -> dict[str, bytes]:
        """What is sealed in the event's data, by name: the canonical JSON that was sealed.

        Raises:  Erased.
        """
        sealed = ((name, data.get(name)) for name in REGISTRY[recorded.type].personal)
        return {name: self._plain(value, recorded.event_id, name) for name, value in sealed if _is_sealed(value)}

    def _seal(self, value: Any, made: Made, name: str, *, numbers_are_plain: bool) -> dict[str, str]:
        assert made.seal_for is not None, f"nobody's key for {made.event.__class__.__name__}.{name}"
        written = canonical_json(value, numbers_are_plain=numbers_are_plain)
        sealed = self._keys.seal(made.seal_for, written, made.event_id + name.encode())
        return {"key": made.seal_for, "sealed": base64.b64encode(sealed).decode()}

    def _open(self, value: dict[str, str], event_id: bytes, name: str) -> Any:
        return orjson.loads(self._plain(value, event_id, name))

    def _plain(self, value: dict[str, str], event_id: bytes, name: str) -> bytes:
        return self._keys.open(value["key"], base64.b64decode(value["sealed"]), event_id + name.encode())


def _is_sealed(value: Any) -> TypeGuard[dict[str, str]]:
    return isinstance(value, dict) and value.keys() == {"key", "sealed"}
