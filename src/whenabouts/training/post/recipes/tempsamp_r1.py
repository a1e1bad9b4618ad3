"""TempSamp-R1 (arXiv:2509.18056): the true answer joins every group, and the reward is bent around 0.8.

Values are those of the authors' re-release on TimeLens data; the paper's own could not be read. Thinking and bare
answers are both well formed (hybrid CoT), since the true answer has no thought to show.
"""

from __future__ import annotations

from whenabouts.rewards.compose import Term
from whenabouts.rewards.format import FORMATS
from whenabouts.rewards.target import Target
from whenabouts.rewards.tiou import tiou
from whenabouts.training.post import curation
from whenabouts.training.post.advantages import Shaping
from whenabouts.training.post.recipes.recipe import GRPO
from whenabouts.training.post.recipes.time_r1 import PROMPT

__all__ = ["TEMPSAMP_R1", "shaped_tiou"]

_SHAPING = Shaping(threshold=0.8, alpha=1.0, gain=0.01)


def shaped_tiou(completion: str, target: Target) -> float:
    """Temporal IoU under TempSamp-R1's asymmetric shaping, in [0.087, 0.802]; it keeps the order."""
    return float(_SHAPING(tiou(completion, target)))


TEMPSAMP_R1 = GRPO(
    name="tempsamp_r1",
    paper="2509.18056",
    prompt=PROMPT,
    answer="<answer> {} </answer>",
    lower=True,
    visual_tokens=14336,
    frames=448,
    learning_rate=1e-6,
    schedule="constant",
    batch=16 * 8,
    selection=curation.TIMELENS,
    terms=(Term("shaped_tiou", shaped_tiou), Term("format", FORMATS["tempsamp_r1"], 0.1)),
    clip=(0.2, 0.28),
    top_p=0.85,
    tokens=1024,
    guided=True,
    unconfirmed=("prompt", "fps", "frames", "visual_tokens", "tokens", "epochs", "loss"),
)
