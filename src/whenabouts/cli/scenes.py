"""`whenabouts scenes VIDEO`: its shots as a list, and as a contact sheet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from whenabouts.cli.handed import tell
from whenabouts.cli.isolation import Limits, Trusted, reading
from whenabouts.cli.options import takes
from whenabouts.cli.progress import progress
from whenabouts.cli.terminal import json_text
from whenabouts.commands.scenes import Scenes
from whenabouts.language import translate

if TYPE_CHECKING:
    from whenabouts.interchange.scenes import Scene, SceneList


@takes(Scenes)
def scenes(
    video: Annotated[Path, typer.Argument(metavar="VIDEO", help="A local video file.", show_default=False)],
    command: Scenes,
    to: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="File to write: a contact sheet (.html, .pdf), or a format of `export`. Repeatable.",
            show_default=False,
        ),
    ] = None,
    answers: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="List the moments of this output of `find --json` instead.", show_default=False
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the shots as JSON.")] = False,
    trusted: Trusted = False,
    limits: Limits = None,
) -> None:
    """List the shots of VIDEO between hard cuts, exact to the frame, and write a contact sheet of them.

    Every picture is looked at once; what was found is kept for the next time.
    """
    from whenabouts.interchange.exchange import read_predictions

    found = None if answers is None else read_predictions(answers, video=video)
    with reading(limits, trusted=trusted), command.open(video) as opened, progress() as bar:
        listed = command.run(opened, to or (), answers=found, progress=bar)
    tell(to or (), listed.notes)
    if as_json:
        print(json_text([_row(scene) for scene in listed.scenes], indent=2))
    elif not to:
        _print(listed)


def _row(scene: Scene) -> dict[str, Any]:
    first, end = scene.timecode
    row = {"number": scene.number, "start": scene.moment.start, "end": scene.moment.end, "frames": scene.frames}
    return row | {"timecode": [first, end]} | ({"name": scene.name} if scene.name else {})


def _print(listed: SceneList) -> None:
    from rich.markup import escape
    from rich.table import Table

    from whenabouts.cli.console import Console

    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("number", "start", "end", "length"):
        table.add_column(translate(name), justify="right", no_wrap=True)
    for scene in listed.scenes:
        table.add_row(str(scene.number), *map(escape, (*scene.timecode, scene.length)))
    Console().print(table)
