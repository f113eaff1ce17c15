"""The world that a what-if asks about, another ruleset release or other payer settings, and a claim in it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple

from audit.again import Said, case_again, units_again
from audit.basis import Basis
from audit.charts import Charts
from therapy_domain.claims.assess import assess
from therapy_domain.claims.case import Case
from therapy_domain.claims.catalog import REGISTRY as RULES
from therapy_domain.events.claim import ClaimAssessed
from therapy_domain.rulesets import Ruleset
from therapy_domain.rulesets.payers import PayerPolicy, extend, shipped


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """Settings of a payer as they might be."""

    settings: Mapping[str, Any]
    """As in a published policy's data."""
    since: date = date.min
    """First date of service."""
    extends: str | None = None
    """The shipped profile that they stand over, as in a published policy; None: the payer's policy as it is."""
    name: str | None = None


@dataclass(frozen=True, slots=True)
class OtherWorld:
    """What would be otherwise."""

    rules: Ruleset | None = None
    """None: each claim under the release that it was decided by."""
    policies: Mapping[str, PolicyChange] = field(default_factory=dict)
    """By payer id."""

    def policy(self, payer_id: str, day: date, known: PayerPolicy | None, rules: Ruleset) -> PayerPolicy | None:
        """The payer's policy there; `known` is the one it has here under the same release."""
        change = self.policies.get(payer_id)
        if change is None or day < change.since:
            return known
        base = shipped(rules)[change.extends] if change.extends is not None else known
        return extend(base, change.settings, payer_id=payer_id, name=change.name) if base is not None else None


class There(NamedTuple):
    """A claim in the other world."""

    case: Case
    """With the policy and the units that it has there."""
    assessed: ClaimAssessed
    rules: Ruleset


def there(said: Said, basis: Basis, counted_from: Basis, own: Ruleset, world: OtherWorld, charts: Charts) -> There:
    """A claim's units and assessment from its recorded facts, by the same edition of the rules, in the other world.

    The patient's other visits are taken as they were charted.

    Args:    said: its standing assessment, as stored; `basis` is what that rests on, `counted_from` what its units
             do. own: the release that it names.
    Raises:  NotReplayable, UnknownRules, or another DomainError: the record does not hold what it takes.
    """
    rules = world.rules or own
    case = case_again(said, basis, rules, charts)
    policy = world.policy(case.payer_id, case.date_of_service, case.policy, rules)
    counted = units_again(said, counted_from, rules, policy, case.policy_facts)
    case = replace(case, policy=policy, units=replace(case.units, event=counted))
    return There(case, assess(case, rules, RULES.edition_of(said["rules"])), rules)
