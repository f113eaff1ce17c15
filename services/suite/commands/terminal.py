"""What the commands write: answers to standard output, everything else to standard error."""

import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from rich.console import Console
from rich.text import Text

_PRETTY = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS


class _Console(Console):
    """A console that says so when its reader has gone."""

    def on_broken_pipe(self) -> None:
        """Raises:  BrokenPipeError: as every other write to it does."""
        self.quiet = True
        raise BrokenPipeError


def out() -> Console:
    """The console of standard output; plain where it is no terminal or NO_COLOR is set."""
    return _Console(file=sys.stdout, highlight=False, markup=False, emoji=False)


def err() -> Console:
    """The console of standard error."""
    return _Console(file=sys.stderr, highlight=False, markup=False, emoji=False)


def on_terminal() -> bool:
    """Whether somebody watches standard error: then progress bars are worth it."""
    return sys.stderr.isatty()


def complain(message: str) -> None:
    """An error, in one line."""
    _to_stderr("error: ", "bold red", message)


def note(message: str) -> None:
    """Something to know beside the answer, in one line."""
    _to_stderr("note: ", "yellow", message)


def _to_stderr(word: str, style: str, message: str) -> None:
    one_line = printable(message.replace("\n", " "))
    err().print(Text.assemble((word, style), one_line), soft_wrap=True)


def print_json(answer: Any) -> None:
    """One JSON document."""
    _write(orjson.dumps(answer, option=_PRETTY) + b"\n")


def print_json_list(answers: Iterable[Any]) -> None:
    """One JSON array, an element a line, written as they come: however many there are."""
    _write(b"[")
    for number, answer in enumerate(answers):
        _write((b",\n" if number else b"\n") + orjson.dumps(answer))
    _write(b"\n]\n")


def print_json_parts(head: Mapping[str, Any], name: str, parts: Iterable[bytes]) -> None:
    """One JSON object: the head's keys, then a long array under `name`, whose elements are JSON already."""
    _write(orjson.dumps(head, option=orjson.OPT_INDENT_2).removesuffix(b"\n}"))
    _write(b',\n  "%b": [' % name.encode())
    for number, part in enumerate(parts):
        _write((b",\n    " if number else b"\n    ") + part)
    _write(b"\n  ]\n}\n")


def _write(raw: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(raw)
    sys.stdout.buffer.flush()


def silence() -> None:
    """Nobody reads standard output any more: let what is left go nowhere, also at the interpreter's end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def printable(text: str) -> str:
    """A text that moves no cursor and hides nothing: other characters are written as escapes."""
    if text.isprintable():
        return text
    return "".join(
        mark if mark.isprintable() else mark.encode("unicode_escape", "surrogatepass").decode() for mark in text
    )


def money(cents: int | None) -> str:
    """Cents as dollars; a dash for an unknown amount."""
    if cents is None:
        return "-"
    sign, whole = ("-" if cents < 0 else ""), abs(cents)
    return f"{sign}${whole // 100:,}.{whole % 100:02}"


def age(seconds: float) -> str:
    """A duration in its largest sensible unit."""
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{int(seconds // length)} {unit}"
    return f"{int(seconds)} seconds"


def size(count: int) -> str:
    """A number of bytes, readable."""
    for unit in ("bytes", "KiB", "MiB"):
        if count < 1024:
            return f"{count:,.0f} {unit}" if unit == "bytes" else f"{count:,.1f} {unit}"
        count /= 1024  # type: ignore[assignment]  # a fraction from here on
    return f"{count:,.1f} GiB"
