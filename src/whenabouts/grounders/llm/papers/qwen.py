"""Qwen's vision-language models as they are, asked in TimeLens' words (arXiv:2409.12191, arXiv:2502.13923).

Qwen2-VL knows no absolute time, so times are written before its frames; Qwen2.5-VL has them in the positions of its
tokens; Qwen3-VL and Qwen3.5 write the mean time of two frames before them.
"""

from __future__ import annotations

from dataclasses import replace

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.papers.timelens import PARSER, QUESTION
from whenabouts.grounders.llm.prompting import PLAIN_STAMP, Prompting
from whenabouts.grounders.llm.sampling import Sampling

__all__ = ["QWEN2_5_VL", "QWEN2_VL", "QWEN3_5", "QWEN3_VL"]

SOURCE = "TimeLens' question without its prefix"
IN_PAIRS = Prompting(question=QUESTION, stamps="pairs", stamp=PLAIN_STAMP, processor=True)
EVALUATED = Sampling(total_tokens=14336, min_tokens=64)  # as TimeLens' evaluation shows them
WIDE = replace(EVALUATED, token_side=32)

QWEN2_VL = Paper(
    name="qwen2-vl",
    title="Qwen2-VL",
    prompting=Prompting(question=QUESTION, stamps="frames", stamp=PLAIN_STAMP),
    sampling=EVALUATED,
    parsers=(PARSER,),
    arxiv="2409.12191",
    backbone="Qwen2-VL",
    checkpoints=("Qwen/Qwen2-VL-2B-Instruct", "Qwen/Qwen2-VL-7B-Instruct"),
    licence="Apache-2.0",
    source="TimeLens' question; the model knows no absolute time, so it is written before the frames",
)
QWEN2_5_VL = Paper(
    name="qwen2.5-vl",
    title="Qwen2.5-VL",
    prompting=Prompting(question=QUESTION),
    sampling=EVALUATED,
    parsers=(PARSER,),
    arxiv="2502.13923",
    backbone="Qwen2.5-VL",
    checkpoints=tuple(f"Qwen/Qwen2.5-VL-{size}B-Instruct" for size in (3, 7, 32, 72)),
    licence="Apache-2.0; 3B research only, 72B Qwen licence (not confirmed)",
    memory="7B: 15.4 GiB of weights in bf16",
    source=SOURCE,
    numbers="TimeLens-Bench R1@0.3/0.5/0.7/mIoU, 7B: Charades 59.7/37.8/16.6/39.3 (TimeLens)",
)
QWEN3_VL = Paper(
    name="qwen3-vl",
    title="Qwen3-VL",
    prompting=IN_PAIRS,
    sampling=WIDE,
    parsers=(PARSER,),
    backbone="Qwen3-VL",
    checkpoints=tuple(f"Qwen/Qwen3-VL-{size}B-Instruct" for size in (2, 4, 8, 32)),
    licence="Apache-2.0",
    memory="8B: 16.3 GiB of weights in bf16",
    source=SOURCE,
    numbers="TimeLens-Bench R1@0.3/0.5/0.7/mIoU, 8B: Charades 69.2/53.4/27.5/48.3 (TimeLens)",
)
QWEN3_5 = Paper(
    name="qwen3.5",
    title="Qwen3.5",
    prompting=IN_PAIRS,
    sampling=WIDE,
    parsers=(PARSER,),
    backbone="Qwen3.5",
    checkpoints=("Qwen/Qwen3.5-4B",),
    licence="Apache-2.0 (not confirmed)",
    source=SOURCE,
)
