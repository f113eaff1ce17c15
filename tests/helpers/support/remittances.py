"""What payers and reviewers answer, as contract events."""

from typing import Any

from support.visits import ORG, clock, event

NECESSITY = {"group": "CO", "carc": "50", "rarcs": ["MA01"], "amount_cents": 20_000}


def answered(
    claim: str, outcome: str, day: str, *adjustments: dict[str, Any], paid: int = 0, **more: Any
) -> dict[str, Any]:
    """A payer's answer to a claim, received on a day."""
    data = {"remittance_id": f"r-{day}", "outcome": outcome, "paid_cents": paid, "adjustments": list(adjustments)}
    data |= {"received_on": day} | more
    return event("remittance.received", claim, data, event_id=f"r-{claim}-{day}", time=clock("12:00", day))


def reviewed(appeal: str, outcome: str, day: str, paid: int | None = None) -> dict[str, Any]:
    """A reviewer's decision of an appeal."""
    data: dict[str, Any] = {"outcome": outcome, "decided_on": day}
    if paid is not None:
        data["paid_cents"] = paid
    source = f"/orgs/{ORG}"
    return event("appeal.decided", appeal, data, event_id=f"{appeal}-{day}", time=clock("12:00", day), source=source)


def denied(carc: str, *rarcs: str, group: str = "CO", cents: int = 20_000, line: int | None = None) -> dict[str, Any]:
    """One adjustment that refuses."""
    adjustment: dict[str, Any] = {"group": group, "carc": carc, "rarcs": list(rarcs), "amount_cents": cents}
    return adjustment if line is None else adjustment | {"line": line}
