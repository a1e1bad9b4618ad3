"""Answers of nobody, to queries that may not happen: what a score must be above to mean anything.

whole video   always answers, with the whole video
constant      always answers, with the same share of every video, chosen on the training split
never         says of every query that it does not happen
random        a random window, and a coin for whether the query happens, drawn from a fixed seed
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from whenabouts.benchmarks.example import Example
from whenabouts.evaluation.blind import constant as blind
from whenabouts.evaluation.claims import Claim

__all__ = ["trivial_claims"]

SEED = 0


def trivial_claims(examples: Sequence[Example], train: Sequence[Example]) -> dict[str, list[Claim]]:
    """By name, one claim per query. Where the duration of a video is not known, only those that need none."""
    claims = {"never": [Claim()] * len(examples)}
    durations = [e.duration for e in examples if e.duration]
    if len(durations) < len(examples):
        return claims
    shares = {"whole video": blind.WHOLE_VIDEO}
    if any(e.duration and len(e.windows) for e in train):
        low, high = blind.best_constant(train)
        shares[f"constant {low:g} to {high:g}"] = (low, high)
    always = {name: [Claim((low * d, high * d), score=1.0) for d in durations] for name, (low, high) in shares.items()}
    return always | claims | {"random": _random(durations)}


def _random(durations: Sequence[float]) -> list[Claim]:
    chance = np.random.default_rng(SEED)
    ends, coins = np.sort(chance.random((len(durations), 2))), chance.random(len(durations))
    return [
        Claim((start * d, end * d) if coin >= 0.5 else None, score=coin, presence=coin)
        for d, (start, end), coin in zip(durations, ends.tolist(), coins.tolist(), strict=True)
    ]
