"""`whenabouts export ANSWERS --to FILE`: answers as another program's file, and from one into another."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from whenabouts.errors import InputError


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
    from whenabouts import Prediction, open_video
    from whenabouts.interchange.formats import FORMATS, format_of, read, write
    from whenabouts.interchange.formats.own import read_predictions
    from whenabouts.interchange.timeline import Timeline

    own = format_of(answers) is FORMATS["json"]
    predictions = read_predictions(answers) if own else []
    path = video or next((Path(each.video) for each in predictions if each.video), None)
    if path is None:
        raise InputError(f"{answers} names no video; name it with --video")
    with open_video(path) as opened:
        timeline = Timeline.of(opened, timecode=timecode)
    if not own:
        predictions = [
            Prediction(each.query, each.moments, timeline.duration, video=each.video)
            for each in read(answers, timeline)
        ]
    names = {prediction.video for prediction in predictions}
    if len(names) > 1:
        raise InputError(f"{answers} is about {len(names)} videos; export the answers of one video at a time")
    begins = max((moment.start for each in predictions for moment in each.moments), default=0.0)
    if begins > timeline.duration:
        told = f"{answers} has a moment at {begins:g} s, but {path} ends at {timeline.duration:g} s"
        raise InputError(f"{told}; name the video of these answers with --video")
    for path in to:
        print(f"wrote {write(predictions, timeline, path, format=format)}", file=sys.stderr)
