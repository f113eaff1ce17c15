"""277CA files: which claims a payer or clearinghouse took, and which came back before anybody looked into them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any, NamedTuple

from billing.answers import asides, finding
from billing.answers.asides import Source
from billing.answers.outcome import Tally
from billing.answers.port import Port
from billing.claim_files import number_of, recorded_file
from billing.errors import UnknownClaimFile
from claim_validation.set_aside import ClaimKey, Submitted, acknowledgment
from claim_validation.state import CLAIM, ClaimState
from claim_validation.submissions import Sent
from event_log.protocol import Append, NewEvent
from interchange.claim_status import ClaimStatus, Report, Status, StatusFile
from therapy_domain.events.submission import AnswerSetAside, ClaimsExported
from therapy_domain.streams import claim_of

AT_ONCE = 500
_NOON = time(12, tzinfo=UTC)


class _Answer(NamedTuple):
    report: Report
    claim: ClaimStatus
    number: int
    """Which claim of its report it is, from 1."""
    told: finding.Numbers


def take_statuses(file: StatusFile, source: Source, port: Port, by: str) -> Iterator[Tally]:
    """Every claim of a checked file, some hundreds at a time; then batches that came back whole."""
    counted: Counter[int] = Counter()

    def each() -> Iterator[_Answer]:
        for report, claim in file.claims():
            counted[id(report)] += 1
            lines = [line.line_control_number for line in claim.lines]
            yield _Answer(report, claim, counted[id(report)], finding.numbers(claim.claim_control_number, lines))

    coming = each()
    while part := list(islice(coming, AT_ONCE)):
        yield _part(part, source, port, by)
    for report in file.reports:
        yield _whole_batch(report, source, port, by)


def _part(part: Sequence[_Answer], source: Source, port: Port, by: str) -> Tally:
    owners = finding.matched([each.told for each in part], port.read.rows())
    streams = {owner.claim_id: claim_of(owner.case) for owner in owners if isinstance(owner, finding.Known)}
    claims = port.read.folds(set(streams.values()), CLAIM)
    made: dict[str, list[NewEvent]] = {}
    kept: list[AnswerSetAside] = []
    for each, owner in zip(part, owners, strict=True):
        content = _content(each.report, each.claim.statuses, each.claim, each.number)
        state = claims[streams[owner.claim_id]].state if isinstance(owner, finding.Known) else ClaimState()
        sent = _submission(state.sent, each.told.submission, each.report)
        if isinstance(owner, finding.Known) and sent is not None and state.assessed is not None:
            key = ClaimKey(owner.case, owner.claim_id, owner.org, state.assessed.event.patient_id)
            event = acknowledgment(content, source.sha256, key, Submitted(sent.event.submission, sent.id))
            made.setdefault(claim_of(owner.case), []).append(port.codec.encode(event))
            continue
        reason: asides.Reason = "unknown-submission" if isinstance(owner, finding.Known) else owner
        kept.append(_aside(source, reason, content, each))
    asides.keep(kept, port, by)
    return _told(made, port, set_aside=len(kept))


def _told(made: Mapping[str, Sequence[NewEvent]], port: Port, *, set_aside: int = 0) -> Tally:
    """Keep what is said of claims, by the streams of the claims."""
    events = [event.event_id for each in made.values() for event in each]
    repeated = len(port.log.find(events))
    if made:
        port.keep([Append(stream, None, each) for stream, each in made.items()])
    return Tally(matched=len(events), repeated=repeated, set_aside=set_aside)


def _aside(source: Source, reason: asides.Reason, content: dict[str, Any], each: _Answer) -> AnswerSetAside:
    charge = next((status.charge_cents for status in each.claim.statuses if status.charge_cents is not None), None)
    return asides.aside(
        source,
        reason,
        content["key"],
        content,
        payer=each.report.source,
        at=datetime.fromisoformat(content["at"]),
        claim_id=each.told.claim_id,
        amount_cents=charge,
    )


def _content(report: Report, statuses: Sequence[Status], claim: ClaimStatus | None, number: int) -> dict[str, Any]:
    """What is said of a claim, as JSON, and what tells it from every other answer."""
    codes = [code for status in statuses for code in status.codes]
    if claim is not None:
        codes += [code for line in claim.lines for status in line.statuses for code in status.codes]
    verdict = claim.verdict if claim is not None else "rejected"
    at = _happened_at(report, statuses, number)
    content: dict[str, Any] = {
        "kind": "277CA",
        "verdict": verdict,
        "codes": [code._asdict() for code in dict.fromkeys(codes)],
        "source": report.source or report.source_identifier or "unknown",
        "at": at.isoformat(),
        "key": f"277CA:{report.source_identifier}:{report.trace_number}:{at.date()}:{number}:{verdict}",
    }
    if claim is not None and claim.payer_claim_number:
        content["payer_claim_number"] = claim.payer_claim_number
    if message := " ".join(status.message for status in statuses if status.message):
        content["message"] = message
    return content


def _happened_at(report: Report, statuses: Sequence[Status], number: int) -> datetime:
    """On the day that the answer tells, in the order of its claims."""
    day = report.processed_on or report.received_on or next((s.effective_on for s in statuses if s.effective_on), None)
    return datetime.combine(day or date(1970, 1, 1), _NOON) + timedelta(microseconds=number)


def _submission(sent: Sequence[Sent], number: int | None, report: Report) -> Sent | None:
    """The submission that is answered: the one that its lines name, that of the file it names, else the last."""
    file = number_of(report.batch.reference) if report.batch is not None else None
    for each in sent:
        if each.event.submission == number or (number is None and each.event.file == file):
            return each
    return sent[-1] if sent else None


def _whole_batch(report: Report, source: Source, port: Port, by: str) -> Tally:
    """A batch that came back whole names no claims: all of its file came back."""
    batch = report.batch
    if batch is None or report.claims or not (batch.verdict == "rejected" or _all_rejected(report)):
        return Tally()
    statuses = (*batch.statuses, *(status for level in report.providers for status in level.statuses))
    try:
        file = recorded_file(port.read, number_of(batch.reference) or 0)
    except UnknownClaimFile:
        content = _content(report, statuses, None, 0)
        at = datetime.fromisoformat(content["at"])
        kept = asides.aside(source, "unknown-file", content["key"], content, payer=report.source, at=at)
        asides.keep([kept], port, by)
        return Tally(set_aside=1)
    contents = (_content(report, statuses, None, place) for place, _ in enumerate(file.claims, start=1))
    return _told(sent_back(file, contents, source.sha256, port), port)


def sent_back(
    file: ClaimsExported, contents: Iterable[Mapping[str, Any]], sha256: str, port: Port
) -> dict[str, list[NewEvent]]:
    """That each claim of a file came back, by the streams of the claims.

    Args:    contents: what is said of each, in the file's order. sha256: of the answer.
    """
    claims = port.read.folds([claim_of(each.case_id) for each in file.claims], CLAIM)
    made: dict[str, list[NewEvent]] = {}
    for each, content in zip(file.claims, contents, strict=True):
        state = claims[claim_of(each.case_id)].state
        sent = next((one for one in state.sent if one.event.file == file.number), None)
        if sent is not None and state.assessed is not None:
            key = ClaimKey(each.case_id, each.claim_id, file.org, state.assessed.event.patient_id)
            event = acknowledgment(content, sha256, key, Submitted(sent.event.submission, sent.id))
            made[claim_of(each.case_id)] = [port.codec.encode(event)]
    return made


def _all_rejected(report: Report) -> bool:
    return bool(report.providers) and all(level.verdict == "rejected" for level in report.providers)
