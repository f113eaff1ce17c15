"""A release made in memory: the shipped one with published tables over it, as an import makes it."""

from datetime import date

from therapy_domain.rulesets.publications import TABLE, Kind
from therapy_domain.rulesets.release import Ruleset, Table, load


def with_table(
    kind: Kind, text: str, first: date, last: date | None = None, *, over: Ruleset | None = None, **more: str
) -> Ruleset:
    """The release with one more table, given as the CSV that a release holds."""
    base = over or load()
    name = f"{kind}-{first}"
    days = {"effective": first, "from": first} | ({"to": last} if last else {})
    row = {"id": name, "name": name, "file": name, "source": f"{name}, made for the test", **days, **more}
    listed = {**base.toml[TABLE], kind: [*base.toml[TABLE].get(kind, ()), row]}
    return Ruleset(
        id=f"{base.id}+1",
        hash="a" * 64,
        toml={**base.toml, TABLE: listed},
        csv={**base.csv, name: Table(text)},
    )
