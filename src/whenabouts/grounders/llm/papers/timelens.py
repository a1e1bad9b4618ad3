"""TimeLens (arXiv:2512.14698): Qwen2.5-VL-7B with numbers before frames, and Qwen3-VL-8B, trained without thinking."""

from __future__ import annotations

from whenabouts.grounders.llm.prompting import Protocol
from whenabouts.grounders.llm.sampling import Sampling

__all__ = ["QUESTION", "TIMELENS_7B", "TIMELENS_8B"]

QUESTION = (
    "Please find the visual event described by the sentence '{}', determining its starting and ending times. "
    "The format should be: 'The event happens in <start time> - <end time> seconds'."
)
LICENCE = "academic, not for use within the EU"

TIMELENS_7B = Protocol(
    name="timelens-7b",
    title="TimeLens-7B",
    prefix=(
        "You are given a video with multiple frames. The numbers before each video frame indicate its sampling "
        "timestamp (in seconds). "
    ),
    question=QUESTION,
    stamps="frames",
    stamp="{:.1f}",
    sampling=Sampling(budget=14336, small=64, most=448),
    backbone="Qwen2.5-VL",
    checkpoints=("TencentARC/TimeLens-7B",),
    licence=LICENCE,
    paper="2512.14698",
    source="TencentARC/TimeLens; how its own processor writes the numbers lies in the checkpoint and is not confirmed",
    memory="15.4 GiB of weights in bf16",
    numbers="TimeLens-Bench R1@0.3/0.5/0.7/mIoU: Charades 70.5/55.6/28.4/48.8",
)
TIMELENS_8B = Protocol(
    name="timelens",
    title="TimeLens-8B",
    question=QUESTION,
    stamps="pairs",
    stamp="<{:.1f} seconds>",
    sampling=Sampling(side=32, budget=14336, small=64, most=448),
    backbone="Qwen3-VL",
    checkpoints=("TencentARC/TimeLens-8B",),
    licence=LICENCE,
    paper="2512.14698",
    source="TencentARC/TimeLens",
    memory="16.3 GiB of weights in bf16",
    numbers="TimeLens-Bench R1@0.3/0.5/0.7/mIoU: Charades 76.6/63.0/35.2/55.2",
)
