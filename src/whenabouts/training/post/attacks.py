"""Answers that need no video: what a reward pays for them beside an honest answer shows how it can be gamed.

>>> from whenabouts.rewards.tiou import tiou
>>> earned = earnings(tiou)
>>> earned["honest"] > 0.7 > 0.4 > earned["the whole video"]
True
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from whenabouts.grounders.llm.papers import RECIPES
from whenabouts.grounders.llm.recipe import Recipe
from whenabouts.rewards.parse import Window
from whenabouts.rewards.target import Reward, Target

__all__ = ["ATTACKS", "OF_INTERVALS", "earnings", "trials"]

OF_INTERVALS = (  # rewards that can stand alone; the others pay for form, length or number, which need no video either
    *("tiou", "giou", "diou", "boundary", "set-tiou", "wasserstein", "segments"),
    *("time-r1", "timelens", "shaped-tiou", "soft-iou", "penalised-iou", "taro", "ra-rft"),
    *("timelens2-twass1", "timelens2-twass", "timelens2-r2twass", "timelens2-tdirac", "timelens2-tiou"),
    *("timelens2-tgiou", "timelens2-ngiou", "timelens2-precision", "museg", "museg-global", "museg-local"),
)
Windows = tuple[Window, ...]
ATTACKS: dict[str, Callable[[float], Windows]] = {  # of a video of so many seconds
    "the whole video": lambda duration: ((0.0, duration),),
    "its middle half": lambda duration: ((duration / 4, duration * 3 / 4),),
    "every second tenth": lambda duration: tuple((duration * i / 10, duration * (i + 1) / 10) for i in range(0, 10, 2)),
    "every tenth": lambda duration: tuple((duration * i / 10, duration * (i + 1) / 10) for i in range(10)),
    "one window five times": lambda duration: ((duration * 0.4, duration * 0.6),) * 5,
    "nothing": lambda duration: (),
}


def trials(count: int = 40, seed: int = 0) -> list[Target]:
    """Videos of half a minute to two minutes with one to three moments of two to fifteen seconds, apart."""
    rng = np.random.default_rng(seed)
    return [_target(rng, int(rng.integers(1, 4))) for _ in range(count)]


def _target(rng: np.random.Generator, moments: int) -> Target:
    duration = float(rng.integers(50, 120))
    room = duration / moments
    starts = [i * room + float(rng.uniform(0, room - 16)) for i in range(moments)]
    return Target(tuple((round(s, 1), round(s + float(rng.uniform(2, 15)), 1)) for s in starts), duration)


def earnings(reward: Reward, recipe: Recipe | None = None, targets: Sequence[Target] | None = None) -> dict[str, float]:
    """The mean reward of each attack, and of `honest` answers that are a tenth of their length too late.

    recipe: in whose words the answers are; by default those in which the true answers earn the most.
    """
    targets = trials() if targets is None else targets
    recipe = recipe or max(RECIPES.values(), key=lambda one: sum(reward(one.truth(t), t) for t in targets[:5]))
    told = {name: [_told(recipe, made(target.duration)) for target in targets] for name, made in ATTACKS.items()}
    told["honest"] = [_told(recipe, tuple(map(_late, target.windows))) for target in targets]
    return {
        name: float(np.mean([reward(text, target) for text, target in zip(texts, targets, strict=True)]))
        for name, texts in told.items()
    }


def _late(window: Window) -> Window:
    shift = (window[1] - window[0]) / 10
    return window[0] + shift, window[1] + shift


def _told(recipe: Recipe, windows: Windows) -> str:
    return recipe.answer.replace("{}", recipe.between.join(recipe.span.format(*window) for window in windows))
