"""UniTime (arXiv:2506.18883): a time before every two frames; long videos first coarsely, then finely."""

from __future__ import annotations

import re

import numpy as np

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.prompting import Prompting
from whenabouts.grounders.llm.published import Known
from whenabouts.grounders.llm.sampling import Sampling
from whenabouts.rewards.evaluators import Windows, in_pairs
from whenabouts.rewards.parse import Parser

__all__ = ["UNITIME", "read_evaluation"]

SCENE = "This is a sequence interleaved with timestamps and frames. "


def read_evaluation(text: str) -> Windows:
    """UniTime's evaluation: all numbers in pairs, through float32, an odd last one dropped; else [-1, -1]."""
    with np.errstate(over="ignore"):
        numbers = [float(str(np.float32(n))) for n in re.findall(r"\d+(?:\.\d+)?", text)]
    return in_pairs(numbers) or [[-1.0, -1.0]]


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
    ),
    sampling=Sampling(max_frames=2048, total_tokens=16384),
    tokens=128,
    longest=128.0,
    long="coarse-to-fine",
    parsers=(Parser("unitime", read_evaluation),),
    arxiv="2506.18883",
    backbone="Qwen2-VL",
    checkpoints=("zeqianli/UniTime",),
    licence="none stated",
    source="Lzq5/UniTime; the coarse pass shows small frames here, shrunken features there",
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
