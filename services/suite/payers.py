"""Payers as an installation knows them: the shipped profiles, and what organizations published over them."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import orjson

from claim_validation.state import FACTS
from suite.installation import Installation
from suite.payer_settings import standings
from suite.payerbook import default_words
from therapy_domain.events.base import Fact, split_source
from therapy_domain.events.reference import PayerPolicyPublished
from therapy_domain.facts import SubjectFacts, policy_in_force
from therapy_domain.identity import id_text
from therapy_domain.policies import resolve_policy
from therapy_domain.rulesets import Ruleset, load
from therapy_domain.rulesets.payers import shipped
from therapy_domain.streams import subject_stream

_ROWS_AT_ONCE = 1_000


def shipped_payers() -> list[dict[str, Any]]:
    """The shipped profiles, as `rules payers --json` lists them."""
    return [
        {
            "payer_id": name,
            "org": None,
            "effective_from": None,
            "profile": name,
            "name": policy.name,
            "event_id": None,
            "position": None,
        }
        for name, policy in shipped(load()).items()
    ]


def published(installation: Installation) -> list[dict[str, Any]]:
    """Every policy that the log holds, by organization, payer and first day; a replaced one is left out."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in _rows(installation):
        content = orjson.loads(row.data)
        data, org = content["data"], split_source(content["source"])[0]
        found[org, content["subject"], data["effective_from"]] = {
            "payer_id": content["subject"],
            "org": org,
            "effective_from": data["effective_from"],
            "profile": data["extends"],
            "name": data["name"],
            "event_id": id_text(row.event_id),
            "position": row.position,
        }
    return [found[key] for key in sorted(found)]


def _rows(installation: Installation) -> Iterator[Any]:
    after = 0
    while rows := installation.log.read_all(after, _ROWS_AT_ONCE, frozenset({PayerPolicyPublished.type})):
        yield from rows
        after = rows[-1].position


def standing(installation: Installation | None, payer_id: str, org: str | None, day: date) -> dict[str, Any] | None:
    """A payer's policy as it stands on a date of service, as `rules payers ID --json` prints it; None: not known.

    Args:    installation, org: where it may be published; without them the shipped profile alone.
    """
    rules: Ruleset = load() if installation is None else installation.rules
    facts = SubjectFacts()
    if installation is not None and org is not None:
        facts = installation.read.fold(subject_stream("payer", org, payer_id), FACTS).state
    policy, _ = resolve_policy(payer_id, day, facts, rules)
    if policy is None:
        return None
    profile = shipped(rules)[policy.profile]
    in_force = policy_in_force(facts, day)
    event = in_force.event if in_force is not None else None
    return {
        "payer_id": payer_id,
        "org": org,
        "on": day.isoformat(),
        "name": policy.name,
        "profile": policy.profile,
        "ruleset": rules.id,
        "in_force": None if in_force is None or installation is None else _told(installation, in_force),
        "published": [_told(installation, fact) for fact in facts.standing()] if installation is not None else [],
        "settings": [
            {
                "setting": each.setting.name,
                "value": each.value,
                "set_by": "event" if each.by_event else "profile",
                "named": list(each.named),
                "default": default_words(profile, each.setting.name, rules),
                "meaning": each.setting.meaning,
                "type": each.setting.type,
                "source": each.setting.source,
            }
            for each in standings(policy, event, rules)
        ],
    }


def _told(installation: Installation, fact: Fact[PayerPolicyPublished]) -> dict[str, Any]:
    (row,) = installation.log.read_events([fact.fact_id])
    return {
        "event_id": id_text(fact.fact_id),
        "position": row.position,
        "effective_from": fact.event.effective_from.isoformat(),
        "published": fact.time.isoformat(),
    }
