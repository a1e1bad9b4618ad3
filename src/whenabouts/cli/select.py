"""`whenabouts select VIDEO QUERY`: which frames a selector shows."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from whenabouts.cli.options import takes
from whenabouts.cli.progress import progress
from whenabouts.cli.tables import clock
from whenabouts.cli.terminal import json_text, visible
from whenabouts.commands.select import Select
from whenabouts.language import translate

if TYPE_CHECKING:
    from whenabouts.selection import Selection


@takes(Select, arguments=["query"])
def select(
    video: Annotated[Path, typer.Argument(metavar="VIDEO", help="A local video file.", show_default=False)],
    command: Select,
    as_json: Annotated[bool, typer.Option("--json", help="Print the selection as JSON.")] = False,
) -> None:
    """Choose frames of VIDEO for QUERY, as `find --select` shows them to a model.

    Prints the true times of the frames and, of a selector that looks at them, their scores.
    """
    with command.open(video) as opened, progress() as bar:
        selection = command.run(opened, progress=bar)
    if command.out is not None:
        print(translate(f"wrote {command.out}"), file=sys.stderr)
    if as_json:
        print(json_text(asdict(selection), indent=2))
    else:
        _print(selection)


def _print(selection: Selection) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    from whenabouts.cli.console import Console

    console = Console()
    table = Table(box=SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False)
    table.title = f"“{escape(visible(selection.query))}”  {escape(selection.selector)}"
    for name in ("time", "seconds", "score")[: 3 if selection.scores else 2]:
        table.add_column(translate(name), justify="right", no_wrap=True)
    for number, time in enumerate(selection.times):
        score = [f"{selection.scores[number]:.3f}"] if selection.scores else []
        table.add_row(clock(time), f"{time:.3f}", *score)
    console.print(table)
    counted = f"{len(selection.times)} frames chosen, {selection.looked} looked at"
    console.print(translate(counted) + "\n")
    for note in selection.notes:
        console.print(f"{translate('note')}: {escape(visible(translate(note)))}\n")
