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
from whenabouts.video.clock import NANOSECOND, Grid

__all__ = ["FPS", "Candidates", "picture_times"]

FPS = 1.0  # frames looked at per second of video


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Distinct pictures of a video.

    encoder: what made the vectors
    times:   (N,) float64, when each picture truly begins, in seconds on the video's clock; strictly increasing
    vectors: (N, D) float32, one per picture
    levels:  (N,) float32, what the score of each is lowered by for any query, as `evidence.likeness` has it
    bank:    the generic queries behind the levels; None for an encoder that is not calibrated, whose levels are 0
    encoded: how many pictures went through the encoder to make them, now or when they were cached
    """

    encoder: Encoder
    times: NDArray[np.float64]
    vectors: NDArray[np.float32]
    levels: NDArray[np.float32]
    bank: Likeness | None
    encoded: int

    @classmethod
    def of(
        cls, video: Video, encoder: Encoder, *, fps: float = FPS, cache: bool = True, progress: Fraction | None = None
    ) -> Candidates:
        """The pictures on show at every k / fps seconds; one that stays on show counts once.

        Any video has at least one. Raises VideoError, InputError, ModelError.
        """
        frames = video_features(video, encoder, fps=fps, cache=cache, progress=progress)
        pictures, first = np.unique(_on_show(video, frames.times), return_index=True)
        vectors = frames.vectors[first]
        bank = Likeness.of(encoder, cache=cache) if encoder.name in CALIBRATION else None
        levels = bank.hubs(vectors) if bank else np.zeros(len(vectors))
        return cls(encoder, video.times[pictures], vectors, levels.astype(np.float32), bank, frames.encoded)

    def scores(self, query: str) -> NDArray[np.float32]:
        """How well each picture fits the event of the query, (N,); higher is better, on the encoder's own scale.

        These are the scores of the evidence `seen`. Raises QueryError, ModelError.
        """
        [text] = queries_of(query)
        vectors = self.encoder.encode_texts([parse_query(text).event or text])
        words = self.bank.words(vectors) if self.bank else 0.0
        scores: NDArray[np.float32] = (vectors @ self.vectors.T - self.levels - words)[0].astype(np.float32)
        return scores


def picture_times(video: Video, fps: float = FPS) -> NDArray[np.float64]:
    """When the candidates of a video begin, (N,) as `Candidates.times`, without a look at any. Raises as `of`."""
    grid = Grid.of(fps, 0.0, video.duration)
    return video.times[np.unique(_on_show(video, np.array([float(grid[k]) for k in range(grid.count)])))]


def _on_show(video: Video, times: NDArray[np.float64]) -> NDArray[np.intp]:
    """The number of the picture on show at each time (K,), in seconds."""
    return np.maximum(np.searchsorted(video.times, times + float(NANOSECOND), "right") - 1, 0)
