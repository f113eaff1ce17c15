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


class LogUnreachable(LogUnavailable):
    """The database server cannot be reached, or the connection broke; a later call connects again.

    A commit that met it may have been written all the same: the same commit once more gets the same answer.
    """

    code = "log-unreachable"


class SchemaMismatch(LogUnavailable):
    """The database is not at the schema version that this release works with."""

    code = "schema-mismatch"

    def __init__(self, database: str, found: str | None = None, wanted: str | None = None) -> None:
        self.database, self.found, self.wanted = database, found, wanted
        if found is None:
            super().__init__(f"{database} holds no log yet; run `claimtrail migrate`")
        else:
            super().__init__(
                f"{database} is at schema version {found}, this release works with {wanted}; run `claimtrail migrate` "
                "with a release that is not older than the database"
            )


class ServiceInUse(LogError):
    """Another process runs this service."""

    code = "service-in-use"

    def __init__(self, service: str) -> None:
        self.service = service
        super().__init__(f"{service} is being run by another process; stop it first")


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
