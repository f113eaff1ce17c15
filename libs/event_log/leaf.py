"""What of an event is hashed: every stored column, so that no bit of any of them can change unseen.

The entry of one event (the hash is SHA-256 over byte 0x00 and the entry, the leaf of RFC 9162):

    byte 0x01 (this encoding)
    service, type, org, actor: for each its length in bytes (signed 32 bits) and its UTF-8
    schema_version: signed 64 bits
    stream: length and UTF-8, as above
    position, version, occurred_at, recorded_at: signed 64 bits each
    the lengths of event_id, case_id, causation_id, traceparent, fingerprint, data: signed 32 bits each, -1 for a
        column without value
    those columns, in that order

All integers are big-endian. Every length stands before what it measures, so no two events share an entry.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any

from event_log.protocol import Recorded

_LENGTH = struct.Struct(">i")
_NUMBER = struct.Struct(">q")
MIDDLE = struct.Struct(">qqqq6i")
"""Position, version, occurred_at, recorded_at; the lengths of the rest."""


def measured(text: bytes) -> bytes:
    """A text behind its length."""
    return _LENGTH.pack(len(text)) + text


def context(service: bytes, type_: bytes, org: bytes, actor: bytes, schema_version: int) -> bytes:
    """The beginning of a leaf, which many events share."""
    shared = (measured(service), measured(type_), measured(org), measured(actor))
    return b"\x00\x01" + b"".join(shared) + _NUMBER.pack(schema_version)


def leaf(shared: bytes, stream: bytes, row: tuple[Any, ...], traceparent: bytes | None) -> bytes:
    """The leaf of one event, 32 bytes: its `context`, its stream as `measured`, those columns of its row (as
    protocol.Recorded has them) that are no text, and its traceparent."""
    position, _, version, event_id, _, _, case_id, _, _, _, occurred_at, recorded_at = row[:12]
    causation_id, _, fingerprint, data = row[12:16]
    middle = MIDDLE.pack(
        position,
        version,
        occurred_at,
        recorded_at,
        len(event_id),
        -1 if case_id is None else len(case_id),
        -1 if causation_id is None else len(causation_id),
        -1 if traceparent is None else len(traceparent),
        -1 if fingerprint is None else len(fingerprint),
        len(data),
    )
    tail = (event_id, case_id or b"", causation_id or b"", traceparent or b"", fingerprint or b"", data)
    return sha256(b"".join((shared, stream, middle, *tail))).digest()


class Leaves:
    """Remembers what the leaves of many events share."""

    def __init__(self) -> None:
        self.contexts: dict[tuple[str, str, str, str, int], bytes] = {}

    def context(self, service: str, type_: str, org: str, actor: str, schema_version: int) -> bytes:
        """The beginning of a leaf, from memory when there was one like it lately."""
        key = (service, type_, org, actor, schema_version)
        found = self.contexts.get(key)
        if found is None:
            if len(self.contexts) >= _CONTEXTS:
                self.contexts.clear()
            found = context(service.encode(), type_.encode(), org.encode(), actor.encode(), schema_version)
            self.contexts[key] = found
        return found


_CONTEXTS = 4096


def leaves_of(events: Iterable[Recorded]) -> Iterator[bytes]:
    """Of each stored event the leaf it must have; not its `leaf_hash` when somebody changed it."""
    memory, pack, join = Leaves(), MIDDLE.pack, b"".join
    contexts, before, name = memory.contexts, None, b""
    for (
        position,
        stream,
        version,
        event_id,
        type_,
        schema_version,
        case_id,
        org,
        actor,
        service,
        occurred_at,
        recorded_at,
        causation_id,
        traceparent,
        fingerprint,
        data,
        _,
    ) in events:
        shared = contexts.get((service, type_, org, actor, schema_version))
        if shared is None:
            shared = memory.context(service, type_, org, actor, schema_version)
        if stream != before:
            before, name = stream, measured(stream.encode())
        parent = b"" if traceparent is None else traceparent.encode()
        yield sha256(
            join(  # the same as `leaf`, in line: a tenth of the price of reading a stream
                (
                    shared,
                    name,
                    pack(
                        position,
                        version,
                        occurred_at,
                        recorded_at,
                        len(event_id),
                        -1 if case_id is None else len(case_id),
                        -1 if causation_id is None else len(causation_id),
                        -1 if traceparent is None else len(parent),
                        -1 if fingerprint is None else len(fingerprint),
                        len(data),
                    ),
                    event_id,
                    case_id or b"",
                    causation_id or b"",
                    parent,
                    fingerprint or b"",
                    data,
                )
            )
        ).digest()


def leaf_of(event: Recorded) -> bytes:
    """The leaf this stored event must have; not `event.leaf_hash` when somebody changed it."""
    return next(leaves_of([event]))


def changed(events: Sequence[Recorded]) -> list[Recorded]:
    """Those of these stored events that are not what was written: their columns do not give their leaf hash.

    Somebody who changes an event and its leaf hash alike is found by `verify` only, which holds all leaves against the
    signed checkpoints.
    """
    return [event for event, made in zip(events, leaves_of(events), strict=True) if made != event[16]]
