"""What looks like an example: the cosine of each frame with it is a curve, as that of a query in words.

With words beside it ("like this picture, but at night") both curves count alike, each in its own standard deviations
over the video, since an encoder's likeness of two pictures and of a picture and a sentence are on different scales.
The shots that an example comes from are left out in its own video, so that "more like this" gives others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders.features import Features, video_features
from whenabouts.evidence.asking import thing_asked
from whenabouts.evidence.blocks import blocks
from whenabouts.evidence.boundaries import shots
from whenabouts.evidence.kinds import Answer, EvidenceModels, EvidenceSettings
from whenabouts.evidence.presence import ALIKE
from whenabouts.evidence.seen import frame_edges, moments_of, rate_of
from whenabouts.evidence.sound.names import HEARD, free_text
from whenabouts.prediction import Saliency
from whenabouts.query import parse_query

if TYPE_CHECKING:
    from whenabouts.encoders.example import EncodedExample
    from whenabouts.video import Video

__all__ = ["ITSELF", "NOTHING_LEFT", "RANKED", "UNCALIBRATED", "alike", "cosines", "standardised", "unseen"]

Float = NDArray[np.floating[Any]]

ITSELF = "the shot that the example is from is left out"
NOTHING_LEFT = "nothing is left to compare the example with: its own shots are all that was looked at"
RANKED = "how likely a picture with words beside it is there at all is not known: scores only rank"
UNSEEN = (
    "words beside an example are compared with the picture only: what is heard, said or not there is not looked for"
)
UNCALIBRATED = "how likely such a picture is there at all is not known for this encoder: scores only rank"


def alike(
    video: Video, example: EncodedExample, texts: Sequence[str], models: EvidenceModels, settings: EvidenceSettings
) -> list[Answer]:
    """Moments and curve for the example with each of the texts beside it, "" for the example alone.

    A score is the probability that the same scene is shown there, where that is known: for an example alone and a
    calibrated encoder; else it ranks, and a note says so. Raises VideoError, ModelError.
    """
    encoder = models.frame_encoder
    frames = video_features(
        video, encoder, fps=rate_of(video, settings), cache=settings.cache, progress=settings.progress
    )
    cuts, edges = shots(frames.half), frame_edges(frames, video.duration)
    own = _own(frames, cuts, example) if example.is_in(video.sha256) else np.zeros(len(frames.times), np.bool_)
    likeness = cosines(example.vector, frames.half)
    worded = [text for text in texts if text]
    scores = dict(zip(worded, _products(encoder.encode_texts(worded), frames.half), strict=True))
    answers = []
    for text in texts:
        curve = standardised(likeness, ~own) + standardised(scores[text], ~own) if text else likeness
        calibration = ALIKE.get(encoder.name) if example.judged and not text else None
        notes = [*example.notes, *unseen(text), *([NOTHING_LEFT if own.all() else ITSELF] if own.any() else [])]
        if calibration is None and example.judged and not own.all():
            notes.append(RANKED if text else UNCALIBRATED)
        others = np.where(own, np.median(curve[~own]) if not own.all() else 0.0, curve).astype(np.float32)
        answers.append(
            Answer(
                () if own.all() else moments_of(others, cuts, edges, calibration),
                Saliency(tuple(frames.times.tolist()), tuple(round(float(value), 5) for value in curve)),
                probability=calibration is not None and not own.all(),
                notes=tuple(notes),
            )
        )
    return answers


def unseen(words: str) -> tuple[str, ...]:
    """A note where words beside an example ask for what no picture shows."""
    read = parse_query(words)
    asked = read.negated or read.act or read.kind not in (None, "seen") or thing_asked(words, HEARD) or free_text(words)
    return (UNSEEN,) if words and asked else ()


def cosines(vector: NDArray[np.float32], frames: Float) -> NDArray[np.float32]:
    """How alike frames (N, D) are to an example (D,) of unit length, (N,): the cosine of the angle between them."""
    parts = [block @ vector / np.maximum(np.linalg.norm(block, axis=1), 1e-12) for block in blocks(frames)]
    return np.concatenate(parts).astype(np.float32)


def standardised(curve: Float, among: NDArray[np.bool_] | None = None) -> NDArray[np.float32]:
    """A curve (N,) in standard deviations from its mean, both over the places `among` (N,), or over all."""
    counted = curve if among is None or not among.any() else curve[among]
    return np.asarray((curve - counted.mean()) / max(float(counted.std()), 1e-6), np.float32)


def _products(texts: Float, frames: Float) -> NDArray[np.float32]:
    return np.concatenate([texts @ block.T for block in blocks(frames)], axis=1)


def _own(frames: Features, cuts: NDArray[np.intp], example: EncodedExample) -> NDArray[np.bool_]:
    """Which frames (N,) are of the shots that an example of this video is from."""
    assert example.span is not None
    start, end = example.span
    first = max(0, int(np.searchsorted(frames.times, start, "right")) - 1)
    last = max(first, int(np.searchsorted(frames.times, end, "left")) - 1)
    shot = np.repeat(np.arange(len(cuts)), np.diff(np.append(cuts, len(frames.times))))
    own: NDArray[np.bool_] = (shot >= shot[first]) & (shot <= shot[last])
    return own
