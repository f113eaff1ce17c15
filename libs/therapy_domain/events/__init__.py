"""What can be said: one module a stage. Import the classes from their modules; `REGISTRY` knows them all."""

from therapy_domain.events import appeal, appeal_work, chart, claim, reference, ruleset, session, submission
from therapy_domain.events.base import REGISTRY, Event
from therapy_domain.values import Value

__all__ = [
    "REGISTRY",
    "Event",
    "Value",
    "appeal",
    "appeal_work",
    "chart",
    "claim",
    "reference",
    "ruleset",
    "session",
    "submission",
]
