"""Answers to one query that cannot be ordered: how often, by a reward of overlap, and by overlap and transport.

    python examples/research/rewards.py [--data ANNOTATIONS.jsonl] [--queries 1000] [--seed 0] [--json]

GRPO learns from how the answers of a group differ: where all earn the same, nothing is learnt from that query. Overlap
(set tIoU) is 0 for whatever misses; transport (exp(−W1 / true seconds)) falls with the distance. No model is run: a
made-up one, `Policy`, answers queries that are made up too, or those of a file. README.md has what came out.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from whenabouts.errors import InputError
from whenabouts.grounders.llm.papers import REWARDS
from whenabouts.metrics.bootstrap import Resampling
from whenabouts.rewards.sets import seconds
from whenabouts.rewards.target import Target
from whenabouts.training.post.samples import Sample, read_samples

GROUP = 8  # answers per query, as TimeLens2 trains
KNOWN = 12  # different answers between which a policy chooses
FELT = 0.01  # below this standard deviation rewards may have an order, but hardly a slope; ours
SHORT = 0.05  # of the video: moments that are shorter in all are called short; ours


@dataclass(frozen=True)
class Policy:
    """A made-up model.

    finds:   how often it looks where the moments are; else anywhere in the video
    scatter: standard deviation of where its answers lie around that place, as a share of the video
    """

    finds: float
    scatter: float

    def group(self, target: Target, chance: np.random.Generator) -> list[str]:
        """Eight answers to a query in the JSON of TimeLens2, drawn from twelve; how sure it is differs by query."""
        place = 0.0 if chance.random() < self.finds else chance.uniform(-0.5, 0.5)
        known = [self._answer(target, place, chance) for _ in range(KNOWN)]
        weights = chance.uniform(0.2, 1.0) ** np.arange(KNOWN)
        return [known[i] for i in chance.choice(KNOWN, size=GROUP, p=weights / weights.sum())]

    def _answer(self, target: Target, place: float, chance: np.random.Generator) -> str:
        """The true windows moved and stretched together, one in five forgotten."""
        shift = (place + chance.normal(0, self.scatter)) * target.duration
        stretch = np.exp(chance.normal(0, 0.3))
        windows = []
        for start, end in target.windows:
            length = min(target.duration, max(0.2, stretch * (end - start)))
            middle = ((start + end) / 2 + shift) % target.duration  # what leaves at one end comes in at the other
            first = min(max(0.0, middle - length / 2), target.duration - length)
            windows.append([round(first, 1), round(first + length, 1)])
        kept = [window for window in windows if chance.random() < 0.8]
        return json.dumps(sorted(kept or windows[:1]))


POLICIES = {"beginner": Policy(0.2, 0.15), "middling": Policy(0.5, 0.1), "good": Policy(0.8, 0.05)}


def made_up(count: int, chance: np.random.Generator) -> list[Sample]:
    """Videos of half a minute to ten, a query each: one to three moments of 2 s to a quarter of the video."""
    samples = []
    for number in range(count):
        duration = float(np.exp(chance.uniform(np.log(30), np.log(600))))
        quarter = duration / 4
        windows = []
        for slot in chance.choice(4, size=int(chance.integers(1, 4)), replace=False):
            length = float(np.exp(chance.uniform(np.log(2), np.log(quarter))))
            start = float(slot * quarter + chance.uniform(0, quarter - length))
            windows.append((start, start + length))
        samples.append(Sample(str(number), str(number), "", tuple(sorted(windows)), duration))
    return samples


def measure(policy: Policy, samples: Sequence[Sample], seed: int) -> dict[str, dict[str, Any]]:
    """Shares of groups with 95 % intervals over videos, and of how many groups: {name: {mean, low, high, groups}}.

    … constant: all answers earn the same. … flat: the standard deviation of what they earn is below FELT.
    missed: no answer overlaps a moment; `missed, …` are shares of those groups.
    both reverses: share of the pairs of answers with unlike overlap that both together order the other way round.
    """
    chance = np.random.default_rng(seed)
    answers = [(policy.group(one.target, chance), one.target) for one in samples]
    overlap, transport = (
        np.array([[REWARDS[name](text, target) for text in texts] for texts, target in answers])
        for name in ("timelens2-tiou", "timelens2-twass1")
    )
    both = overlap + transport
    by_overlap, by_both = (rewards[:, :, None] - rewards[:, None] for rewards in (overlap, both))
    ordered = (by_overlap != 0).sum(axis=(1, 2))
    against = (by_overlap * by_both < 0).sum(axis=(1, 2))
    missed, all_of_them = ~overlap.any(axis=1), np.ones(len(samples), dtype=bool)
    short = np.array([seconds(one.windows) < SHORT * one.duration for one in samples])
    flat = both.std(axis=1) < FELT
    shares = {
        "overlap constant": (np.ptp(overlap, axis=1) == 0, all_of_them),
        "both constant": (np.ptp(both, axis=1) == 0, all_of_them),
        "overlap flat": (overlap.std(axis=1) < FELT, all_of_them),
        "both flat": (flat, all_of_them),
        "both reverses": (against / np.maximum(ordered, 1), ordered > 0),
        "missed": (missed, all_of_them),
        "missed, both constant": (np.ptp(both, axis=1) == 0, missed),
        "missed, both flat": (flat, missed),
        "missed, short, both flat": (flat, missed & short),
        "missed, longer, both flat": (flat, missed & ~short),
    }
    resampling = Resampling([one.video for one in samples], seed=seed)
    return {
        name: resampling.mean(values, among)._asdict() | {"groups": int(among.sum())}
        for name, (values, among) in shares.items()
        if among.any()
    }


def main() -> None:
    """Measure every policy and print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, help="annotations to answer instead of made-up queries")
    parser.add_argument("--queries", type=int, default=1000, help="made-up queries (default: 1000)")
    parser.add_argument("--seed", type=int, default=0, help="random seed (default: 0)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    if options.queries < 1 or options.seed < 0:
        parser.error("--queries needs 1 or more, --seed 0 or more")
    try:
        samples = (
            [one for one in read_samples(options.data) if one.windows]
            if options.data
            else made_up(options.queries, np.random.default_rng(options.seed))
        )
    except (InputError, OSError) as error:
        parser.error(str(error))
    if not samples:
        parser.error(f"{options.data} has no query that happens")
    found = {name: measure(policy, samples, options.seed) for name, policy in POLICIES.items()}
    if options.json:
        print(json.dumps(found))
        return
    print(f"{'per cent of groups':<28}" + "".join(f"{name:>22}" for name in found))
    for share in dict.fromkeys(name for shares in found.values() for name in shares):
        print(f"{share:<28}" + "".join(f"{_shown(shares.get(share)):>22}" for shares in found.values()))


def _shown(share: dict[str, Any] | None) -> str:
    return "{:.1f} [{:.1f}, {:.1f}]".format(*(100 * share[key] for key in ("mean", "low", "high"))) if share else "–"


if __name__ == "__main__":
    main()
