"""Advantages: how much better each answer of a group is than its siblings.

GRPO (arXiv:2402.03300) subtracts the mean of the group and divides by its standard deviation; TimeLens leaves the
division out, as Dr. GRPO does (arXiv:2503.20783). TempSamp-R1 (arXiv:2509.18056) adds the true answer to the group and
bends the reward: gains above a threshold count little, losses below it count ever more. Its formula is that of the
authors' later re-release on TimeLens data; the text of the paper itself was not at hand.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenabouts.errors import InputError

__all__ = ["Shaping", "clipped_objective", "group_advantages", "with_truth"]

Floats = NDArray[np.float64]


def group_advantages(
    rewards: ArrayLike, *, scale: bool = True, eps: float = 1e-4, samples: Sequence[str] = ()
) -> Floats:
    """(B, G) rewards, a row per query -> (B, G) advantages: (r − mean) / (std + eps), the std with G − 1.

    scale: divide by the standard deviation. A group whose rewards are all alike gets zeros.
    samples: names of the rows, for messages. Raises InputError for an empty group and for a reward that is no number.
    """
    table = np.asarray(rewards, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] < 2:
        name = f"{samples[0]}: " if samples else ""
        raise InputError(f"{name}a group needs at least two answers to compare; got rewards of shape {table.shape}")
    for row in np.flatnonzero(~np.isfinite(table).all(axis=1)).tolist():
        name = samples[row] if samples else f"group {row + 1}"
        raise InputError(f"{name}: the rewards {table[row].tolist()} hold one that is no finite number")
    centred: Floats = table - table.mean(axis=1, keepdims=True)
    if not scale:
        return centred
    spread: Floats = table.std(axis=1, ddof=1, keepdims=True)
    scaled: Floats = centred / (spread + eps)
    return scaled


class Shaping:
    """TempSamp-R1's asymmetric shaping of a reward r in [0, 1].

    r >= threshold:  threshold + gain · ln(r − threshold + 1)
    r <  threshold:  threshold − (e^(alpha (threshold − r)) − 1) / (e^alpha − 1)

    >>> Shaping()([0.0, 0.8, 1.0]).round(4).tolist()
    [0.0868, 0.8, 0.8018]
    """

    def __init__(self, threshold: float = 0.8, alpha: float = 1.0, gain: float = 0.01) -> None:
        if alpha == 0:
            raise InputError("the shaping needs alpha other than 0")
        self.threshold, self.alpha, self.gain = threshold, alpha, gain

    def __call__(self, rewards: ArrayLike) -> Floats:
        """Shaped rewards, of the same shape."""
        r = np.asarray(rewards, dtype=np.float64)
        above = self.threshold + self.gain * np.log1p(np.maximum(r - self.threshold, 0))
        below = self.threshold - np.expm1(self.alpha * (self.threshold - r)) / np.expm1(self.alpha)
        return np.where(r >= self.threshold, above, below)


def with_truth(on_policy: ArrayLike, truth: ArrayLike, *, shaping: Shaping | None = None, scale: bool = True) -> Floats:
    """Advantages of G − 1 sampled answers and the true one: rewards (B, G − 1) and (B,) -> (B, G), the truth last.

    Mean and deviation are those of the whole group, truth included, after shaping.
    """
    sampled, true = np.asarray(on_policy, dtype=np.float64), np.asarray(truth, dtype=np.float64)
    group = np.column_stack([sampled, true])
    return group_advantages(group if shaping is None else shaping(group), scale=scale)


def clipped_objective(ratios: ArrayLike, advantages: ArrayLike, *, low: float = 0.2, high: float = 0.28) -> Floats:
    """min(ρ A, clip(ρ, 1 − low, 1 + high) A): the policy objective per token or answer, to be maximised.

    For the true answer the old probabilities in ρ must come from the policy itself, which gives ρ = 1 at the first
    update; a sampler never produced that answer.
    """
    rho, a = np.asarray(ratios, dtype=np.float64), np.asarray(advantages, dtype=np.float64)
    return np.minimum(rho * a, np.clip(rho, 1 - low, 1 + high) * a)
