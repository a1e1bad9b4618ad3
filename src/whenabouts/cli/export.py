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

    The film is opened for its frame rate and its timecode; moments lie within half a frame. A file that another
    program wrote is taken too, so that corrected.eaf can become corrected.jsonl; name its film with --video.
    """
    from whenabouts import Prediction, open_video
    from whenabouts.interchange.formats import FORMATS, chosen, read, write
    from whenabouts.interchange.formats.own import read_predictions
    from whenabouts.interchange.timeline import Timeline

    own = chosen(answers) is FORMATS["json"]
    predictions = read_predictions(answers) if own else []
    film = video or next((Path(each.video) for each in predictions if each.video), None)
    if film is None:
        raise InputError(f"{answers} names no film; name it with --video")
    with open_video(film) as opened:
        timeline = Timeline.of(opened, timecode=timecode)
    if not own:
        predictions = [
            Prediction(each.query, each.moments, timeline.duration, video=each.video)
            for each in read(answers, timeline)
        ]
    films = {prediction.video for prediction in predictions}
    if len(films) > 1:
        raise InputError(f"{answers} is about {len(films)} films; export the answers of one film at a time")
    begins = max((moment.start for each in predictions for moment in each.moments), default=0.0)
    if begins > timeline.duration:
        told = f"{answers} has a moment at {begins:g} s, but {film} ends at {timeline.duration:g} s"
        raise InputError(f"{told}; name the film of these answers with --video")
    for path in to:
        print(f"wrote {write(predictions, timeline, path, format=format)}", file=sys.stderr)
