"""Videos of any length with known ground truth: each target scene once, among variations of other scenes.

The scenes are those of `composed`: the held-out split gives the targets, the tuning split fills the rest of the video
with random crops, mirrored, brighter or darker. The concert video is left out, since both splits use it. Only the short
pieces are encoded; a video of ten hours is then joined from them without decoding, in seconds and without memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.synthetic.composed import SCENES, ComposedVideo, Question, Scene
from whenabouts.video.compose import Excerpt, Still, compose
from whenabouts.video.join import join

__all__ = ["LongVideos", "encode"]

SIZE, RATE = (256, 144), 8  # pixels, frames per second
SHARED_FILE = "demo.mp4"  # in both splits
VARIATIONS = 12  # of each filler scene


@dataclass(frozen=True, slots=True)
class LongVideos:
    """The pieces in `folder` from which videos are joined; `prepare` makes them.

    targets: path, number of frames and scene of each piece that is asked for
    fillers: path and number of frames of each other piece
    """

    folder: Path
    targets: tuple[tuple[Path, int, Scene], ...]
    fillers: tuple[tuple[Path, int], ...]

    @classmethod
    def prepare(cls, folder: Path, *, variations: int = VARIATIONS) -> LongVideos:
        """Encode the target scenes and variations of the others: H.264, 256 × 144 pixels, 8 frames per second.

        Raises MissingExtra.
        """
        rng = np.random.default_rng(20261124)
        folder.mkdir(parents=True, exist_ok=True)
        targets = []
        for number, scene in enumerate(_scenes("held-out")):
            path = folder / f"target-{number}.mp4"
            targets.append((path, encode(path, scene, rng, varied=False), scene))
        fillers = []
        for number, scene in enumerate(_scenes("tuning")):
            for variation in range(1 if scene.part else variations):
                path = folder / f"filler-{number}-{variation}.mp4"
                fillers.append((path, encode(path, scene, rng, varied=True)))
        return cls(folder, tuple(targets), tuple(fillers))

    def video(self, path: Path, seconds: float, seed: int = 0) -> ComposedVideo:
        """Join a video of about `seconds` seconds; the same arguments give the same video."""
        rng = np.random.default_rng((20261124, seed))
        frames = sum(count for _, count, _ in self.targets)
        parts: list[tuple[Path, int, Scene | None]] = [*self.targets]
        while frames < seconds * RATE:
            chosen = self.fillers[int(rng.integers(len(self.fillers)))]
            parts.append((*chosen, None))
            frames += chosen[1]
        order = [parts[i] for i in rng.permutation(len(parts))]
        times = join(path, [(source, count) for source, count, _ in order], RATE)
        questions = [
            Question(query, kind, (time,))
            for (_, _, scene), time in zip(order, times, strict=True)
            if scene is not None
            for query, kind in scene.queries
        ]
        return ComposedVideo(path, tuple(questions))


def _scenes(split: Any) -> Sequence[Scene]:
    return [scene for scene in SCENES[split] if not scene.file.endswith(SHARED_FILE)]


def encode(path: Path, scene: Scene, rng: np.random.Generator, *, varied: bool) -> int:
    """Write a scene, `varied` as those that fill a video are, and return the number of its frames."""
    if scene.part:
        shot: Still | Excerpt = Excerpt(scene.path(), *scene.part)
    else:
        from PIL import Image

        with Image.open(scene.path()) as image:
            picture = np.asarray(image.convert("RGB"))
        shot = Still(_varied(picture, rng) if varied else picture, float(rng.uniform(3, 9)))
    [(_, end)] = compose(path, [shot], size=SIZE, rate=RATE)
    return round(end * RATE)


def _varied(picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """A random crop of two thirds of each side or more, possibly mirrored, brighter or darker."""
    height, width = picture.shape[:2]
    share = float(rng.uniform(0.66, 1.0))
    h, w = int(height * share), int(width * share)
    top, left = int(rng.integers(height - h + 1)), int(rng.integers(width - w + 1))
    crop = picture[top : top + h, left : left + w][:, :: (-1 if rng.random() < 0.5 else 1)]
    varied: NDArray[np.uint8] = np.clip(crop * rng.uniform(0.7, 1.3), 0, 255).astype(np.uint8)
    return varied
