"""What a user did or met, said in one line on standard error with what to do; never a traceback."""

import os
import sys
import traceback
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from event_log.errors import LogError, LogInUse
from suite.commands.terminal import complain, silence

NOT_THERE = 1
"""What was asked about is not there, or not as it would have to be."""
CALL_WAS_WRONG = 2
"""The call itself, or the store that it names."""
INTERRUPTED = 130
PIPE_CLOSED = 141
OUR_FAULT = 70
TRACEBACK_VARIABLE = "CLAIMTRAIL_TRACEBACK"


class CommandFailed(Exception):
    """The command cannot do what was asked; the message says why and what to do."""

    def __init__(self, message: str, *, exit_code: int = CALL_WAS_WRONG) -> None:
        self.exit_code = exit_code
        super().__init__(message)


class NoStore(CommandFailed):
    """There is no store in that directory."""

    def __init__(self, data: Path) -> None:
        self.data = data
        super().__init__(
            f"there is no store in {data}; make one with `claimtrail ingest FILE --data {data}`, "
            "or name another with --data or CLAIMTRAIL_DATA"
        )


class Group(TyperGroup):
    """The command as a whole: every fault of a user or of the machine ends in one line and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            answer = super().invoke(ctx)
            sys.stdout.flush()
        except (typer.Exit, typer.Abort, typer.BadParameter):
            raise
        except KeyboardInterrupt:
            complain("interrupted; what was answered for is kept, the same command again goes on from there")
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            silence()  # who reads us has seen enough
            raise typer.Exit(PIPE_CLOSED) from None
        except Exception as error:
            code = _told(error)
            if code is None:
                raise
            raise typer.Exit(code) from None
        return answer


def _told(error: Exception) -> int | None:
    """Tell the user of an error; the exit code, or None where the error is the command line's own."""
    if type(error).__module__.startswith(("typer", "click")):
        return None  # usage errors print themselves, with the usage
    if os.environ.get(TRACEBACK_VARIABLE):
        traceback.print_exception(error)
    match error:
        case CommandFailed():
            complain(str(error))
            return error.exit_code
        case LogInUse():
            complain(
                f"{error.path.parent} is being written by another process ({error.holder}); stop it first, name "
                "another store with --data, or send events to the running `claimtrail run` (POST /v1/events)"
            )
        case LogError():
            complain(str(error))
        case FileNotFoundError(filename=str() as name):
            complain(f"{name} is not there; correct the path")
        case OSError(filename=str() as name):
            complain(f"{name}: {error.strerror or type(error).__name__}")
        case _ if isinstance(getattr(error, "code", None), str):
            complain(str(error))
            return NOT_THERE
        case _:
            complain(
                f"something went wrong that should not: {_place(error)}. Nothing half-done was kept. "
                f"Please report it; {TRACEBACK_VARIABLE}=1 shows more (it may show patient data)"
            )
            return OUR_FAULT
    return CALL_WAS_WRONG


def _place(error: Exception) -> str:
    """The kind of an error and where it came from, without the values in it: they may be about a patient."""
    raised_at = getattr(error, "raised_at", None)  # in another process
    if raised_at is not None:
        return f"{type(error).__name__} at {raised_at}"
    where = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} at {Path(where[-1].filename).name}:{where[-1].lineno}" if where else "?"
