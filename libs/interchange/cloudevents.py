"""CloudEvents 1.0 in JSON: one envelope in; an event of the contract, or every reason against it, out."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError

from interchange.arrival import NOT_SHOWN, Arrived, Fault, Refused
from interchange.documents import Unreadable, read_object, unfit
from interchange.envelope import (
    check_id,
    check_others,
    check_source,
    check_subject,
    check_version,
    trace_context,
)
from interchange.instants import INSTANT_WORDS, read_instant
from interchange.problems import data_faults, fault, nearest, one_a_place
from interchange.subjects import SUBJECTS, Check
from therapy_domain.canonical import NotCanonical, canonical_json, plain_json
from therapy_domain.events import REGISTRY, Event
from therapy_domain.identity import fact_id


class _Kind(NamedTuple):
    """What there is to know of one contract type."""

    model: type[Event]
    read: Callable[[bytes], Any]
    is_subject: Check | None
    subject_words: str
    tail: bytes
    """How the content of its events ends."""


def _kind(model: type[Event]) -> _Kind:
    check, words = SUBJECTS.get(model.type, (None, ""))
    tail = b'","type":' + orjson.dumps(model.type) + b"}"
    return _Kind(model, model.__pydantic_validator__.validate_json, check, words, tail)


_KINDS = {name: _kind(model) for name, model in sorted(REGISTRY.items()) if name.startswith("claimtrail.")}
CONTRACT_TYPES: tuple[str, ...] = tuple(_KINDS)
"""What clinics and payers may say. What we decide ourselves is no contract type: nobody can send it."""


def read_event(raw: bytes | Mapping[str, Any]) -> Arrived | Refused:
    """One envelope, as JSON text in UTF-8 or as a mapping of JSON values; nothing that is sent makes it raise.

    A name that stands twice in one object is refused: RFC 8785 has no form for it. A malformed `traceparent`
    is dropped, as W3C Trace Context asks. Every fault is told, not only the first.
    """
    try:
        envelope, told = read_object(raw)
    except Unreadable as error:
        return Refused(error.id, error.source, one_a_place(error.told))
    given = envelope.get
    check_version(given("specversion"), told)
    event_id = check_id(given("id"), told)
    source, org, clinic = check_source(given("source"), told)
    kind = _check_type(given("type"), told)
    subject = _check_subject(given("subject"), org, kind, told)
    time = _check_time(given("time"), told)
    extensions = check_others(envelope, told)
    read = _check_data(given("data"), kind, told)
    if told or kind is None or time is None or read is None:
        return Refused(event_id or None, source or None, one_a_place(told))
    event, canonical = read
    about, when = orjson.dumps(subject), time[1].encode()
    content = b'{"data":%b,"subject":%b,"time":"%b%b' % (canonical, about, when, kind.tail)
    return Arrived(
        source,
        org,
        clinic,
        event_id,
        kind.model.type,
        subject,
        time[0],
        event,
        fact_id(source, event_id),
        content,
        canonical,
        trace_context(given("traceparent")),
        extensions,
    )


def _check_type(given: object, told: list[Fault]) -> _Kind | None:
    kind = _KINDS.get(given) if type(given) is str else None
    if kind is None:
        hint = nearest(given, CONTRACT_TYPES) if isinstance(given, str) else ""
        told.append(fault("$.type", given, "one of " + ", ".join(CONTRACT_TYPES) + hint))
    return kind


def _check_subject(given: object, org: str, kind: _Kind | None, told: list[Fault]) -> str:
    subject = check_subject(given, told)
    check = kind.is_subject if kind else None
    if check and kind and subject and org and not check(subject, org):
        told.append(fault("$.subject", subject, kind.subject_words.format(org=org)))
    return subject


def _check_time(given: object, told: list[Fault]) -> tuple[datetime, str] | None:
    time = read_instant(given) if type(given) is str else None
    if time is None:
        told.append(fault("$.time", given, INSTANT_WORDS))
    return time


def _check_data(given: object, kind: _Kind | None, told: list[Fault]) -> tuple[Event, bytes] | None:
    """The event, and its data as sent in canonical form."""
    if type(given) is not dict:
        fields = f"the fields of {kind.model.type}" if kind else "the fields of its type"
        value = None if given is None else NOT_SHOWN
        told.append({"path": "$.data", "value": value, "expected": f"an object with {fields}"})
        return None
    if kind is not None and kind.model.numbers_are_plain:
        # The model takes no floats and bounds its integers: what it accepts has one form, without a look through it.
        try:
            plain = canonical_json(given, numbers_are_plain=True)
            return kind.read(plain), plain
        except (ValidationError, NotCanonical, TypeError, ValueError, RecursionError):
            pass  # the long way finds every fault
    try:
        # Without floats the canonical form says what was sent; with them it may not (1.0 becomes 1).
        canonical = plain_json(given)
        sent = canonical or orjson.dumps(given)
        canonical = canonical or canonical_json(given)
    except (NotCanonical, TypeError, ValueError, RecursionError):
        told.extend(unfit(given, "$.data"))
        return None
    if kind is None:
        return None
    try:
        return kind.read(sent), canonical
    except ValidationError as error:
        told.extend(data_faults(error, kind.model, given))
        return None
