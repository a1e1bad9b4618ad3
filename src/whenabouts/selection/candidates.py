"""Candidates: the pictures of a video that a selector may choose from, as times and vectors, never as pictures.

A video is looked at once at a low rate, one frame a second as AKS, BOLT and T* do (`FPS`). Its vectors come from
`encoders.features`, so `find`, a search and every selector share one entry of the cache. An hour of a video takes
3,600 vectors of the embedded encoder, 20 MB.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders import Encoder
from whenabouts.encoders.features import video_features
from whenabouts.evidence.likeness import Likeness
from whenabouts.evidence.presence import CALIBRATION
from whenabouts.progress import Fraction
from whenabouts.query import parse_query, queries_of
from whenabouts.video import Video
from whenabouts.video.clock import NANOSECOND

__all__ = ["FPS", "Candidates"]

FPS = 1.0  # frames looked at per second of video


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Distinct pictures of a video.

    encoder: what made the vectors
    times:   (N,) float64, when each picture truly begins, in seconds on the video's clock; strictly increasing
    vectors: (N, D) float32, one per picture
    encoded: how many pictures went through the encoder to make them, now or when they were cached
    """

    encoder: Encoder
    times: NDArray[np.float64]
    vectors: NDArray[np.float32]
    encoded: int

    @classmethod
    def of(
        cls, video: Video, encoder: Encoder, *, fps: float = FPS, cache: bool = True, progress: Fraction | None = None
    ) -> Candidates:
        """The pictures on show at every k / fps seconds; one that stays on show counts once.

        Any video has at least one. Raises VideoError, InputError, ModelError.
        """
        frames = video_features(video, encoder, fps=fps, cache=cache, progress=progress)
        begun = np.searchsorted(video.times, frames.times + float(NANOSECOND), "right") - 1
        pictures, first = np.unique(np.maximum(begun, 0), return_index=True)
        return cls(encoder, video.times[pictures], frames.vectors[first], frames.encoded)

    def scores(self, query: str, *, cache: bool = True) -> NDArray[np.float32]:
        """How well each picture fits the event of the query, (N,); higher is better, on the encoder's own scale.

        As the evidence `seen` has it: pictures that resemble any query are levelled where the encoder is calibrated.
        Raises QueryError, ModelError.
        """
        [text] = queries_of(query)
        vectors = self.encoder.encode_texts([parse_query(text).event or text])
        if self.encoder.name in CALIBRATION:
            curves = Likeness.of(self.encoder, cache=cache).curves(vectors, self.vectors)
        else:
            curves = vectors @ self.vectors.T
        scores: NDArray[np.float32] = curves[0]
        return scores
