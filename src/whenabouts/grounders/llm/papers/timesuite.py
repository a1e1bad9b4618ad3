"""TimeSuite's VideoChat-T (arXiv:2410.19702): the times of its frames as one list, and TimeChat's words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.papers.videochat_flash import QUESTION, TVGBENCH
from whenabouts.grounders.llm.prompting import Prompting
from whenabouts.grounders.llm.published import Published, recall
from whenabouts.grounders.llm.sampling import FrameRule, Shown
from whenabouts.rewards.evaluators import Windows, timechat_rules
from whenabouts.rewards.parse import Parser

__all__ = ["TIMESUITE", "Segments"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments(FrameRule):
    """The same number of frames of any video, one for each of as many equal segments (`get_index`).

    side: pixels of the shorter side of a frame, whose middle square the vision tower sees
    """

    fps: float | None = None
    max_frames: int = 128
    side: int = 224

    @property
    def pixels(self) -> int:
        """Those of a frame."""
        return self.side**2

    def choose(self, frames: int, rate: float, width: int, height: int, first: int = 0) -> Shown:
        """Frames at the distance of a segment, the first at half of one; of a short video some several times."""
        segment = (frames - 1) / self.max_frames
        half = int(segment / 2)
        indices = [first + min(half + int(k), frames - 1) for k in np.round(segment * np.arange(self.max_frames))]
        short = min(width, height)
        return Shown(indices, (self.side * width // short, self.side * height // short))


SYSTEM = (
    "You are able to understand the visual content that the user provides. Follow the instructions carefully and "
    "explain your answers in detail. "
)


def without_dots(query: str) -> str:
    """A query without the full stops around it.

    >>> without_dots("person opens a door.")
    'person opens a door'
    """
    return query.strip(".")


_README = ("timesuite", "README of xiaomi-research/time-r1, which quotes it")


def read_evaluation(text: str) -> Windows:
    """TimeSuite's `format_tvg.py`, after TimeChat: as VideoChat-Flash's, with "to" left alone."""
    return timechat_rules(text, dashes=False)


TIMESUITE = Paper(
    name="timesuite",
    title="TimeSuite (VideoChat-T)",
    prompting=Prompting(
        system=SYSTEM,
        question="",
        second=f"The video contains {{count}} frames sampled at {{times}} seconds. {QUESTION}",
        stamps="list",
        clean_query=without_dots,
    ),
    sampling=Segments(),
    tokens=512,
    parsers=(Parser("timesuite", read_evaluation),),
    arxiv="2410.19702",
    status="system",
    backbone="UMT-L, Q-Former and Mistral-7B",
    checkpoints=("Lanxingxuan/TimeSuite",),
    licence="none stated",
    source="the name of the data set that its question has room for is left out",
    memory="15.5 GiB of weights, the language model in fp16",
    protocol="timesuite",
    published=(
        Published(
            "TimeSuite (VideoChat-T)",
            "charades-sta",
            "test",
            "zero-shot",
            recall(69.9, 48.7, 24.0),
            *_README,
            quoted=True,
        ),
        Published("TimeSuite", "charades-sta", "test", "fine-tuned", recall(79.4, 67.1, 43.0), *_README, quoted=True),
        Published("TimeSuite", "tvgbench", "test", "zero-shot", recall(31.1, 18.0, 8.9), *TVGBENCH),
    ),
)
