"""Claims as the contract shows them, in one fixed order: what the command and the HTTP API both answer."""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any, NamedTuple

import orjson

from appeals.views import Wanted as OfWork
from appeals.views import appeals_of_claim, appeals_of_claims
from audit.errors import UnknownClaim
from billing.expecting import Expectations
from service_kit.reading import Reader
from suite import worklist
from therapy_domain.rulesets import Ruleset


class Wanted(NamedTuple):
    """Which claims; None = whatever it is."""

    status: str | None = None
    payer: str | None = None
    clinic: str | None = None
    org: str | None = None
    since: date | None = None
    """The first date of service."""


ALL = Wanted()
CLAIMS_AT_ONCE = 500
_IN_ORDER = "ORDER BY date_of_service, org, claim_id"


def claims(read: Reader, rules: Ruleset, wanted: Wanted = ALL) -> Iterator[dict[str, Any]]:
    """The claims by date of service, org and id. A void claim that was never submitted comes only when asked for.

    Args:    rules: the release whose fee tables say what a claim should bring.
    """
    rows, expectations = read.rows(), Expectations(read, rules)
    where, values = _where(wanted)
    found = rows.execute(f"SELECT claim_id, body FROM claim WHERE {where} {_IN_ORDER}", values)  # noqa: S608 -- our own words
    while part := list(islice(found, CLAIMS_AT_ONCE)):
        appeals = appeals_of_claims(rows, [claim_id for claim_id, _ in part])
        for body in expectations.beside([orjson.loads(body) for _, body in part]):
            yield {**body, "appeals": appeals.get(body["claim_id"], [])}


def claim(read: Reader, rules: Ruleset, claim_id: str) -> dict[str, Any]:
    """One claim as it stands; beside its appeals' ids, `worklist` says what is due for it.

    Raises:  UnknownClaim.
    """
    rows = read.rows()
    found = rows.execute("SELECT body FROM claim WHERE claim_id = ?", (claim_id,)).fetchone()
    if found is None:
        raise UnknownClaim(claim_id)
    appeals = appeals_of_claim(rows, claim_id)
    (body,) = Expectations(read, rules).beside([orjson.loads(found[0])])
    due = [row for _, row in worklist.rows(read, rules, OfWork(claim_id=claim_id))] if body.get("remittances") else []
    return {**body, "appeals": appeals, "worklist": due}


def counts(read: Reader) -> dict[str, int]:
    """How many claims have each status."""
    rows = read.rows().execute("SELECT status, count(*) FROM claim GROUP BY status ORDER BY status")
    return dict(rows.fetchall())


def _where(wanted: Wanted) -> tuple[str, list[str]]:
    given = {
        "status = ?": wanted.status,
        "payer_id = ?": wanted.payer,
        "clinic = ?": wanted.clinic,
        "org = ?": wanted.org,
        "date_of_service >= ?": wanted.since.isoformat() if wanted.since else None,
    }
    parts = [words for words, value in given.items() if value is not None]
    if wanted.status != "void":
        parts.append("(status <> 'void' OR submitted)")
    return " AND ".join(parts) or "TRUE", [value for value in given.values() if value is not None]
