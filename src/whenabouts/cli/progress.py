"""Progress of long work, on stderr, and only where a person is watching."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Watch = Callable[[str, float], None]


@contextmanager
def progress() -> Iterator[Watch]:
    """Give a function `watch(what, fraction)`; each new `what` is one bar. Nothing is drawn without a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    bars = Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True)
    bars.disable = not bars.console.is_terminal
    tasks: dict[str, TaskID] = {}
    with bars:

        def watch(what: str, fraction: float) -> None:
            if what not in tasks:
                for task in bars.tasks:
                    if task.finished:  # thousands of videos would fill the terminal
                        bars.remove_task(tasks.pop(task.description))
                tasks[what] = bars.add_task(what, total=1.0)
            bars.update(tasks[what], completed=fraction)

        yield watch
