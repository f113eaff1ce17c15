"""What if: every past claim in another world, from its recorded facts, beside how it stands. Nothing is written."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import orjson

from audit.charts import Charts
from audit.comparison import Compared, Pair, Shown, Totals, compare
from audit.history import ReadableCodec
from audit.other_world import OtherWorld, PolicyChange, There, there
from audit.past import Past, kind_of
from audit.record import Record
from event_log.keyring import Erased
from rule_releases.rulesets import Rulesets
from service_kit.reading import Reader
from service_kit.workers import Alone, Spread
from therapy_domain.errors import DomainError
from therapy_domain.events.claim import ClaimAssessed, ClaimLine, UnitsCalculated
from therapy_domain.facts import SubjectFacts
from therapy_domain.payment.claims import ClaimOfDay, Expected, expect
from therapy_domain.policies import resolve_policy
from therapy_domain.rulesets import Ruleset
from therapy_domain.rulesets.payers import PayerPolicy
from therapy_domain.streams import claim_of, subject_stream

CLAIMS_A_BATCH = 250
"""Of each worker."""
COUNTED = frozenset({UnitsCalculated.type})
Progress = Callable[[int, int], None]
"""Called with the claims looked at and all of them."""


class Standing(NamedTuple):
    """A claim as the read model has it."""

    case_id: str
    body: Shown

    @property
    def together(self) -> tuple[str, str, str, str]:
        """What is paid together: a day's claims of one practice, one patient, one payer."""
        body = self.body
        return body["date_of_service"], body["org"], body["patient_id"], body["payer_id"]


@dataclass(frozen=True, slots=True)
class _Looked:
    standing: Standing
    there: There
    own: Ruleset
    policy: PayerPolicy | None
    """Under its own release."""


class _Listed(NamedTuple):
    standing: Standing
    body: str


class _Batch(NamedTuple):
    """Claims to look at; those that are paid together are in one batch."""

    claims: Sequence[tuple[int, str, str]]
    """Place, case, and the claim as the read model has it: JSON, which is quicker sent than what it says."""
    listed: int
    """How many claims were listed up to here."""
    last: bool
    """Whether all claims that may stand between these were given out before."""


class _Found(NamedTuple):
    listed: int
    last: bool
    totals: Totals
    changed: Sequence[tuple[int, Compared]]
    """Each with its place."""


class WhatIf:
    """One question over all past claims. `totals` are whole once the claims were gone through.

    Args:    since: first date of service. payer: its claims only. workers: who looks at them; None: this process.
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
        workers: Spread[Past] | None = None,
    ) -> None:
        self.totals = Totals()
        self._read, self._world = read, world
        self._spread = workers or Alone(Past(read, codec, rulesets))
        self._where, self._values = "WHERE date_of_service >= ?", [(since or date.min).isoformat()]
        if payer is not None:
            self._where, self._values = f"{self._where} AND payer_id = ?", [*self._values, payer]

    def changed(self, progress: Progress = lambda _done, _total: None) -> Iterator[Compared]:
        """Every claim that would be otherwise, by date of service, in constant memory.

        Raises:  What workers raise.
        """
        counted = f"SELECT count(*) FROM claim {self._where}"  # noqa: S608 -- our own words
        ((total,),) = self._read.rows().execute(counted, self._values).fetchall()
        rules = self._world.rules
        release = (rules.id, rules.hash) if rules is not None else None
        question = _Question(release, self._world.policies)
        waiting: list[tuple[int, Compared]] = []
        for found in self._spread.answers(question.looker, self._batches(self._spread.count)):
            self.totals.include(found.totals)
            waiting += found.changed
            if found.last:
                waiting.sort(key=itemgetter(0))
                yield from (compared for _, compared in waiting)
                waiting.clear()
            progress(found.listed, total)

    def _batches(self, parts: int) -> Iterator[tuple[int, _Batch]]:
        """Claims by day; of some days at a time those of a patient always in the same one of so many parts."""
        listed, found = 0, list[_Listed]()
        for together in self._paid_together():
            found += together
            if len(found) >= CLAIMS_A_BATCH * parts:
                listed += len(found)
                yield from _cut(found, listed, parts)
                found = []
        yield from _cut(found, listed + len(found), parts)

    def _paid_together(self) -> Iterator[list[_Listed]]:
        select = f"SELECT date_of_service, case_id, body FROM claim {self._where} ORDER BY date_of_service, claim_id"  # noqa: S608 -- our own words
        rows = self._read.rows().execute(select, self._values)
        for _, of_day in groupby(rows, key=itemgetter(0)):
            day = [_Listed(Standing(case, orjson.loads(body)), body) for _, case, body in of_day]
            day.sort(key=lambda each: (each.standing.together, each.standing.body["claim_id"]))
            for _, together in groupby(day, key=lambda each: each.standing.together):
                yield list(together)


def _cut(found: Sequence[_Listed], listed: int, parts: int) -> Iterator[tuple[int, _Batch]]:
    cut: dict[int, list[tuple[int, str, str]]] = {}
    for place, ((case, said), body) in enumerate(found):
        cut.setdefault(kind_of(said["org"], said["patient_id"]) % parts, []).append((place, case, body))
    for number, (part, claims) in enumerate(cut.items(), 1):
        yield part, _Batch(claims, listed, last=number == len(cut))


class _Question(NamedTuple):
    """A question, as it goes to whoever looks."""

    release: tuple[str, str] | None
    policies: Mapping[str, PolicyChange]

    def looker(self, past: Past) -> "Callable[[_Batch], _Found]":
        """What a worker does."""
        past.read.log.head()  # a log that is followed takes notice of what was written since
        rules = past.rulesets.get(past.read, *self.release) if self.release is not None else None
        return _Looking(past, OtherWorld(rules, self.policies)).look


class _Looking:
    """Looks at claims, with what it keeps at hand."""

    def __init__(self, past: Past, world: OtherWorld) -> None:
        self._read, codec, self._rulesets = past
        self._world = world
        self._record = Record(self._read.log, codec)
        self._charts = Charts(self._read.log, self._record)
        self._releases: dict[tuple[str, str], Ruleset] = {}

    def look(self, batch: _Batch) -> _Found:
        """What the batch's claims come to."""
        totals, changed = Totals(), list[tuple[int, Compared]]()
        looked = self._look([Standing(case, orjson.loads(body)) for _, case, body in batch.claims], totals)
        places = {case: place for place, case, _ in batch.claims}
        for _, group in groupby(looked, key=lambda each: each.standing.together):
            together = list(group)
            for each, compared in zip(together, _compared(together), strict=True):
                totals.add(compared)
                if compared.changed:
                    changed.append((places[each.standing.case_id], compared))
        return _Found(batch.listed, batch.last, totals, changed)

    def _look(self, batch: Sequence[Standing], totals: Totals) -> Iterator[_Looked]:
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
                totals.skipped["void"] += 1
                continue
            try:
                yield self._one(standing, said[standing.case_id])
            except Erased:
                totals.skipped["erased"] += 1
            except DomainError as error:
                totals.skipped[error.code] += 1

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
