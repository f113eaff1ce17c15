"""What of an event is hashed: every stored column, so that no bit of any of them can change unseen.

The entry of one event (the hash is SHA-256 over byte 0x00 and the entry, the leaf of RFC 9162):

    byte 0x01 (this encoding)
    position, version, schema_version, occurred_at, recorded_at: five signed 64-bit integers
    the lengths in bytes of stream, type, org, actor, service, event_id, case_id, causation_id, traceparent,
        fingerprint, data: eleven signed 32-bit integers, -1 for a column without value
    those columns, in that order

All integers are big-endian, texts are UTF-8. Lengths come first, so no two events share an entry.
"""

import struct
from hashlib import sha256

from event_log.protocol import Recorded

HEAD = struct.Struct(">BBqqqqq11i")


def leaf_hash(
    position: int,
    stream: bytes,
    version: int,
    event_id: bytes,
    type_: bytes,
    schema_version: int,
    case_id: bytes | None,
    org: bytes,
    actor: bytes,
    service: bytes,
    occurred_at: int,
    recorded_at: int,
    causation_id: bytes | None,
    traceparent: bytes | None,
    fingerprint: bytes | None,
    data: bytes,
) -> bytes:
    """The leaf of one event, its columns in the log's order, texts as UTF-8 bytes: 32 bytes."""
    head = HEAD.pack(
        0,
        1,
        position,
        version,
        schema_version,
        occurred_at,
        recorded_at,
        len(stream),
        len(type_),
        len(org),
        len(actor),
        len(service),
        len(event_id),
        -1 if case_id is None else len(case_id),
        -1 if causation_id is None else len(causation_id),
        -1 if traceparent is None else len(traceparent),
        -1 if fingerprint is None else len(fingerprint),
        len(data),
    )
    return sha256(
        b"".join(
            (
                head,
                stream,
                type_,
                org,
                actor,
                service,
                event_id,
                case_id or b"",
                causation_id or b"",
                traceparent or b"",
                fingerprint or b"",
                data,
            )
        )
    ).digest()


def leaf_of(event: Recorded) -> bytes:
    """The leaf this stored event must have; not `event.leaf_hash` when somebody changed it."""
    return leaf_hash(
        event.position,
        event.stream.encode(),
        event.version,
        event.event_id,
        event.type.encode(),
        event.schema_version,
        event.case_id,
        event.org.encode(),
        event.actor.encode(),
        event.service.encode(),
        event.occurred_at,
        event.recorded_at,
        event.causation_id,
        None if event.traceparent is None else event.traceparent.encode(),
        event.fingerprint,
        event.data,
    )
