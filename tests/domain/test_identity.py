"""Ids are derived, the same everywhere and for ever: a log written years ago finds its cases by them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapy_domain import identity
from therapy_domain.canonical import canonical_json
from therapy_domain.errors import InputError, UnknownRuleset
from therapy_domain.events.base import fact, microseconds, moment
from therapy_domain.events.session import SessionVoided

HEAD = ("northside", "p-1", "PT", "medicare", date(2026, 3, 2))
CASE = "529d8096-cc17-5aca-b853-52095ede68b7"
CLAIM = "CAAER15PC2XDCNE2K"


def test_a_case_and_its_claim_keep_their_ids() -> None:
    assert identity.case_id(*HEAD) == CASE
    assert identity.claim_id(CASE) == CLAIM
    assert identity.claim_id("ffffffff-ffff-ffff-ffff-ffffffffffff") == "C" + 16 * "Z"


@pytest.mark.parametrize("place", range(len(HEAD)))
def test_another_organization_patient_discipline_payer_or_day_is_another_case(place: int) -> None:
    other = list(HEAD)
    other[place] = date(2026, 3, 3) if place == len(HEAD) - 1 else "x"
    assert identity.case_id(*other) != CASE  # type: ignore[arg-type]  # parts of a case


def test_what_hangs_on_a_claim_is_counted() -> None:
    made = (identity.appeal_id(CLAIM, 1), identity.work_id(CLAIM, 2), identity.question_id(CLAIM, 3))
    assert made == (f"{CLAIM}-A1", f"{CLAIM}-W2", f"{CLAIM}-Q3")


@pytest.mark.parametrize(
    ("made", "known"),
    [
        (identity.fact_id("/orgs/northside/clinics/elm", "e-1"), "f53d888c-2df4-5cbd-a6f3-782e1b1977cd"),
        (identity.decision_id("UnitsCalculated", CASE, ["a", "b"]), "0e6b09c4-7f19-5346-b263-a1f92a91ca18"),
        (identity.decision_id("UnitsCalculated", CASE, ["b", "a"]), "0e6b09c4-7f19-5346-b263-a1f92a91ca18"),
        (identity.decision_id("UnitsCalculated", CASE, []), "43ac1acf-137e-5371-a28c-7b3b940bf8b7"),
    ],
)
def test_facts_and_decisions_keep_their_ids_in_any_order_of_what_they_rest_on(made: bytes, known: str) -> None:
    assert identity.id_text(made) == known
    assert identity.id_bytes(known) == made


@given(st.lists(st.text(max_size=8), max_size=4))
def test_an_id_is_a_version_5_uuid_as_the_library_makes_it(basis: Sequence[str]) -> None:
    name = canonical_json(["UnitsCalculated", CASE, *sorted(basis)])
    made = UUID(bytes=identity.decision_id("UnitsCalculated", CASE, basis))
    assert made.version == 5
    assert made == uuid5(identity.NAMESPACE, name.decode())


def test_a_fact_names_its_source_and_has_its_id() -> None:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    said = SessionVoided(reason="no show")
    made = fact(said, source="/orgs/o/clinics/n", event_id="e", subject="s", time=at, traceparent="t")
    assert (made.event, made.subject, made.time, made.extensions) == (said, "s", at, {"traceparent": "t"})
    assert made.fact_id == identity.fact_id("/orgs/o/clinics/n", "e")
    assert made.order == (at, "/orgs/o/clinics/n", "e")
    assert (made.org, made.clinic) == ("o", "n")


@pytest.mark.parametrize(
    ("at", "since"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(1970, 1, 1, 0, 0, 1, 5, tzinfo=UTC), 1_000_005),
        (datetime(1970, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))), 0),
        (datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), -1_000_000),
    ],
)
def test_a_moment_is_microseconds_since_the_epoch(at: datetime, since: int) -> None:
    assert microseconds(at) == since
    assert moment(since) == at


def test_an_unknown_release_is_told_with_those_that_are_known() -> None:
    error = UnknownRuleset("x", available=["2026.1", "2026.1+1"])
    assert (error.ruleset_id, error.available, error.wanted_hash) == ("x", ("2026.1", "2026.1+1"), None)
    assert str(error) == "ruleset 'x' is not known; known are 2026.1, 2026.1+1"
    hashed = UnknownRuleset("x", available=(), wanted_hash="ab")
    assert (str(hashed), hashed.wanted_hash) == ("ruleset 'x' with the hash ab is not known; known are none", "ab")


def test_a_value_that_is_not_understood_is_shown_unless_it_is_secret() -> None:
    assert str(InputError("$.a", "b", "c")) == "$.a: 'b' is not accepted; expected c"
    secret = InputError("$.name", "Doe", "a text", secret=True)
    assert str(secret) == "$.name: <str, not shown> is not accepted; expected a text"
    assert len(str(InputError("$.a", "b" * 200, "c"))) == len("$.a:  is not accepted; expected c") + 80
