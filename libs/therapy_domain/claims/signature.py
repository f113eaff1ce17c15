"""Family SIG: who signed the record, with what, and when."""

from collections.abc import Iterator
from datetime import datetime

from therapy_domain.claims.registry import SIGNATURE, Fault, rule
from therapy_domain.claims.visit import ASSISTANTS, Sitting, Visit, blank
from therapy_domain.events.session import Signature


@rule(
    "SIG-001",
    severity="reject",
    source="CMS Pub. 100-02, chapter 15, section 220.3.E",
    fix="Have one who treated, or who supervised every assistant, sign after the visit with credentials and licence.",
    place=SIGNATURE,
)
def the_record_is_signed(visit: Visit) -> Iterator[Fault]:
    """One signature at least is whole: credentials, licence, after the visit, by one who treated or supervised."""
    for sitting in visit.sittings:
        wanting = [_wanting(signature, sitting) for signature in sitting.recorded.signatures]
        if all(wanting):  # none is whole
            words = min(wanting, key=lambda found: (len(found), found), default=("no signature",))
            yield Fault(
                f"{sitting.name}: {', '.join(words)}",
                fields=("signed.credentials", "signed.license_number", "signed.clinician_npi", "signed.time"),
            )


def _wanting(signature: Signature, sitting: Sitting) -> tuple[str, ...]:
    found = []
    if blank(signature.credentials):
        found.append("no credentials")
    if blank(signature.license_number):
        found.append("no licence number")
    ended = _last_end(sitting)
    if ended is not None and signature.signed_at < ended:
        found.append("signed before the last interval ended")
    if not _took_part(signature, sitting):
        found.append("the signer neither treated nor supervised every assistant")
    return tuple(found)


def _last_end(sitting: Sitting) -> datetime | None:
    return max((i.end for i in sitting.recorded.intervals if i.end is not None), default=None)


def _took_part(signature: Signature, sitting: Sitting) -> bool:
    intervals = sitting.recorded.intervals
    if not intervals or any(interval.performer.id == signature.clinician_npi for interval in intervals):
        return True
    assisted = [interval.supervisor_npi for interval in intervals if interval.performer.role in ASSISTANTS]
    return bool(assisted) and all(npi == signature.clinician_npi for npi in assisted)
