"""`units` and `deadline`: the rules alone, asked as JSON, nothing stored."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from suite.commands.faults import CommandFailed
from suite.commands.store import AsJson
from suite.commands.tables import left, right, row, table
from suite.commands.terminal import complain, money, out, print_json

if TYPE_CHECKING:
    from therapy_domain.request import Answers

LARGEST_QUESTION = 64 * 1024 * 1024
"""A larger document is refused [bytes]."""

Question = Annotated[str, typer.Argument(metavar="FILE", help="A JSON file, or - for standard input.")]


def units(file: Question, as_json: AsJson = False) -> None:
    """Calculate the units of a day: by the CMS 8-minute rule or the midpoint rule, as the payer asks.

    The file holds one day or an array of them; an array gives an array of answers.

    \b
    Example: claimtrail units day.json --json
    with day.json:
      {"payer": "medicare", "discipline": "PT", "date_of_service": "2026-03-02",
       "intervals": [{"code": "97112", "minutes": 28, "role": "PT"},
                     {"code": "97530", "minutes": 16, "role": "PT"}]}
    """
    from therapy_domain.units.request import answer

    _answer(answer(_read(file)), as_json=as_json, show=_show_units)


def deadline(file: Question, as_json: AsJson = False) -> None:
    """Find the last day to appeal or to file, appeal rights, and amounts in controversy.

    The file holds one question or an array of them. Kinds: appeal (the default), timely-filing,
    amount-in-controversy, appeal-rights.

    \b
    Example: claimtrail deadline question.json
    with question.json:
      {"program": "medicare-part-b", "level": 1, "notice_date": "2026-02-03"}
    """
    from therapy_domain.appeals.request import answer

    _answer(answer(_read(file)), as_json=as_json, show=_show_deadline)


def _read(file: str) -> bytes:
    if file == "-":
        document = sys.stdin.buffer.read(LARGEST_QUESTION + 1)
    else:
        with Path(file).open("rb") as opened:
            document = opened.read(LARGEST_QUESTION + 1)
    if len(document) > LARGEST_QUESTION:
        raise CommandFailed(f"{file} is larger than {LARGEST_QUESTION // 1024**2} MiB; ask in several calls")
    return document


def _answer(answers: "Answers", *, as_json: bool, show: Callable[[Mapping[str, Any]], None]) -> None:
    if as_json:
        print_json(answers.body)
    else:
        body = answers.body
        for number, answer in enumerate(body if isinstance(body, list) else [body]):
            if number:
                out().print()
            if "error" in answer:
                error = answer["error"]
                value = "nothing" if error["value"] is None else repr(error["value"])
                complain(f"{error['path']}: {value} is not accepted; expected {error['expected']}")
            else:
                show(answer)
    if answers.exit_code:
        raise typer.Exit(answers.exit_code)


def _show_units(answer: Mapping[str, Any]) -> None:
    console = out()
    units, minutes = answer["total_units"], answer["total_minutes"]
    counted = f"{units} unit{'' if units == 1 else 's'} in {minutes} timed minute{'' if minutes == 1 else 's'}"
    console.print(counted, style="bold", end="")
    console.print(f"  by {answer['rule']}, ruleset {answer['ruleset']}", style="dim")
    _show_lines(answer["lines"])
    if answer["excluded"]:
        left_out = ", ".join(f"{each['code']} {each['minutes']} min ({each['reason']})" for each in answer["excluded"])
        console.print(f"Not counted: {left_out}")
    for number, lines in enumerate(answer["alternatives"], start=1):
        console.print(f"\nEqually billable, choice {number}:")
        _show_lines(lines)
    console.print("\nWhy:")
    for step in answer["explanation"]:
        console.print(f"  {step}")


def _show_lines(lines: list[dict[str, Any]]) -> None:
    shown = table(left("CODE"), right("MINUTES"), right("UNITS"), left("MODIFIERS"))
    for line in lines:
        row(shown, line["code"], str(line["minutes"]), str(line["units"]), " ".join(line["modifiers"]))
    out().print(shown)


_WORDS = {
    "receipt": "decision received on",
    "deadline": "last day",
    "timely": "filed in time",
    "amount_cents": "amount in controversy",
    "appealable": "can be appealed",
    "action": "what to do",
    "source": "source",
}


def _show_deadline(answer: Mapping[str, Any]) -> None:
    shown = table(left("what"), left("answer"), header=False)
    for name, value in answer.items():
        row(shown, _WORDS.get(name, name), _in_words(name, value))
    out().print(shown)


def _in_words(name: str, value: object) -> str:
    match value:
        case None:
            return "not asked (give filed_on)" if name == "timely" else "none at this level"
        case bool():
            return "yes" if value else "no"
        case int():
            return money(value)
        case _:
            return str(value)
