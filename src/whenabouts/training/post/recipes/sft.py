"""Supervised fine-tuning on true answers: the warm start of TimeLens-8B (arXiv:2512.14698), in Time-R1's words.

Learning rate, batch and one epoch are TimeLens' for 30 K samples with a frozen vision tower; the schedule is ours.
"""

from __future__ import annotations

from whenabouts.training.post.recipes import recipe
from whenabouts.training.post.recipes.time_r1 import PROMPT

__all__ = ["SFT"]

SFT = recipe.SFT(
    name="sft",
    paper="2512.14698",
    prompt=PROMPT,
    answer="<think></think><answer>{}</answer>",
    lower=True,
    frames=448,
    visual_tokens=14336,
    learning_rate=1e-5,
    schedule="cosine",
    batch=128,
    unconfirmed=("schedule",),
)
