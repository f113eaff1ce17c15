"""The patient's other visits that an assessment looked back on, as their chart has them."""

from collections.abc import Mapping

from audit.telling.words import Shown, Told, count, listed

HEADING = "Other visits of the patient"


def charted(event: Shown, _before: Shown | None, _known: Mapping[str, Shown]) -> Told:
    """One entry: when the visit was, of which claim, and what was billable of it."""
    data = event["data"]
    visit = f"{data['date_of_service']} ({data['discipline']}, {data['claim_id']})"
    if not data["session_ids"]:
        return Told(HEADING, (f"{visit}: no session is left of it.",))
    lines = [f"{line['code']} {count(line['units'], 'unit')}" for line in data["lines"]]
    return Told(HEADING, (f"{visit}: {listed(lines) if lines else 'nothing billable'}.",))
