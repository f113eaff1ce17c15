"""What the demo runs and what it then knows: a few simulated clinics, from raw events to a verified record."""

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from appeals.views import appeals_list
from audit.history import history
from audit.replay import Replayed, replay
from event_log.verify import Verification
from service_kit.dispatcher import Progress
from suite import verifying
from suite.ingesting import Reached, Source, Taken, ingest
from suite.installation import Installation, log_file
from suite.payer_circle import Circle, around
from suite.showing import claims
from suite.simulator import Simulation, lines
from suite.simulator.payer import SimulatedPayer

CLINICS = Simulation(clinics=3, days=15, seed=2026, visits_per_clinic_day=5, organizations=1, remittance_rate=0.0)
"""Three weeks of three clinics. What payers answer comes in files, once the claims are out."""
SENT_AFTER = timedelta(days=3)
"""From the last visit to the export."""
BILLER = "demo"
MARK = "made-by-demo"
"""A file of this name in a store says that nothing in it is real."""


class FoundRule(NamedTuple):
    """A rule that found fault, how often, and one of its sentences."""

    rule: str
    severity: str
    claims: int
    message: str


class Told(NamedTuple):
    """Everything that the demo tells of."""

    taken: Taken
    claims: Sequence[Mapping[str, Any]]
    rules: Sequence[FoundRule]
    held: Mapping[str, Any] | None
    """A claim that a fault holds."""
    circle: Circle
    """What went out to payers and came back."""
    back: Mapping[str, Any] | None
    """A claim that was sent and paid in part."""
    due: Sequence[Mapping[str, Any]]
    """What to appeal or to correct."""
    history: Mapping[str, Any]
    """Of a claim that went a long way."""
    replayed: Replayed
    """All of its decisions, run again."""


def events() -> bytes:
    """The clinics' stream, JSON lines."""
    return b"".join(lines(CLINICS))


def demonstrate(
    installation: Installation,
    stream: bytes,
    directory: Path,
    *,
    reached: Reached,
    working_off: Progress,
    sending: Progress,
    replaying: Progress,
) -> Told:
    """Take the stream in, work it off, send the claims to payers, take their answers in, and look at what came of it.

    Args:    directory: gets the files that go out and come in.
    """
    source = Source("simulated clinics", cast("BinaryIO", io.BufferedReader(io.BytesIO(stream))))
    taken = ingest(installation, (source,), reached=reached, working_off=working_off)
    payer = SimulatedPayer(CLINICS.seed, installation.rules)
    on = (
        max(date.fromisoformat(claim["date_of_service"]) for claim in claims(installation.read, installation.rules))
        + SENT_AFTER
    )
    circle = around(installation, directory, payer, on=on, by=BILLER, progress=sending)
    every = list(claims(installation.read, installation.rules))
    due = appeals_list(installation.read.rows())
    return Told(
        taken=taken,
        claims=every,
        rules=_rules(every),
        held=_held(every),
        circle=circle,
        back=_back(every),
        due=due,
        history=history(installation.read, installation.codec, _far_travelled(every, due)),
        replayed=replay(installation.read, installation.codec, progress=replaying, rulesets=installation.rulesets),
    )


def check(installation: Installation) -> Verification:
    """The whole log against its hashes and checkpoints, once it is closed."""
    key = installation.signer.vkey if installation.signer else None
    return verifying.check(installation.data, installation.database, key)


def _rules(every: Sequence[Mapping[str, Any]]) -> list[FoundRule]:
    found: Counter[str] = Counter()
    one: dict[str, Mapping[str, Any]] = {}
    for claim in every:
        for finding in claim["findings"]:
            one.setdefault(finding["rule"], finding)
        found.update({finding["rule"] for finding in claim["findings"]})
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [FoundRule(rule, one[rule]["severity"], count, one[rule]["message"]) for rule, count in ranked]


def _held(every: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The held claim that is told fastest: few findings, few lines."""
    held = [claim for claim in every if claim["status"] == "held" and claim["lines"]]
    return min(held, key=lambda claim: (len(claim["findings"]), len(claim["lines"]), claim["claim_id"]), default=None)


def _back(every: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The claim that was paid in part and is told fastest."""
    back = [claim for claim in every if claim["status"] == "partially_paid" and claim["submissions"]]
    return min(back, key=lambda claim: (len(claim["findings"]), len(claim["lines"]), claim["claim_id"]), default=None)


def _far_travelled(every: Sequence[Mapping[str, Any]], due: Sequence[Mapping[str, Any]]) -> str:
    """A claim that was denied and may be appealed, else the first one."""
    appealed = [row["claim_id"] for row in due if row["appeal_id"]]
    claim_id: str = appealed[0] if appealed else every[0]["claim_id"]
    return claim_id


def belongs_to_somebody(data: Path) -> bool:
    """Whether a store is there that no demo made."""
    return log_file(data).exists() and not (data / MARK).exists()
