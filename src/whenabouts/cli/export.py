"""`whenabouts export PREDICTIONS --to FILE`: convert predictions into files of other programs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from whenabouts.cli.options import takes
from whenabouts.commands.export import Export
from whenabouts.language import translate


@takes(Export)
def export(
    predictions: Annotated[
        Path,
        typer.Argument(
            metavar="PREDICTIONS",
            help="Output of `find --json`, or a file in another format that can be read.",
            show_default=False,
        ),
    ],
    to: Annotated[
        list[Path],
        typer.Option(
            metavar="FILE",
            help="File to write: .otio, .edl, .xml, .fcpxml, .ale, .llc, .vtt, .srt, .csv, .eaf … Repeatable.",
            show_default=False,
        ),
    ],
    command: Export,
    video: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Path of the video, if it differs from that in the file.", show_default=False
        ),
    ] = None,
) -> None:
    """Convert the moments in PREDICTIONS for an editor, a player or an annotation tool.

    The frame rate and timecode are read from the video; moments are exact to half a frame. Files of other programs can
    be converted too, such as corrected.eaf into corrected.jsonl; name their video with --video.
    """
    for path in command.run(predictions, to, video=video):
        print(translate(f"wrote {path}"), file=sys.stderr)
