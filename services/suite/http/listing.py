"""Claims a page at a time, in the order of `claims --json`."""

import base64
import binascii
from datetime import date
from typing import Any, NamedTuple

import orjson

from appeals.views import appeals_of_claims
from billing.expecting import Expectations
from event_log.protocol import RowsConnection
from suite.http.problems import BAD_PARAMETER, Fault, Problem
from suite.showing import Wanted

_KEY_PARTS = 3


class Page(NamedTuple):
    """Some claims, and where the next page starts."""

    claims: list[dict[str, Any]]
    next_cursor: str | None
    """None: there are no more."""


def page(rows: RowsConnection, expectations: Expectations, wanted: Wanted, *, limit: int, cursor: str | None) -> Page:
    """The next `limit` claims.

    Raises:  Problem: the cursor is none of ours.
    """
    where, values = _where(wanted)
    if cursor is not None:
        day, org, claim_id = _read(cursor)
        where += ["date_of_service >= ?", "(date_of_service, org, claim_id) > (?, ?, ?)"]
        values += [day, day, org, claim_id]
    found = rows.execute(
        f"SELECT date_of_service, org, claim_id, body FROM claim WHERE {' AND '.join(where)}"  # noqa: S608 -- our own words
        " ORDER BY date_of_service, org, claim_id LIMIT ?",
        (*values, limit + 1),
    ).fetchall()
    appeals = appeals_of_claims(rows, [claim_id for _, _, claim_id, _ in found[:limit]])
    bodies = expectations.beside([orjson.loads(body) for *_, body in found[:limit]])
    shown = [{**body, "appeals": appeals.get(body["claim_id"], [])} for body in bodies]
    more = len(found) > limit
    return Page(shown, _written(*found[limit - 1][:_KEY_PARTS]) if more else None)


def _where(wanted: Wanted) -> tuple[list[str], list[Any]]:
    given = {
        "status = ?": wanted.status,
        "payer_id = ?": wanted.payer,
        "clinic = ?": wanted.clinic,
        "org = ?": wanted.org,
        "date_of_service >= ?": wanted.since.isoformat() if wanted.since else None,
    }
    words = [word for word, value in given.items() if value is not None]
    if wanted.status != "void":
        words.append("(status <> 'void' OR submitted)")
    return words or ["TRUE"], [value for value in given.values() if value is not None]


def _written(*key: str) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def _read(cursor: str) -> list[str]:
    try:
        key = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        if isinstance(key, list) and len(key) == _KEY_PARTS and all(isinstance(part, str) for part in key):
            date.fromisoformat(key[0])
            return key
    except (binascii.Error, ValueError):
        pass
    expected = "the cursor of an earlier answer's Link header, with the same other parameters"
    raise Problem(BAD_PARAMETER, "Not understood: query.cursor.", errors=[Fault("query.cursor", cursor[:80], expected)])
