"""Evidence: what the record shows, item by item with its place in the log, and what it does not show, named. Pure."""

from therapy_domain.appeals.evidence.finding import Evidence, Found, Gap, Item
from therapy_domain.appeals.evidence.gathering import gather

__all__ = ["Evidence", "Found", "Gap", "Item", "gather"]
