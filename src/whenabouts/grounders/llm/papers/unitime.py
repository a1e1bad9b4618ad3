"""UniTime (arXiv:2506.18883): time in words before every two frames; long videos first roughly, then finely."""

from __future__ import annotations

from whenabouts.grounders.llm.prompting import Protocol
from whenabouts.grounders.llm.sampling import Sampling

__all__ = ["UNITIME"]

SCENE = "This is a sequence interleaved with timestamps and frames. "

UNITIME = Protocol(
    name="unitime",
    title="UniTime",
    question=(
        f"{SCENE}Your task is to identify the temporal window (start and end timestamps) when the given query appears."
    ),
    coarse=f"{SCENE}Your task is to identify the specific timestamp(s) when the given query appears.",
    second="Query:{}\nAnswer: ",
    opened=False,
    stamps="pairs",
    stamp="timestamp: {:.1f} seconds; feature: ",
    parser="unitime",
    tokens=128,
    longest=128.0,
    long="coarse-to-fine",
    sampling=Sampling(most=2048, budget=16384),
    backbone="Qwen2-VL",
    checkpoints=("zeqianli/UniTime",),
    licence="none stated",
    paper="2506.18883",
    source="Lzq5/UniTime; the rough pass shows small frames here, shrunken features there",
)
