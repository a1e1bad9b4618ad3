"""Text on screen: titles, signs, slides and burnt-in subtitles, read by RapidOCR (PP-OCR models inside the package).

A few pictures a second are looked at; one that looks like the last one read is not read again. Lines of type that stand
together form one text, and a text that stays over several pictures is one `TimedText`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders.session import onnx_session
from whenabouts.errors import MissingExtra, ModelError
from whenabouts.evidence.cache import Kept
from whenabouts.evidence.new_pictures import SIDE, NewPictures, News, block_means, size_read
from whenabouts.evidence.timed_text import TimedText, tidy
from whenabouts.files.pinned import Pinned
from whenabouts.progress import Fraction

if TYPE_CHECKING:
    from whenabouts.video import Frame, Video

__all__ = ["Reading", "ScreenReader", "blocks", "follow"]

ALIKE = 0.8  # likeness of two readings of one text
FORMAT = 2  # raised when the same settings give other lines than before


PINNED = Pinned(
    "the model that reads text",
    "rapidocr==3.10.0",
    "rapidocr",
    {
        "PP-OCRv6_det_small.onnx": "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
        "PP-OCRv6_rec_small.onnx": "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
        "ch_ppocr_mobile_v2.0_cls_mobile.onnx": "e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c",
    },
    within="models",
)
BLOCK = 8  # pixels
CONTRAST = 2.0  # grey levels, mean difference of neighbouring pixels in some block of a picture with text


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
        self,
        video: Video,
        *,
        fps: float = 0.5,
        cache: bool = True,
        progress: Fraction | None = None,
        pictures: NewPictures | None = None,
    ) -> list[TimedText]:
        """Every text on screen, kind "written", in order of time.

        A text lasts from the first picture looked at that shows it to the first that does not, so both ends can be up
        to 1/fps seconds late. `progress` receives the fraction done; `pictures` of this rate, which another pass kept,
        are not decoded again. Raises MissingExtra without rapidocr, ModelError when its models are damaged, VideoError.
        """
        if find_spec("rapidocr") is None:
            raise MissingExtra("ocr", "text on screen")
        kept = self._kept(video, fps, cache)
        lines = kept.read()
        if lines is None:
            frames = pictures.and_the_rest() if pictures else video.sample(fps, size=size_read(video))
            lines = tidy(follow(self._readings(video, frames, progress), video.duration), video.duration)
            kept.write(lines)
        return lines

    def known(self, video: Video, *, fps: float, cache: bool) -> bool:
        """Whether the text of a video was read before, so that no picture is needed."""
        return self._kept(video, fps, cache).read() is not None

    def _kept(self, video: Video, fps: float, cache: bool) -> Kept[TimedText]:
        settings = {"fps": float(fps), "min_score": self.min_score, "format": FORMAT}
        model = f"rapidocr {version('rapidocr')}"
        return Kept(TimedText, cache=cache, video=video.sha256, model=model, **settings)

    @property
    def weight_bytes(self) -> int:
        """Bytes of the packaged models, once they are loaded."""
        if "_engine" not in self.__dict__:
            return 0
        import rapidocr

        return sum(path.stat().st_size for path in Path(rapidocr.__file__).parent.rglob("*.onnx"))

    def _readings(
        self, video: Video, frames: Iterable[Frame], progress: Fraction | None
    ) -> Iterator[tuple[float, list[Reading]]]:
        """The texts of each picture looked at, with the time (seconds) at which that picture began."""
        news = News()
        texts: list[Reading] = []
        for frame in frames:
            if news.new(frame.image):
                texts = self._texts(frame.image)
            yield frame.time, texts
            if progress:
                progress(min(1.0, frame.time / video.duration))

    def _texts(self, image: NDArray[np.uint8]) -> list[Reading]:
        """The texts of one picture (H, W, 3) uint8 RGB."""
        if not may_show_text(image):
            return []
        found = self._engine(np.ascontiguousarray(image[:, :, ::-1]), use_cls=False)
        if found.boxes is None:
            return []
        corners = np.asarray(found.boxes, dtype=np.float64)
        boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
        readings = [Reading(text.strip(), float(score)) for text, score in zip(found.txts, found.scores, strict=True)]
        sure = [i for i, r in enumerate(readings) if r.score >= self.min_score and sum(map(str.isalnum, r.text)) >= 2]
        return blocks(boxes[sure], [readings[i] for i in sure])

    def load(self) -> None:
        """Load the models, if they are not. Raises ModelError."""
        assert self._engine is not None

    @cached_property
    def _engine(self) -> Any:
        import omegaconf
        import rapidocr

        try:
            detector, recogniser, _ = map(PINNED.file, PINNED.sha256)  # it would download what is missing or another
            params = {"Global.log_level": "critical", "Det.limit_type": "max", "Det.limit_side_len": SIDE}
            engine = rapidocr.RapidOCR(params=params)
            # Its own sessions have threads that spin while they wait and memory that is mapped anew for each picture,
            # which doubles the time of the processor. What they give is the same.
            with omegaconf.flag_override(engine.cfg, "allow_objects", True):
                for section, network in (("Det", detector), ("Rec", recogniser)):
                    engine.cfg[section].session = onnx_session(network)
            return engine
        except ModelError:
            raise
        except Exception as error:  # its own, or onnxruntime's
            raise ModelError(
                "the models that read text cannot be loaded; reinstall them: pip install --force-reinstall rapidocr"
            ) from error


def may_show_text(image: NDArray[np.uint8]) -> bool:
    """Whether somewhere in a picture (H, W, 3) neighbouring pixels differ as they do in the faintest type that is read.

    A picture without such a place, as in fades, titles before their text and shots out of focus, need not be searched
    for text. Of 187 pictures whose text is read, type of 8 to 56 pixels from 18 grey levels above its ground on, the
    lowest had 6.3 grey levels. Sharp footage has such places: all of 64 photographs and video frames pass. Tests that
    tell strokes from texture lost text where they skipped more: counted strokes, thin lines, and the detector itself at
    448 pixels, which lets 87 % of pictures without text pass at a recall of 0.99 and costs a third of a full one.
    """
    steps = np.abs(np.diff(image.astype(np.int16), axis=1))
    strongest = np.maximum(np.maximum(steps[:, :, 0], steps[:, :, 1]), steps[:, :, 2])
    return bool(block_means(strongest, BLOCK).max(initial=0.0) >= CONTRAST)


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
