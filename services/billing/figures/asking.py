"""The figures, asked: denials by payer, reason, rule, clinic or code; and which of them a rule of ours saw coming."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from statistics import mean, median
from typing import Any, Literal, NamedTuple

import orjson

from billing.figures.views import DenialRow
from event_log.protocol import RowsConnection

By = Literal["payer", "carc", "rule", "clinic", "code"]
WHOLE_CLAIM = "whole claim"
"""Stands for the code of a denial that names no line."""
NO_RULE = "no rule"
"""Stands for the rule of a denial that none of ours looks for."""
NOWHERE = "no clinic"


class Asked(NamedTuple):
    """Which answers; None = whatever it is."""

    since: date | None = None
    """The first day on which an answer came."""
    org: str | None = None


@dataclass(slots=True)
class _Group:
    denied: set[str] = field(default_factory=set)
    """Claims."""
    denials: int = 0
    denied_cents: int = 0
    at_stake_cents: int = 0
    decided: dict[str, str] = field(default_factory=dict)
    """By denied answer: how its first appeal ended."""
    days: dict[str, int] = field(default_factory=dict)


def denials(rows: RowsConnection, by: By, asked: Asked = Asked()) -> list[dict[str, Any]]:  # noqa: B008 -- a plain value
    """The figures of each group, most money at stake first.

    Each has `claims` (answered claims of the group), `denied_claims`, `denial_rate`, `denials` (reasons given),
    `denied_cents`, `at_stake_cents` (of denials that are not settled, won, lost or given up), `appeals_decided`,
    `overturned`, `overturn_rate` (partly counts), `days_to_decision` (median, from the denial's receipt to the end of
    its first appeal) and `days_to_answer` (mean, from export). Of a reason or a rule, `claims` are all that were
    answered.
    """
    answered = list(_answered(rows, asked))
    groups: dict[str, _Group] = {}
    for row in _denied(rows, asked):
        for name in _KEYS[by](row):
            _count(groups.setdefault(name, _Group()), row)
    claims: dict[str, set[str]] = {}
    days: dict[str, dict[str, int]] = {}
    for answer in answered:
        for name in _groups_of(answer, by, groups):
            claims.setdefault(name, set()).add(answer["claim_id"])
            if answer["days"] is not None:
                days.setdefault(name, {}).setdefault(answer["claim_id"], answer["days"])
    names = {*groups, *(claims if by in ("payer", "clinic", "code") else ())}
    made: list[dict[str, Any]] = [
        _figures(name, groups.get(name, _Group()), len(claims.get(name, ())), list(days.get(name, {}).values()))
        for name in names
    ]
    return sorted(made, key=lambda each: (-each["at_stake_cents"], -each["denied_cents"], each["group"]))


def missed(rows: RowsConnection, asked: Asked = Asked()) -> dict[str, Any]:  # noqa: B008 -- a plain value
    """Denials against what our rules had said when the claim went out.

    `counts` by what was seen: `overridden` (a person released the finding), `advice`, `blocking` (it went out by
    another way), `not-found` (a rule looks for it and was silent), `no-rule`. `rules`: for each rule, how often it was
    right and passed over, and how often it was silent. `denials`: each one, the dearest first.
    """
    found = [_missed(row) for row in _denied(rows, asked)]
    counts: dict[str, int] = dict.fromkeys(SEEN, 0)
    rules: dict[str, dict[str, int]] = {}
    for each in found:
        counts[each["seen"]] += 1
        stood = {finding["rule"] for finding in each["stood"]}
        for rule in each["rules"]:
            of_rule = rules.setdefault(rule, {"passed_over": 0, "silent": 0, "denied_cents": 0})
            of_rule["passed_over" if rule in stood else "silent"] += 1
            of_rule["denied_cents"] += each["amount_cents"]
    found.sort(key=lambda each: (-each["amount_cents"], each["claim_id"], each["carc"], each["line"] or 0))
    told: list[dict[str, Any]] = [{"rule": rule, **of_rule} for rule, of_rule in rules.items()]
    told.sort(key=lambda each: (-each["denied_cents"], each["rule"]))
    return {"counts": counts, "rules": told, "denials": found}


SEEN = ("overridden", "advice", "blocking", "not-found", "no-rule")


def _count(group: _Group, row: Mapping[str, Any]) -> None:
    group.denied.add(row["claim_id"])
    group.denials += 1
    group.denied_cents += row["amount_cents"]
    group.at_stake_cents += row["at_stake_cents"]
    if row["decided"] is not None:
        group.decided[row["answer"]] = row["decided"]
    if row["days_to_decision"] is not None:
        group.days[row["answer"]] = row["days_to_decision"]


def _figures(name: str, group: _Group, claims: int, answered_in: list[int]) -> dict[str, Any]:
    overturned = sum(outcome in ("overturned", "partly") for outcome in group.decided.values())
    return {
        "group": name,
        "claims": claims,
        "denied_claims": len(group.denied),
        "denial_rate": round(len(group.denied) / claims, 4) if claims else None,
        "denials": group.denials,
        "denied_cents": group.denied_cents,
        "at_stake_cents": group.at_stake_cents,
        "appeals_decided": len(group.decided),
        "overturned": overturned,
        "overturn_rate": round(overturned / len(group.decided), 4) if group.decided else None,
        "days_to_decision": median(group.days.values()) if group.days else None,
        "days_to_answer": round(mean(answered_in), 1) if answered_in else None,
    }


_KEYS: Mapping[By, Callable[[Mapping[str, Any]], list[str]]] = {
    "payer": lambda row: [row["payer_id"]],
    "clinic": lambda row: [_clinic(row)],
    "code": lambda row: [row["code"] or WHOLE_CLAIM],
    "carc": lambda row: [f"{row['grouped']}-{row['carc']}".lstrip("-")],
    "rule": lambda row: orjson.loads(row["rules"]) or [NO_RULE],
}


def _clinic(row: Mapping[str, Any]) -> str:
    return f"{row['org']}/{row['clinic'] or NOWHERE}"


def _groups_of(answer: Mapping[str, Any], by: By, groups: Mapping[str, _Group]) -> list[str]:
    """The groups that an answered claim belongs to."""
    match by:
        case "payer":
            return [answer["payer_id"]]
        case "clinic":
            return [_clinic(answer)]
        case "code":
            codes: list[str] = orjson.loads(answer["codes"])
            return [*codes, WHOLE_CLAIM] if WHOLE_CLAIM in groups else codes
        case _:
            return list(groups)


def _missed(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("claim_id", "date_of_service", "payer_id", "clinic", "denied_on", "line", "code", "amount_cents", "seen")
    told = {name: row[name] for name in (*names, "standing")}
    told |= {"group": row["grouped"], "carc": row["carc"], "rarcs": orjson.loads(row["rarcs"])}
    return told | {"rules": orjson.loads(row["rules"]), "stood": orjson.loads(row["stood"])}


def _answered(rows: RowsConnection, asked: Asked) -> Iterator[dict[str, Any]]:
    names = ("claim_id", "org", "payer_id", "clinic", "codes", "days")
    where, values = _where(asked, "answered_on")
    select = f"SELECT {', '.join(names)} FROM answered{where} ORDER BY answered_on, answer"  # noqa: S608 -- our own words
    for found in rows.execute(select, values):
        yield dict(zip(names, found, strict=True))


def _denied(rows: RowsConnection, asked: Asked) -> Iterator[dict[str, Any]]:
    names = tuple(DenialRow.model_fields)
    where, values = _where(asked, "denied_on")
    select = f"SELECT {', '.join(names)} FROM denial{where} ORDER BY denied_on, answer, place"  # noqa: S608 -- our own words
    for found in rows.execute(select, values):
        yield dict(zip(names, found, strict=True))


def _where(asked: Asked, day: str) -> tuple[str, list[str]]:
    given = {f"{day} >= ?": asked.since.isoformat() if asked.since else None, "org = ?": asked.org}
    words = [word for word, value in given.items() if value is not None]
    return f" WHERE {' AND '.join(words)}" if words else "", [value for value in given.values() if value is not None]
