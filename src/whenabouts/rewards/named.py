"""Every reward by its name; a plain table."""

from __future__ import annotations

from whenabouts.errors import InputError
from whenabouts.rewards.absence import absence
from whenabouts.rewards.boundary import boundary
from whenabouts.rewards.brevity import brevity
from whenabouts.rewards.diou import diou
from whenabouts.rewards.format import FORMATS, STRICT
from whenabouts.rewards.giou import giou
from whenabouts.rewards.hedging import hedging
from whenabouts.rewards.saliency import saliency
from whenabouts.rewards.segments import count, segments
from whenabouts.rewards.tar_tvg import anchor_progress, soft_iou
from whenabouts.rewards.target import Reward
from whenabouts.rewards.time_r1 import time_r1
from whenabouts.rewards.timelens import timelens
from whenabouts.rewards.tiou import tiou
from whenabouts.rewards.videotemp_o3 import penalised_iou, repeated_crops

__all__ = ["REWARDS", "reward_named"]

REWARDS: dict[str, Reward] = {
    "tiou": tiou,
    "giou": giou,
    "diou": diou,
    "time_r1": time_r1,
    "timelens": timelens,
    "soft_iou": soft_iou,
    "anchor_progress": anchor_progress,
    "penalised_iou": penalised_iou,
    "repeated_crops": repeated_crops,
    "boundary": boundary,
    "segments": segments,
    "count": count,
    "saliency": saliency,
    "absence": absence,
    "hedging": hedging,
    "brevity": brevity(),
    "strict_format": STRICT,
    **{f"{name}_format": reward for name, reward in FORMATS.items()},
}


def reward_named(name: str) -> Reward:
    """A reward by name. Raises InputError with the names there are."""
    if name not in REWARDS:
        raise InputError(f"there is no reward named {name!r}; choose one of: {', '.join(REWARDS)}")
    return REWARDS[name]
