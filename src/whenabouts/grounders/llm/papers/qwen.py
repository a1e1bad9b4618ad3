"""Qwen's vision-language models as they are, asked in TimeLens' words (arXiv:2409.12191, arXiv:2502.13923).

Qwen2-VL knows no absolute time and is told it in words; Qwen2.5-VL has it in the positions of its tokens; Qwen3-VL
and Qwen3.5 write the mean time of two frames before them.
"""

from __future__ import annotations

from whenabouts.grounders.llm.papers.timelens import QUESTION
from whenabouts.grounders.llm.prompting import Protocol
from whenabouts.grounders.llm.sampling import Sampling

__all__ = ["QWEN2_5_VL", "QWEN2_VL", "QWEN3_5", "QWEN3_VL"]

STAMP = "<{:.1f} seconds>"
SOURCE = "TimeLens' question without its prefix"
WIDE = Sampling(side=32, budget=14336, small=64)

QWEN2_VL = Protocol(
    name="qwen2-vl",
    title="Qwen2-VL",
    question=QUESTION,
    stamps="frames",
    stamp=STAMP,
    backbone="Qwen2-VL",
    checkpoints=("Qwen/Qwen2-VL-2B-Instruct", "Qwen/Qwen2-VL-7B-Instruct"),
    licence="Apache-2.0",
    paper="2409.12191",
    source="TimeLens' question; the model knows no absolute time, so it is told in words",
)
QWEN2_5_VL = Protocol(
    name="qwen2.5-vl",
    title="Qwen2.5-VL",
    question=QUESTION,
    sampling=Sampling(budget=14336),
    backbone="Qwen2.5-VL",
    checkpoints=tuple(f"Qwen/Qwen2.5-VL-{size}B-Instruct" for size in (3, 7, 32, 72)),
    licence="Apache-2.0; 3B research only, 72B Qwen licence (not confirmed)",
    paper="2502.13923",
    source=SOURCE,
    memory="7B: 15.4 GiB of weights in bf16",
    numbers="TimeLens-Bench R1@0.3/0.5/0.7/mIoU, 7B: Charades 59.7/37.8/16.6/39.3 (TimeLens)",
)
QWEN3_VL = Protocol(
    name="qwen3-vl",
    title="Qwen3-VL",
    question=QUESTION,
    stamps="pairs",
    stamp=STAMP,
    sampling=WIDE,
    backbone="Qwen3-VL",
    checkpoints=tuple(f"Qwen/Qwen3-VL-{size}B-Instruct" for size in (2, 4, 8, 32)),
    licence="Apache-2.0",
    source=SOURCE,
    memory="8B: 16.3 GiB of weights in bf16",
    numbers="TimeLens-Bench R1@0.3/0.5/0.7/mIoU, 8B: Charades 69.2/53.4/27.5/48.3 (TimeLens)",
)
QWEN3_5 = Protocol(
    name="qwen3.5",
    title="Qwen3.5",
    question=QUESTION,
    stamps="pairs",
    stamp=STAMP,
    sampling=WIDE,
    backbone="Qwen3.5",
    checkpoints=("Qwen/Qwen3.5-4B",),
    licence="Apache-2.0 (not confirmed)",
    source=SOURCE,
)
