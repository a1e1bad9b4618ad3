"""Text on screen: titles, signs, slides and burnt-in subtitles, read by RapidOCR (PP-OCR models inside the package).

A few pictures a second are looked at; one that looks like the last one read is not read again. Lines of type that stand
together form one text, and a text that stays over several pictures is one `TimedText`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import MissingExtra, ModelError
from whenabouts.evidence.cache import remembered
from whenabouts.evidence.timed_text import TimedText, tidy
from whenabouts.progress import Fraction

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["Reading", "ScreenReader", "blocks", "follow"]

SIDE = 736  # pixels of the longer side that is read; type of 14 pixels in a 1280 × 720 picture survives it
BLOCK = 8  # pixels; the mean of such a square shows whether text was there before
CHANGE = 10.0  # of 255 levels, in any one square
ALIKE = 0.8  # likeness of two readings of one text
FORMAT = 1  # raised when the same settings give other lines than before


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as read from one picture, with its confidence in [0, 1]."""

    text: str
    score: float


class ScreenReader:
    """Reads text on screen with models that are loaded when they are first needed, and then held.

    min_score: texts read with less confidence, in [0, 1], are left out
    """

    def __init__(self, *, min_score: float = 0.8) -> None:
        self.min_score = min_score

    def read(
        self, video: Video, *, fps: float = 0.5, cache: bool = True, progress: Fraction | None = None
    ) -> list[TimedText]:
        """Every text on screen, kind "written", in order of time.

        A text lasts from the first picture looked at that shows it to the first that does not, so both ends can be up
        to 1/fps seconds late. `progress` receives the fraction done. Raises MissingExtra without rapidocr, ModelError
        when its models are damaged, VideoError.
        """
        if find_spec("rapidocr") is None:
            raise MissingExtra("ocr", "text on screen")

        def compute() -> list[TimedText]:
            return tidy(follow(self._readings(video, fps, progress), video.duration), video.duration)

        settings = {"fps": float(fps), "min_score": self.min_score, "format": FORMAT}
        model = f"rapidocr {version('rapidocr')}"
        return remembered(compute, cache=cache, video=video.sha256, model=model, **settings)

    @property
    def weight_bytes(self) -> int:
        """Bytes of the packaged models, once they are loaded."""
        if "_engine" not in self.__dict__:
            return 0
        import rapidocr

        return sum(path.stat().st_size for path in Path(rapidocr.__file__).parent.rglob("*.onnx"))

    def _readings(self, video: Video, fps: float, progress: Fraction | None) -> Iterator[tuple[float, list[Reading]]]:
        """The texts of each picture looked at, with the time (seconds) at which that picture began."""
        shrink = min(1.0, SIDE / max(video.probe.width, video.probe.height))
        size = max(1, round(video.probe.width * shrink)), max(1, round(video.probe.height * shrink))
        before: NDArray[np.float32] | None = None
        texts: list[Reading] = []
        for frame in video.sample(fps, size=size):
            look = _squares(frame.image)
            if before is None or np.abs(look - before).max(initial=0.0) > CHANGE:
                before, texts = look, self._texts(frame.image)
            yield frame.time, texts
            if progress:
                progress(min(1.0, frame.time / video.duration))

    def _texts(self, image: NDArray[np.uint8]) -> list[Reading]:
        """The texts of one picture (H, W, 3) uint8 RGB."""
        found = self._engine(np.ascontiguousarray(image[:, :, ::-1]), use_cls=False)
        if found.boxes is None:
            return []
        corners = np.asarray(found.boxes, dtype=np.float64)
        boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
        readings = [Reading(text.strip(), float(score)) for text, score in zip(found.txts, found.scores, strict=True)]
        sure = [i for i, r in enumerate(readings) if r.score >= self.min_score and sum(map(str.isalnum, r.text)) >= 2]
        return blocks(boxes[sure], [readings[i] for i in sure])

    @cached_property
    def _engine(self) -> Any:
        import rapidocr

        try:
            return rapidocr.RapidOCR(
                params={"Global.log_level": "critical", "Det.limit_type": "max", "Det.limit_side_len": SIDE}
            )
        except Exception as error:  # its own, onnxruntime's, or requests' when a packaged model is gone
            raise ModelError(
                "the models that read text cannot be loaded; reinstall them: pip install --force-reinstall rapidocr"
            ) from error


def _squares(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    height, width = (side // BLOCK * BLOCK for side in image.shape[:2])
    green = image[:height, :width, 1].reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK)
    squares: NDArray[np.float32] = green.mean(axis=(1, 3), dtype=np.float32)
    return squares


def follow(pictures: Iterator[tuple[float, list[Reading]]], duration: float) -> Iterator[TimedText]:
    """Join the readings of one text over consecutive pictures; the surest reading gives the words."""
    shown: list[tuple[float, Reading]] = []
    for time, readings in pictures:
        still: list[tuple[float, Reading]] = []
        for reading in readings:
            known = next((entry for entry in shown if _alike(entry[1].text, reading.text)), None)
            if known is None:
                still.append((time, reading))
            else:
                shown.remove(known)
                still.append((known[0], max(known[1], reading, key=lambda r: r.score)))
        for start, reading in shown:
            yield TimedText(start, time, reading.text, "written", "ocr")
        shown = still
    for start, reading in shown:
        yield TimedText(start, duration, reading.text, "written", "ocr")


def _alike(one: str, other: str) -> bool:
    one, other = ("".join(text.casefold().split()) for text in (one, other))
    return one == other or SequenceMatcher(None, one, other, autojunk=False).ratio() >= ALIKE


def blocks(boxes: NDArray[np.float64], readings: list[Reading]) -> list[Reading]:
    """Join lines of type that stand together: same size, side by side or one below the other.

    `boxes` (N, 4) holds left, top, right, bottom in pixels, one row per reading; reading order is kept.
    """
    order = sorted(range(len(readings)), key=lambda i: (boxes[i][1] + boxes[i][3], boxes[i][0]))
    joined: list[tuple[list[int], NDArray[np.float64]]] = []
    for i in order:
        home = next((group for group in joined if any(_together(boxes[k], boxes[i]) for k in group[0])), None)
        if home is None:
            joined.append(([i], boxes[i]))
        else:
            home[0].append(i)
    return [
        Reading(" ".join(readings[i].text for i in group), min(readings[i].score for i in group)) for group, _ in joined
    ]


def _together(a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    high, low = sorted((a[3] - a[1], b[3] - b[1]), reverse=True)
    across = max(a[0], b[0]) - min(a[2], b[2])  # negative where they share columns
    down = max(a[1], b[1]) - min(a[3], b[3])
    beside = down < -0.5 * low and across < 1.5 * high
    below = across < 0 and down < 0.8 * low
    return bool(high < 1.6 * low and (beside or below))
