"""TimeLens (arXiv:2512.14698): no thinking, plain tIoU, no division by the deviation, 100 updates and stop.

Samples are drawn hard: around a mean tIoU of 0.05 of the reference model, against the histogram of the pool.
"""

from __future__ import annotations

from whenabouts.rewards.compose import Term
from whenabouts.rewards.timelens import timelens
from whenabouts.training.post import curation
from whenabouts.training.post.recipes.recipe import GRPO

__all__ = ["TIMELENS"]

TIMELENS = GRPO(
    name="timelens",
    paper="2512.14698",
    prompt="Please find the visual event described by the sentence '{}', determining its starting and ending times. "
    "The format should be: 'The event happens in <start time> - <end time> seconds'.",
    answer="The event happens in {} seconds.",
    span="{0:.1f} - {1:.1f}",
    frames=448,
    visual_tokens=14336,
    learning_rate=1e-6,
    schedule="constant",
    batch=64,
    steps=100,
    selection=curation.TIMELENS,
    terms=(Term("timelens", timelens),),
    scale=False,
    tokens=64,
    unconfirmed=("tokens",),
)
