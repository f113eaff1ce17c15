"""Progress on standard error, with rates; nothing where standard error is no terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from suite.commands.terminal import err, on_terminal


class _Rate(ProgressColumn):
    """How many, and how many a second."""

    def render(self, task: Task) -> Text:
        count: int = task.fields["count"]
        seconds = task.finished_time or task.elapsed or 0.0
        rate = f" {count / seconds:,.0f}/s" if seconds > 0.2 else ""
        return Text(f"{count:,} {task.fields['what']}{rate}", style="cyan")


class Bar:
    """One bar, shown from its first step on. `at` tells it how far the work is."""

    def __init__(self, progress: Progress | None, title: str, what: str) -> None:
        self._progress = progress
        self._task = None
        if progress is not None:
            self._task = progress.add_task(title, start=False, total=None, visible=False, count=0, what=what)
        self._started = False

    def at(self, done: int, total: int | None, count: int | None = None) -> None:
        """`done` of `total` (None: nobody knows); `count` is what is counted, `done` itself without it."""
        if self._progress is None or self._task is None:
            return
        if not self._started:
            self._started = True
            self._progress.start_task(self._task)
        shown = done if count is None else count
        self._progress.update(self._task, completed=done, total=total, count=shown, visible=True)


class Bars:
    """Bars one below the other."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress

    def add(self, title: str, what: str) -> Bar:
        """One more bar, which counts `what`."""
        return Bar(self._progress, title, what)


@contextmanager
def bars() -> Iterator[Bars]:
    """Bars that show while the block runs, where somebody watches."""
    if not on_terminal():
        yield Bars(None)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        _Rate(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err(), transient=False) as progress:
        yield Bars(progress)
