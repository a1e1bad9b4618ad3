"""Features to train the small head with: drawn at random, so no video, no encoder and no scene of a test is needed.

A video is a sequence of shots of a few scenes, and a scene is a direction: its shots vary, and their frames vary less.
A question is near the direction of one scene, or of none, and others are near it by chance. Labels are as VidThinker
makes them for what is asked by its looks: different frames of the relevant shots.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Drawn", "FrameExample", "different"]

ALIKE = 0.9  # cosine from which on two frames show the same; ours

Float = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class FrameExample:
    """A video and a question as features.

    vectors: (T, D) of the frames, in the order of time
    fits:    (T,) how well each fits the question, on any scale
    labels:  (T,) 1 for frames that are to be shown, else 0
    """

    vectors: Float
    fits: Float
    labels: Float

    @classmethod
    def of(cls, vectors: Float, fits: Float, relevant: NDArray[np.bool_]) -> FrameExample:
        """An example whose relevant frames (T,) are known: those of them that differ are to be shown."""
        marked = np.zeros(len(fits), np.float32)
        marked[different(vectors, fits, np.flatnonzero(relevant))] = 1
        return cls(vectors, fits, marked)


def different(vectors: Float, fits: Float, places: Sequence[int] | NDArray[np.intp], alike: float = ALIKE) -> list[int]:
    """Of the frames at `places` the one that fits best, then the next that is not like those taken, and so on."""
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    taken: list[int] = []
    for place in sorted(places, key=lambda k: (-fits[k], k)):
        if not taken or float((unit[taken] @ unit[place]).max()) < alike:
            taken.append(int(place))
    return sorted(taken)


@dataclass(frozen=True, slots=True)
class Drawn:
    """Examples without end; the same number gives the same one.

    frames: fewest and most frames of a video; scenes: likewise, of which each comes back until the video is full
    dim:    numbers of a vector
    """

    seed: int = 0
    frames: tuple[int, int] = (96, 320)
    scenes: tuple[int, int] = (4, 24)
    dim: int = 48

    def example(self, number: int) -> FrameExample:
        """Example `number`."""
        rng = np.random.default_rng((20261127, self.seed, number))
        count = int(rng.integers(*self.scenes))
        base = rng.normal(size=self.dim) * rng.uniform(0, 1)  # what all scenes of a video have alike
        scenes = rng.normal(size=(count, self.dim)) + base
        spread, noise = rng.uniform(0.1, 0.9), rng.uniform(0.0, 0.35)
        length = int(rng.integers(*self.frames))
        rows: list[Float] = []
        shown: list[int] = []
        asked = 0
        once = rng.random() < 0.7  # what is asked for comes once
        position = int(rng.integers(length))
        while len(shown) < length:
            due = len(shown) >= position and asked not in shown
            scene = asked if due else int(rng.integers(1 if once else 0, count))
            shot = scenes[scene] + spread * rng.normal(size=self.dim)
            for _ in range(int(rng.integers(2, 10))):
                shot = shot + noise * rng.uniform() * rng.normal(size=self.dim)
                rows.append(shot.astype(np.float32))
                shown.append(scene)
        vectors = np.stack(rows)
        text = scenes[asked] + rng.uniform(0.3, 2.5) * rng.normal(size=self.dim)
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        fits = (unit @ (text / np.linalg.norm(text))).astype(np.float32)
        return FrameExample.of(vectors, fits, np.array(shown) == asked)
