"""What if: every past claim in another world, from its recorded facts, beside how it stands. Nothing is written."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

import orjson

from audit.charts import Charts
from audit.comparison import Compared, Pair, Shown, Totals, compare
from audit.history import ReadableCodec
from audit.other_world import OtherWorld, There, there
from audit.record import Record
from event_log.keyring import Erased
from rule_releases.rulesets import Rulesets
from service_kit.reading import Reader
from therapy_domain.errors import DomainError
from therapy_domain.events.claim import ClaimAssessed, ClaimLine, UnitsCalculated
from therapy_domain.facts import SubjectFacts
from therapy_domain.payment.claims import ClaimOfDay, Expected, expect
from therapy_domain.policies import resolve_policy
from therapy_domain.rulesets import Ruleset
from therapy_domain.rulesets.payers import PayerPolicy
from therapy_domain.streams import claim_of, subject_stream

CLAIMS_A_BATCH = 500
COUNTED = frozenset({UnitsCalculated.type})
Progress = Callable[[int, int], None]
"""Called with the claims looked at and all of them."""


class Standing(NamedTuple):
    """A claim as the read model has it."""

    case_id: str
    body: Shown

    @property
    def together(self) -> tuple[str, str, str]:
        """Whose claims of a day are paid together: one practice's, one patient's, one payer's."""
        return self.body["org"], self.body["patient_id"], self.body["payer_id"]


@dataclass(frozen=True, slots=True)
class _Looked:
    standing: Standing
    there: There
    own: Ruleset
    policy: PayerPolicy | None
    """Under its own release."""


class WhatIf:
    """One question over all past claims. `totals` are whole once the claims were gone through.

    Args:    since: first date of service. payer: its claims only.
    """

    def __init__(
        self,
        read: Reader,
        codec: ReadableCodec,
        rulesets: Rulesets,
        world: OtherWorld,
        *,
        since: date | None = None,
        payer: str | None = None,
    ) -> None:
        self.totals = Totals()
        self._read, self._rulesets, self._world = read, rulesets, world
        self._record = Record(read.log, codec)
        self._charts = Charts(read.log, self._record)
        self._releases: dict[tuple[str, str], Ruleset] = {}
        self._where, self._values = "WHERE date_of_service >= ?", [(since or date.min).isoformat()]
        if payer is not None:
            self._where, self._values = f"{self._where} AND payer_id = ?", [*self._values, payer]

    def claims(self, progress: Progress = lambda _done, _total: None) -> Iterator[Compared]:
        """Every claim that can be looked at, by date of service, in constant memory."""
        counted = f"SELECT count(*) FROM claim {self._where}"  # noqa: S608 -- our own words
        ((total,),) = self._read.rows().execute(counted, self._values).fetchall()
        done = 0
        for batch in self._batches():
            for looked in groupby(self._look(batch), key=lambda each: each.standing.together):
                for compared in _compared(list(looked[1])):
                    self.totals.add(compared)
                    yield compared
            done += len(batch)
            progress(done, total)

    def _batches(self) -> Iterator[list[Standing]]:
        """Claims by day, those that are paid together in one batch."""
        select = f"SELECT date_of_service, case_id, body FROM claim {self._where} ORDER BY date_of_service, claim_id"  # noqa: S608 -- our own words
        rows = self._read.rows().execute(select, self._values)
        batch: list[Standing] = []
        for _, of_day in groupby(rows, key=lambda row: row[0]):
            day = [Standing(case, orjson.loads(body)) for _, case, body in of_day]
            day.sort(key=lambda each: (each.together, each.body["claim_id"]))
            for _, together in groupby(day, key=lambda each: each.together):
                batch += together
                if len(batch) >= CLAIMS_A_BATCH:
                    yield batch
                    batch = []
        if batch:
            yield batch

    def _look(self, batch: Sequence[Standing]) -> Iterator[_Looked]:
        streams = self._read.log.read_streams([claim_of(each.case_id) for each in batch])
        assessments = {
            each.case_id: [row for row in streams[claim_of(each.case_id)] if row.type == ClaimAssessed.type]
            for each in batch
        }
        said = {case: orjson.loads(rows[-1].data) for case, rows in assessments.items()}
        self._record.begin(())
        self._record.fetch(named for each in said.values() for named in each["basis"])
        self._record.fetch(named for each in said.values() for named in self._record.rests_on(each["basis"], COUNTED))
        for standing in batch:
            if standing.body["status"] == "void":
                self.totals.skipped["void"] += 1
                continue
            try:
                yield self._one(standing, said[standing.case_id])
            except Erased:
                self.totals.skipped["erased"] += 1
            except DomainError as error:
                self.totals.skipped[error.code] += 1

    def _one(self, standing: Standing, said: Mapping[str, Any]) -> _Looked:
        own = self._release(said["ruleset"], said["ruleset_hash"])
        basis = self._record.basis(said["basis"])
        counted_from = self._record.basis(basis.one(UnitsCalculated).event.basis)
        other = there(said, basis, counted_from, own, self._world, self._charts)
        payer = subject_stream("payer", other.case.org, other.case.payer_id)
        published = basis.subjects().get(payer, SubjectFacts())
        policy, _ = resolve_policy(other.case.payer_id, other.case.date_of_service, published, own)
        return _Looked(standing, other, own, policy)

    def _release(self, ruleset_id: str, ruleset_hash: str) -> Ruleset:
        key = ruleset_id, ruleset_hash
        if key not in self._releases:
            self._releases[key] = self._rulesets.get(self._read, *key)
        return self._releases[key]


def _compared(group: Sequence[_Looked]) -> Iterator[Compared]:
    """Claims of one patient's day that one payer pays together."""
    lines = [ClaimOfDay(each.standing.body["claim_id"], _lines(each.standing.body)) for each in group]
    others = [ClaimOfDay(each.standing.body["claim_id"], each.there.assessed.lines) for each in group]
    for each in group:
        claim_id = each.standing.body["claim_id"]
        was = _expected(each, lines, each.policy, each.own).cents(claim_id)
        now = _expected(each, others, each.there.case.policy, each.there.rules).cents(claim_id)
        yield compare(each.standing.body, each.there.assessed, Pair(was, now))


def _lines(body: Shown) -> tuple[ClaimLine, ...]:
    return tuple(
        ClaimLine.trusted(**{**line, "modifiers": tuple(line["modifiers"]), "explanation": tuple(line["explanation"])})
        for line in body["lines"]
    )


def _expected(each: _Looked, claims: Sequence[ClaimOfDay], policy: PayerPolicy | None, rules: Ruleset) -> Expected:
    case = each.there.case
    return expect(claims, policy, case.date_of_service, _state(each), rules)


def _state(each: _Looked) -> str | None:
    """Where the practice is: the clinic's address, else the organization's."""
    known = each.there.case.organization
    if known is None:
        return None
    clinic = each.standing.body["clinic"]
    places = [place.address for place in known.event.clinics if place.id == clinic and place.address is not None]
    return (places or [known.event.address])[0].state
