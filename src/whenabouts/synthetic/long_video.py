"""Videos of any length whose truth is known: sought scenes once each, among variations of other scenes.

The scenes are those of `composed`: the held-out half is sought, each scene once; the tuning half fills the video in
varied cuts, mirrored, brighter or darker. Parts of the concert video are left out, for both halves have some. Only the
variations are encoded, a video of ten hours is then joined from them without decoding: it takes seconds and no memory.
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

__all__ = ["LongVideos"]

SIZE, RATE = (256, 144), 8
SHARED = "demo.mp4"
VARIATIONS = 12  # of each scene that fills


@dataclass(frozen=True, slots=True)
class LongVideos:
    """The cuttings in `folder`, made once, from which videos are joined. Raises MissingExtra."""

    folder: Path
    sought: tuple[tuple[Path, int, Scene], ...]
    filling: tuple[tuple[Path, int], ...]

    @classmethod
    def prepare(cls, folder: Path, *, variations: int = VARIATIONS) -> LongVideos:
        """Encode every sought scene and the variations of the others: H.264, 256 × 144, 8 frames per second."""
        rng = np.random.default_rng(20261124)
        folder.mkdir(parents=True, exist_ok=True)
        sought = []
        for number, scene in enumerate(_scenes("held-out")):
            path = folder / f"sought-{number}.mp4"
            sought.append((path, _encode(path, scene, rng, varied=False), scene))
        filling = []
        for number, scene in enumerate(_scenes("tuning")):
            for variation in range(1 if scene.part else variations):
                path = folder / f"filling-{number}-{variation}.mp4"
                filling.append((path, _encode(path, scene, rng, varied=True)))
        return cls(folder, tuple(sought), tuple(filling))

    def video(self, path: Path, seconds: float, seed: int = 0) -> ComposedVideo:
        """A video of about so many seconds; the same arguments give the same video."""
        rng = np.random.default_rng((20261124, seed))
        fixed = sum(count for _, count, _ in self.sought)
        parts: list[tuple[Path, int, Scene | None]] = [*self.sought]
        while fixed < seconds * RATE:
            chosen = self.filling[int(rng.integers(len(self.filling)))]
            parts.append((*chosen, None))
            fixed += chosen[1]
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
    return [scene for scene in SCENES[split] if not scene.file.endswith(SHARED)]


def _encode(path: Path, scene: Scene, rng: np.random.Generator, *, varied: bool) -> int:
    """Write a scene and return the number of its frames."""
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
    """Another cut of a picture: two thirds of it or more, perhaps mirrored, brighter or darker."""
    height, width = picture.shape[:2]
    share = float(rng.uniform(0.66, 1.0))
    h, w = int(height * share), int(width * share)
    top, left = int(rng.integers(height - h + 1)), int(rng.integers(width - w + 1))
    cut = picture[top : top + h, left : left + w][:, :: (-1 if rng.random() < 0.5 else 1)]
    lit: NDArray[np.uint8] = np.clip(cut * rng.uniform(0.7, 1.3), 0, 255).astype(np.uint8)
    return lit
