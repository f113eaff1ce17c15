"""`trace`: a claim's waterfall in the terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

import typer
from rich.console import Console
from rich.text import Text

from service_kit import names
from suite.commands.claims import ClaimId
from suite.commands.store import DEFAULT_DATA, AsJson, Data, reading
from suite.commands.terminal import note, out, print_json

BAR = 36
"""Columns of a bar."""
NAME = 48


class Line(NamedTuple):
    """One line of the waterfall."""

    depth: int
    name: str
    started_at: int
    ended_at: int
    linked: bool
    """A batch that also held others' events."""


def trace(
    claim_id: ClaimId,
    every: Annotated[bool, typer.Option("--all", help="Also the traces of facts that led to no decision.")] = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Draw how a claim came to be in time: from the clinic's event through every service to claim and appeal.

    Spans are kept by `claimtrail run` and `claimtrail serve`, of a tenth of the traces unless CLAIMTRAIL_TRACE_RATIO
    says otherwise; where there are none the log's own times are shown. No collector is needed.

    \b
    Example: claimtrail trace C5J2K8Q0V7M3T9XA4
    """
    from suite.tracing import traces_of

    with reading(data) as installation:
        found = traces_of(installation, claim_id)
    if as_json:
        print_json(found)
        return
    shown = [each for each in found["traces"] if every or each["decides"]]
    for number, each in enumerate(shown):
        if number:
            out().print()
        show_trace(out(), each)
    if others := len(found["traces"]) - len(shown):
        note(f"{others} facts of the claim came by traces of their own, in which nothing was decided (--all)")
    if not found["spans"]:
        note("no spans are kept of it: the times are those of the log")


def show_trace(console: Console, trace: Mapping[str, Any]) -> None:
    """A heading, and a bar for each span or event."""
    began, ended = trace["began_at"], trace["ended_at"]
    length = max(1, ended - began)
    heading = Text.assemble((f"trace {trace['trace_id']}", "bold"), f"  {_milliseconds(length)}")
    console.print(heading)
    for line in lines_of(trace):
        start = (line.started_at - began) * BAR // length
        width = max(1, (line.ended_at - line.started_at) * BAR // length)
        start = min(start, BAR - 1)
        bar = " " * start + ("─" if line.linked else "█") * min(width, BAR - start)
        name = f"{'  ' * line.depth}{line.name}"
        style = "dim" if line.linked else "cyan" if line.ended_at > line.started_at else "green"
        console.print(
            Text.assemble(
                f"{name[:NAME]:<{NAME}} ",
                (f"{bar:<{BAR}}", style),
                f" {_milliseconds(line.started_at - began):>10} {_milliseconds(line.ended_at - line.started_at):>9}",
            ),
            no_wrap=True,
            crop=False,
            soft_wrap=True,
        )


def _milliseconds(microseconds: int) -> str:
    return f"{microseconds / 1000:,.1f} ms"


def lines_of(trace: Mapping[str, Any]) -> list[Line]:
    """Each span below the one it came of, by time; below it also the batches in which its event was sent and worked on.

    Events that no span made stand where the log has them.
    """
    spans: Sequence[Mapping[str, Any]] = trace["spans"]
    own = [span for span in spans if span["trace_id"] == trace["trace_id"]]
    made = {span["span_id"] for span in own}
    marks = [
        {**event, "parent_id": None, "started_at": event["recorded_at"], "ended_at": event["recorded_at"]}
        for event in trace["events"]
        if event["span_id"] not in made
    ]
    known = {each["span_id"]: each for each in (*marks, *own)}
    children: dict[str | None, list[Mapping[str, Any]]] = {}
    for span in (*own, *marks):
        children.setdefault(span["parent_id"] if span["parent_id"] in known else None, []).append(span)
    for span in spans:
        if span["linked"]:
            above = [known[each] for each in span["linked"] if each in known]
            parent = min(above, key=lambda each: each["started_at"])["span_id"] if above else None
            children.setdefault(parent, []).append(span)
    return list(_below(None, 0, children))


def _below(
    parent: str | None, depth: int, children: Mapping[str | None, Sequence[Mapping[str, Any]]]
) -> Iterator[Line]:
    for span in sorted(children.get(parent, ()), key=lambda each: each["started_at"]):
        linked = bool(span.get("linked"))
        yield Line(depth, _name(span), span["started_at"], span["ended_at"], linked)
        if not linked:
            yield from _below(span["span_id"], depth + 1, children)


def _name(span: Mapping[str, Any]) -> str:
    if "position" in span:
        return f"{span['position']} {_short(span['type'])} by {span['service']}"
    attributes = span["attributes"]
    count = attributes.get(names.MESSAGING_BATCH_COUNT)
    about = f" ({count} event{'s' if count > 1 else ''})" if count else ""
    event = attributes.get(names.EVENT_TYPE)
    return f"{span['name']}{about}" + (f": {_short(event)}" if event else "")


def _short(event_type: str) -> str:
    return event_type.removeprefix("claimtrail.").removesuffix(".v1")
