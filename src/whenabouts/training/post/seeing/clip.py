"""`Clip`: what a model is shown of a video, decoded when it is looked at."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from whenabouts.grounders.llm.conversation import Frames
from whenabouts.grounders.llm.sampling import Sampling
from whenabouts.grounders.llm.shown import pictures, planned
from whenabouts.video import Video

__all__ = ["Clip"]

GREY = 128


@dataclass(frozen=True)
class Clip:
    """Frames of a video with their times.

    key: tells it from others: clips of one key show the same
    """

    key: Hashable
    load: Callable[[], Frames] = field(compare=False, repr=False)

    @classmethod
    def of_file(
        cls, path: Path, sampling: Sampling, stretch: tuple[float, float] | None = None, *, sized: bool = True
    ) -> Clip:
        """The frames that `sampling` chooses of a stretch of a file, in seconds; None is all of it.

        sized: as large as `sampling` says; else as large as they are

        Looking raises VideoError, InputError.
        """

        def load() -> Frames:
            with Video(path) as video:
                start, end = stretch or (0.0, video.duration)
                plan = planned(video, sampling, (start, min(end, video.duration)))
                size = plan.size if sized else (video.probe.width, video.probe.height)
                return Frames(*pictures(video, plan.indices, start, size), plan.fps)

        return cls((path, sampling, stretch, sized), load)

    @classmethod
    def of_frames(cls, key: Hashable, frames: Frames) -> Clip:
        """Frames that are in memory."""
        return cls(key, lambda: frames)

    def frames(self) -> Frames:
        """The frames themselves; those of the last few clips are kept."""
        return _decoded(self)

    def blanked(self) -> Clip:
        """The same with every picture grey."""

        def load() -> Frames:
            frames = self.frames()
            return replace(frames, images=tuple(np.full_like(image, GREY) for image in frames.images))

        return Clip((self.key, "blanked"), load)


@lru_cache(maxsize=16)
def _decoded(clip: Clip) -> Frames:
    return clip.load()
