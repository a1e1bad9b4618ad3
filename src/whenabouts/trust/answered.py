"""`Answered`: an answer beside the truth, as far as trust asks about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whenabouts.moment import Moment, tiou
from whenabouts.prediction import Prediction

__all__ = ["RIGHT", "Answered"]

RIGHT = 0.5  # tIoU from which a window is right, as R1@0.5 has it


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """What was answered to one query, and what is true.

    video:    what the queries of one video have in common
    duration: of the video, in seconds
    presence: P(the query happens) as the grounder gave it, None where it gave none
    best:     (start, end, score) of the best moment, None where there is none
    truth:    (M, 2) float64 true windows in seconds; no rows where the query does not happen
    """

    video: str
    duration: float
    presence: float | None
    best: tuple[float, float, float] | None
    truth: NDArray[np.float64]

    @classmethod
    def of(cls, video: str, answer: Prediction, truth: NDArray[np.float64]) -> Answered:
        """A prediction beside its true windows (M, 2)."""
        best: Moment | None = answer.best
        return cls(
            video,
            answer.duration,
            answer.presence,
            None if best is None else (best.start, best.end, best.score),
            np.asarray(truth, np.float64).reshape(-1, 2),
        )

    @property
    def happens(self) -> bool:
        """Whether the query happens in the video."""
        return bool(len(self.truth))

    @property
    def right(self) -> bool:
        """Whether the best moment overlaps a true one by a tIoU of at least 0.5."""
        return self.best is not None and self.happens and bool(tiou(self.best[:2], self.truth).max() >= RIGHT)

    @property
    def errors(self) -> tuple[float, float]:
        """|start − true start| and |end − true end| in seconds, to the true window where the larger is least.

        A true window ends with the video, whatever rounding made of it. Infinite without a moment.
        Raises ValueError for a query that does not happen.
        """
        if not self.happens:
            raise ValueError("a query that does not happen has no true start and end")
        if self.best is None:
            return float("inf"), float("inf")
        apart = np.abs(np.clip(self.truth, 0.0, self.duration) - np.array(self.best[:2]))
        start, end = apart[apart.max(axis=1).argmin()]
        return float(start), float(end)
