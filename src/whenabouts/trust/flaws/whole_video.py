"""A grounder that hedges: windows so long that the truth must be in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.grounders.grounder import Grounder
from whenabouts.moment import intersection, merge
from whenabouts.prediction import Prediction
from whenabouts.progress import Progress
from whenabouts.trust.answers import answers_to, best, overlap, relative, videos_of
from whenabouts.trust.flaws.bounds import share_interval
from whenabouts.trust.probe import Case, Finding, Flaw, Probe

__all__ = ["WHOLE", "WholeVideo", "share_of_video"]

FEWEST = 6  # answers
SHORT = 1 / 3  # share of the video that the truth may be, so that a long answer can be told from a right one
LONGER = 3.0  # times as long as the truth
COVERS = 0.9  # share of the truth that a hedge holds
WHOLE = 0.8  # share of the video from which a window is the whole of it


class WholeVideo(Probe):
    """Counts answers that hold the truth and are three times as long, or, without truth, nearly the whole video."""

    name: ClassVar[str] = "whole-video"

    def run(self, grounder: Grounder, cases: Sequence[Case], *, progress: Progress | None = None) -> Finding:
        """Named where more than half of the answers are such."""
        used = [case for case in cases if case.truth is None or _short(case.truth, case.video.duration)]
        answers = answers_to(grounder, used, progress=progress)
        pairs = [(case, answer) for case, answer in zip(used, answers, strict=True) if answer.best is not None]
        if len(pairs) < FEWEST:
            return Finding(
                self.name,
                notes=(f"{len(pairs)} answers about moments of a third of a video or less; {FEWEST} are needed",),
            )
        hedged = share_interval([_hedged(*pair) for pair in pairs], videos_of([case for case, _ in pairs]))
        shares = [share_of_video(answer) for _, answer in pairs]
        figures = {"share of the video": float(np.mean(shares)), "hedged": hedged.mean, "hedged low": hedged.low}
        true = [(answer, case.truth) for case, answer in pairs if case.truth is not None]
        told = "no truth is known, so they may be right"
        if true:
            figures |= {
                "truth covered": float(np.mean([_covered(*pair) for pair in true])),
                "mean tIoU": float(np.mean([overlap(best(answer), truth) for answer, truth in true])),
                "length by truth": float(np.median([_longer(*pair) for pair in true])),
            }
            told = (
                f"they cover {figures['truth covered']:.0%} of the truth, and are {figures['length by truth']:.1f} "
                f"times as long: with the length penalty of tIoU that is {figures['mean tIoU']:.2f}"
            )
        flaws = (
            Flaw(
                self.name,
                f"{hedged.mean:.0%} of its answers (95 % at least {hedged.low:.0%}) hedge, with windows of "
                f"{figures['share of the video']:.0%} of the video on average; {told}",
            ),
        )
        return Finding(self.name, figures, flaws=flaws if hedged.low > 0.5 else ())


def share_of_video(answer: Prediction) -> float:
    """How much of the video the best moment is; 0 of no answer."""
    window = relative(answer)
    return float(window[0, 1] - window[0, 0]) if len(window) else 0.0


def _seconds(truth: NDArray[np.float64]) -> float:
    joined = merge(truth)
    return float((joined[:, 1] - joined[:, 0]).sum())


def _short(truth: NDArray[np.float64], duration: float) -> bool:
    return 0 < _seconds(truth) <= SHORT * duration


def _covered(answer: Prediction, truth: NDArray[np.float64]) -> float:
    assert answer.best is not None
    inside = intersection([answer.best.start, answer.best.end], merge(truth)).sum()
    return float(inside) / _seconds(truth)


def _longer(answer: Prediction, truth: NDArray[np.float64]) -> float:
    assert answer.best is not None
    return answer.best.duration / _seconds(truth)


def _hedged(case: Case, answer: Prediction) -> bool:
    if case.truth is None:
        return share_of_video(answer) >= WHOLE
    return _covered(answer, case.truth) >= COVERS and _longer(answer, case.truth) >= LONGER
