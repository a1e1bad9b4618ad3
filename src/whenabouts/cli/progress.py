"""Progress on stderr: bars where it is a terminal, else a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from whenabouts.cli.terminal import visible
from whenabouts.language import translate
from whenabouts.prediction import Prediction
from whenabouts.progress import Progress

SELDOM = 30.0  # seconds between two lines about progress where stderr is a file or a pipe


@dataclass(frozen=True, slots=True)
class Reporting:
    """What a command passes on while it works; called as any `Progress`.

    early: prints the first answers on a terminal
    """

    progress: Progress
    early: Callable[[Sequence[Prediction]], None]

    def __call__(self, what: str, fraction: float) -> None:
        """Show what is being done and the fraction of it that is done."""
        self.progress(what, fraction)


@contextmanager
def progress() -> Iterator[Reporting]:
    """Yields a function for `progress` arguments; each description gets its own bar."""
    if not sys.stderr.isatty():
        yield Reporting(_lines(), lambda answers: None)
        return
    from rich import progress as rich_progress

    from whenabouts.cli.console import Console

    bars = rich_progress.Progress(
        rich_progress.TextColumn("{task.description}"),
        rich_progress.BarColumn(),
        rich_progress.TextColumn("{task.percentage:>3.0f} %"),
        rich_progress.TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    tasks: dict[str, rich_progress.TaskID] = {}
    with bars:

        def report(what: str, fraction: float) -> None:
            if what not in tasks:
                for task in bars.tasks:
                    if task.finished:  # thousands of videos would fill the terminal
                        bars.remove_task(tasks.pop(task.fields["named"]))
                tasks[what] = bars.add_task(visible(translate(what)), total=1.0, named=what)
            bars.update(tasks[what], completed=fraction)

        said: set[str] = set()

        def early(answers: Sequence[Prediction]) -> None:
            from whenabouts.cli.tables import first_lines

            for line in first_lines(answers):
                if line not in said:
                    said.add(line)
                    bars.console.print(line, style="dim", markup=False, highlight=False)

        yield Reporting(report, early)


def _lines() -> Progress:
    """Prints what is being done at most twice a minute, so that a log of long work tells how far it is."""
    last = time.monotonic()

    def report(what: str, fraction: float) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= SELDOM:
            last = now
            print(f"{translate(what)}: {fraction:.0%}", file=sys.stderr, flush=True)

    return report
