"""TRACE (arXiv:2410.05643): events with vocabularies of their own for times and scores; `systems.trace` answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.prompting import Prompting
from whenabouts.grounders.llm.published import Known, Published, recall
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

    @property
    def pixels(self) -> int:
        """Those of a frame."""
        return self.side**2

    def choose(self, frames: int, rate: float, width: int, height: int, first: int = 0) -> Shown:
        """Frames from the first to the last (`process_video`); of a short video some several times."""
        indices = (first + np.linspace(0, frames - 1, self.max_frames, dtype=int)).tolist()
        long = max(width, height)
        return Shown(indices, (max(1, self.side * width // long), max(1, self.side * height // long)))


SYSTEM = (  # Llama 2's, as the authors' `conversation.py` has it
    "You are a helpful, respectful and honest assistant. Always answer as helpfully as possible, while being safe.  "
    "Your answers should not include any harmful, unethical, racist, sexist, toxic, dangerous, or illegal content. "
    "Please ensure that your responses are socially unbiased and positive in nature.\n\n"
    "If a question does not make any sense, or is not factually coherent, explain why instead of answering something "
    "not correct. If you don't know the answer to a question, please don't share false information."
)
_README = ("trace", "README of gyxxyg/TRACE")
_HIGHLIGHTS = ("qvhighlights", "README of gyxxyg/TRACE")


def _highlights(average: float, hit: float) -> dict[str, float]:
    """Scores of highlight detection on QVHighlights: mAP and HIT@1 of the clips that all rate very good."""
    return {"HL-min-VeryGood-mAP": average, "HL-min-VeryGood-Hit1": hit}


TRACE = Paper(
    name="trace",
    title="TRACE",
    prompting=Prompting(
        question=(
            "Localize the visual content described by the given textual query '{}' in the video, and output the start "
            "and end timestamps in seconds."
        ),
        system=SYSTEM,
    ),
    sampling=Truncated(),
    arxiv="2410.05643",
    status="system",
    backbone="CLIP-L/336 and Mistral-7B (VideoLLaMA2)",
    checkpoints=(
        "Yongxin-Guo/trace",
        "Yongxin-Guo/trace-uni",
        "Yongxin-Guo/trace-retrieval",
        "Yongxin-Guo/trace-ft-charades",
        "Yongxin-Guo/trace-ft-qvhighlights",
        "Yongxin-Guo/trace-ft-youcook2",
    ),
    licence="VideoLLaMA2's",
    memory="15 GB of weights in float16, 30 GB on a CPU in float32",
    source="gyxxyg/TRACE",
    missing="a run on its published weights",
    protocol="trace",
    published=(
        Published("TRACE", "charades-sta", "test", "zero-shot", recall(58.6, 40.3, 19.4, miou=38.7), *_README),
        Published(
            "TRACE-retrieval", "charades-sta", "test", "zero-shot", recall(57.9, 37.4, 17.3, miou=37.4), *_README
        ),
        Published("TRACE-uni", "charades-sta", "test", "zero-shot", recall(63.7, 43.7, 21.0, miou=41.5), *_README),
        Published(
            "TRACE",
            "activitynet-captions",
            "",
            "in-domain (not zero-shot)",
            recall(54.0, 37.7, 24.0, miou=39.0),
            *_README,
        ),
        Published(
            "TRACE-retrieval",
            "activitynet-captions",
            "",
            "in-domain (not zero-shot)",
            recall(54.4, 39.8, 24.9, miou=40.2),
            *_README,
        ),
        Published(
            "TRACE-uni",
            "activitynet-captions",
            "",
            "in-domain (not zero-shot)",
            recall(53.2, 38.2, 24.7, miou=39.4),
            *_README,
        ),
        Published("TRACE", "qvhighlights", "val", "zero-shot", _highlights(26.8, 42.7), *_HIGHLIGHTS),
        Published("TRACE-retrieval", "qvhighlights", "val", "zero-shot", _highlights(27.9, 44.3), *_HIGHLIGHTS),
        Published("TRACE-uni", "qvhighlights", "val", "zero-shot", _highlights(27.5, 43.9), *_HIGHLIGHTS),
        Published(
            "TRACE",
            "tvgbench",
            "test",
            "zero-shot",
            recall(37.0, 25.5, 14.6),
            "time-r1-final",
            "README of xiaomi-research/time-r1",
        ),
    ),
    known=(
        Known("its evaluation fails with newer transformers; its authors name 4.40.1", "gyxxyg/TRACE#3"),
        Known("trace-ft-youcook2 gave about what trace-uni gives (F1 18.5 where the paper has 31.8)", "gyxxyg/TRACE#8"),
    ),
)
