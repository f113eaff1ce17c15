"""Ready claims out as claim files: recorded first, written second, marked third. Whatever dies in between is made good
by the next export."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from billing.claim_files import content_again, content_of, recorded_file
from billing.errors import ChangedMeanwhile, ErasedFromFile, WrittenOtherwise
from billing.partners import Partners, partners
from billing.views import ClaimFileRow, unwritten
from billing.writing import write_whole
from claim_validation.gathering import Found, gather
from claim_validation.submitting import Decided, Export, Ready, decide, submitted
from event_log.protocol import Append, EventLog, Guard
from interchange.professional import ClaimFault
from service_kit.codec import Codec
from service_kit.outcome import Made
from service_kit.reading import Reader
from service_kit.tables import RowWrites, upsert
from therapy_domain.events.base import Event, microseconds
from therapy_domain.events.submission import ClaimFileWritten, ClaimsExported, ClaimSubmitted, ExportedClaim
from therapy_domain.identity import decision_id, id_bytes, id_text
from therapy_domain.rulesets import Ruleset
from therapy_domain.streams import CLAIM_FILES, claim_of, file_of, subject_stream

NAME = "claim-validation"
"""Exports are claim_validation's decisions, whoever asks for them."""
MOST_CLAIMS_A_FILE = 1_000
"""More go into further files: a file that is sent back brings back no more than these."""
ATTEMPTS = 5


class Store(NamedTuple):
    """What an export works on."""

    read: Reader
    log: EventLog
    codec: Codec
    rules: Callable[[], Ruleset]
    """The release in force."""
    work_off: Callable[[], None]
    """Let the services do what there is to do."""


class Wanted(NamedTuple):
    """Which claims; None = whatever it is."""

    payer: str | None = None
    org: str | None = None
    clinic: str | None = None
    unchanged: frozenset[str] = frozenset()
    """Claims that came back and are sent again though nothing of them has changed."""


class Candidate(NamedTuple):
    """A claim that may be due."""

    case_id: str
    claim_id: str
    org: str
    payer_id: str


class KeptBack(NamedTuple):
    """A claim that is due and cannot be sent."""

    claim_id: str
    org: str
    payer_id: str
    due: str | None
    faults: tuple[ClaimFault, ...]
    reason: str | None = None


class FileOut(NamedTuple):
    """A claim file that was written."""

    record: ClaimsExported
    path: Path
    again: bool
    """It was recorded before."""


@dataclass(slots=True)
class Exported:
    """What an export came to."""

    files: list[FileOut] = field(default_factory=list)
    not_written: list[ErasedFromFile | WrittenOtherwise] = field(default_factory=list)
    """Recorded files that an earlier export left unwritten and nobody can write any more."""
    kept_back: list[KeptBack] = field(default_factory=list)
    advice: dict[str, tuple[ClaimFault, ...]] = field(default_factory=dict)
    """By claim that was sent: what the payer may stumble over."""

    @property
    def claims(self) -> int:
        """How many claims went out for the first time by this export."""
        return sum(len(file.record.claims) for file in self.files if not file.again)


Progress = Callable[[int, int], None]
"""Called with the claims looked at, and how many there are."""


class _Choice(NamedTuple):
    """A claim to be sent."""

    found: Found
    ready: Ready
    decided: Decided


def export(
    store: Store,
    wanted: Wanted,
    directory: Path,
    *,
    on: date,
    by: str,
    now: Callable[[], datetime],
    progress: Progress = lambda _done, _all: None,
    dry_run: bool = False,
) -> Exported:
    """Send what is due: a file an organization and payer, or several where there are many claims.

    Args:    on: the day of the export, for timely filing and as the files say. now: the time with its offset.
             dry_run: look only; nothing is recorded or written.
    Raises:  FileInTheWay: a file cannot be written there; it stays recorded. ChangedMeanwhile.
    """
    store.work_off()
    exported = Exported()
    if not dry_run:
        _make_good(store, directory, now, exported)
    candidates = due_claims(store, wanted)
    done = 0
    for part in _parts(candidates):
        done += len(part)
        fresh = store._replace(read=Reader(store.log, store.codec))  # what one file took is of no use for the next
        _export_part(fresh, part, wanted, directory, exported, on=on, by=by, now=now, dry_run=dry_run)
        progress(done, len(candidates))
    if not dry_run:
        store.work_off()
    return exported


