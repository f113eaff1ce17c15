"""What came of an export, as the command and the HTTP API tell it."""

from typing import Any

from billing.choosing import KeptBack
from billing.exporting import Exported, FileOut


def as_answer(done: Exported) -> dict[str, Any]:
    """What an export came to, as `--json` and HTTP tell it."""
    return {
        "files": [of_file(each) for each in done.files],
        "not_written": [{"number": each.number, "code": each.code, "reason": str(each)} for each in done.not_written],
        "not_exported": [_kept_back(each) for each in done.kept_back],
        "advice": {claim: [fault._asdict() for fault in faults] for claim, faults in done.advice.items()},
    }


def of_file(file: FileOut) -> dict[str, Any]:
    """One claim file."""
    return {
        "number": file.number,
        "path": str(file.path),
        "sha256": file.sha256,
        "org": file.org,
        "payer_id": file.payer_id,
        "exported_on": file.exported_on.isoformat(),
        "claims": list(file.claims),
        "charge_cents": file.charge_cents,
        "written_again": file.again,
    }


def _kept_back(each: KeptBack) -> dict[str, Any]:
    return {
        "claim_id": each.claim_id,
        "org": each.org,
        "payer_id": each.payer_id,
        "due": each.due,
        "faults": [fault._asdict() for fault in each.faults],
        "reason": each.reason,
    }
