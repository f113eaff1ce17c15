"""Makes the evidence of one claim: its events with their places in the log, under a signed checkpoint.

Reads the log only, and opens nothing: what is sealed stays sealed, and is proved as it is stored.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple, Protocol
from zipfile import ZipFile, ZipInfo

from audit.errors import NotAsSigned, NotYetSigned
from audit.evidence import standalone
from audit.history import AsOf, case_of, sound_events_of
from event_log import treehead
from event_log.merkle import NodeSource, Tree, verify_inclusion
from event_log.protocol import Recorded
from service_kit.reading import Reader
from therapy_domain.identity import id_bytes

_MODE = 0o644 << 16


class SignedLog(NodeSource, Protocol):
    """What of a log is needed beside its events."""

    def last_signed(self) -> tuple[int, str] | None:
        """Size and note of the last signed checkpoint."""


class Bundle(NamedTuple):
    """The evidence of a claim."""

    content: bytes
    """A ZIP file, the same bytes for the same checkpoint."""
    events: int
    size: int
    """The log's size at the checkpoint that all of it stands under."""
    later: int
    """So many events of the claim's case came behind that checkpoint: they are not in it."""


def bundle(read: Reader, log: SignedLog, claim_id: str) -> Bundle:
    """The evidence of a claim as it was known at the last signed checkpoint.

    Raises:  UnknownClaim. NotYetSigned: no checkpoint covers an assessment of it yet. RecordChanged: the record is not
             what was written. NotAsSigned: the log is not what was signed.
    """
    case, signed = case_of(read, claim_id), log.last_signed()
    if signed is None:
        raise NotYetSigned(claim_id)
    size, note = signed
    rows = sound_events_of(read, case, AsOf(position=size))
    own = read.log.read_cases([id_bytes(case)])
    if not any(row.type == standalone.ASSESSED and row.case_id == id_bytes(case) for row in rows):
        raise NotYetSigned(claim_id)
    head = treehead.unverified(note)
    events = list(_proved(rows, log, head))
    proved = standalone.Proved(claim_id, events, head.origin, size, head.root)
    lines = "".join([f"{standalone.written(event)}\n" for event in events])
    return Bundle(
        _zipped(note, lines, standalone.told(proved)), len(events), size, sum(row.position > size for row in own)
    )


def _proved(rows: list[Recorded], log: SignedLog, head: treehead.TreeHead) -> Iterator[standalone.Event]:
    """The events as the bundle has them, each with its way to the root."""
    tree = Tree(log)
    for row in rows:
        at = row.position - 1
        proof = tree.inclusion(at, head.size)
        if not verify_inclusion(row.leaf_hash, at, head.size, proof, head.root):
            raise NotAsSigned(row.position, head.size)
        yield {
            "position": row.position,
            "stream": row.stream,
            "version": row.version,
            "event_id": row.event_id.hex(),
            "type": row.type,
            "schema_version": row.schema_version,
            "case_id": _hexadecimal(row.case_id),
            "org": row.org,
            "actor": row.actor,
            "service": row.service,
            "occurred_at": row.occurred_at,
            "recorded_at": row.recorded_at,
            "causation_id": _hexadecimal(row.causation_id),
            "traceparent": row.traceparent,
            "fingerprint": _hexadecimal(row.fingerprint),
            "data": row.data.decode(),
            "hash": row.leaf_hash.hex(),
            "proof": [step.hex() for step in proof],
        }


def _hexadecimal(value: bytes | None) -> str | None:
    return None if value is None else value.hex()


def _zipped(*contents: str) -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w") as into:
        for name, content in zip(standalone.FILES, contents, strict=True):
            entry = ZipInfo(name)
            entry.external_attr = _MODE
            into.writestr(entry, content)
    return packed.getvalue()