def _make_good(store: Store, directory: Path, now: Callable[[], datetime], exported: Exported) -> None:
    """Write what earlier exports recorded and did not come to write; one that cannot be does not keep back the rest."""
    for number in unwritten(store.read.rows()):
        try:
            exported.files.append(write_again(store, number, directory, now()))
        except (ErasedFromFile, WrittenOtherwise) as error:
            exported.not_written.append(error)


def due_claims(store: Store, wanted: Wanted) -> list[Candidate]:
    """Claims that may be due, by organization, payer and day."""
    where = {"c.payer_id = ?": wanted.payer, "c.org = ?": wanted.org, "c.clinic = ?": wanted.clinic}
    words = "".join(f" AND {word}" for word, value in where.items() if value is not None)
    values = [value for value in where.values() if value is not None]
    one = "SELECT c.case_id, c.claim_id, c.org, c.payer_id, c.date_of_service FROM claim c"
    rows = store.read.rows()
    found = rows.execute(f"{one} WHERE c.status = 'ready'{words}", values).fetchall()
    anew = f"{one} JOIN due_claim d ON d.claim_id = c.claim_id WHERE TRUE{words}"
    found += rows.execute(anew, values).fetchall()
    for claim_id in sorted(wanted.unchanged):
        found += rows.execute(f"{one} WHERE c.claim_id = ?", (claim_id,)).fetchall()
    ordered = sorted({(org, payer, day, claim, case) for case, claim, org, payer, day in found})
    return [Candidate(case, claim, org, payer) for org, payer, _, claim, case in ordered]


def _parts(candidates: Sequence[Candidate]) -> Iterator[list[Candidate]]:
    """Of one organization and payer, so many that they fit into a file."""
    coming = iter(candidates)
    part = list(islice(coming, 1))
    for each in coming:
        if (each.org, each.payer_id) != (part[0].org, part[0].payer_id) or len(part) == MOST_CLAIMS_A_FILE:
            yield part
            part = []
        part.append(each)
    if part:
        yield part


def _export_part(
    store: Store,
    part: Sequence[Candidate],
    wanted: Wanted,
    directory: Path,
    exported: Exported,
    *,
    on: date,
    by: str,
    now: Callable[[], datetime],
    dry_run: bool,
) -> None:
    for _ in range(ATTEMPTS):
        chosen, kept_back = _choose(store, part, wanted, on)
        told = partners(_latest(chosen)) if chosen else None
        if told is not None and told.faults:
            kept_back += [_kept(each, told.faults) for each in chosen]
            chosen = []
        record = None
        if chosen and told is not None and not dry_run:
            record = _record(store, chosen, told, on=on, by=by, now=now())
            if record is None:
                store.work_off()
                continue
        exported.kept_back += kept_back
        exported.advice.update({c.ready.case.claim_id: c.decided.advice for c in chosen if c.decided.advice})
        if record is not None:
            exported.files.append(_write(store, *record, directory, now(), again=False))
        return
    raise ChangedMeanwhile(ATTEMPTS)


def _choose(store: Store, part: Sequence[Candidate], wanted: Wanted, on: date) -> tuple[list[_Choice], list[KeptBack]]:
    """What can be sent of these claims, in the file's order; and what is kept back, why."""
    rules, by_case = store.rules(), {each.case_id: each for each in part}
    chosen: list[_Choice] = []
    kept_back: list[KeptBack] = []
    for unchanged in (False, True):
        cases = [each.case_id for each in part if (each.claim_id in wanted.unchanged) is unchanged]
        for found in gather(cases, store.read, rules, unchanged=unchanged) if cases else ():
            if found.ready is None:
                if found.reason is not None:
                    known = by_case[found.case]
                    kept_back.append(KeptBack(known.claim_id, known.org, known.payer_id, None, (), found.reason))
                continue
            choice = _Choice(found, found.ready, decide(found.ready, on, rules))
            if choice.decided.claim is None:
                kept_back.append(_kept(choice, choice.decided.faults))
            else:
                chosen.append(choice)
    chosen.sort(key=lambda each: (each.ready.case.patient_id, each.ready.case.date_of_service, each.found.case))
    return chosen, kept_back


def _latest(chosen: Sequence[_Choice]) -> Ready:
    """The claim with the latest day: who sends and receives is as the organization says it for that day."""
    return max((each.ready for each in chosen), key=lambda ready: (ready.case.date_of_service, ready.case.case_id))


