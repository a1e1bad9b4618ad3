"""`whenabouts export ANSWERS.json --to FILE`: answers as another program's file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from whenabouts.errors import InputError


def export(
    answers: Annotated[Path, typer.Argument(help="What `find --json` printed.", show_default=False)],
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
        Path | None, typer.Option(help="The film, where it is no longer where the answers say.", show_default=False)
    ] = None,
    timecode: Annotated[
        str | None,
        typer.Option(
            metavar="HH:MM:SS:FF",
            help="Of the first picture, with ; before FF for drop-frame. Default: the film's own, else 01:00:00:00.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Write the moments in ANSWERS for an editor, a player or an annotation program.

    The film is opened for its frame rate and its timecode; moments lie within half a frame.
    """
    from whenabouts import open_video
    from whenabouts.interchange.formats import write
    from whenabouts.interchange.formats.own import read_predictions
    from whenabouts.interchange.timeline import Timeline

    predictions = read_predictions(answers)
    films = {prediction.video for prediction in predictions}
    if len(films) > 1:
        raise InputError(f"{answers} is about {len(films)} films; export the answers of one film at a time")
    film = video or next((Path(name) for name in films if name), None)
    if film is None:
        raise InputError(f"{answers} names no film; name it with --video")
    with open_video(film) as opened:
        timeline = Timeline.of(opened, timecode=timecode)
    for path in to:
        print(f"wrote {write(predictions, timeline, path, format=format)}", file=sys.stderr)
