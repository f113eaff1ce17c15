"""Ready claims out as claim files: recorded first, written second, marked third. Whatever dies in between is made good
by the next export."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from billing.choosing import Candidate, Choice, KeptBack, Wanted, choose, due_claims, parts
from billing.claim_files import content_again, content_of, recorded_file
from billing.errors import ChangedMeanwhile, ErasedFromFile, WrittenOtherwise
from billing.partners import Partners, partners
from billing.views import ClaimFileRow, unwritten
from billing.writing import lies_whole, write_whole
from event_log.protocol import Append, EventLog, Guard
from interchange.professional import ClaimFault
from service_kit.codec import Codec
from service_kit.outcome import Made
from service_kit.reading import Reader, Room
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
CLAIMS_BETWEEN_WORK = 1_000
"""So many are sent before the services have their turn: they find them in memory, and never have many at once."""
OF_A_FILE = Room(events=300, passing=300, lasting=1_500)
"""What is kept at hand for the claims of a file: of its patients and their payer, not of each case."""
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


class FileOut(NamedTuple):
    """A claim file that was written: what is told of it. Its record is in the log."""

    number: int
    path: Path
    sha256: str
    org: str
    payer_id: str
    exported_on: date
    claims: tuple[str, ...]
    charge_cents: int
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
        return sum(len(file.claims) for file in self.files if not file.again)


Progress = Callable[[int, int], None]
"""Called with the claims looked at, and how many there are."""


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
    candidates = due_claims(store.read.rows(), wanted)
    done, worked = 0, 0
    for part in parts(candidates, MOST_CLAIMS_A_FILE):
        done += len(part)
        fresh = store._replace(read=Reader(store.log, store.codec, OF_A_FILE))  # of no use for the next
        _export_part(fresh, part, wanted, directory, exported, on=on, by=by, now=now, dry_run=dry_run)
        if exported.claims >= worked + CLAIMS_BETWEEN_WORK:
            store.work_off()
            worked = exported.claims
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
        choices, kept_back, latest = choose(part, wanted, store.read, store.rules(), on=on, now=now())
        told = partners(latest) if latest is not None else None
        if told is not None and told.faults:
            kept_back += [each.kept(told.faults) for each in choices]
            choices = []
        recorded = None
        if choices and told is not None and not dry_run:
            recorded = _record(store, choices, told, on=on, by=by, now=now())
            if recorded is None:
                store.work_off()
                continue
        exported.kept_back += kept_back
        exported.advice.update({each.event.claim_id: each.advice for each in choices if each.advice})
        if recorded is not None:
            record, content = recorded
            write_whole(directory / record.name, content)
            exported.files.append(_lies_there(store, record, directory / record.name, now(), again=False))
        return
    raise ChangedMeanwhile(ATTEMPTS)


def _record(
    store: Store, choices: Sequence[Choice], told: Partners, *, on: date, by: str, now: datetime
) -> tuple[ClaimsExported, bytes] | None:
    """Record a file and that its claims are sent, in one commit; None where something changed meanwhile."""
    version = store.log.versions([CLAIM_FILES])[CLAIM_FILES]
    number = version + 1
    events = [each.event.model_copy(update={"file": number, "at": now}) for each in choices]
    ids = [_submitted_id(event) for event in events]
    head = ClaimsExported(
        number=number,
        org=told.org,
        payer_id=told.payer_id,
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
        guide=choices[0].guide,
        test=told.test,
        exported_on=on,
        by=by,
    )
    content = content_of(head, [each.claim for each in choices])
    record = head.model_copy(update={"sha256": sha256(content).hexdigest(), "size": len(content)})
    appends = [Append(CLAIM_FILES, version, [_encoded(store, record, _exported_id(record), by, now)])]
    for each, event, event_id in zip(choices, events, ids, strict=True):
        patient = subject_stream("patient", event.org, each.patient_id)
        made = _encoded(store, event, event_id, by, now, case_id=id_bytes(event.case_id), seal_for=patient)
        appends.append(Append(claim_of(event.case_id), each.version, [made]))
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
    """A recorded file once more, byte for byte. One that lies there whole needs nothing of its patients any more.

    Raises:  UnknownClaimFile, ErasedFromFile, WrittenOtherwise, FileInTheWay.
    """
    record = recorded_file(store.read, number)
    path = directory / record.name
    if not lies_whole(path, record.sha256):
        write_whole(path, content_again(store.read, record))
    return _lies_there(store, record, path, now, again=True)


def _lies_there(store: Store, record: ClaimsExported, path: Path, now: datetime, *, again: bool) -> FileOut:
    """Record that the file is in its place."""
    event = ClaimFileWritten(number=record.number, sha256=record.sha256, at=now)
    decided = decision_id(event.type, file_of(record.number), (record.sha256,))
    if not store.log.find([decided]):
        made = store.codec.encode(Made(event, decided, record.org, microseconds(now.astimezone(UTC)), actor=record.by))
        store.log.commit([Append(file_of(record.number), None, [made])], service=NAME, rows=_row(record, written=True))
    return FileOut(
        record.number,
        path,
        record.sha256,
        record.org,
        record.payer_id,
        record.exported_on,
        tuple(claim.claim_id for claim in record.claims),
        sum(claim.charge_cents for claim in record.claims),
        again,
    )
