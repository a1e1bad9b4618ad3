"""What test and training splits share: rows, videos, and where moments lie (Yuan et al. 2021, 2101.09028)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.audit.biases.bias import Bias, Finding, Subject
from whenabouts.audit.biases.prior import constant_of, density, hits
from whenabouts.benchmarks.example import Example
from whenabouts.documents.chart import Bars, Grid
from whenabouts.evaluation.defects import Leak, leaks

__all__ = ["SplitLeak"]

CELLS = 10
ROUNDS = 50  # of parting all videos anew
SMOOTHING = 0.5  # of a window in every cell


class SplitLeak(Bias):
    """Rows that are also training rows, and how far apart the windows of the two splits lie.

    The training split is the one that a system learned from, which need not be the benchmark's own: the test rows of
    Charades-CD are training rows of Charades-STA. Distance: the Kullback-Leibler divergence of (start, end) on a grid
    of ten by ten, and Wasserstein's of starts and of ends, against the same of all videos parted at random.
    """

    name: ClassVar[str] = "split leak"
    title: ClassVar[str] = "Split leak: what test and training share"

    def look(self, subject: Subject) -> Finding:
        """Present where a query, or a video, is in both."""
        if not subject.train or not subject.examples:
            verdict = "cannot be told: no training annotations are at hand; name those that the system learned from"
            return Finding(self.name, {}, dict(REFERENCES), verdict)
        leak = leaks(subject.train, subject.examples)
        figures = {
            "rows in training": float(leak.queries),
            "rows in training with the same signs": float(leak.same_words),
            "rows in training with the same signs and windows": float(leak.same_rows),
            "rows of videos in training": float(leak.video_rows),
            "videos in training": float(leak.videos),
            "rows": float(leak.rows),
        }
        present = leak.queries > 0 or leak.video_rows > 0
        verdict = _verdict(leak)
        sentences: list[str] = []
        if leak.examples:
            sentences.append(f"rows that are in both, such as {'; '.join(leak.examples[:3])}")
        charts: list[Bars | Grid] = [
            Bars(
                "Test rows that are in training",
                ("query and video", "with its signs", "and its windows", "video"),
                {"rows": tuple(map(float, (leak.queries, leak.same_words, leak.same_rows, leak.video_rows)))},
                "rows",
            )
        ]
        asked, learned = subject.asked, subject.learned
        if asked and learned:
            distance, chance = _distances(learned, asked), _by_chance(learned, asked)
            figures |= distance | {f"{name} by chance": value for name, value in chance.items()}
            window, right = constant_of(learned, asked)
            figures["constant R1@0.5 training"] = 100 * float(hits(learned, window).mean())
            figures["constant R1@0.5 test"] = 100 * float(right.mean())
            alike = distance["KL"] <= 2 * chance["KL"]
            kl = f"KL {distance['KL']:.3f}, and {chance['KL']:.3f} where all videos are parted at random"
            fall = (
                f"a constant window that is chosen in training has R1@0.5 {figures['constant R1@0.5 training']:.1f} "
                f"there and {figures['constant R1@0.5 test']:.1f} here"
            )
            sentences.append(
                f"test moments lie where training moments lie ({kl}), so that a prior carries over: {fall}"
                if alike
                else f"test moments lie elsewhere than training moments ({kl}): {fall}"
            )
            axes = ("start (share of the video)", "end (share of the video)")
            charts += [Grid("Training moments", density(learned), *axes), Grid("Test moments", density(asked), *axes)]
        return Finding(self.name, figures, dict(REFERENCES), verdict, (*sentences, SOURCE), (), tuple(charts), present)


def _verdict(leak: Leak) -> str:
    if leak.queries:
        return (
            f"present: {leak.queries} of {leak.rows} rows are in the training annotations, {leak.same_words} of them "
            f"with the same signs and {leak.same_rows} with the same windows too: a score of a system that learned "
            "from these annotations says nothing"
        )
    if leak.video_rows:
        return f"present: {leak.video_rows} of {leak.rows} rows are of {leak.videos} videos that are in training"
    return f"not seen: no row and no video of the {leak.rows} rows is in the training annotations"


def _distances(train: Sequence[Example], test: Sequence[Example]) -> dict[str, float]:
    return _apart(_flat(train), _flat(test))


def _flat(examples: Sequence[Example]) -> NDArray[np.float64]:
    return np.concatenate([e.windows / (e.duration or 1.0) for e in examples])


def _apart(train: NDArray[np.float64], test: NDArray[np.float64]) -> dict[str, float]:
    """Divergence of the test from the training split in bits, and Wasserstein distances in shares of the video."""
    p, q = (_cells(test), _cells(train))
    parts = np.linspace(0, 1, 201)
    start, end = (
        float(np.abs(np.quantile(test[:, side], parts) - np.quantile(train[:, side], parts)).mean()) for side in (0, 1)
    )
    return {"KL": float((p * np.log2(p / q)).sum()), "Wasserstein start": start, "Wasserstein end": end}


def _cells(windows: NDArray[np.float64]) -> NDArray[np.float64]:
    columns = np.minimum((windows * CELLS).astype(np.intp), CELLS - 1)
    counts = np.bincount(columns[:, 0] * CELLS + columns[:, 1], minlength=CELLS * CELLS) + SMOOTHING
    shares: NDArray[np.float64] = counts / counts.sum()
    return shares


def _by_chance(train: Sequence[Example], test: Sequence[Example]) -> dict[str, float]:
    """The mean distance where as many videos are taken for testing at random."""
    pooled = [*train, *test]
    number: dict[str, int] = {}
    of = np.array([number.setdefault(e.video, len(number)) for e in pooled for _ in e.windows])
    flat, random = _flat(pooled), np.random.default_rng(0)
    count = len({e.video for e in test})
    if count >= len(number):
        return {"KL": 0.0, "Wasserstein start": 0.0, "Wasserstein end": 0.0}
    found = []
    for _ in range(ROUNDS):
        chosen = (random.permutation(len(number)) < count)[of]
        found.append(_apart(flat[~chosen], flat[chosen]))
    return {name: float(np.mean([each[name] for each in found])) for name in found[0]}


SOURCE = "references: Charades-CD's test_ood rows that are in the original training split of Charades-STA, counted here"
REFERENCES = {
    "Charades-CD test_ood rows": 3375.0,
    "of which in Charades-STA's training": 2633.0,
    "with the same signs": 2627.0,
    "with the same signs and windows": 2624.0,
    "of which in Charades-CD's training": 0.0,
}
