"""What the payer answered and what follows: the denial sorted, appeals with their last day, and how they ended."""

from collections.abc import Mapping

from audit.telling.facts import adjustments_words
from audit.telling.words import Data, Shown, Told, dollars, listed, superseding

_FOLLOWS = "What follows from the answer"
_ACTIONS = {
    "corrected-claim": "correct the claim and send it again",
    "reopening": "ask the payer to reopen its decision",
    "appeal": "appeal",
    "bill-patient": "bill the patient",
    "write-off-proposal": "propose to write it off",
    "none": "nothing to do",
}


def adjudicated(event: Shown, before: Shown | None, known: Mapping[str, Shown]) -> Told:
    """The answer, tied to the claim."""
    data = event["data"]
    charged = f" of {dollars(data['charge_cents'])} charged" if data.get("charge_cents") is not None else ""
    outcome = {"partial": "paid in part", "paid": "paid", "denied": "denied"}[data["outcome"]]
    words = (
        f"Remittance {data['remittance_id']} belongs to this claim: {outcome}, {dollars(data['paid_cents'])}{charged}"
    )
    return Told("The payer answered", (f"{words}.", *filter(None, [superseding(event, before, known)])))


def triaged(event: Shown, *_: object) -> Told:
    """Each adjustment, and what it asks for."""
    data = event["data"]
    first = f"The denial in remittance {data['remittance_id']} is sorted; what comes first: {_ACTIONS[data['action']]}."
    return Told(_FOLLOWS, (first, *map(_sorted, data["adjustments"]), _by(data)))


def _sorted(each: Data) -> str:
    right = "may be appealed" if each["appealable"] else "may not be appealed"
    action = _ACTIONS["reopening" if each.get("reopening") else each["action"]]
    meaning = f" Meaning: {each['reason']}." if each.get("reason") else ""
    record = f" Our record says: {listed(map(_known, each['record']))}." if each.get("record") else ""
    return f"{adjustments_words([each])}: {action}; {right}.{meaning} Source: {each['source']}.{record}"


_KNOWN = {
    "record-supports-claim": "the claim is as the record has it",
    "indicator-0": "the two codes may never be billed together",
    "not-separate": "the times were not separate",
    "mai-2": "the limit of units is absolute",
    "filed-in-time": "the claim was accepted in time",
}


def _known(fact: str) -> str:
    return _KNOWN.get(fact, fact)


def _by(data: Data) -> str:
    return f"By ruleset {data['ruleset']} ({data['ruleset_hash'][:12]})."


def correction_requested(event: Shown, *_: object) -> Told:
    """A corrected claim is asked for."""
    data = event["data"]
    last = f"; last day {data['file_by']}" if data.get("file_by") else "; no last day is known"
    words = f"A corrected claim is due for {listed(data['reasons'])}, {dollars(data['amount_cents'])}{last}"
    return Told(_FOLLOWS, (f"{words}. Source: {data['source']}.",))


def opened(event: Shown, before: Shown | None, known: Mapping[str, Shown]) -> Told:
    """An appeal and its last day."""
    data = event["data"]
    of = f" for {listed(data['reasons'])}" if data["reasons"] else ""
    follows = f" after {data['follows']}" if data.get("follows") else ""
    words = (
        f"Appeal {data['appeal_id']} is open at level {data['level']} ({data['level_name']}){follows}{of}: "
        f"{dollars(data['amount_cents'])} in dispute, decision received on {data['received_on']}, "
        f"last day to file {data['file_by']}. Source: {data['source']}."
    )
    return Told(_FOLLOWS, (words, *filter(None, [superseding(event, before, known)])))


def concluded(event: Shown, before: Shown | None, known: Mapping[str, Shown]) -> Told:
    """How an appeal ended."""
    data = event["data"]
    paid = f", {dollars(data['paid_cents'])} paid" if data.get("paid_cents") is not None else ""
    words = f"Appeal {data['appeal_id']} ended on {data['decided_on']}: {data['outcome']}{paid}"
    words += f", {dollars(data['left_cents'])} still in dispute"
    if data.get("next_level_by"):
        words += f"; level {data['next_level']} may be asked until {data['next_level_by']}"
    else:
        words += "; no further level is open"
    return Told("The appeal was decided", (f"{words}. Source: {data['source']}.", *_replaced(event, before, known)))


def _replaced(event: Shown, before: Shown | None, known: Mapping[str, Shown]) -> tuple[str, ...]:
    return tuple(filter(None, [superseding(event, before, known)]))


def paid_in_the_end(event: Shown, *_: object) -> Told:
    """A denial with nothing left to do."""
    data = event["data"]
    words = f"Remittance {data['remittance_id']} paid what was denied before: nothing is left to correct or appeal."
    return Told(_FOLLOWS, (words,))
