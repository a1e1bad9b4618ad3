"""VideoChat-Flash (arXiv:2501.00574), asked in TimeChat's words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.prompting import Prompting
from whenabouts.grounders.llm.published import Published, recall
from whenabouts.grounders.llm.sampling import FrameRule, Shown
from whenabouts.rewards.evaluators import Windows, timechat_rules
from whenabouts.rewards.parse import Parser

__all__ = ["QUESTION", "TVGBENCH", "VIDEOCHAT_FLASH", "Middles"]

_README = ("timesuite", "README of xiaomi-research/time-r1, which quotes it")
TVGBENCH = ("time-r1-final", "README of xiaomi-research/time-r1")  # whose authors ran the others on it

TOLD = "\nThe video lasts for {duration:.2f} seconds, and {count} frames are uniformly sampled from it. "
QUESTION = (  # "seonds" is the original's
    "Please find the visual event described by a sentence in the video, determining its starting and ending times. "
    "The format should be: 'The event happens in the start time - end time'. For example, The event 'person turn a "
    "light on' happens in the 24.3 - 30.4 seonds. Now I will give you the textual sentence: {}. Please return its "
    "start time and end time."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Middles(FrameRule):
    """The middle of each of as many equal intervals as the video has seconds, in whole groups (`get_frame_indices`).

    min_frames: how many at least, of a video that has as many
    group:      frames that the vision tower sees together
    side:       pixels of the sides of a frame, which is squeezed to a square
    """

    fps: float | None = 1.0
    max_frames: int = 512
    min_frames: int = 64
    group: int = 4
    side: int = 448

    @property
    def pixels(self) -> int:
        """Those of a frame."""
        return self.side**2

    def choose(self, frames: int, rate: float, width: int, height: int, first: int = 0) -> Shown:
        """Frames of the middles; the last is repeated where a very short video has fewer than a group."""
        least = self.min_frames if self.min_frames <= frames else frames // self.group * self.group
        seconds = frames / rate * (self.fps or 0.0)
        wanted = self.group * max(1, int(seconds // self.group))
        count = max(min(least, self.max_frames), min(wanted, self.max_frames))
        edges = np.linspace(0, frames, min(count, frames) + 1).astype(int)
        indices = (first + (edges[:-1] + edges[1:] - 1) // 2).tolist()
        return Shown(indices + indices[-1:] * (count - len(indices)), (self.side, self.side))


def read_evaluation(text: str) -> Windows:
    """VideoChat-Flash's evaluation, after TimeChat: "to" becomes "-"; the first range, sorted."""
    return timechat_rules(text, dashes=True)


VIDEOCHAT_FLASH = Paper(
    name="videochat-flash",
    title="VideoChat-Flash",
    prompting=Prompting(question=f"{TOLD}{QUESTION}", stamps="even"),
    sampling=Middles(),
    tokens=50,
    parsers=(Parser("videochat-flash", read_evaluation),),
    arxiv="2501.00574",
    status="served",
    backbone="UMT-L and Qwen2, code in the checkpoint",
    checkpoints=("OpenGVLab/VideoChat-Flash-Qwen2-7B_res448",),
    licence="MIT (code)",
    source="OpenGVLab/VideoChat-Flash: its training; how its checkpoint asks is code on the hub and is not confirmed",
    missing="its vision tower: code in the checkpoint",
    protocol="timesuite",
    published=(
        Published(
            "VideoChat-Flash-7B", "charades-sta", "test", "zero-shot", recall(74.5, 53.1, 27.6), *_README, quoted=True
        ),
        Published("VideoChat-Flash", "tvgbench", "test", "zero-shot", recall(32.8, 19.8, 10.4), *TVGBENCH),
    ),
)
