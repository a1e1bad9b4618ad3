"""A training benchmark that needs no download: random features with known moments.

A video is a sequence of segments, each showing one *concept*. A query names one concept by one word among filler words;
its moments are the segments that show this concept. The vectors of clips and of words are independent random
directions, so a model can only answer by learning which word belongs to which clips.

Bias makes it possible to answer without looking at the video: with `location_bias` moments are in the first third of
the video, with `length_bias` the moments of each concept have a typical length.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks.example import Example
from whenabouts.benchmarks.features import FeatureExample, Float

__all__ = ["Synthetic"]

FILLERS = 20
ANNOTATORS = 3


@dataclass(frozen=True, slots=True)
class Synthetic:
    """The parameters of the benchmark, and an iterable of its examples; equal parameters give equal examples.

    queries: number of examples, each a video with one query
    world:   seed of the concepts and their vectors; a training and a test split share it and differ in `seed`
    clips:   minimum and maximum number of rows of a video
    words:   minimum and maximum number of words of a query
    moments: maximum number of moments of a query
    noise:   standard deviation of the noise added to every number of a row
    """

    queries: int = 1000
    seed: int = 0
    world: int = 2018
    concepts: int = 8
    video_dim: int = 48
    text_dim: int = 32
    clips: tuple[int, int] = (24, 48)
    clip_seconds: float = 2.0
    words: tuple[int, int] = (3, 6)
    moments: int = 2
    noise: float = 0.15
    location_bias: bool = False
    length_bias: bool = False

    def split(self, seed: int, queries: int) -> Synthetic:
        """Other examples with the same concepts."""
        return replace(self, seed=seed, queries=queries)

    def __len__(self) -> int:
        return self.queries

    def __iter__(self) -> Iterator[FeatureExample]:
        world = np.random.default_rng(self.world)
        pictures = _directions(world, self.concepts, self.video_dim)
        names = _directions(world, self.concepts, self.text_dim)
        fillers = _directions(world, FILLERS, self.text_dim)
        typical = world.uniform(0.1, 0.4, self.concepts)
        for number in range(self.queries):
            rng = np.random.default_rng((self.seed, number))
            count = int(rng.integers(self.clips[0], self.clips[1] + 1))
            concept = int(rng.integers(self.concepts))
            spans = self._spans(rng, count, float(typical[concept]))
            video, ratings = self._video(rng, pictures, concept, count, spans)
            query, text = self._query(rng, names, fillers, concept)
            rated = np.flatnonzero(ratings.any(axis=1))
            windows = np.asarray(spans, dtype=np.float64) * self.clip_seconds
            example = Example(
                number,
                f"synthetic_{self.seed}_{number}",
                query,
                windows,
                count * self.clip_seconds,
                clip_ids=rated,
                saliency=ratings[rated].astype(np.float64),
                clips=np.stack([rated, rated + 1], axis=1).astype(np.float64) * self.clip_seconds,
            )
            yield FeatureExample(example, video, text)

    def _spans(self, rng: np.random.Generator, count: int, typical: float) -> list[tuple[int, int]]:
        """One to `moments` ranges of clips [first, last), with at least one clip between them."""
        spans: list[tuple[int, int]] = []
        for _ in range(int(rng.integers(1, self.moments + 1))):
            share = typical * rng.uniform(0.9, 1.1) if self.length_bias else rng.uniform(0.08, 0.4)
            length = max(2, round(share * count))
            room = count // 3 if self.location_bias else count - length
            first = int(rng.integers(0, max(1, min(room, count - length) + 1)))
            if all(first + length < start or end < first for start, end in spans):
                spans.append((first, first + length))
        return sorted(spans)

    def _video(
        self, rng: np.random.Generator, pictures: Float, concept: int, count: int, spans: list[tuple[int, int]]
    ) -> tuple[Float, NDArray[np.int64]]:
        """Rows (count, video_dim), and ratings (count, annotators) of 0..4 that rise towards the middle of a moment."""
        others = np.delete(np.arange(self.concepts), concept)
        shown = np.repeat(rng.choice(others, size=count), rng.integers(2, 9, size=count))[:count]
        ratings = np.zeros((count, ANNOTATORS), dtype=np.int64)
        for first, last in spans:
            shown[first:last] = concept
            bell = np.sin(np.linspace(0, np.pi, last - first + 2))[1:-1]
            noisy = 1.5 + 2.5 * bell[:, None] + rng.normal(0, 0.5, (last - first, ANNOTATORS))
            ratings[first:last] = np.clip(np.round(noisy), 1, 4)
        noise = rng.normal(0, self.noise, (count, self.video_dim))
        return (pictures[shown] + noise).astype(np.float32), ratings

    def _query(self, rng: np.random.Generator, names: Float, fillers: Float, concept: int) -> tuple[str, Float]:
        words = rng.integers(len(fillers), size=int(rng.integers(self.words[0], self.words[1] + 1)))
        place = int(rng.integers(len(words)))
        text, said = fillers[words], [f"filler{word}" for word in words]
        text[place], said[place] = names[concept], f"concept{concept}"
        return " ".join(said), text


def _directions(rng: np.random.Generator, count: int, size: int) -> Float:
    rows = rng.normal(size=(count, size))
    unit: Float = (rows / np.linalg.norm(rows, axis=1, keepdims=True) * np.sqrt(size) / 4).astype(np.float32)
    return unit
