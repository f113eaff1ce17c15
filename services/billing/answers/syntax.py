"""999 files and TA1 segments: was a claim file understood. One that was not brings all of its claims back."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal, NamedTuple

from billing.answers import asides
from billing.answers.asides import Source
from billing.answers.outcome import Tally
from billing.answers.port import Port
from billing.answers.statuses import sent_back
from billing.claim_files import recorded_file
from billing.errors import UnknownClaimFile
from billing.views import verdict_row
from event_log.protocol import Append
from interchange.acknowledgment import Acknowledgment, GroupAnswer, SegmentError
from service_kit.outcome import Made
from therapy_domain.events.base import microseconds
from therapy_domain.events.submission import ClaimFileAcknowledged, ClaimsExported, FaultySegment
from therapy_domain.identity import decision_id
from therapy_domain.streams import file_of

MOST_SEGMENTS = 100
_UNDERSTOOD = frozenset({"A", "E"})


class _Verdict(NamedTuple):
    """What is said of one claim file."""

    number: int | None
    kind: Literal["999", "TA1"]
    accepted: bool
    codes: tuple[str, ...]
    segments: tuple[SegmentError, ...] = ()

    @property
    def key(self) -> str:
        """The same for the same verdict in whatever file it comes."""
        return f"{self.kind}:{self.number}:{'accepted' if self.accepted else 'rejected'}:{'.'.join(self.codes)}"


def take_acknowledgment(said: Acknowledgment, source: Source, port: Port, by: str, now: datetime) -> Iterator[Tally]:
    """Every claim file that is spoken of; what each came to."""
    for verdict in _verdicts(said):
        try:
            file = recorded_file(port.read, verdict.number or 0)
        except UnknownClaimFile:
            yield _set_aside(verdict, source, port, by, now)
            continue
        yield _acknowledge(file, verdict, source, port, by, now)


def _verdicts(said: Acknowledgment) -> Iterator[_Verdict]:
    for answer in said.interchanges:
        yield _Verdict(_number(answer.control_number), "TA1", answer.verdict in _UNDERSTOOD, (answer.code,))
    for group in said.groups:
        yield _of_group(group)


def _of_group(group: GroupAnswer) -> _Verdict:
    """Our groups hold one transaction: it decides where it is named, else the group does."""
    number = _number(group.control_number) if group.identifier == "HC" else None
    for transaction in group.transactions:
        if _number(transaction.control_number) == number:
            codes = (*transaction.codes, *group.codes)
            return _Verdict(number, "999", transaction.accepted, tuple(dict.fromkeys(codes)), transaction.segments)
    return _Verdict(number, "999", group.verdict in _UNDERSTOOD, group.codes)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _acknowledge(file: ClaimsExported, verdict: _Verdict, source: Source, port: Port, by: str, now: datetime) -> Tally:
    event = ClaimFileAcknowledged(
        number=file.number,
        kind=verdict.kind,
        verdict="accepted" if verdict.accepted else "rejected",
        codes=verdict.codes,
        segments=tuple(_segment(each) for each in verdict.segments[:MOST_SEGMENTS]),
        file=source.sha256,
        at=now,
    )
    decided = decision_id(event.type, file_of(file.number), (verdict.key,))
    made = Made(event, decided, file.org, microseconds(now), actor=by)
    appends = [Append(file_of(file.number), None, [port.codec.encode(made)])]
    repeated = bool(port.log.find([decided]))
    if not verdict.accepted:
        content = {
            "kind": verdict.kind,
            "verdict": "rejected",
            "source": file.receiver.name,
            "at": now.isoformat(),
            "key": verdict.key,
        }
        back = sent_back(file, [content] * len(file.claims), source.sha256, port)
        appends += [Append(stream, None, events) for stream, events in back.items()]
    port.keep(appends, [] if repeated else [verdict_row(port.read.rows(), file.number, event.verdict)])
    return Tally(matched=1, repeated=int(repeated))


def _segment(error: SegmentError) -> FaultySegment:
    elements = (f"{each.position}:{each.code}" for each in error.elements)
    return FaultySegment(
        tag=error.tag,
        position=error.position,
        loop=error.loop,
        codes=tuple(filter(None, (error.code, *elements))),
        claim_id=error.claim_control_number or None,
    )


def _set_aside(verdict: _Verdict, source: Source, port: Port, by: str, now: datetime) -> Tally:
    content = {
        "kind": verdict.kind,
        "accepted": verdict.accepted,
        "codes": list(verdict.codes),
        "number": verdict.number,
        "key": verdict.key,
    }
    kept = asides.aside(source, "unknown-file", verdict.key, content, payer="", at=now)
    asides.keep([kept], port, by)
    return Tally(set_aside=1)
