"""Which frames VideoITG scores: every so many, by the average rate, and at most so many.

Officially an index becomes a time by dividing by the average rate; here it is the time at which that picture begins.
The authors have two rules: `infer.py` and training space the frames in one way, their module for lmms-eval, which wrote
the published result files, in another.
"""

from __future__ import annotations

from dataclasses import dataclass

from whenabouts.errors import InputError
from whenabouts.video import Video
from whenabouts.video.rate import rate_of

__all__ = ["INFERENCE", "LMMS_EVAL", "TRAINING", "Sampling"]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How frames are taken.

    fps:   frames per second that are aimed at
    most:  so many at most
    floor: the rule of lmms-eval, which rounds down where frames are thinned out, so that the last is never reached
    """

    fps: float = 2.0
    most: int = 512
    floor: bool = False

    def __post_init__(self) -> None:
        if not self.fps > 0 or self.most < 1:
            raise InputError(f"VideoITG needs a rate above 0 and at least one frame, got {self.fps} and {self.most}")

    def indices(self, total: int, rate: float) -> list[int]:
        """The numbers of the pictures that are scored, of `total` that come at `rate` a second on average.

        Source: NVlabs/VideoITG, `eagle/mm_utils.py:get_frame_indices`; `lmms_eval/models/videoitg.py:get_seq_frames`,
        which fails at rates below half of `fps`, where here every picture is taken.

        >>> Sampling(fps=2.0, most=4).indices(100, 25.0)
        [12, 48, 72, 96]
        >>> Sampling(fps=2.0, most=4, floor=True).indices(100, 25.0)
        [0, 24, 48, 72]
        """
        taken = range(0, total, max(1, round(rate / self.fps)))
        if len(taken) <= self.most:
            return list(taken)
        scale = len(taken) / self.most
        if self.floor:
            return [taken[int(i * scale)] for i in range(self.most)]
        return [taken[round((i + 1) * scale - 1)] for i in range(self.most)]

    def of(self, video: Video) -> list[int]:
        """The numbers of the pictures of a video that are scored, increasing. Raises VideoError.

        The rate is what the file states, as officially, unless its pictures come otherwise.
        """
        total = len(video.times)
        chosen = self.indices(total, rate_of(video, total, video.duration))
        return sorted(set(chosen))


INFERENCE = Sampling()
TRAINING = Sampling(fps=1.0, most=1024)
LMMS_EVAL = Sampling(fps=1.0, most=512, floor=True)
