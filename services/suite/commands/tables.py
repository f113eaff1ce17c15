"""Tables that read well at 80 columns, in colour where the terminal has it."""

from collections.abc import Iterable, Sequence
from itertools import islice

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from suite.commands.terminal import printable

ROWS_A_PART = 200
WIDE = 110
"""From so many columns on, a listing shows more of them."""
STATUS_STYLES = {
    "held": "yellow",
    "ready": "green",
    "paid": "bold green",
    "partially_paid": "green",
    "denied": "red",
    "rejected": "red",
    "appealed": "magenta",
    "unbillable": "dim",
    "closed": "dim",
    "void": "dim",
}
SEVERITY_STYLES = {"deny": "bold red", "reject": "red", "delay": "yellow", "advice": "cyan"}

Cell = str | Text | None


def left(title: str, width: int | None = None, *, ratio: int | None = None) -> Column:
    """A column of text; what does not fit in its width is cut with an ellipsis, without a width it wraps."""
    return Column(title, width=width, ratio=ratio, no_wrap=width is not None, overflow="ellipsis" if width else "fold")


def right(title: str, width: int | None = None) -> Column:
    """A column of numbers."""
    return Column(title, width=width, justify="right", no_wrap=True)


def table(*columns: Column, gap: int = 2, header: bool = True) -> Table:
    """A table without lines but for the one below its header."""
    return Table(
        *columns,
        show_header=header,
        header_style="bold",
        box=None,
        pad_edge=False,
        padding=(0, gap, 0, 0),
    )


def row(into: Table, *cells: Cell) -> None:
    """One row; nothing in it moves the cursor."""
    into.add_row(*[cell if isinstance(cell, Text) else Text(printable(cell or "")) for cell in cells])


def print_rows(console: Console, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, gap: int = 2) -> int:
    """A long table of columns with fixed widths, printed as its rows come.

    Returns: how many there were.
    """
    coming, count = iter(rows), 0
    while part := list(islice(coming, ROWS_A_PART)):
        shown = table(*[each.copy() for each in columns], gap=gap, header=count == 0)
        for cells in part:
            row(shown, *cells)
        console.print(shown)
        count += len(part)
    return count


def status_text(status: str) -> Text:
    """A claim's status in its colour."""
    return Text("part paid" if status == "partially_paid" else status, style=STATUS_STYLES.get(status, ""))


def severity_text(severity: str) -> Text:
    """A severity in its colour."""
    return Text(severity, style=SEVERITY_STYLES.get(severity, ""))
