"""A published file becomes a table of a ruleset release and answers there as it was published."""

import csv
import io
from datetime import date

from interchange.published import Misread, limit_rows, pair_rows, read_pair_edits, read_unit_limits
from therapy_domain.rulesets import load
from therapy_domain.rulesets.edits import pair_edits, unit_limits
from therapy_domain.rulesets.release import Ruleset

PAIRS = (
    "a notice\nColumn 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tRationale\n"
    "97530\t97161\t\t20200101\t*\t1\twords\n"
    "97530\t00100\t\t20200101\t*\t0\twords\n"
    "97140\t97530\t*\t19960101\t20191231\t1\twords\n"
)
LIMITS = "HCPCS/CPT Code,Services MUE Values,MUE Adjudication Indicator\n97112,4,3 words\n00100,1,2 words\n"
CODES = frozenset({"97530", "97161", "97140", "97112"})


def release() -> Ruleset:
    pairs = (row for row in read_pair_edits(io.BytesIO(PAIRS.encode())) if not isinstance(row, Misread))
    limits = (row for row in read_unit_limits(io.BytesIO(LIMITS.encode())) if not isinstance(row, Misread))
    about = {"id": "f", "name": "f", "setting": "practitioner", "effective": date(2020, 1, 1), "from": date(2020, 1, 1)}
    about |= {"to": date(2020, 3, 31), "source": "made for the test"}
    return Ruleset(
        id="made",
        hash="",
        toml={"published": {"pair_edits": [about | {"file": "p"}], "unit_limits": [about | {"file": "l"}]}},
        csv={
            "p": tuple(csv.DictReader(pair_rows(pairs, CODES))),
            "l": tuple(csv.DictReader(limit_rows(limits, CODES))),
        },
    )


def test_a_published_file_answers_as_a_release() -> None:
    edits, limits = pair_edits(release()), unit_limits(release())
    new, old = (edits.active("97530", "97161", day) for day in (date(2020, 1, 1), date(2019, 12, 31)))
    assert new is not None
    assert (new.indicator, new.effective, new.last_day, new.binds(date(2020, 1, 1))) == (
        1,
        date(2020, 1, 1),
        None,
        True,
    )
    assert old is None
    assert edits.active("97140", "97530", date(2019, 12, 31)) is not None
    assert edits.active("97140", "97530", date(2020, 1, 1)) is None
    limit = limits.limit("97112", date(2020, 2, 1))
    assert limit is not None
    assert (limit.units, limit.indicator) == (4, 3)


def test_only_the_codes_asked_for_are_kept() -> None:
    assert edits_of(release()) == {("97530", "97161"), ("97140", "97530")}
    assert unit_limits(release()).limit("00100", date(2020, 2, 1)) is None


def edits_of(ruleset: Ruleset) -> set[tuple[str, str]]:
    return {pair for table in pair_edits(ruleset).tables for pair in table}


def test_the_shipped_extracts_are_in_the_form_that_the_readers_read() -> None:
    shipped = load("2026.1")
    for name in ("ncci_ptp_practitioner_therapy", "ncci_ptp_hospital"):
        text = io.StringIO()
        rows = shipped.csv[name]
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        read = list(read_pair_edits(io.BytesIO(text.getvalue().encode())))
        assert not [row for row in read if isinstance(row, Misread)]
        assert len(read) == len(rows)
