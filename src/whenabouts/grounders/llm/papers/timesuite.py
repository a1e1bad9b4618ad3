"""TimeSuite's VideoChat-T (arXiv:2410.19702): the times of its frames as one list, and TimeChat's words."""

from __future__ import annotations

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.papers.videochat_flash import QUESTION
from whenabouts.grounders.llm.prompting import Prompting
from whenabouts.grounders.llm.published import Published, recall
from whenabouts.grounders.llm.sampling import Sampling
from whenabouts.rewards.evaluators import Windows, timechat_rules
from whenabouts.rewards.parse import Parser

__all__ = ["TIMESUITE"]

_README = ("timesuite", "README of xiaomi-research/time-r1, which quotes it")


def read_evaluation(text: str) -> Windows:
    """TimeSuite's `format_tvg.py`, after TimeChat: as VideoChat-Flash's, with "to" left alone."""
    return timechat_rules(text, dashes=False)


TIMESUITE = Paper(
    name="timesuite",
    title="TimeSuite (VideoChat-T)",
    prompting=Prompting(
        prefix="The video contains {count} frames sampled at {times} seconds. ",
        stamps="list",
        question=QUESTION,
    ),
    sampling=Sampling(min_frames=128, max_frames=128),
    tokens=50,
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
        Published("TimeSuite (VideoChat-T)", "charades-sta", "test", "zero-shot", recall(69.9, 48.7, 24.0), *_README),
        Published("TimeSuite", "charades-sta", "test", "fine-tuned", recall(79.4, 67.1, 43.0), *_README),
        Published("TimeSuite", "tvgbench", "test", "zero-shot", recall(31.1, 18.0, 8.9), *_README),
    ),
)
