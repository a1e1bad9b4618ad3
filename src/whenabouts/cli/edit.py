"""`whenabouts edit VIDEO EDIT… --out FILE`: counterfactual and degraded videos, with their annotations."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from whenabouts.cli.options import takes
from whenabouts.cli.progress import progress
from whenabouts.commands.edit import EditVideo
from whenabouts.language import translate


@takes(EditVideo, arguments=["edits"])
def edit(
    video: Annotated[Path, typer.Argument(metavar="VIDEO", help="A local video file.", show_default=False)],
    command: EditVideo,
    out: Annotated[
        Path, typer.Option(metavar="FILE", help="Video to write: .mp4, .m4v, .mov or .mkv.", show_default=False)
    ],
    time_map: Annotated[
        Path | None,
        typer.Option("--map", metavar="FILE", help="Write where each stretch went, as JSON.", show_default=False),
    ] = None,
    annotations: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Annotations of the video, as .jsonl; written beside the edited one at their new times.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Write VIDEO as it is after each EDIT, in their order: to see whether answers change as they must.

    Times are seconds of what the edit before left. Pictures, sound and subtitles move alike.
    """
    with progress() as bar:
        written = command.run(video, out, time_map=time_map, annotations=annotations, progress=bar)
    for path in written:
        print(translate(f"wrote {path}"), file=sys.stderr)
