"""The work on denials: what people did, and what the clock said."""

from audit.telling.words import Data, Shown, Told, dollars, listed, reason, when

_PEOPLE = "People at work on the denial"
_CLOCK = "The clock"
_REMEDIES = {
    "corrected-claim": "send a corrected claim",
    "reopening": "ask the payer to reopen its decision",
    "bill-patient": "bill the patient",
    "write-off-proposal": "write it off",
}
_DEADLINES = {
    "appeal": "to file appeal {item}",
    "vacate": "to ask that the dismissal of appeal {item} be vacated",
    "corrected-claim": "to send the corrected claim of {item}",
    "reopening": "to ask for the reopening of {item}",
    "bill-patient": "to appeal what {item} would bill to the patient",
    "write-off-proposal": "to appeal what {item} would write off",
}


def proposed(event: Shown, *_: object) -> Told:
    """Something that a person decides on."""
    data = event["data"]
    last = f" Last day: {data['file_by']}." if data.get("file_by") else ""
    words = (
        f"{data['item_id']} proposes to {_REMEDIES[data['remedy']]} for {listed(data['reasons'])}, "
        f"{dollars(data['amount_cents'])}; a person decides.{last} Source: {data['source']}."
    )
    return Told("What follows from the answer", (words,))


def taken(event: Shown, *_: object) -> Told:
    """Who works on it."""
    data = event["data"]
    whom = f"was taken by {data['taken_by']}" if data.get("taken_by") else "was given back"
    return _said(data, whom)


def noted(event: Shown, *_: object) -> Told:
    """That something was written down; never what."""
    return _said(event["data"], "got a note")


def filed(event: Shown, *_: object) -> Told:
    """The reviewer has the appeal."""
    data = event["data"]
    late = ", with good cause for being late" if data.get("good_cause") is not None else ""
    others = data.get("together_with")
    together = ""
    if others:
        together = f", together with {listed(others)} over {dollars(data['together_cents'])} in controversy"
    return _said(data, f"was filed on {data['filed_on']} by {data['how']}{_proof(data)}{late}{together}")


def withdrawn(event: Shown, *_: object) -> Told:
    """The request was taken back."""
    data = event["data"]
    return _said(data, f"was withdrawn on {data['withdrawn_on']}; {reason(data)}")


def escalated(event: Shown, *_: object) -> Told:
    """The next level was asked, because the one below is late."""
    data = event["data"]
    return _said(data, f"is late; the next level was asked on {data['requested_on']} by {data['how']}{_proof(data)}")


def vacating(event: Shown, *_: object) -> Told:
    """A dismissal is asked to be vacated."""
    data = event["data"]
    words = f"was dismissed; on {data['requested_on']} it was asked by {data['how']}{_proof(data)} to vacate that"
    return _said(data, f"{words}; {reason(data)}")


def sent(event: Shown, *_: object) -> Told:
    """What a proposal asked for went out."""
    data = event["data"]
    return _said(data, f"went out on {data['sent_on']} by {data['how']}{_proof(data)}")


def closed(event: Shown, *_: object) -> Told:
    """What a person made of an item."""
    data = event["data"]
    outcomes = {"done": "is done", "declined": "is not pursued", "contested": "is appealed instead"}
    return _said(data, f"{outcomes[data['outcome']]}; {reason(data)}")


def day_began(event: Shown, *_: object) -> Told:
    """Which day the clock told."""
    return Told(_CLOCK, (f"It was {event['data']['today']}.",))


def warned(event: Shown, *_: object) -> Told:
    """A last day is near."""
    data = event["data"]
    what = _DEADLINES[data["deadline"]].format(item=data["item_id"])
    left = "today" if data["days_left"] == 0 else f"in {data['days_left']} days"
    return Told(_CLOCK, (f"{data['last_day']} is the last day {what}: {left}.",))


def lapsed(event: Shown, *_: object) -> Told:
    """A last day passed."""
    data = event["data"]
    words = f"Appeal {data['appeal_id']} lapsed: nobody filed it by {data['file_by']}"
    return Told(_CLOCK, (f"{words}; {dollars(data['amount_cents'])} were in dispute.",))


def overdue(event: Shown, *_: object) -> Told:
    """A decision is late."""
    data = event["data"]
    words = f"Appeal {data['appeal_id']} was to be decided by {data['due_on']}, and is not"
    up = f"; level {data['escalate_to']} may be asked to take it over" if data.get("escalate_to") else ""
    return Told(_CLOCK, (f"{words}{up}. Source: {data['source']}.",))


def _said(data: Data, words: str) -> Told:
    return Told(_PEOPLE, (f"{when(data['at'])}, {data['by']}: {data['item_id']} {words}.",))


def _proof(data: Data) -> str:
    return f" (proof of receipt: {data['proof']})" if data.get("proof") else ""
