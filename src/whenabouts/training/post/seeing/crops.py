"""The crop tool of an agent that looks again: part of the video, closer, as VideoTemp-o3 does (arXiv:2602.07801).

TRL builds one environment per rollout, offers `crop` to the model and keeps what it shows out of the loss.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from whenabouts.errors import InputError
from whenabouts.grounders.llm.recipe import GRPO
from whenabouts.grounders.llm.sampling import Sampling
from whenabouts.training.post.seeing.clip import Clip

__all__ = ["CLIP", "CropEnvironment"]

CLIP = "clip"  # the kind of a part of a message that holds one
FRAMES = 16  # of one crop, however long it is


class CropEnvironment:
    """A rollout's view of its video: a path relative to `folder`.

    sampling: how frames are shown as video; None shows them as images, for models that see no video
    """

    def __init__(self, recipe: GRPO, folder: Path = Path(), sampling: Sampling | None = None) -> None:
        self._recipe, self._folder, self._sampling = recipe, folder, sampling
        self._video, self._duration, self._left = "", 0.0, 0

    def reset(self, *, video: str, duration: float, **row: Any) -> None:
        """Start a rollout on the video of a row."""
        self._video, self._duration, self._left = video, duration, self._recipe.crops

    def crop(self, start: float, end: float) -> list[dict[str, Any]]:
        """Look closer at a part of the video.

        Args:
            start: The first second to show.
            end: The second to stop at.

        Returns:
            Frames of that part, each after its time.

        """
        from PIL import Image

        from whenabouts.video import Video

        if self._left == 0:
            raise InputError("no more crops; answer now")
        if not 0 <= start < end:
            raise InputError(f"a crop needs 0 <= start < end, not {start} and {end}")
        self._left -= 1
        shown: list[dict[str, Any]] = []
        path = self._folder / self._video
        with Video(path) as video:
            if start >= video.duration:
                raise InputError(f"the video ends at {video.duration:.2f} s")
            rate = FRAMES / (min(end, video.duration) - start)
            if self._sampling is not None:
                closer = replace(self._sampling, fps=rate, max_frames=FRAMES)
                return [{"type": CLIP, CLIP: Clip.of_file(path, closer, (start, end)), "start": start}]
            for frame in list(video.sample(rate, start=start, end=end))[:FRAMES]:
                shown.append({"type": "text", "text": self._recipe.stamp.format(frame.time)})
                shown.append({"type": "image", "image": Image.fromarray(frame.image)})
        return shown
