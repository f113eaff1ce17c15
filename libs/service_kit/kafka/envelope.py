"""A recorded event as a Kafka message, and back.

The message is a CloudEvent in binary mode: the value is the bytes that the log stores, sealed fields sealed; what else
there is to know stands in headers. Names of streams may hold ids that clinics gave to patients, so they are in no key
and no header in the clear: keys are case ids or keyed hashes, and the stream's name travels sealed. The seal (AES-SIV)
also vouches for the whole message: what this installation's relay did not send is not believed.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple, Protocol
from urllib.parse import quote
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from event_log.protocol import Recorded
from service_kit import names

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
LARGEST = 900_000
"""A value above this stays in the log and is read there: brokers refuse messages over a mebibyte by default [bytes]."""
KEYS_REMEMBERED = 50_000

Headers = list[tuple[str, bytes]]


class NotOurs(Exception):
    """A message that no relay of this installation sent, or that was damaged on the way."""

    code = "not-ours"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Message(Protocol):
    """What is read of a message (aiokafka's ConsumerRecord has more)."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class Sent(NamedTuple):
    """A message to send."""

    key: bytes
    value: bytes | None
    headers: Headers


_SEALED = tuple(
    name.encode()
    for name in (
        names.HEADER_ID,
        names.HEADER_TYPE,
        names.HEADER_TIME,
        names.HEADER_POSITION,
        names.HEADER_VERSION,
        names.HEADER_SCHEMA,
        names.HEADER_CASE,
        names.HEADER_RECORDED,
        names.HEADER_CAUSE,
        names.HEADER_TRACE,
    )
)


class Envelope:
    """Makes messages of events and events of messages, under a key of the installation [32 bytes]."""

    def __init__(self, key: bytes) -> None:
        derived = HKDF(hashes.SHA256(), 96, None, b"claimtrail kafka transport v1").derive(key)
        self._seal, self._hash_key = AESSIV(derived[:64]), derived[64:]
        self.key_of_stream = lru_cache(KEYS_REMEMBERED)(self._key_of_stream)

    def _key_of_stream(self, stream: str) -> bytes:
        """The partition key of what is kept by stream: a keyed hash, 32 hexadecimal digits."""
        digest = hmac.HMAC(self._hash_key, hashes.SHA256())
        digest.update(stream.encode())
        return digest.finalize()[:16].hex().encode()

    def send(self, row: Recorded, key: bytes) -> Sent:
        """The message of an event."""
        value = row.data if len(row.data) <= LARGEST else None
        headers = [
            (names.HEADER_SPEC, b"1.0"),
            (names.HEADER_ID, str(UUID(bytes=row.event_id)).encode()),
            (names.HEADER_TYPE, row.type.encode()),
            (names.HEADER_SOURCE, _source(row.org, row.service)),
            (names.HEADER_TIME, (_EPOCH + row.occurred_at * _MICROSECOND).isoformat().encode()),
            (names.HEADER_CONTENT_TYPE, b"application/json"),
            (names.HEADER_POSITION, b"%d" % row.position),
            (names.HEADER_VERSION, b"%d" % row.version),
            (names.HEADER_SCHEMA, b"%d" % row.schema_version),
            (names.HEADER_RECORDED, b"%d" % row.recorded_at),
        ]
        if row.case_id is not None:
            headers.append((names.HEADER_CASE, row.case_id.hex().encode()))
        if row.causation_id is not None:
            headers.append((names.HEADER_CAUSE, row.causation_id.hex().encode()))
        if row.traceparent is not None:
            headers.append((names.HEADER_TRACE, row.traceparent.encode()))
        told = orjson.dumps([row.stream, row.org, row.service, row.actor])
        headers.append((names.HEADER_SEAL, self._seal.encrypt(told, [_vouched(dict(headers)), value or b""])))
        return Sent(key, value, headers)

    def open(self, message: Message) -> Recorded:
        """The event of a message; its fingerprint and leaf stay in the log, and so does data that was too large.

        Raises:  NotOurs.
        """
        headers = dict(message.headers)
        value = message.value or b""
        sealed = headers.get(names.HEADER_SEAL)
        if sealed is None:
            raise NotOurs("the message has no seal: no relay of this installation sent it")
        try:
            told = orjson.loads(self._seal.decrypt(sealed, [_vouched(headers), value]))
        except (InvalidTag, ValueError) as error:
            raise NotOurs("the seal does not fit the message: it was changed, or sent by somebody else") from error
        stream, org, service, actor = told
        case, cause, trace = (
            headers.get(names.HEADER_CASE),
            headers.get(names.HEADER_CAUSE),
            headers.get(names.HEADER_TRACE),
        )
        return Recorded(
            int(headers[names.HEADER_POSITION]),
            stream,
            int(headers[names.HEADER_VERSION]),
            bytes.fromhex(headers[names.HEADER_ID].decode().replace("-", "")),
            headers[names.HEADER_TYPE].decode(),
            int(headers[names.HEADER_SCHEMA]),
            bytes.fromhex(case.decode()) if case is not None else None,
            org,
            actor,
            service,
            (datetime.fromisoformat(headers[names.HEADER_TIME].decode()) - _EPOCH) // _MICROSECOND,
            int(headers[names.HEADER_RECORDED]),
            bytes.fromhex(cause.decode()) if cause is not None else None,
            trace.decode() if trace is not None else None,
            None,
            value,
            b"",
        )


def left_in_log(row: Recorded) -> bool:
    """Whether the data of an opened message has to be read in the log."""
    return not row.data


def _vouched(headers: dict[str, bytes]) -> bytes:
    return b"\0".join([name + b"=" + headers.get(name.decode(), b"-") for name in _SEALED])


@lru_cache(1024)
def _source(org: str, service: str) -> bytes:
    return f"/orgs/{quote(org, safe='')}/services/{quote(service, safe='')}".encode()
