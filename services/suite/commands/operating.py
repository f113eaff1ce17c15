"""`status`, `dead-letters` and `redrive`: for whoever keeps the suite running."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console

from suite.commands.bars import bars
from suite.commands.faults import CommandFailed
from suite.commands.store import DATABASE_VARIABLE, DEFAULT_DATA, AsJson, Data, database_url, reading, writing
from suite.commands.tables import left, right, row, table
from suite.commands.terminal import age, note, out, print_json, size

SESSIONS_SHOWN = 10
STILL_DEAD = 1


def status(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Show how the suite stands: services and their lag, sessions that wait, the log and its last checkpoint.

    \b
    Example: claimtrail status
    """
    from suite.standing import status as standing

    with reading(data) as installation:
        answer = standing(installation)
    if as_json:
        print_json(answer)
    else:
        show_status(out(), answer)


def show_status(console: Console, answer: Mapping[str, Any]) -> None:
    """Services, claims, waiting sessions and the log."""
    services = table(left("SERVICE"), right("POSITION"), right("LAG"), right("EVENTS/S"), right("DEAD LETTERS"))
    for each in answer["services"]:
        numbers = [f"{each[name]:,}" for name in ("position", "lag", "rate", "dead_letters")]
        row(services, each["service"], *numbers)
    console.print(services)
    console.print()
    claims = ", ".join(f"{count:,} {word.replace('_', ' ')}" for word, count in answer["claims"].items())
    console.print(f"Claims      {claims or 'none'}")
    _waiting(console, "Unsigned", answer["unsigned"])
    _waiting(console, "Parked", answer["parked"])
    if kafka := answer.get("kafka"):
        told = f"{kafka['parked_messages']:,} messages parked, {kafka['rejected_messages']:,} events rejected"
        console.print(f"Kafka       sent up to {kafka['relayed']:,}; {told}")
    log, signed = answer["log"], answer["log"]["last_checkpoint"]
    console.print(f"Log         {log['events']:,} events, {size(log['bytes'])}")
    covers = f"over {signed['size']:,} events" if signed else "none yet"
    later = f"; {log['not_yet_signed']:,} not signed yet" if log["not_yet_signed"] else ""
    console.print(f"Checkpoint  {covers}{later}")
    console.print(f"Public key  {log['public_key']}", soft_wrap=True)
    console.print(f"Ruleset     {answer['ruleset']['id']}")


def _waiting(console: Console, title: str, waiting: Mapping[str, Any]) -> None:
    if not waiting["count"]:
        console.print(f"{title:<12}none")
        return
    console.print(f"{title:<12}{waiting['count']:,} sessions, the oldest for {age(waiting['oldest_age_seconds'])}")
    for each in waiting["sessions"][:SESSIONS_SHOWN]:
        place = "/".join(part for part in (each["org"], each["clinic"]) if part)
        console.print(f"            {each['session_id']} of {place}, {age(each['age_seconds'])}")
    if waiting["count"] > SESSIONS_SHOWN:
        console.print(f"            and {waiting['count'] - SESSIONS_SHOWN:,} more (--json lists all)")


def dead_letters(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List the cases that could not be processed, why, and how many events wait behind each.

    \b
    Example: claimtrail dead-letters
    """
    from service_kit.dead_letters import dead_letters as found

    with reading(data) as installation:
        letters = found(installation.read.rows())
    if as_json:
        print_json(letters)
        return
    if not letters:
        note("there is no dead letter")
        return
    shown = table(left("ID"), left("SERVICE"), right("POSITION"), right("TRIES"), right("WAITING"), left("REASON"))
    for each in letters:
        numbers = str(each["position"]), str(each["attempts"]), str(each["waiting"])
        row(shown, each["id"], each["service"], *numbers, each["reason"])
    out().print(shown)
    note("`claimtrail redrive ID` puts one back to work, once its cause is mended")


def redrive(
    letter_id: Annotated[str | None, typer.Argument(metavar="ID", help="A dead letter's id.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All dead letters.")] = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Put dead letters back to work, with everything that waits behind them, in order.

    Exit code 1 when one fails again.

    \b
    Example: claimtrail redrive --all
    """
    from suite.redriving import redrive as put_back

    if every == (letter_id is not None):
        raise CommandFailed("name one dead letter, or give --all; `claimtrail dead-letters` lists them")
    with writing(data) as installation, bars() as shown:
        bar = shown.add("redriving", "cases")
        done = put_back(installation, letter_id, bar.at)
    answer = {"redriven": [each for each, ok in done.items() if ok], "failed": [e for e, ok in done.items() if not ok]}
    if as_json:
        print_json(answer)
    else:
        out().print(f"{len(answer['redriven']):,} cases go on")
    if answer["failed"]:
        note(f"{len(answer['failed']):,} failed again: {', '.join(answer['failed'][:SESSIONS_SHOWN])}")
        raise typer.Exit(STILL_DEAD)


def keys(data: Data = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Make the keys of a new installation: master, fingerprint and signing key, in CLAIMTRAIL_KEYS. Again does nothing.

    `run` and `ingest` make them by themselves; `serve` does not, since all processes must have the same. Refused where
    a log is there already that was written with other keys: put those back from your backup.

    \b
    Example: claimtrail keys
    """
    from suite.keys import make_keys

    done = make_keys(data, database_url())
    if as_json:
        print_json(done._asdict())
        return
    out().print(f"{done.directory}: {'made ' + ', '.join(done.made) if done.made else 'all keys are there'}")
    out().print(f"Public key, for your auditor: {done.public_key}", soft_wrap=True)


def migrate(
    service_role: Annotated[
        str | None,
        typer.Option("--service-role", metavar="NAME", help="Give this login what services need, and no more."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring the PostgreSQL that CLAIMTRAIL_DATABASE_URL names to this version. Again does nothing.

    Run it as the database's owner. Services then log in with a role of their own, which can append to the log and read
    it, but can neither change nor remove what is recorded: make it with CREATE ROLE, and name it with --service-role.

    \b
    Example: claimtrail migrate --service-role claimtrail_service
    """
    url = database_url()
    if url is None:
        raise CommandFailed(f"{DATABASE_VARIABLE} names no database; a store in a directory needs no migration")
    from suite.migrating import migrate as bring_up

    done = bring_up(url, service_role)
    if as_json:
        print_json(done._asdict())
        return
    was = "made" if done.before is None else f"was {done.before}"
    out().print(f"{done.database}: schema version {done.after} ({was})", soft_wrap=True)
    if done.roles:
        out().print(f"services' rights: {', '.join(done.roles)}", soft_wrap=True)
