"""Time-R1 (arXiv:2503.13377): Qwen2.5-VL that thinks before it answers, post-trained with GRPO on tIoU."""

from __future__ import annotations

from whenabouts.grounders.llm.prompting import Protocol
from whenabouts.grounders.llm.sampling import Sampling

__all__ = ["BUDGET", "QUESTION", "SYSTEM", "TIME_R1", "lower"]

SYSTEM = "You are a helpful assistant."
QUESTION = (
    'To accurately pinpoint the event "{}" in the video, determine the precise time period of the event.\n\n'
    "Output your thought process within the <think> </think> tags, including analysis with either specific time "
    "ranges (xx.xx to xx.xx) in <timestep> </timestep> tags.\n\n"
    "Then, provide the start and end times (in seconds, precise to two decimal places) in the format "
    '"start time to end time" within the <answer> </answer> tags. For example: "12.54 to 17.83".'
)
BUDGET = Sampling(budget=3584)


def lower(query: str) -> str:
    """A query as Time-R1 was trained with it: lower case, without the last full stop."""
    return query.strip().removesuffix(".").lower()


TIME_R1 = Protocol(
    name="time-r1",
    title="Time-R1",
    system=SYSTEM,
    question=QUESTION,
    tidy=lower,
    parser="time_r1",
    tokens=1024,
    sampling=BUDGET,
    backbone="Qwen2.5-VL",
    checkpoints=("Boshenxx/Time-R1-7B", "Boshenxx/Time-R1-3B"),
    licence="Apache-2.0 (code)",
    paper="2503.13377",
    source="www-Ye/Time-R1, final version",
    memory="7B: 15.4 GiB of weights in bf16",
    numbers="Charades-STA zero-shot R1@0.3/0.5/0.7 78.1/60.8/35.3; fine-tuned 82.8/72.2/50.1",
)
