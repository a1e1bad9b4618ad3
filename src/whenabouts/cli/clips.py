"""`whenabouts clips ANSWERS… --to DIR`: moments as files of their own; and how clips are told, by `find` too."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from whenabouts.cli.handed import Answers, OfVideo, answers_in, tell
from whenabouts.cli.options import takes
from whenabouts.commands.clips import Clips
from whenabouts.interchange.only import Only
from whenabouts.language import translate
from whenabouts.prediction import Prediction

__all__ = ["ClipName", "clips", "print_clips"]

ClipName = Annotated[
    str | None,
    typer.Option("--name", metavar="TEMPLATE", help=Clips.model_fields["name"].description, show_default=False),
]


@takes(Clips)
def clips(
    answers: Answers,
    command: Clips,
    to: Annotated[Path, typer.Option(metavar="DIR", help="Directory of the clips.", show_default=False)],
    video: OfVideo = None,
) -> None:
    """Cut every moment of ANSWERS into a file of its own, exact to the frame.

    By default what is probably not in a video gives no clip.
    """
    from whenabouts.files.outputs import check_outputs

    check_outputs([], [], folders=[to])
    found = answers_in(answers, video)
    print_clips(command.run(found, to, video=video), found, command.only)


def print_clips(paths: Iterable[Path], answers: Iterable[Prediction], only: Only) -> None:
    """Tell which clips were written, and which queries gave none."""
    tell(paths)
    for each in answers:
        if only == "likely" and each.status == "unlikely":
            print(translate(f"no clip of “{each.query}”: it is probably not in this video"), file=sys.stderr)
