"""Time-R1 (arXiv:2503.13377): GRPO on 2.5 K samples of middling difficulty, with timestamp-aware IoU and the format.

Values are those of the official post-training scripts; what these leave to TRL is TRL's default of that time. KL
weight 0.04 is such a default and was not confirmed; the scripts for fine-tuning on one data set use 0. The number of
GPUs, and with it the answers per update, is not given: 16 is what one GPU with two accumulation steps sees.
"""

from __future__ import annotations

from whenabouts.rewards.compose import Term
from whenabouts.rewards.format import FORMATS
from whenabouts.rewards.time_r1 import time_r1
from whenabouts.training.post import curation
from whenabouts.training.post.recipes.recipe import GRPO

__all__ = ["PROMPT", "TIME_R1"]

PROMPT = """To accurately pinpoint the event "{}" in the video, determine the precise time period of the event.

Output your thought process within the <think> </think> tags, including analysis with either specific time ranges \
(xx.xx to xx.xx) in <timestep> </timestep> tags.

Then, provide the start and end times (in seconds, precise to two decimal places) in the format "start time to end \
time" within the <answer> </answer> tags. For example: "12.54 to 17.83"."""

TIME_R1 = GRPO(
    name="time_r1",
    paper="2503.13377",
    prompt=PROMPT,
    answer="<think></think><answer>{}</answer>",
    lower=True,
    learning_rate=1e-6,
    batch=16,
    epochs=5,
    selection=curation.TIME_R1,
    terms=(Term("time_r1", time_r1), Term("format", FORMATS["time_r1"])),
    beta=0.04,
    unconfirmed=("beta", "batch"),
)
