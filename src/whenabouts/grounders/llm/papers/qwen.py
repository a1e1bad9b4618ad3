"""Qwen's vision-language models as they are, asked in TimeLens' words (arXiv:2409.12191, arXiv:2502.13923).

Qwen2-VL knows no absolute time, so the mean time of two frames is written before them, as UniTime (arXiv:2506.18883)
trained it; Qwen2.5-VL has times in the positions of its tokens; Qwen3-VL and Qwen3.5 were trained to read the mean time
of two frames before them. Models that see pictures alone are asked as Qwen2-VL, with a time before every one.
"""

from __future__ import annotations

from dataclasses import replace

from whenabouts.grounders.llm.paper import Paper
from whenabouts.grounders.llm.papers.timelens import PAGE, PARSER, QUESTION
from whenabouts.grounders.llm.prompting import PLAIN_STAMP, Prompting
from whenabouts.grounders.llm.published import Known, Published, recall
from whenabouts.grounders.llm.sampling import Sampling

__all__ = ["QWEN2_5_VL", "QWEN2_VL", "QWEN3_5", "QWEN3_VL"]

_REPORT = ("timelens", "technical report, quoted in EvolvingLMMs-Lab/lmms-eval#857")
_REPORT_3 = ("timelens", "technical report, quoted in QwenLM/Qwen3-VL#1696")
_EWB = ("extremewhenbench", "README of naver-ai/ExtremeWhenbench")
SOURCE = "TimeLens' question without its prefix"
IN_PAIRS = Prompting(question=QUESTION, stamps="pairs", stamp=PLAIN_STAMP)
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
    published=(
        Published(
            "Qwen2.5-VL-7B", "timelens-bench", "charades", "zero-shot", recall(59.7, 37.8, 16.6, miou=39.3), *PAGE
        ),
        Published(
            "Qwen2.5-VL-7B", "timelens-bench", "activitynet", "zero-shot", recall(44.1, 31.0, 16.1, miou=31.4), *PAGE
        ),
        Published(
            "Qwen2.5-VL-7B", "timelens-bench", "qvhighlights", "zero-shot", recall(41.5, 27.8, 15.2, miou=31.6), *PAGE
        ),
        Published("Qwen2.5-VL-7B", "charades-sta", "test", "zero-shot?", recall(miou=43.6), *_REPORT, quoted=True),
    ),
    known=(
        Known(
            "with lmms-eval's default settings Charades-STA has mIoU 29.46, at 2 frames per second 29.78, where the "
            "report has 43.6",
            "EvolvingLMMs-Lab/lmms-eval#857",
        ),
        Known("which prompt the report used for Charades-STA is asked, and not told", "QwenLM/Qwen3-VL#837"),
    ),
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
    published=(
        Published("Qwen3-VL-8B", "timelens-bench", "charades", "zero-shot", recall(69.2, 53.4, 27.5, miou=48.3), *PAGE),
        Published(
            "Qwen3-VL-8B", "timelens-bench", "activitynet", "zero-shot", recall(62.1, 51.2, 34.4, miou=46.8), *PAGE
        ),
        Published(
            "Qwen3-VL-8B", "timelens-bench", "qvhighlights", "zero-shot", recall(74.2, 64.6, 49.3, miou=59.4), *PAGE
        ),
        Published(
            "Qwen3-VL-2B-Instruct", "charades-sta", "test", "zero-shot?", recall(None, 54.5), *_REPORT_3, quoted=True
        ),
    ),
    known=(
        Known("R1@0.5 on Charades-STA was 22.5 for 2B where the report has 54.5", "QwenLM/Qwen3-VL#1696"),
        Known("mIoU on Charades-STA was 48 for 8B where the announcement has 56", "QwenLM/Qwen3-VL#1718"),
        Known(
            "frames given as a list get markers as if they followed each other without gaps, whatever their times",
            "QwenLM/Qwen3-VL#2117",
        ),
    ),
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
    published=(
        Published("Qwen3.5-9B (best frame count)", "charades-sta", "", "zero-shot", recall(miou=57.9), *_EWB),
        Published("Qwen3.5-9B (best frame count)", "extremewhenbench", "test", "zero-shot", recall(miou=11.0), *_EWB),
        Published(
            "Qwen3.5-9B, 768 frames, no thinking", "extremewhenbench", "test", "zero-shot", recall(miou=5.3), *_EWB
        ),
    ),
    source=SOURCE,
)
