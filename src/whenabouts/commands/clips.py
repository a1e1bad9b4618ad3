"""`Clips`: every moment of answers as a video file of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from whenabouts.commands.choices import ONLY
from whenabouts.commands.command import QUERY_ERROR, Command
from whenabouts.errors import InputError
from whenabouts.interchange.only import Only

if TYPE_CHECKING:
    from whenabouts.prediction import Prediction
    from whenabouts.video import Video

__all__ = ["ClipTemplate", "Clips"]


def _checked(template: str) -> str:
    from whenabouts.interchange.clip_names import checked_template

    try:
        return checked_template(template)
    except InputError as error:
        raise PydanticCustomError(QUERY_ERROR, "{sentence}", {"sentence": str(error)}) from None


ClipTemplate = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_checked)]


class Clips(Command):
    """Clips of all moments, exact to the frame."""

    name: ClipTemplate | None = Field(
        None,
        description="Template of file names, such as {video}_{number:03}_{query}_{start}; a wrong field lists all. "
        "Default: query, rank, times and an id.",
    )
    pad: float = Field(
        0.0, ge=0, le=3600, allow_inf_nan=False, description="Seconds before and after each moment, within the video."
    )
    smart: bool = Field(False, description="Encode only the edges of a clip and copy the rest; fast for long clips.")
    only: Only = Field("likely", description=ONLY)

    def run(self, answers: Sequence[Prediction], folder: Path, *, video: Path | None = None) -> list[Path]:
        """Write a clip of each moment into `folder`; returns the paths, video by video.

        video: path of the video of answers that name none

        Raises VideoError, InputError.
        """
        from whenabouts.interchange.selects import by_video
        from whenabouts.video import Video

        paths = []
        for path, predictions in by_video(answers, video).items():
            with Video(path) as opened:
                paths += self.of_video(predictions, opened, folder)
        return paths

    def of_video(self, answers: Sequence[Prediction], video: Video, folder: Path) -> list[Path]:
        """The same of one video that is open."""
        from whenabouts.interchange.clips import write_clips

        return write_clips(answers, video, folder, pad=self.pad, smart=self.smart, name=self.name, only=self.only)
