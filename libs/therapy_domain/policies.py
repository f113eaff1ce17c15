"""Which policy of a payer holds on a date of service: a shipped profile, or an organization's own over it."""

from datetime import date

from therapy_domain.events.reference import PayerPolicyPublished
from therapy_domain.facts import SubjectFacts, policy_in_force
from therapy_domain.identity import id_text
from therapy_domain.rulesets import Ruleset
from therapy_domain.rulesets.payers import PayerPolicy, extend, shipped

_MADE: dict[tuple[int, Ruleset], tuple[PayerPolicyPublished, PayerPolicy]] = {}
_MOST_MADE = 4096


def resolve_policy(
    payer_id: str, day: date, published: SubjectFacts, ruleset: Ruleset
) -> tuple[PayerPolicy | None, tuple[str, ...]]:
    """The policy of a payer for a date of service.

    Returns: the policy, None for an unknown payer; and the ids of the facts it was made from.
    """
    fact = policy_in_force(published, day) if published.facts else None
    if fact is None:
        return shipped(ruleset).get(payer_id), ()
    return _made(payer_id, fact.event, ruleset), (id_text(fact.fact_id),)


def _made(payer_id: str, event: PayerPolicyPublished, ruleset: Ruleset) -> PayerPolicy:
    held = _MADE.get((id(event), ruleset))
    if held is not None and held[0] is event:
        return held[1]
    settings = event.model_dump(exclude_none=True)
    policy = extend(shipped(ruleset)[event.extends], settings, payer_id=payer_id, name=event.name)
    if len(_MADE) >= _MOST_MADE:
        _MADE.clear()
    _MADE[id(event), ruleset] = (event, policy)
    return policy
