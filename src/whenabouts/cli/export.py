"""`whenabouts export PREDICTIONS --to FILE`: convert predictions into files of other programs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from whenabouts.language import translate


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
            help="File to write: .otio, .edl, .xml, .fcpxml, .vtt, .srt, .csv, .eaf … Repeatable.",
            show_default=False,
        ),
    ],
    format: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Name of the format; default: from the suffix.", show_default=False),
    ] = None,
    video: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Path of the video, if it differs from that in the file.", show_default=False
        ),
    ] = None,
    timecode: Annotated[
        str | None,
        typer.Option(
            metavar="HH:MM:SS:FF",
            help="Timecode of the first frame; a ; before FF is drop-frame. Default: the video's, else 01:00:00:00.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Convert the moments in PREDICTIONS for an editor, a player or an annotation tool.

    The frame rate and timecode are read from the video; moments are exact to half a frame. Files of other programs can
    be converted too, such as corrected.eaf into corrected.jsonl; name their video with --video.
    """
    from whenabouts.files.outputs import check_outputs
    from whenabouts.interchange.exchange import read_predictions, timeline_of
    from whenabouts.interchange.formats import write

    check_outputs(to, [predictions, video])
    answers = read_predictions(predictions, video=video)
    timeline = timeline_of(answers, video, timecode=timecode)
    for path in to:
        print(translate(f"wrote {write(answers, timeline, path, format=format)}"), file=sys.stderr)
