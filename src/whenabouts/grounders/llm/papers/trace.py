"""TRACE (arXiv:2410.05643): events with their own vocabularies for times and scores; the head is in `systems.trace`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.prompting import Prompting
from whenabouts.grounders.llm.sampling import FrameRule, Shown

__all__ = ["TRACE", "Truncated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncated(FrameRule):
    """The same number of frames of any video, evenly from the first to the last, cut to whole numbers.

    side: pixels of the longer side of a frame, which the vision tower sees padded to a square
    """

    fps: float | None = None
    max_frames: int = 128
    side: int = 336

    def choose(self, frames: int, rate: float, width: int, height: int, first: int = 0) -> Shown:
        """Frames from the first to the last (`process_video`); of a short video some several times."""
        indices = (first + np.linspace(0, frames - 1, self.max_frames, dtype=int)).tolist()
        long = max(width, height)
        return Shown(indices, (max(1, self.side * width // long), max(1, self.side * height // long)))


TRACE = Paper(
    name="trace",
    title="TRACE",
    prompting=Prompting(
        question=(
            "Localize the visual content described by the given textual query '{}' in the video, and output the start "
            "and end timestamps in seconds."
        )
    ),
    sampling=Truncated(),
    arxiv="2410.05643",
    status="head",
    backbone="CLIP-L/336 and Mistral-7B (VideoLLaMA2)",
    checkpoints=("Yongxin-Guo/trace", "Yongxin-Guo/trace-uni"),
    licence="VideoLLaMA2's",
    source="the repository of TRACE",
    missing="loading its checkpoints",
    numbers="Charades-STA zero-shot R1@0.3/0.5/0.7 58.6/40.3/19.4, mIoU 38.7",
)