def _kept(choice: _Choice, faults: tuple[ClaimFault, ...]) -> KeptBack:
    case = choice.ready.case
    return KeptBack(case.claim_id, case.org, case.payer_id, choice.ready.due, faults)


def _record(
    store: Store, chosen: Sequence[_Choice], told: Partners, *, on: date, by: str, now: datetime
) -> tuple[ClaimsExported, bytes] | None:
    """Record a file and that its claims are sent, in one commit; None where something changed meanwhile."""
    version = store.log.versions([CLAIM_FILES])[CLAIM_FILES]
    number = version + 1
    events = [submitted(each.ready, each.decided, Export(number, on, now)) for each in chosen]
    ids = [_submitted_id(event) for event in events]
    claims = [each.decided.claim for each in chosen if each.decided.claim is not None]
    case = chosen[0].ready.case
    head = ClaimsExported(
        number=number,
        org=case.org,
        payer_id=case.payer_id,
        name=told.file_name(number),
        sha256="0" * 64,
        size=0,
        claims=tuple(
            ExportedClaim(
                claim_id=event.claim_id,
                case_id=event.case_id,
                submitted=id_text(event_id),
                frequency=event.frequency,
                charge_cents=event.charge_cents,
            )
            for event, event_id in zip(events, ids, strict=True)
        ),
        created=datetime.combine(on, now.timetz()),
        sender=told.sender,
        receiver=told.receiver,
        guide=chosen[0].decided.base_guide,
        test=told.test,
        exported_on=on,
        by=by,
    )
    content = content_of(head, claims)
    record = head.model_copy(update={"sha256": sha256(content).hexdigest(), "size": len(content)})
    appends = [Append(CLAIM_FILES, version, [_encoded(store, record, _exported_id(record), by, now)])]
    for each, event, event_id in zip(chosen, events, ids, strict=True):
        patient = subject_stream("patient", event.org, each.ready.case.patient_id)
        made = _encoded(store, event, event_id, by, now, case_id=id_bytes(event.case_id), seal_for=patient)
        appends.append(Append(claim_of(event.case_id), each.found.version, [made]))
    guards = [Guard(each.stream, each.expected_version or 0) for each in appends]  # all of the file or nothing
    commit = store.log.commit(appends, service=NAME, rows=_row(record, written=False), guards=guards)
    return None if commit.conflicts else (record, content)


def _submitted_id(event: ClaimSubmitted) -> bytes:
    return decision_id(event.type, event.case_id, (str(event.submission), str(event.file)))


def _exported_id(record: ClaimsExported) -> bytes:
    return decision_id(record.type, CLAIM_FILES, (str(record.number), record.sha256))


def _encoded(store: Store, event: Event, event_id: bytes, by: str, at: datetime, **more: Any) -> Any:
    org: str = getattr(event, "org", "")
    return store.codec.encode(Made(event, event_id, org, microseconds(at.astimezone(UTC)), actor=by, **more))


def _row(record: ClaimsExported, *, written: bool) -> RowWrites:
    statement = upsert(ClaimFileRow)
    row = {
        **record.model_dump(mode="json", include={"number", "org", "payer_id", "name", "sha256", "exported_on"}),
        "claims": len(record.claims),
        "charge_cents": sum(claim.charge_cents for claim in record.claims),
        "exported_by": record.by,
        "written": written,
        "verdict": None,
    }
    return RowWrites([(statement, statement.values(row))])


def write_again(store: Store, number: int, directory: Path, now: datetime) -> FileOut:
    """A recorded file once more, byte for byte.

    Raises:  UnknownClaimFile, ErasedFromFile, WrittenOtherwise, FileInTheWay.
    """
    record = recorded_file(store.read, number)
    return _write(store, record, content_again(store.read, record), directory, now, again=True)


def _write(
    store: Store, record: ClaimsExported, content: bytes, directory: Path, now: datetime, *, again: bool
) -> FileOut:
    """The file in its place, and the record that it lay there."""
    path = directory / record.name
    write_whole(path, content)
    event = ClaimFileWritten(number=record.number, sha256=record.sha256, at=now)
    decided = decision_id(event.type, file_of(record.number), (record.sha256,))
    if not store.log.find([decided]):
        made = store.codec.encode(Made(event, decided, record.org, microseconds(now.astimezone(UTC)), actor=record.by))
        store.log.commit([Append(file_of(record.number), None, [made])], service=NAME, rows=_row(record, written=True))
    return FileOut(record, path, again)
