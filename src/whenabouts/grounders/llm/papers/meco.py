"""MeCo (arXiv:2503.09027): structural tokens matched with frames, no timestamps; its network is in `systems.meco`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.prompting import Prompting
from whenabouts.grounders.llm.published import Published
from whenabouts.grounders.llm.sampling import FrameRule, Shown

__all__ = ["MECO", "EverySecond"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EverySecond(FrameRule):
    """A frame at the start of every 1 / fps seconds; of a longer video than that allows, evenly among these.

    side: pixels of the shorter side of a frame, whose middle square the vision tower sees
    """

    fps: float | None = 1.0
    max_frames: int = 999
    side: int = 224

    @property
    def pixels(self) -> int:
        """Those of a frame."""
        return self.side**2

    def choose(self, frames: int, rate: float, width: int, height: int, first: int = 0) -> Shown:
        """Frames by number (`_load_video`)."""
        every = np.arange(0, frames, rate / (self.fps or 1.0)).round().astype(int).clip(0, frames - 1)
        if len(every) > self.max_frames:
            every = every[np.linspace(0, len(every) - 1, self.max_frames).round().astype(int)]
        short = min(width, height)
        return Shown((first + every).tolist(), (self.side * width // short, self.side * height // short))


MECO = Paper(
    name="meco",
    title="MeCo",
    prompting=Prompting(
        question=(
            "You are given a video about daily activities. Watch the video carefully and find the visual event "
            "described by the sentence: '{}'. Provide a detailed description of the event."
        )
    ),
    sampling=EverySecond(),
    tokens=500,
    temperature=0.2,
    arxiv="2503.09027",
    status="system",
    backbone="EVA-ViT-G, Q-Former and Phi-3-mini or MiniCPM-V-2.6's Qwen2",
    licence="none stated",
    source="pangzss/MeCo",
    missing="checkpoints: none were released; a folder that its training leaves loads",
    protocol="qvhighlights",
    published=(
        Published(
            "MeCo (Qwen2-VL-7B)",
            "qvhighlights",
            "",
            "fine-tuned",
            {"MR-full-mAP": 45.3, "HL-min-VeryGood-Hit1": 75.1},
            "qvhighlights",
            "notes of a course; not found in its repository",
            "no",
        ),
    ),
)
