"""Small rendered videos with known moments: coloured shapes that appear and disappear.

A video is a sequence of scenes, each a shape of one colour on a plain background. A query names one of them, such as "a
red circle"; its moments are the scenes that show it. Other scenes may show the same shape in another colour, or another
shape in the same colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenabouts.benchmarks.annotations import Annotation, write_annotations
from whenabouts.benchmarks.example import Example
from whenabouts.files.atomic import replacing
from whenabouts.video.compose import Still, compose

__all__ = ["COLOURS", "SHAPES", "Rendered"]

COLOURS = {
    "red": (210, 30, 30),
    "green": (30, 160, 50),
    "blue": (30, 60, 210),
    "yellow": (235, 210, 30),
    "purple": (130, 40, 160),
    "orange": (240, 130, 20),
}
SHAPES = ("circle", "square", "triangle")
CLIP = 2.0  # seconds of a rated clip, as in QVHighlights; scenes last a whole number of clips
SIZE = (128, 96)


@dataclass(frozen=True, slots=True)
class Rendered:
    """The parameters: `videos` videos, each with `scenes` scenes and `queries` queries, drawn from a seed."""

    videos: int = 40
    seed: int = 0
    scenes: int = 8
    queries: int = 2

    def write(self, folder: Path, split: str = "train") -> list[Example]:
        """Write a `VID.mp4` for each video, and QVHighlights annotations into `highlight_SPLIT_release.jsonl`.

        Returns the examples. Existing videos are kept. Raises OSError.
        """
        folder.mkdir(parents=True, exist_ok=True)
        annotations: list[Annotation] = []
        for number in range(self.videos):
            rng = np.random.default_rng((self.seed, number))
            shown, lengths = self._scenes(rng)
            vid = f"rendered_{self.seed}_{number}"
            path = folder / f"{vid}.mp4"
            if not path.exists():
                background = int(rng.integers(60, 200))
                pictures = [_draw(rng, *what, background) for what in shown]
                stills = [Still(picture, n * CLIP, 1.0) for picture, n in zip(pictures, lengths, strict=True)]
                with replacing(path.with_suffix(".mp4")) as part:
                    video = part.with_suffix(".mp4")
                    compose(video, stills, size=SIZE, rate=8)
                    video.replace(part)
            ends = np.cumsum(lengths)
            for what in list(dict.fromkeys(shown))[: self.queries]:
                spans = [(int(e - n), int(e)) for w, n, e in zip(shown, lengths, ends, strict=True) if w == what]
                qid = self.seed * 1_000_000 + len(annotations)
                annotations.append(_annotation(qid, vid, what, spans, float(ends[-1] * CLIP)))
        write_annotations(folder / f"highlight_{split}_release.jsonl", annotations)
        return [annotation.to_example() for annotation in annotations]

    def _scenes(self, rng: np.random.Generator) -> tuple[list[tuple[str, str]], NDArray[np.int64]]:
        """Colour and shape of each scene, which differ between neighbours; and its length in clips."""
        colours = rng.choice(list(COLOURS), size=3, replace=False).tolist()
        shapes = rng.choice(SHAPES, size=2, replace=False).tolist()
        choices = [(c, s) for c in colours for s in shapes]
        shown: list[tuple[str, str]] = []
        while len(shown) < self.scenes:
            what = choices[int(rng.integers(len(choices)))]
            if not shown or what != shown[-1]:
                shown.append(what)
        return shown, rng.integers(1, 6, size=self.scenes)


def _draw(rng: np.random.Generator, colour: str, shape: str, background: int) -> NDArray[np.uint8]:
    """An image (H, W, 3) of a shape at a random position on a plain background."""
    width, height = SIZE
    picture = np.full((height, width, 3), background, dtype=np.uint8)
    radius = float(rng.uniform(0.25, 0.42)) * height
    x, y = rng.uniform(radius, width - radius), rng.uniform(radius, height - radius)
    rows, columns = np.mgrid[:height, :width]
    dx, dy = np.abs(columns - x), rows - y
    inside = {
        "circle": dx**2 + dy**2 < radius**2,
        "square": (dx < 0.85 * radius) & (np.abs(dy) < 0.85 * radius),
        "triangle": (dy > -radius) & (dy < radius) & (dx < (dy + radius) / 2),
    }[shape]
    picture[inside] = COLOURS[colour]
    return picture


def _annotation(qid: int, vid: str, what: tuple[str, str], spans: list[tuple[int, int]], duration: float) -> Annotation:
    clips = tuple(clip for first, last in spans for clip in range(first, last))
    windows = tuple((first * CLIP, last * CLIP) for first, last in spans)
    return Annotation(
        vid,
        "a {} {}".format(*what),
        duration,
        windows,
        qid,
        relevant_clip_ids=clips,
        saliency_scores=((3.0, 3.0, 3.0),) * len(clips),
    )
