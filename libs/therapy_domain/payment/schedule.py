"""Medicare's fees as a release holds them: the rates of one day in one locality, or why there are none."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from therapy_domain.payment.money import scaled
from therapy_domain.payment.rates import Gpci, Rvus, UnitRate, rate_from_payment_file, rate_from_rvus
from therapy_domain.payment.tables import ConversionFactor
from therapy_domain.rulesets.publications import Kind, Publication, Rows, covering, once_a_table, publications
from therapy_domain.rulesets.release import Ruleset

PRICED = frozenset("ACRT")
"""Status codes of services that may be paid: without a fee of their own (a carrier prices them) they have no rate."""


class Locality(NamedTuple):
    """Where a fee holds: localities are numbered within a carrier."""

    carrier: str
    number: str


@dataclass(frozen=True, slots=True)
class NoRates:
    """Nothing is known to be paid: an estimate would be invented."""

    reason: str


Rates = Mapping[str, UnitRate]


def rates(ruleset: Ruleset, day: date, state: str | None) -> Rates | NoRates:
    """What a unit of each code is allowed on that day where a practice is: by the payment file, or else by relative
    values and the locality's indices.

    Args:    state: of the practice, two letters; tells the locality where the tables hold several.
    Source:  SSA section 1848(b)(1); CMS payment amount file; CMS relative value file with Addendum E.
    """
    fees = _covering(ruleset, "fees", day)
    values, indices = _covering(ruleset, "relative_values", day), _covering(ruleset, "locality_indices", day)
    local = _indices(ruleset, indices) if indices else MappingProxyType({})
    if fees is not None:
        by_locality = _fees(ruleset, fees)
        here = _here(by_locality, state, local)
        return by_locality[here] if isinstance(here, Locality) else here
    if values is None or indices is None:
        return NoRates(f"no fee table is held for {day}; `claimtrail rules import fees` takes the published files")
    here = _here(local, state, local)
    return _computed(ruleset, values, indices, here) if isinstance(here, Locality) else here


class _Place(NamedTuple):
    state: str
    gpci: Gpci


def _here(held: Iterable[Locality], state: str | None, indices: Mapping[Locality, _Place]) -> Locality | NoRates:
    """The only locality held, or the only one of the state."""
    found = list(held)
    if len(found) > 1:
        found = [each for each in found if each in indices and indices[each].state == state]
    if len(found) == 1:
        return found[0]
    where = f"state {state}" if state else "a practice without an address"
    return NoRates(
        f"{len(found)} localities of the fee tables are in {where}; import the one that is meant with --locality"
    )


@cache
def _published(ruleset: Ruleset, kind: Kind) -> tuple[Publication, ...]:
    return publications(ruleset, kind)


def _covering(ruleset: Ruleset, kind: Kind, day: date) -> Publication | None:
    return covering(_published(ruleset, kind), day)


@once_a_table
def _fees(rows: Rows, publication: Publication) -> Mapping[Locality, Rates]:
    found: dict[Locality, dict[str, UnitRate]] = {}
    for _, row in rows:
        cents = int(row["fee_cents"])
        if cents or row["status"] not in PRICED:
            of_locality = found.setdefault(Locality(row["carrier"], row["locality"]), {})
            of_locality[row["code"]] = rate_from_payment_file(
                row["code"], cents, int(row["reduction_cents"]), indicator=row["indicator"], source=publication.source
            )
    return MappingProxyType({locality: MappingProxyType(of) for locality, of in found.items()})


@once_a_table
def _indices(rows: Rows, _publication: Publication) -> Mapping[Locality, _Place]:
    return MappingProxyType(
        {
            Locality(row["carrier"], row["locality"]): _Place(
                row["state"], Gpci(*(scaled(row[name], 3) for name in ("work", "practice_expense", "malpractice")))
            )
            for _, row in rows
        }
    )


class _Values(NamedTuple):
    rvus: Rvus
    factor: int
    reducible: bool


@once_a_table
def _values(rows: Rows, _publication: Publication) -> Mapping[str, _Values]:
    found = {}
    for _, row in rows:
        rvus = Rvus(*(scaled(row[name], 2) for name in ("work", "practice_expense", "malpractice")))
        if row["status"] in PRICED and (rvus.work or rvus.practice_expense):
            found[row["code"]] = _Values(rvus, scaled(row["conversion_factor"], 4), row["indicator"] == "5")
    return MappingProxyType(found)


@cache
def _computed(ruleset: Ruleset, values: Publication, indices: Publication, here: Locality) -> Rates:
    gpci, source = _indices(ruleset, indices)[here].gpci, f"{values.source}; {indices.source}"
    made = {}
    for code, each in _values(ruleset, values).items():
        last = values.last_day or date.max
        factor = ConversionFactor(values.first_day, last, "standard", each.factor, values.source)
        made[code] = rate_from_rvus(code, each.rvus, gpci, factor, reducible=each.reducible, source=source)
    return MappingProxyType(made)
