"""Check the evidence of one claim with nothing but Python (3.9 or newer): python3 check_evidence.py BUNDLE.zip KEY

KEY is the public key of the log (name+id+base64), from where nobody could change it together with the bundle.
Sources: RFC 8032 (Ed25519), RFC 9162 section 2.1.3.2 (inclusion), c2sp.org/signed-note, c2sp.org/tlog-checkpoint.
"""

import base64
import hashlib
import json
import re
import struct
import sys
import zipfile
from datetime import datetime, timedelta, timezone
from typing import Any, BinaryIO, NamedTuple
from uuid import UUID

FILES = ["checkpoint.txt", "events.jsonl", "history.txt"]
LARGEST = 200_000_000
NUMBERS = ("position", "version", "occurred_at", "recorded_at", "schema_version")
TEXTS = ("service", "type", "org", "actor", "stream")
COLUMNS = {
    *NUMBERS,
    *TEXTS,
    "event_id",
    "case_id",
    "causation_id",
    "traceparent",
    "fingerprint",
    "data",
    "hash",
    "proof",
}

ASSESSED, EPOCH = "ClaimAssessed", datetime(1970, 1, 1, tzinfo=timezone.utc)  # noqa: UP017 -- Python 3.9
HIDING = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff\\ufeff]")

Event = dict[str, Any]
Point = tuple[int, int, int, int]
P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


class NotProved(Exception):
    """The bundle does not prove what it says; the message tells why."""

    code = "not-proved"


class Proved(NamedTuple):
    """What a bundle proves: that these events stand in that log, and what it says of their claim."""

    claim_id: str
    events: list[Event]
    log: str
    size: int
    """So many events the log had."""
    root: bytes


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise NotProved(otherwise)


def _add(one: Point, two: Point) -> Point:
    a, b = (one[1] - one[0]) * (two[1] - two[0]) % P, (one[1] + one[0]) * (two[1] + two[0]) % P
    c, d = 2 * one[3] * two[3] * D % P, 2 * one[2] * two[2] % P
    return (b - a) * (d - c) % P, (d + c) * (b + a) % P, (d - c) * (d + c) % P, (b - a) * (b + a) % P


def _times(number: int, point: Point) -> Point:
    product: Point = (0, 1, 1, 0)
    while number:
        product, point, number = _add(product, point) if number & 1 else product, _add(point, point), number >> 1
    return product


def _point(encoded: bytes) -> Point:
    sign, y = divmod(int.from_bytes(encoded, "little"), 2**255)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    _require(len(encoded) == 32 and y < P and x * x % P == square and (x > 0 or not sign), "no point of the curve")
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P


def is_signed(text: bytes, signature: bytes, public: bytes) -> bool:
    """Whether the owner of the Ed25519 key signed this text."""
    digest = int.from_bytes(hashlib.sha512(signature[:32] + public + text).digest(), "little") % ORDER
    number, base = int.from_bytes(signature[32:], "little"), _point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
    ours, theirs = _add(_point(signature[:32]), _times(digest, _point(public))), _times(number, base)
    return (
        len(signature) == 64
        and number < ORDER
        and all((ours[at] * theirs[2] - theirs[at] * ours[2]) % P == 0 for at in (0, 1))
    )


def checkpoint(note: str, key: str) -> tuple[str, int, bytes]:
    """The name of the log, how many events it had and their root, as the owner of the key signed them."""
    name, number, encoded = key.strip().split("+", 2)
    public, (text, _, signature) = base64.b64decode(encoded, validate=True), note.rpartition(f"\n\n\u2014 {name} ")
    key_id, raw = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4], base64.b64decode(signature)
    _require(public[:1] == b"\x01" and key_id.hex() == number, "KEY is not the public key of a log")
    written = f"{text}\n\n\u2014 {name} {base64.b64encode(raw).decode()}\n"
    _require(bool(text) and note == written and raw[:4] == key_id, "the checkpoint is not signed with KEY")
    _require(is_signed(text.encode() + b"\n", raw[4:], public[1:]), "the signature of the checkpoint does not hold")
    origin, size, root = text.split("\n")
    _require(origin == name, "the checkpoint is of another log")
    return name, int(size), base64.b64decode(root)


def leaf(event: Event) -> bytes:
    """The hash of an event in the log: over every column, each behind its length."""
    said = [struct.pack(">i", len(event[name].encode())) + event[name].encode() for name in TEXTS]
    blobs = [event[name] and bytes.fromhex(event[name]) for name in ("event_id", "case_id", "causation_id")]
    blobs += [event["traceparent"] and event["traceparent"].encode()]
    blobs += [event["fingerprint"] and bytes.fromhex(event["fingerprint"]), event["data"].encode()]
    lengths = [-1 if blob is None else len(blob) for blob in blobs]
    middle = struct.pack(">4q6i", *[event[name] for name in NUMBERS[:4]], *lengths)
    head = b"\x00\x01" + b"".join(said[:4]) + struct.pack(">q", event["schema_version"]) + said[4]
    return hashlib.sha256(head + middle + b"".join([blob or b"" for blob in blobs])).digest()


def is_included(event: Event, size: int, root: bytes) -> bool:
    """Whether the event stands at its position in the log of that size and root."""
    at, last, found = event["position"] - 1, size - 1, leaf(event)
    if not 0 <= at <= last or found.hex() != event["hash"]:
        return False
    for step in map(bytes.fromhex, event["proof"]):
        if last == 0:
            return False
        is_left = at & 1 or at == last
        found = hashlib.sha256(b"\x01" + (step + found if is_left else found + step)).digest()
        while is_left and at and not at & 1:
            at, last = at >> 1, last >> 1
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def _event(line: str) -> Event:
    event: Event = json.loads(line)
    _require(line == written(event), "an event is not written as a bundle writes it")
    kinds = dict.fromkeys(NUMBERS, int) | dict.fromkeys((*TEXTS, "event_id", "data", "hash"), str)
    _require(event.keys() == COLUMNS and all(type(event[name]) is kind for name, kind in kinds.items()), "no event")
    texts = [event[name] for name in ("event_id", "case_id", "causation_id", "fingerprint")] + event["proof"]
    _require(all(text is None or bytes.fromhex(text).hex() == text for text in texts), "no hexadecimal number")
    return event


