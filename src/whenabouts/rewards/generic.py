"""The rewards that belong to no single paper, by name.

With those of the papers they are `grounders.llm.papers.REWARDS`.
"""

from __future__ import annotations

from whenabouts.rewards.absence import absence
from whenabouts.rewards.boundary import boundary
from whenabouts.rewards.brevity import brevity
from whenabouts.rewards.diou import diou
from whenabouts.rewards.format import strict_format
from whenabouts.rewards.giou import giou
from whenabouts.rewards.hedging import hedging
from whenabouts.rewards.saliency import saliency
from whenabouts.rewards.segments import count, segments
from whenabouts.rewards.sets import set_tiou
from whenabouts.rewards.target import Reward
from whenabouts.rewards.tiou import tiou
from whenabouts.rewards.wasserstein import wasserstein

__all__ = ["GENERIC_REWARDS"]

GENERIC_REWARDS: dict[str, Reward] = {
    "tiou": tiou,
    "giou": giou,
    "diou": diou,
    "boundary": boundary,
    "set-tiou": set_tiou,
    "wasserstein": wasserstein,
    "segments": segments,
    "count": count,
    "saliency": saliency,
    "absence": absence,
    "hedging": hedging,
    "brevity": brevity(),
    "strict-format": strict_format,
}
