"""UniTime (arXiv:2506.18883): a time before every two frames; long videos first coarsely, then finely."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.prompting import Prompting
from whenabouts.grounders.llm.published import Known
from whenabouts.grounders.llm.sampling import CLIP, PAIR, Coarse, Shown, TokenRule, evenly, resized
from whenabouts.rewards.evaluators import Windows, in_pairs
from whenabouts.rewards.parse import Parser

__all__ = ["UNITIME", "Budget", "read_evaluation"]

SCENE = "This is a sequence interleaved with timestamps and frames. "


def read_evaluation(text: str) -> Windows:
    """UniTime's evaluation: all numbers in pairs, through float32, an odd last one dropped; else [-1, -1]."""
    with np.errstate(over="ignore"):
        numbers = [float(str(np.float32(n))) for n in re.findall(r"\d+(?:\.\d+)?", text)]
    return in_pairs(numbers) or [[-1.0, -1.0]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget(TokenRule):
    """As many frames as the tokens allow at the size that `fps` frames per second would have (`fetch_video`).

    A short video is so shown more often than `fps`, a frame of it perhaps several times.

    coarse_tokens: tokens of a frame at least, where a long video is first shown coarsely
    coarse_steps:  pairs of frames of a long video at most, were they two frames per second
    """

    fps: float | None = 2.0
    max_frames: int = 32768  # a token each
    min_tokens: int = 128
    coarse_tokens: int = 16
    coarse_steps: int = 1024

    def choose(self, frames: int, rate: float, width: int, height: int, first: int = 0) -> Shown:
        """Frames evenly from the first to the last. Raises InputError."""
        least = self.min_tokens * self.token_side**2
        most = max(self._fitting(frames, rate), int(least * 1.05))
        size = resized(width, height, self.token_side, least, most)
        return Shown(evenly(first, first + frames - 1, self._count(size[0] * size[1])), size)

    def coarse(self, frames: int, rate: float, width: int, height: int) -> Coarse:
        """Clips of about 32 s, told by the middle of their first pair (`feature`, then `fetch_video`)."""
        least = self.coarse_tokens * self.token_side**2
        most = max(self._fitting(frames, rate), least)
        size = resized(width, height, self.token_side, least, most)
        every = evenly(0, frames - 1, self._count(least if most == least else size[0] * size[1]))
        fps = len(every) / frames * rate
        middles = [(a + b) // 2 for a, b in zip(every[::PAIR], every[1::PAIR], strict=True)]
        steps = list(range(middles.index(middles[-1]) + 1))
        if len(steps) > (bound := max(1, int(self.coarse_steps * fps / PAIR))):
            steps = evenly(0, len(steps) - 1, bound)
        clip = max(1, int(int(CLIP) * fps / PAIR))
        shown = [every[PAIR * step + k] for step in steps for k in range(PAIR)]
        return Coarse(shown, size, PAIR * clip, [middles[step] for step in steps[::clip]])

    def _fitting(self, frames: int, rate: float) -> float:
        """Pixels of a frame with which `fps` frames per second take all tokens, and no more than `max_tokens`."""
        count = max(PAIR, round(int(frames / rate * (self.fps or 0.0)) / PAIR) * PAIR)
        area = self.token_side**2
        return min(self.max_tokens * area, self.total_tokens * area / count * PAIR)

    def _count(self, pixels: int) -> int:
        """Frames of so many pixels that take all tokens."""
        pairs = self.total_tokens * self.token_side**2 // pixels
        return max(PAIR, min(pairs * PAIR, self.max_frames // PAIR * PAIR))


UNITIME = Paper(
    name="unitime",
    title="UniTime",
    prompting=Prompting(
        question=(
            f"{SCENE}Your task is to identify the temporal window (start and end timestamps) when the given query "
            "appears."
        ),
        coarse=f"{SCENE}Your task is to identify the specific timestamp(s) when the given query appears.",
        second="Query:{}\nAnswer: ",
        opens_turn=False,
        stamps="pairs",
        stamp="timestamp: {:.1f} seconds; feature: ",
        digits=1,
        absolute=True,
    ),
    sampling=Budget(),
    tokens=128,
    sets=True,
    longest=128.0,
    long="coarse-to-fine",
    parsers=(Parser("unitime", read_evaluation),),
    arxiv="2506.18883",
    backbone="Qwen2-VL",
    checkpoints=("zeqianli/UniTime",),
    licence="none stated",
    source="Lzq5/UniTime; the coarse pass shows frames as small as its features are shrunk to there",
    missing="its shrinking of features",
    memory="7B: 15.4 GiB of weights in bf16",
    protocol="unitime",
    known=(
        Known(
            "a query of QVHighlights has several moments: all that are predicted are held against all that are true, "
            "not the best pair",
            "Lzq5/UniTime#2",
        ),
    ),
)
