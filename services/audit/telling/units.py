"""Which minutes became which unit: the count as it was explained when it was made."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from audit.telling.words import Data, Shown, Told, clock, count, listed, superseding, units

_NEVER = datetime.max.replace(tzinfo=UTC)


def calculated(event: Shown, before: Shown | None, known: Mapping[str, Shown]) -> Told:
    """The count of one day, or that it came out as before."""
    data = event["data"]
    result = data["result"]
    replaced = tuple(filter(None, [superseding(event, before, known)]))
    if before is not None and before["data"]["result"] == result:
        return Told("The minutes counted again", ("The count came out as before.", *replaced))
    heading = "From minutes to units" if before is None else "The minutes counted again"
    if not data["sessions"]:
        return Told(heading, ("No session is left to count.", *replaced))
    clocks = _clocks(data, known)
    lines = (
        _total(result),
        *[_line(line, clocks) for line in result["lines"]],
        *[f"{step}." for step in result["explanation"]],
        *[f"As well billable: {units(_billable(other))}." for other in result["alternatives"]],
        *_compared(before, result),
    )
    return Told(heading, (*lines, *replaced))


def _total(result: Data) -> str:
    rule = f"the rule {result['rule']}" if result.get("rule") else "no rule, for the payer is unknown"
    timed = f"{result['total_minutes']} timed minutes, {count(result['total_units'], 'unit')}"
    return f"By {rule} of ruleset {result['ruleset']}: {timed}, {result['treatment_minutes']} minutes of treatment."


def _clocks(data: Data, known: Mapping[str, Shown]) -> list[Data]:
    """The intervals of the sessions that were counted, by their clock."""
    found = [each for session in data["sessions"] if session in known for each in known[session]["data"]["intervals"]]
    return sorted(found, key=lambda each: datetime.fromisoformat(each["start"]) if each.get("start") else _NEVER)


def _line(line: Data, clocks: list[Data]) -> str:
    spans = [
        clock(each) for each in clocks if each["code"] == line["code"] and each["interval_id"] in line["interval_ids"]
    ]
    made = f"became {count(line['units'], 'unit')}" if line["units"] else "became no unit"
    modifiers = f", {' '.join(line['modifiers'])}" if line["modifiers"] else ""
    words = f"{line['code']}: {line['minutes']} min ({listed(spans)}) {made}{modifiers}"
    if line["assistant_minutes"]:
        words += (
            f"; of the code the therapist {line['therapist_minutes']} min, the assistant {line['assistant_minutes']}"
        )
    return f"{words}."


def _billable(lines: list[Data]) -> list[Data]:
    return [line for line in lines if line["units"]]


def _compared(before: Shown | None, result: Data) -> Iterator[str]:
    if before is None:
        return
    was, now = _by_code(before["data"]["result"]), _by_code(result)
    changed = [
        f"{code} {was.get(code, 0)} to {now.get(code, 0)}"
        for code in sorted(was.keys() | now.keys())
        if was.get(code, 0) != now.get(code, 0)
    ]
    yield f"Units changed: {listed(changed)}." if changed else "No code has more or fewer units than before."


def _by_code(result: Data) -> dict[str, int]:
    found: dict[str, int] = {}
    lines: list[Any] = result["lines"]
    for line in lines:
        found[line["code"]] = found.get(line["code"], 0) + line["units"]
    return found
