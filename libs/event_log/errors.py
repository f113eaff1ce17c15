"""What can go wrong with a log, each with its facts (a conflict is an answer: protocol.Conflict)."""

from pathlib import Path


class LogError(Exception):
    """Any failure of the log itself. The log stays usable after every one of them."""

    code = "log-error"


class LogInUse(LogError):
    """Another process writes this log."""

    code = "log-in-use"

    def __init__(self, path: Path, holder: str) -> None:
        self.path, self.holder = path, holder
        super().__init__(
            f"{path} is being written by another process ({holder}); stop it first, "
            "or open the log for reading only, or give the second process a log of its own"
        )


class LogMissing(LogError):
    """There is no log to read at this path."""

    code = "log-missing"

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"there is no log at {path}; write an event first, or correct the path")


class LogBusy(LogError):
    """Somebody else held the database longer than we waited; trying again later helps."""

    code = "log-busy"


class DiskFull(LogError):
    """No room to write; nothing of the commit was kept. Make room and try again."""

    code = "disk-full"


class LogUnavailable(LogError):
    """The database could not be read or written (an I/O error, a damaged or foreign file)."""

    code = "log-unavailable"


class LogClosed(LogError):
    """The log was closed; nothing was written."""

    code = "log-closed"

    def __init__(self) -> None:
        super().__init__("the log is closed; open it again to go on")


class ReadOnly(LogError):
    """This log was opened for reading."""

    code = "read-only"

    def __init__(self) -> None:
        super().__init__("this log was opened read-only; open it without read_only to write")


class RowsEndedTransaction(LogError):
    """A `rows` callback ended the transaction it was lent."""

    code = "rows-ended-transaction"

    def __init__(self) -> None:
        super().__init__("a rows callback must not commit or roll back: the log does, for all its callers")


class CommitInsideCommit(LogError):
    """A `rows` callback called commit: it would wait for itself."""

    code = "commit-inside-commit"

    def __init__(self) -> None:
        super().__init__("rows are written inside a commit already: append the events in that commit, or after it")
