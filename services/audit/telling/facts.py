"""What came from outside, each fact in a sentence. No names, no text of notes."""

from collections.abc import Callable, Iterator
from typing import Any

from audit.telling import reference
from audit.telling.words import (
    Data,
    Shown,
    clock,
    dollars,
    erased,
    listed,
    person,
    reason,
    sender,
    value_words,
    when,
)


def sentence(event: Shown) -> str:
    """Who said what, and when it happened there."""
    tell = _WORDS.get(event["type"])
    what = tell(event["data"], event["envelope"]["subject"]) if tell else f"{event['type']}"
    return f"{when(event['envelope']['time'])}, {sender(event)}: {what}"


def interval_words(interval: Data) -> str:
    """One stretch of a visit."""
    kind = f"{interval['contact']}, {interval.get('activity') or 'treatment'}".replace("_", "-")
    skilled = ", no skill needed" if interval.get("skilled") is False else ""
    supervised = f", supervised by {interval['supervisor_npi']}" if interval.get("supervisor_npi") else ""
    performer = interval["performer"]
    by = f"{performer['role']} {person(performer['id'])}"
    return f"{interval['code']}, {clock(interval)}, by {by}, {kind}{skilled}{supervised}"


def charges_words(charges: Any) -> str:
    """What a clinic meant to bill."""
    return listed(" ".join([each["code"], *each.get("modifiers", ()), "x", str(each["units"])]) for each in charges)


def adjustments_words(adjustments: Any) -> str:
    """What a payer took off."""
    return listed(_adjustment(each) for each in adjustments)


def _adjustment(each: Data) -> str:
    line = f" on line {each['line']}" if each.get("line") else ""
    remarks = f" with {', '.join(each['rarcs'])}" if each.get("rarcs") else ""
    return f"{each['group']}-{each['carc']} {dollars(each['amount_cents'])}{line}{remarks}"


def _opened(data: Data, subject: str) -> str:
    words = (
        f"session {subject} opened: patient {data['patient_id']}, payer {data['payer_id']}, {data['discipline']}, "
        f"date of service {data['date_of_service']}, place {data['place_of_service']}, "
        f"clinician {data['clinician_npi']}, diagnoses {listed(data['diagnoses'])}"
    )
    return "".join([words, *(f", {more}" for more in _more(data))])


def _more(data: Data) -> Iterator[str]:
    if data.get("plan_id"):
        yield f"plan {data['plan_id']}"
    if data.get("telehealth") is not None:
        yield "by telehealth" if data["telehealth"] else "not by telehealth"
    if data.get("notice"):
        yield f"advance notice ({value_words(data['notice'])})"


def _interval(data: Data, _: str) -> str:
    return f"interval {data['interval_id']}: {interval_words(data)}"


def _stopped(data: Data, _: str) -> str:
    return f"interval {data['interval_id']} ended at {when(data['end'])}"


def note_items(items: Any) -> str:
    """Which items a note has, never what they say."""
    return listed(name.replace("_", " ") for name in sorted(items))


def _note(data: Data, _: str) -> str:
    items = data["items"]
    return "note recorded; its text was erased" if erased(items) else f"note recorded: {note_items(items)}"


def _signed(data: Data, _: str) -> str:
    held = [
        f"{'with' if data.get(name) else 'without'} {word}"
        for name, word in (("credentials", "credentials"), ("license_number", "a licence"))
    ]
    words = f"signed by {data['clinician_npi']}, {listed(held)}"
    return f"{words}; charged {charges_words(data['charges'])}" if data.get("charges") else words


def _amended(data: Data, _: str) -> str:
    parts = [
        f"interval {each['interval_id']} is now {interval_words(each)}" for each in data.get("replace_intervals") or ()
    ]
    parts += [f"interval {each} removed" for each in data.get("remove_intervals") or ()]
    parts += [f"{name} is now {value_words(value)}" for name, value in (data.get("set") or {}).items()]
    return f"amended: {'; '.join(parts) or 'nothing'}; {reason(data)}"


def _voided(data: Data, _: str) -> str:
    return f"voided; {reason(data)}"


def _remittance(data: Data, _: str) -> str:
    words = f"remittance {data['remittance_id']}, received on {data['received_on']}: {data['outcome']}"
    words += f", paid {dollars(data['paid_cents'])}"
    return f"{words}, took off {adjustments_words(data['adjustments'])}" if data["adjustments"] else words


def _decided(data: Data, subject: str) -> str:
    paid = f", paid {dollars(data['paid_cents'])}" if data.get("paid_cents") is not None else ""
    return f"appeal {subject} was decided on {data['decided_on']}: {data['outcome']}{paid}"


_WORDS: dict[str, Callable[[Data, str], str]] = {
    "claimtrail.organization.configured.v1": reference.organization,
    "claimtrail.clinician.credentialed.v1": reference.clinician,
    "claimtrail.patient.registered.v1": reference.patient,
    "claimtrail.coverage.verified.v1": reference.coverage,
    "claimtrail.plan.certified.v1": reference.plan,
    "claimtrail.progress.reported.v1": reference.progress,
    "claimtrail.payer.policy.published.v1": reference.policy,
    "claimtrail.session.opened.v1": _opened,
    "claimtrail.interval.recorded.v1": _interval,
    "claimtrail.interval.started.v1": _interval,
    "claimtrail.interval.stopped.v1": _stopped,
    "claimtrail.note.recorded.v1": _note,
    "claimtrail.session.signed.v1": _signed,
    "claimtrail.session.amended.v1": _amended,
    "claimtrail.session.voided.v1": _voided,
    "claimtrail.remittance.received.v1": _remittance,
    "claimtrail.appeal.decided.v1": _decided,
}
