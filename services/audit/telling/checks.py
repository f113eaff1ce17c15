"""Which rule asked for what, by which release and version; and what a person released."""

from collections.abc import Iterator, Mapping

from audit.telling.words import Data, Shown, Told, count, dollars, erased, listed, reason, superseding, when
from therapy_domain.claims.told import of_rule

_OUTCOMES = {
    "held": "The claim is held: a finding blocks it",
    "ready": "The claim is ready to be billed",
    "unbillable": "Nothing is billable: no line has a unit, and nothing blocks",
    "void": "The claim is void: no session is left",
}


def assessed(event: Shown, before: Shown | None, known: Mapping[str, Shown]) -> Told:
    """The check of a claim; of a later check what is new and what is gone."""
    data = event["data"]
    old = {} if before is None else {_key(each): each for each in before["data"]["findings"]}
    new = {_key(each): each for each in data["findings"]}
    lines = (
        f"{_OUTCOMES[data['outcome']]}. {_release(data)}",
        *_lines(data, before),
        *[_finding(each) for key, each in new.items() if old.get(key) != each],
        *_stay_and_go(old, new),
        *filter(None, [superseding(event, before, known)]),
    )
    return Told("The claim is checked" if before is None else "The claim is checked again", lines)


def overridden(event: Shown, *_: object) -> Told:
    """A finding that a person released."""
    data = event["data"]
    where = f" on line {data['line']}" if data.get("line") else ""
    words = f"{when(data['at'])}: {data['by']} released {data['rule']}{where}; {reason(data)}."
    return Told("A person released a finding", (words,))


def questioned(event: Shown, *_: object) -> Told:
    """What a person asked."""
    data = event["data"]
    words = f"{when(data['at'])}: {data['by']} asked ({data['question_id']}): {_text(data)}"
    return Told("A person asked", (words, "The claim waits for the answer."))


def answered(event: Shown, *_: object) -> Told:
    """What a person answered."""
    data = event["data"]
    words = f"{when(data['at'])}: {data['by']} answered {data['question_id']}: {_text(data)}"
    return Told("A person answered", (words,))


def _text(data: Data) -> str:
    return "the text was erased" if erased(data["text"]) else str(data["text"])


def conflicted(event: Shown, _: Shown | None, known: Mapping[str, Shown]) -> Told:
    """A fact that came again with other content."""
    fact = known.get(event["data"]["fact"])
    which = f"the fact of position {fact['position']}" if fact else "a fact"
    return Told(
        "A fact came twice", (f"{which.capitalize()} came again with other content; the first stays in force.",)
    )


def settled(event: Shown, _: Shown | None, known: Mapping[str, Shown]) -> Told:
    """Which content of a fact a person chose."""
    data = event["data"]
    conflict = known.get(data["conflict"])
    of = f" (position {conflict['position']})" if conflict else ""
    words = f"{when(data['at'])}: {data['by']} decided that the {data['keep']} content holds{of}; {reason(data)}."
    return Told("A fact came twice", (words,))


def _release(data: Data) -> str:
    edition = data["rules"].partition("-")[0]
    return (
        f"Checked by edition {edition} of the rules ({data['rules']}) and ruleset {data['ruleset']} "
        f"({data['ruleset_hash'][:12]}), with {data['today']} for today."
    )


def _lines(data: Data, before: Shown | None) -> Iterator[str]:
    if before is not None and before["data"]["lines"] == data["lines"]:
        if data["lines"]:
            yield "Its lines are the same."
        return
    for line in data["lines"]:
        charge = f", {dollars(line['charge_cents'])}" if line.get("charge_cents") is not None else ", no fee known"
        coded = " ".join([line["code"], *line["modifiers"]])
        why = "".join(f" {words}." for words in line.get("explanation", ()))
        yield f"Line {line['line']}: {coded}, {line['minutes']} min, {count(line['units'], 'unit')}{charge}.{why}"


def _key(finding: Data) -> tuple[str, int, str]:
    return finding["rule"], finding.get("line") or 0, finding["message"]


def _finding(finding: Data) -> str:
    where = f", line {finding['line']}" if finding.get("line") else ""
    also = f" (also {', '.join(finding['also'])})" if finding["also"] else ""
    released = " A person released it." if finding["overridden"] else ""
    return (
        f"{finding['rule']} version {finding['version']}{also}, {finding['severity']}{where}: {finding['message']}. "
        f"Fix: {finding['fix'].rstrip('.')}. {_place(finding)}Source: {finding['source']}{_days(finding)}.{released}"
    )


def _place(finding: Data) -> str:
    """Which fields caused it, and where it is mended on the claim."""
    row = of_rule(finding["rule"], finding["version"])
    parts = [f"{row['x12']} of the 837P" if row["x12"] else "", f"box {row['cms1500']}" if row["cms1500"] else ""]
    caused = f"Caused by {listed(finding['fields'])}. " if finding["fields"] else ""
    where = listed(filter(None, parts))
    return f"{caused}On the claim: {where}. " if any(parts) else caused


def _days(finding: Data) -> str:
    """The dates of service that the rule looks at, where they are not all."""
    row = of_rule(finding["rule"], finding["version"])
    since, until = row["since"], row["until"]
    return ("" if since is None else f", from {since}") + ("" if until is None else f", to {until}")


def _stay_and_go(old: dict[tuple[str, int, str], Data], new: dict[tuple[str, int, str], Data]) -> Iterator[str]:
    stay = dict.fromkeys(each["rule"] for key, each in new.items() if old.get(key) == each)
    gone = [f"{each['rule']} ({each['message']})" for key, each in old.items() if key not in new]
    if stay:
        yield f"As before: {listed(stay)}."
    if gone:
        yield f"No longer found: {listed(gone)}."
    if not new:
        yield "No rule found a fault."