def written(event: Event) -> str:
    """A line of events.jsonl, without its line feed."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


def claim_of(events: list[Event]) -> str:
    """The one claim that these events are of, with all that its decisions name and no gap in its streams."""
    data = {event["event_id"]: json.loads(event["data"]) for event in events}
    claims = {(data[event["event_id"]]["claim_id"], event["case_id"]) for event in events if event["type"] == ASSESSED}
    _require(len(claims) == 1, "it is not the evidence of one claim")
    ((claim_id, case),) = claims
    positions = [event["position"] for event in events]
    _require(positions == sorted(set(positions)), "events are doubled or out of order")
    streams: dict[str, list[int]] = {}
    for event in events:
        if event["stream"].startswith(f"case/{UUID(case)}/"):
            streams.setdefault(event["stream"], []).append(event["version"])
        if event["case_id"] == case and not event["type"].startswith("claimtrail."):
            named = [UUID(each).hex for each in data[event["event_id"]].get("basis", [])]
            _require(
                data.keys() >= set(named), f"what the decision at position {event['position']} rests on is left out"
            )
    whole = all(versions == list(range(1, len(versions) + 1)) for versions in streams.values())
    _require(whole, "a decision of the claim is left out")
    return str(claim_id)


def check(bundle: BinaryIO, key: str) -> Proved:
    """Check a bundle. Raises: NotProved, whatever is wrong with it."""
    try:
        return _checked(bundle, key)
    except NotProved:
        raise
    except Exception as error:
        raise NotProved(
            f"it is damaged, edited or no evidence bundle, or KEY no public key of a log ({type(error).__name__})"
        ) from error


def _checked(bundle: BinaryIO, key: str) -> Proved:
    with zipfile.ZipFile(bundle) as packed:
        _require(
            [each.filename for each in packed.infolist()] == FILES, f"it should hold {', '.join(FILES)}, and no more"
        )
        _require(all(each.file_size < LARGEST for each in packed.infolist()), "it is too large")
        note, lines, history = (packed.read(name).decode() for name in FILES)
    log, size, root = checkpoint(note, key)
    events = [_event(line) for line in lines.removesuffix("\n").split("\n")]
    for event in events:
        _require(is_included(event, size, root), f"the event at position {event['position']} is not what was written")
    proved = Proved(claim_of(events), events, log, size, root)
    _require(lines.endswith("\n") and history == told(proved), "history.txt does not say what the events say")
    return proved


def told(proved: Proved) -> str:
    """The events in lines for people: history.txt."""
    claim_id, events, log, size, root = proved
    lines = [
        f"Evidence of claim {claim_id}: {len(events)} events of the log {log}, as it stood with {size} events.",
        f"Root of that log: {root.hex()}",
        "",
        "To check that each event stands there unchanged, that what each decision of the claim rests on is here too,",
        "and that no stream of the claim's decisions has a gap:",
        "    claimtrail verify-evidence FILE.zip --key KEY",
        "KEY is the public key of the log, which whoever keeps the log gave you before. What is sealed is personal: it",
        "is proved unchanged, but not shown.",
    ]
    for event in events:
        when = [
            f"{EPOCH + timedelta(microseconds=event[name]):%Y-%m-%d %H:%M:%S} UTC"
            for name in ("occurred_at", "recorded_at")
        ]
        lines += ["", f"{event['position']}  {event['type']}, {when[0]}"]
        lines += [f"    recorded {when[1]} by {event['actor'] or event['service']} ({event['service']})"]
        lines += [f"    version {event['version']} of {event['stream']}, hash {event['hash']}"]
        lines += _lines(json.loads(event["data"]), "    ")
    return "\n".join(lines) + "\n"


def _lines(value: Any, pad: str) -> list[str]:
    if isinstance(value, dict) and value.keys() == {"key", "sealed"}:
        return [f"{pad}(sealed)"]
    if not isinstance(value, (dict, list)):
        return [pad + _word(value)]
    if isinstance(value, list) and not any(isinstance(each, (dict, list)) for each in value):
        return [pad + (", ".join([_word(each) for each in value]) or "none")]
    lines: list[str] = []
    for name, each in value.items() if isinstance(value, dict) else enumerate(value, 1):
        inner = _lines(each, f"{pad}    ")
        is_short = len(inner) == 1 and not (isinstance(each, dict) and each.keys() != {"key", "sealed"})
        lines += [f"{pad}{_word(name)}: {inner[0].strip()}"] if is_short else [f"{pad}{_word(name)}:", *inner]
    return lines


def _word(value: Any) -> str:
    """As it is, unless it would move a cursor or hide something."""
    is_plain = isinstance(value, str) and value and not HIDING.search(value)
    return str(value) if is_plain else json.dumps(value)


def main() -> None:
    """Check the bundle that the command line names."""
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        with open(sys.argv[1], "rb") as bundle:  # noqa: PTH123 -- it is to need little
            proved = check(bundle, sys.argv[2])
    except (NotProved, OSError) as error:
        sys.exit(f"NOT PROVED: {error}")
    print(f"proved: {len(proved.events)} events of claim {proved.claim_id}, of {proved.size} in the log {proved.log}")


if __name__ == "__main__":
    main()
