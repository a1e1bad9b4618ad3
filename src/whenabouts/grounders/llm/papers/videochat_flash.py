"""VideoChat-Flash (arXiv:2501.00574), asked in TimeChat's words."""

from __future__ import annotations

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.prompting import Prompting
from whenabouts.grounders.llm.published import Published, recall
from whenabouts.grounders.llm.sampling import Sampling
from whenabouts.rewards.evaluators import Windows, timechat_rules
from whenabouts.rewards.parse import Parser

__all__ = ["QUESTION", "VIDEOCHAT_FLASH"]

_README = ("timesuite", "README of xiaomi-research/time-r1, which quotes it")

QUESTION = (  # "seonds" is the original's
    "Please find the visual event described by a sentence in the video, determining its starting and ending times. "
    "The format should be: 'The event happens in the start time - end time'. For example, The event 'person turn a "
    "light on' happens in the 24.3 - 30.4 seonds. Now I will give you the textual sentence: {}. Please return its "
    "start time and end time."
)


def read_evaluation(text: str) -> Windows:
    """VideoChat-Flash's evaluation, after TimeChat: "to" becomes "-"; the first range, sorted."""
    return timechat_rules(text, dashes=True)


VIDEOCHAT_FLASH = Paper(
    name="videochat-flash",
    title="VideoChat-Flash",
    prompting=Prompting(question=QUESTION),
    sampling=Sampling(fps=1.0, max_frames=512),
    tokens=50,
    parsers=(Parser("videochat-flash", read_evaluation),),
    arxiv="2501.00574",
    status="served",
    backbone="UMT-L and Qwen2, code in the checkpoint",
    checkpoints=("OpenGVLab/VideoChat-Flash-Qwen2-7B_res448",),
    licence="MIT (code)",
    source="OpenGVLab/VideoChat-Flash; the rate of frames is not confirmed",
    missing="its vision tower: code in the checkpoint",
    protocol="timesuite",
    published=(
        Published("VideoChat-Flash-7B", "charades-sta", "test", "zero-shot", recall(74.5, 53.1, 27.6), *_README),
        Published("VideoChat-Flash", "tvgbench", "test", "zero-shot", recall(32.8, 19.8, 10.4), *_README),
    ),
)
