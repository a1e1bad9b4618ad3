"""Whether an interval shows what is claimed of it, beyond what other intervals of the same video do.

Measured as in "Step-Level Visual Grounding Faithfulness" (arXiv:2603.06828), a measurement study of question answering
without a published verifier: the transfer to cited intervals, the scorers and the threshold are ours.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from whenabouts.encoders import Encoder, load_encoder
from whenabouts.encoders.features import Features, video_features
from whenabouts.grounders.grounder import Grounder, ask
from whenabouts.trust.steps.cited import Step
from whenabouts.video import Video
from whenabouts.video.part import Part

__all__ = ["Scorer", "Seeing", "Support", "Verifying", "elsewhere", "support"]

Windows = NDArray[np.float64]

DRAWS = 24  # intervals that a step is compared with
LEAST = 1.0  # standard deviations above their mean from which a claim is supported; ours


class Scorer(Protocol):
    """Says how well intervals fit a claim; whom it judges must have no part in it."""

    def scores(self, video: Video, claim: str, windows: Windows) -> NDArray[np.float64]:
        """A score (W,) on any scale for windows (W, 2) in seconds; higher is better. Raises VideoError, ModelError."""
        ...


@dataclass
class Seeing:
    """The mean likeness of an interval's pictures to a claim, by an encoder. The vectors of one video are kept."""

    encoder: Encoder | str = "builtin"
    fps: float = 2.0
    cache: bool = True
    _seen: tuple[str, Features] | None = field(default=None, init=False, repr=False)

    def scores(self, video: Video, claim: str, windows: Windows) -> NDArray[np.float64]:
        """At least the picture that is nearest to the middle counts for an interval."""
        if isinstance(self.encoder, str):
            self.encoder = load_encoder(self.encoder)
        if self._seen is None or self._seen[0] != video.sha256:
            self._seen = video.sha256, video_features(video, self.encoder, fps=self.fps, cache=self.cache)
        frames = self._seen[1]
        curve = (self.encoder.encode_texts([claim]) @ frames.vectors.T)[0].astype(np.float64)
        return np.array([_mean(curve, frames.times, start, end) for start, end in windows])


@dataclass(frozen=True)
class Verifying:
    """The presence of a claim in an interval, according to any grounder: a verifier model, for one."""

    grounder: Grounder

    def scores(self, video: Video, claim: str, windows: Windows) -> NDArray[np.float64]:
        """Presence, or the score of the best moment where the grounder does not tell it."""
        found = [ask(self.grounder, Part(video, float(start), float(end)), [claim])[0] for start, end in windows]
        return np.array([p.presence if p.presence is not None else p.best.score if p.best else 0.0 for p in found])


@dataclass(frozen=True, slots=True)
class Support:
    """How a cited interval compares with others of its length.

    support:   its score less the mean of theirs
    supported: whether that is at least so many of their standard deviations
    by_chance: share of the others that would pass for supported
    """

    support: float
    supported: bool
    by_chance: float


def support(scorer: Scorer, video: Video, step: Step, others: Windows, *, least: float = LEAST) -> Support:
    """Compare a step with `others` (W, 2), as `elsewhere` gives them. Raises VideoError, ModelError."""
    cited = np.array([[step.start, min(step.end, video.duration)]])
    scores = scorer.scores(video, step.claim, np.concatenate([cited, others]))
    spread = max(float(scores[1:].std()), 1e-6)
    above = (scores - scores[1:].mean()) / spread
    return Support(float(scores[0] - scores[1:].mean()), bool(above[0] >= least), float((above[1:] >= least).mean()))


def elsewhere(step: Step, duration: float, rng: np.random.Generator, draws: int = DRAWS) -> Windows:
    """Windows (W, 2) of the length of a step that do not meet it, at random; none where no other fits."""
    end = min(step.end, duration)
    length = end - step.start
    before, after = max(0.0, step.start - length), max(0.0, duration - length - end)
    if length <= 0 or before + after <= 0:
        return np.zeros((0, 2))
    drawn = rng.uniform(0, before + after, draws)
    starts = np.where(drawn < before, drawn, end + drawn - before)
    return np.stack([starts, np.minimum(starts + length, duration)], axis=1)


def _mean(curve: NDArray[np.float64], times: NDArray[np.float64], start: float, end: float) -> float:
    inside = (times >= start) & (times < end)
    return float(curve[inside].mean() if inside.any() else curve[np.abs(times - (start + end) / 2).argmin()])
