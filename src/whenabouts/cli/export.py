"""`whenabouts export ANSWERS --to FILE`: answers as another program's file, and from one into another."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def export(
    answers: Annotated[
        Path,
        typer.Argument(help="What `find --json` printed, or a file of any format that is read.", show_default=False),
    ],
    to: Annotated[
        list[Path],
        typer.Option(
            metavar="FILE",
            help="Where to write: .otio, .edl, .xml, .fcpxml, .vtt, .srt, .csv, .eaf … Repeat for several.",
            show_default=False,
        ),
    ],
    format: Annotated[
        str | None, typer.Option(help="The format's name, where the file's ending does not tell.", show_default=False)
    ] = None,
    video: Annotated[
        Path | None, typer.Option(help="The video, where it is no longer where the answers say.", show_default=False)
    ] = None,
    timecode: Annotated[
        str | None,
        typer.Option(
            metavar="HH:MM:SS:FF",
            help="Of the first picture, with ; before FF for drop-frame. Default: the video's own, else 01:00:00:00.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Write the moments in ANSWERS for an editor, a player or an annotation program.

    The video is opened for its frame rate and its timecode; moments lie within half a frame. A file that another
    program wrote is taken too, so that corrected.eaf can become corrected.jsonl; name its video with --video.
    """
    from whenabouts.interchange.exchange import read_predictions, timeline_of
    from whenabouts.interchange.formats import write

    predictions = read_predictions(answers, video=video)
    timeline = timeline_of(predictions, video, timecode=timecode)
    for path in to:
        print(f"wrote {write(predictions, timeline, path, format=format)}", file=sys.stderr)
