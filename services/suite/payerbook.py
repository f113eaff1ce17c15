"""Every setting of a payer in one page: `python -m suite.payerbook` prints docs/payers.md from the models."""

import sys
from collections.abc import Iterator
from typing import Any

from suite.payer_settings import settings, value_of
from therapy_domain.rulesets.codes import codes
from therapy_domain.rulesets.payers import PayerPolicy, shipped
from therapy_domain.rulesets.release import Ruleset, load

_HEAD = """\
# Payers

Printed by `python -m suite.payerbook` from the models; change those, not this page.

A payer is one of the shipped profiles, or one that an organization publishes over a profile by the event
`claimtrail.payer.policy.published.v1`: `name`, `effective_from` (the first date of service it holds for), `extends`
(the profile) and any of the settings below. Of several policies the one that took effect last, on the date of service
or before, holds, and it holds whole: a setting that it leaves out is the profile's. Settings by code replace the
profile's code by code, `pair_edits` pair by pair; lists replace whole.

A payer that is neither shipped nor published holds its claims (ELG-001); no setting of it is ever assumed.

`claimtrail rules payers ID --org ORG --on DAY` prints how a payer stands for an organization on a date of service, and
which event set what.
"""


def page() -> str:
    """docs/payers.md."""
    return "\n".join(_lines(load())) + "\n"


def _lines(ruleset: Ruleset) -> Iterator[str]:
    profiles = shipped(ruleset)
    first_day = ruleset.toml["payers"]["defaults"]["from"]
    yield _HEAD
    yield f"Defaults are of ruleset {ruleset.id}, for dates of service from {first_day}."
    yield ""
    for profile in profiles.values():
        yield f"- `{profile.payer_id}`: {profile.name}. Source: {profile.source}."
    for setting in settings(ruleset):
        yield from ("", f"## {setting.name}", "", setting.meaning, "")
        yield f"- Value: {setting.type}."
        yield from _defaults(setting.name, profiles.values(), ruleset)
        yield f"- Source: {setting.source}."


def _defaults(name: str, profiles: Any, ruleset: Ruleset) -> Iterator[str]:
    """One line for each default that differs, with the profiles that have it."""
    having: dict[str, list[str]] = {}
    for profile in profiles:
        having.setdefault(default_words(profile, name, ruleset), []).append(f"`{profile.payer_id}`")
    for words, named in having.items():
        yield f"- Default{'' if len(having) == 1 else ' of ' + ', '.join(named)}: {words}."


def default_words(policy: PayerPolicy, name: str, ruleset: Ruleset) -> str:
    """A profile's own value of a setting, in words."""
    value, known = value_of(policy, name), codes(ruleset)
    match name:
        case "covered_codes":
            lacking = sorted(known.keys() - policy.covered_codes)
            return f"every code of the code table{' but ' + ', '.join(lacking) if lacking else ''}"
        case "performers":
            return "those of the code table; no therapy code by DC"
        case "diagnosis_prefixes":
            severity = policy.diagnosis_prefixes_severity
            return f"a list for {', '.join(value)}, outside of which the severity is {severity}"
        case "telehealth_codes" if value is None:
            return "the published windows and list" if policy.medicare_like else "every covered code, on any day"
        case "timely_filing_days" if value is None:
            return "one calendar year"
        case "appeal_levels":
            return ", ".join(f"{level['name']} {level['days']} days" for level in value)
        case "claim_file":
            return "the companion guide of its profile, and nothing more"
        case "modifier_order":
            return " ".join(value)
        case _:
            return words(value)


def words(value: Any) -> str:
    """A value as text."""
    match value:
        case bool():
            return "true" if value else "false"
        case _ if not value:
            return "none"
        case _:
            return str(value)


if __name__ == "__main__":
    sys.stdout.write(page())
