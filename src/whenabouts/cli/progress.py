"""Progress bars on stderr, only if it is a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from whenabouts.language import translate
from whenabouts.progress import Progress


@contextmanager
def progress() -> Iterator[Progress]:
    """Yields a function for `progress` arguments; each description gets its own bar."""
    from rich import progress as rich_progress
    from rich.console import Console

    bars = rich_progress.Progress(
        rich_progress.TextColumn("{task.description}"),
        rich_progress.BarColumn(),
        rich_progress.TextColumn("{task.percentage:>3.0f} %"),
        rich_progress.TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    bars.disable = not bars.console.is_terminal
    tasks: dict[str, rich_progress.TaskID] = {}
    with bars:

        def report(what: str, fraction: float) -> None:
            if what not in tasks:
                for task in bars.tasks:
                    if task.finished:  # thousands of videos would fill the terminal
                        bars.remove_task(tasks.pop(task.fields["named"]))
                tasks[what] = bars.add_task(translate(what), total=1.0, named=what)
            bars.update(tasks[what], completed=fraction)

        yield report
