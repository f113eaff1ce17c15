"""What came of payers' files, as the command and the HTTP API tell it."""

from typing import Any

from billing.answers import FileTaken


def as_answer(taken: FileTaken) -> dict[str, Any]:
    """What came of a file, as `--json` and HTTP tell it."""
    tally, refusal = taken.tally, taken.refusal
    return {
        "file": taken.name,
        "kind": taken.kind,
        "sha256": taken.sha256,
        "outcome": taken.outcome,
        "answers": taken.answers,
        "matched": tally.matched,
        "repeated": tally.repeated,
        "set_aside": tally.set_aside,
        "conflicts": tally.conflicts,
        "payments": [payment.model_dump(mode="json") for payment in taken.payments],
        "error": refusal._asdict() if refusal is not None else None,
    }
