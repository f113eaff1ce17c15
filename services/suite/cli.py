"""The `claimtrail` command: its commands by group, and what stands before them all."""

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from suite.commands import (
    acts,  # noqa: F401 -- puts what people do behind `appeal`
    appeal,
    asking,
    claims,
    deciding,
    demonstrating,
    distributing,
    evidence,
    exporting,
    figures,
    importing,
    operating,
    recorded,
    rules,
    serving,
    simulating,
    simulating_payers,
    taking,
    tracing,
    what_if,
    why,
    worklist,
)
from suite.commands.faults import Group

_WORK, _CLAIMS, _RECORD = "Take events in", "Look at claims", "Check the record"
_DECIDE, _OPERATE, _ASK = "Decide", "Operate", "Ask, nothing stored"
_PAYERS = "To payers and back"

app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"claimtrail {version('claimtrail')}")
        raise typer.Exit


@app.callback()
def _claimtrail(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Therapy sessions in; correct units, valid claims and timely appeals out, with a history that can be replayed.

    Start with: claimtrail demo
    """


for _group, _commands in {
    _WORK: (demonstrating.demo, serving.run, taking.ingest, simulating.simulate),
    _CLAIMS: (claims.claims, claims.claim, worklist.appeals),
    _PAYERS: (
        importing.unmatched,
        importing.match,
        importing.files,
        figures.denials,
        simulating_payers.simulate_payer,
    ),
    _RECORD: (
        recorded.history,
        why.why,
        tracing.trace,
        recorded.replay,
        what_if.what_if,
        recorded.verify,
        evidence.evidence,
        evidence.verify_evidence,
    ),
    _DECIDE: (
        deciding.override,
        deciding.question,
        deciding.answer,
        deciding.conflicts,
        deciding.settle,
        deciding.erase,
    ),
    _OPERATE: (
        operating.status,
        operating.dead_letters,
        operating.redrive,
        worklist.tick,
        operating.migrate,
        operating.keys,
        distributing.serve,
        distributing.asyncapi,
        distributing.topics,
        distributing.leave_kafka,
    ),
    _ASK: (asking.units, asking.deadline),
}.items():
    for _command in _commands:
        app.command(rich_help_panel=_group)(_command)
app.add_typer(exporting.app, rich_help_panel=_PAYERS)
app.add_typer(importing.app, rich_help_panel=_PAYERS)
app.add_typer(rules.app, rich_help_panel=_ASK)
app.add_typer(appeal.group, name="appeal", rich_help_panel=_CLAIMS)


def main() -> None:
    """Run the command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    app(prog_name="claimtrail")
