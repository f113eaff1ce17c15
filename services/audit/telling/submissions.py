"""What was sent of a claim, and what its receivers said before any money came."""

from audit.telling.words import Shown, Told, count, dollars, erased

_FREQUENCIES = {"1": "an original claim", "7": "a replacement claim", "8": "a void claim"}
_VERDICTS = {
    "accepted": "takes it",
    "rejected": "sends it back",
    "forwarded": "passes it on",
    "split": "splits it",
    "not-found": "does not find it",
    "other": "tells of it",
}


def submitted(event: Shown, *_: object) -> Told:
    """One submission: as what, when, in which file."""
    data = event["data"]
    words = f"Sent on {data['exported_on']} as {_FREQUENCIES[data['frequency']]} in claim file {data['file']}"
    if data.get("payer_claim_number"):
        words += f", in place of the payer's {data['payer_claim_number']}"
    words += f": {count(len(data['lines']), 'line')}, {dollars(data['charge_cents'])}"
    if data.get("file_by"):
        words += f"; timely until {data['file_by']}"
    return Told("The claim is sent", (f"{words}.",))


def acknowledged(event: Shown, *_: object) -> Told:
    """What a receiver says of one submission."""
    data = event["data"]
    words = f"Submission {data['submission']}: {data['source']} {_VERDICTS[data['verdict']]} ({data['kind']}"
    codes = [":".join(filter(None, (each["category"], each["code"], each["entity"]))) for each in data["codes"]]
    words += f", {', '.join(codes)})" if codes else ")"
    if data.get("payer_claim_number"):
        words += f"; its number there is {data['payer_claim_number']}"
    message = data.get("message")
    if message is not None:
        words += "; its words were erased" if erased(message) else f"; in its words: {message}"
    return Told("The claim is acknowledged", (f"{words}.",))
