"""Moments lie where they usually lie: one window for all videos is often right (Otani et al. 2020, 2009.00325)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.biases.bias import Bias, Finding, Subject
from whenabouts.auditing.biases.samples import FEWEST, folds, percent, share, span
from whenabouts.benchmarks.example import Example
from whenabouts.documents.chart import Grid, Histogram
from whenabouts.evaluation.blind.constant import WHOLE_VIDEO, best_constant
from whenabouts.metrics.ranking import overlaps

__all__ = ["PriorOnly", "constant_of", "density", "hits"]

THRESHOLD = 0.5
EVENLY = 0.40  # R1@0.5 of the best constant window where starts and ends are drawn evenly, on a grid of twentieths
MARGIN = 0.05  # above it
LEAST = 0.1  # bits above chance
ROUNDS = 200  # of turning videos
CELLS = 10
Windows = NDArray[np.float64]


class PriorOnly(Bias):
    """Where moments lie, of the room that their lengths leave, and what a constant window scores.

    A moment at a random place of its video begins anywhere between 0 and 1 − length, in shares of the video. What is
    known of the place beforehand is the divergence of these places from even ones, in bits; chance is measured by
    turning all places of a video around by the same random amount, for queries on one video are not independent.
    """

    name: ClassVar[str] = "prior-only"
    title: ClassVar[str] = "Prior only: where moments usually lie"

    def look(self, subject: Subject) -> Finding:
        """Present where places are known beforehand, or where a constant is right more often than on even windows."""
        examples, train = subject.asked, subject.learned
        if len(examples) < FEWEST:
            verdict = f"cannot be told: {len(examples)} queries have windows to look at, and {FEWEST} are needed"
            return Finding(self.name, {}, dict(REFERENCES), verdict)
        window, right = constant_of(train, examples, strict=subject.strict)
        score = share(right, examples)
        whole = share(hits(examples, WHOLE_VIDEO, strict=subject.strict), examples)
        places, videos = _places(examples)
        bits, chance = _information(places), _by_chance(places, videos)
        known_places = bits > chance + LEAST
        present = known_places or max(score.low, whole.low) > EVENLY + MARGIN
        figures = {
            "constant R1@0.5": 100 * score.mean,
            "constant R1@0.5 low": 100 * score.low,
            "constant start": window[0],
            "constant end": window[1],
            "whole video R1@0.5": 100 * whole.mean,
            "bits": bits,
            "bits by chance": chance,
        }
        told = (
            f"the same window for every video, {span(window)} of it, has R1@0.5 {percent(score)}, and the place of a "
            f"moment is known beforehand by {bits:.2f} bits, against {chance:.2f} by chance"
        )
        verdict = f"bias present: {told}" if present else f"bias not seen: {told}"
        learned = _TRAINED if train else _NO_TRAIN
        notes = (learned, _NO_DURATIONS) if subject.common_length else (learned,)
        shares, edges = np.histogram(places, CELLS, (0, 1))
        free = Histogram(
            "Places of moments, of the room that their lengths leave",
            tuple(edges.tolist()),
            {"annotated": tuple((shares / max(1, len(places))).tolist()), "even": (1 / CELLS,) * CELLS},
            "place (0 begins with the video, 1 ends with it)",
            "share of moments",
        )
        where = Grid("Where moments lie", density(examples), "start (share of the video)", "end (share of the video)")
        return Finding(self.name, figures, dict(REFERENCES), verdict, (*notes, SOURCE), (), (free, where), present)


def _places(examples: Sequence[Example]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Places in [0, 1] of moments that are shorter than their videos, and the numbers of the videos."""
    number = {video: n for n, video in enumerate(dict.fromkeys(e.video for e in examples))}
    flat = np.concatenate([e.windows / (e.duration or 1.0) for e in examples])
    videos = np.repeat([number[e.video] for e in examples], [len(e.windows) for e in examples])
    room = 1 - (flat[:, 1] - flat[:, 0])
    free = room > 1e-6
    return np.clip(flat[free, 0] / room[free], 0, 1), videos[free]


def _information(places: NDArray[np.float64]) -> float:
    """Bits of the divergence from even places."""
    counts = np.histogram(places, CELLS, (0, 1))[0]
    shares = counts[counts > 0] / max(1, len(places))
    return float((shares * np.log2(shares * CELLS)).sum())


def _by_chance(places: NDArray[np.float64], videos: NDArray[np.intp]) -> float:
    """What 97.5 % of the rounds stay below."""
    if not len(places):
        return 0.0
    random = np.random.default_rng(0)
    turned = (_information((places + random.random(int(videos.max()) + 1)[videos]) % 1) for _ in range(ROUNDS))
    return float(np.quantile(list(turned), 0.975))


def hits(examples: Sequence[Example], window: tuple[float, float], *, strict: bool) -> NDArray[np.bool_]:
    """(Q,) whether a share of the video has IoU > 0.5 with one of the windows; unless `strict`, >= 0.5.

    IoU is taken in seconds, as protocols take it: shares of a video are off by float noise at exactly 0.5.
    """
    answers = [np.array(window) * (e.duration or 1.0) for e in examples]
    iou = overlaps(answers, [e.windows for e in examples])[:, 0]
    return iou > THRESHOLD if strict else iou >= THRESHOLD


def density(examples: Sequence[Example]) -> tuple[tuple[float, ...], ...]:
    """Shares of all windows by start (columns) and end (rows)."""
    flat = np.concatenate([e.windows / (e.duration or 1.0) for e in examples])
    counts, _, _ = np.histogram2d(flat[:, 1], flat[:, 0], bins=CELLS, range=((0, 1), (0, 1)))
    return tuple(map(tuple, (counts / len(flat)).tolist()))


def constant_of(
    train: Sequence[Example], examples: Sequence[Example], *, strict: bool
) -> tuple[tuple[float, float], NDArray[np.bool_]]:
    """The best window and what it hits; without a training split, of each half of the videos on the other half."""
    if train:
        window = best_constant(train, THRESHOLD)
        return window, hits(examples, window, strict=strict)
    halves = folds(examples)
    if not all(halves):
        return best_constant(examples, THRESHOLD), np.zeros(len(examples), bool)
    place = {id(e): i for i, e in enumerate(examples)}
    right = np.zeros(len(examples), bool)
    for learned, asked in (halves, halves[::-1]):
        right[[place[id(e)] for e in asked]] = hits(asked, best_constant(learned, THRESHOLD), strict=strict)
    return best_constant(examples, THRESHOLD), right


_TRAINED = "the window was chosen on the training split"
_NO_TRAIN = "no training split is at hand: the window was chosen on half of the videos and scored on the other half"
_NO_DURATIONS = "no durations are known: all videos are taken to end with the last annotated moment"
SOURCE = (
    "references: prior and action-aware figures of Otani et al. 2020 (2009.00325), the others computed here on the "
    "published files, with hits as each benchmark counts them: QVHighlights at IoU >= 0.5, the others at IoU > 0.5"
)
REFERENCES = {
    "Charades-STA test, constant 0 to 0.3": 30.65,
    "Charades-STA test, prior-only (Otani)": 23.58,
    "Charades-STA test, action-aware (Otani)": 28.06,
    "Charades-STA test, 60-NN vote of queries": 36.13,
    "ActivityNet Captions val_2, constant 0.22 to 0.92": 29.93,
    "ActivityNet Captions val_2, prior-only (Otani)": 10.80,
    "ActivityNet Captions val_2, action-aware (Otani)": 24.30,
    "TACoS test, constant 0.64 to 0.92": 3.0,
    "QVHighlights val, constant 0.72 to 1": 14.13,
}
