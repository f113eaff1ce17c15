"""The `claimtrail` command, run in this process."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import structlog
from typer.testing import CliRunner

from suite.cli import app


class Ran(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Claimtrail = Callable[..., Ran]


def run(*words: object, stdin: bytes | str | None = None, env: dict[str, str] | None = None) -> Ran:
    result = CliRunner().invoke(app, [str(word) for word in words], input=stdin, env=env)
    structlog.reset_defaults()  # the command's standard error is closed now
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    assert "that should not" not in result.output
    return Ran(result.exit_code, result.stdout, result.stderr)
