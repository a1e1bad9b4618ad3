"""`Export`: predictions as files of other programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from whenabouts.commands.command import Command
from whenabouts.interchange.only import Only

__all__ = ["Export"]


class Export(Command):
    """How predictions are written for editors, players and annotation programs."""

    only: Only | None = Field(
        None,
        description="Moments to write: likely leaves out what is probably not in the video, confirmed takes what a "
        "person marked. Default: likely, and all in the formats json, qvhighlights and tal.",
    )
    format: str | None = Field(None, description="Name of the format; default: from the suffix.")
    timecode: str | None = Field(
        None,
        description="Timecode HH:MM:SS:FF of the first frame; a ; before FF is drop-frame. Default: the video's, else "
        "01:00:00:00.",
    )

    def run(self, predictions: Path, to: Sequence[Path], *, video: Path | None = None) -> list[Path]:
        """Write each file of `to`, and return their paths.

        predictions: a file in any format that can be read
        video:       its video, if it differs from that in the file

        Raises InputError, AnnotationError, VideoError, MissingExtra.
        """
        from whenabouts.files.outputs import check_outputs
        from whenabouts.interchange.exchange import read_predictions, timeline_of
        from whenabouts.interchange.formats import write

        check_outputs(to, [predictions, video])
        answers = read_predictions(predictions, video=video)
        timeline = timeline_of(answers, video, timecode=self.timecode)
        return [write(answers, timeline, path, format=self.format, only=self.only) for path in to]
