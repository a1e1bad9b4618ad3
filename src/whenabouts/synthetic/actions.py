"""A training benchmark of actions of a closed set, which needs no download: random features with labelled windows.

A video shows something of its own, and in between actions of a few classes, whose rows point in the direction of their
class. Nothing but the rows tells where an action is, and of which class.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from whenabouts.benchmarks.example import Example
from whenabouts.benchmarks.features import FeatureExample

__all__ = ["SyntheticActions"]


@dataclass(frozen=True, slots=True)
class SyntheticActions:
    """The parameters of the benchmark, and an iterable of its videos; equal parameters give equal videos.

    videos:  number of them
    world:   seed of the classes' directions; a training and a test split share it and differ in `seed`
    rows:    minimum and maximum of a video; lengths: of an action, in rows; actions: of a video
    noise:   standard deviation of the noise added to every number of a row
    """

    videos: int = 300
    seed: int = 0
    world: int = 2018
    classes: int = 8
    video_dim: int = 48
    rows: tuple[int, int] = (64, 128)
    row_seconds: float = 1.0
    lengths: tuple[int, int] = (3, 24)
    actions: tuple[int, int] = (1, 5)
    noise: float = 0.3

    @property
    def names(self) -> tuple[str, ...]:
        """Of the classes."""
        return tuple(f"action{number}" for number in range(self.classes))

    def split(self, seed: int, videos: int) -> SyntheticActions:
        """Other videos with the same classes."""
        return replace(self, seed=seed, videos=videos)

    def __len__(self) -> int:
        return self.videos

    def __iter__(self) -> Iterator[FeatureExample]:
        directions = np.random.default_rng(self.world).normal(size=(self.classes, self.video_dim)) / 4
        for number in range(self.videos):
            rng = np.random.default_rng((self.seed, number))
            count = int(rng.integers(self.rows[0], self.rows[1] + 1))
            video = np.tile(rng.normal(size=self.video_dim) / 4, (count, 1))
            spans: list[tuple[int, int]] = []
            labels: list[int] = []
            for _ in range(int(rng.integers(self.actions[0], self.actions[1] + 1))):
                length = int(rng.integers(self.lengths[0], self.lengths[1] + 1))
                first = int(rng.integers(0, count - length + 1))
                if all(first + length < start or end < first for start, end in spans):
                    spans.append((first, first + length))
                    labels.append(int(rng.integers(self.classes)))
                    video[first : first + length] = directions[labels[-1]]
            video += rng.normal(0, self.noise, video.shape)
            windows, name = np.array(spans, dtype=np.float64) * self.row_seconds, f"actions_{self.seed}_{number}"
            yield FeatureExample(
                Example(name, name, "", windows, count * self.row_seconds),
                video.astype(np.float32),
                np.zeros((1, 0), np.float32),
                labels=tuple(self.names[label] for label in labels),
            )
