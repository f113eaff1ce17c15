"""`simulate`: believable clinics, as contract events on standard output."""

import sys
from datetime import datetime
from typing import Annotated

import typer

from suite.commands.faults import CommandFailed


def simulate(
    clinics: Annotated[int, typer.Option(min=1, help="How many clinics.")] = 3,
    days: Annotated[int, typer.Option(min=0, help="How many opening days (Monday to Friday).")] = 5,
    seed: Annotated[int, typer.Option(help="Equal seeds make equal bytes.")] = 1,
    visits: Annotated[int, typer.Option(min=1, help="Visits of a clinic in a day.")] = 12,
    mistakes: Annotated[
        str, typer.Option(help="`default`, `none`, or shares of visits by rule: DOC-006=0.05,TIM-004=0.01.")
    ] = "default",
    start: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day.")] = datetime(2026, 3, 2),  # noqa: DTZ001 -- a day
    first_organization: Annotated[
        int, typer.Option(min=0, help="Number organizations from here: other clinics for the same store.")
    ] = 0,
    csv: Annotated[bool, typer.Option("--csv", help="A timesheet instead, of the visits it can carry.")] = False,
) -> None:
    """Make the events of simulated clinics: many disciplines and payers, late and doubled events, planted mistakes.

    \b
    Example: claimtrail simulate --clinics 3 --days 5 --seed 7 | claimtrail ingest -
    """
    from suite.simulator import Simulation, csv_lines, lines, mistake_rates

    try:
        settings = Simulation(
            clinics=clinics,
            days=days,
            seed=seed,
            start=start.date(),
            visits_per_clinic_day=visits,
            mistake_rates=mistake_rates(mistakes),
            first_organization=first_organization,
        )
    except ValueError as error:
        raise CommandFailed(f"{error}") from error
    write = sys.stdout.buffer.write
    for line in (row.encode() for row in csv_lines(settings)) if csv else lines(settings):
        write(line)
    sys.stdout.buffer.flush()
