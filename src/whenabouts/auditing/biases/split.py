"""What test and training splits share: rows, videos, and where moments lie (Yuan et al. 2021, 2101.09028)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.biases.bias import Bias, Finding, Subject
from whenabouts.auditing.biases.prior import constant_of, density, hits
from whenabouts.benchmarks.example import Example
from whenabouts.documents.chart import Bars, Grid
from whenabouts.evaluation.defects import Leak, leaks

__all__ = ["SplitLeak"]

CELLS = 10
STEPS = 200  # of a video, for the distances of starts and ends
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
        """Present where a query, or a video, is in both; not to be told where one may be, under another name."""
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
            "rows in training under another name": float(leak.renamed),
            "rows": float(leak.rows),
        }
        present = leak.video_rows > 0 or (None if leak.renamed else False)
        verdict = _verdict(leak)
        sentences: list[str] = []
        if leak.examples:
            sentences.append(f"rows that are in both, such as {'; '.join(leak.examples[:3])}")
        if leak.renamed and leak.video_rows:
            sentences.append(f"under another name: {_renamed(leak)}")
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
            distance, chance = _apart(_places(learned), _places(asked)), _by_chance(learned, asked)
            figures |= distance | {f"{name} by chance": value for name, value in chance.items()}
            window, right = constant_of(learned, asked, strict=subject.strict)
            figures["constant R1@0.5 training"] = 100 * float(hits(learned, window, strict=subject.strict).mean())
            figures["constant R1@0.5 test"] = 100 * float(right.mean())
            by_chance = chance.get("KL", 0.0)
            alike = distance["KL"] <= 2 * by_chance
            kl = f"KL {distance['KL']:.3f}, and {by_chance:.3f} where all videos are parted at random"
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
            f"bias present: {leak.queries} of {leak.rows} rows are in the training annotations, "
            f"{leak.same_words} of them with the same signs and {leak.same_rows} with the same windows too: a score of "
            "a system that learned from these annotations says nothing"
        )
    if leak.video_rows:
        return f"bias present: {leak.video_rows} of {leak.rows} rows are of {leak.videos} videos in training"
    if leak.renamed:
        return f"cannot be told: no row is on a video of training by name, but {_renamed(leak)}"
    return f"bias not seen: no row and no video of the {leak.rows} rows is in the training annotations"


def _renamed(leak: Leak) -> str:
    return (
        f"{leak.renamed} of {leak.rows} rows have the sentence, the windows and the length of video of a training row "
        "of another name: look whether these are the same videos"
    )


class _Places(NamedTuple):
    """Windows as shares of their videos, counted: cells of (start, end), steps of starts and of ends."""

    cells: NDArray[np.intp]
    starts: NDArray[np.intp]
    ends: NDArray[np.intp]

    def of(self, chosen: NDArray[np.bool_]) -> _Places:
        """Only these windows."""
        return _Places(*(part[chosen] for part in self))


def _places(examples: Sequence[Example]) -> _Places:
    flat = np.concatenate([e.windows / (e.duration or 1.0) for e in examples])
    column, row = np.minimum((flat * CELLS).astype(np.intp), CELLS - 1).T
    starts, ends = np.minimum((flat * STEPS).astype(np.intp), STEPS - 1).T
    return _Places(column * CELLS + row, starts, ends)


def _apart(train: _Places, test: _Places) -> dict[str, float]:
    """Divergence of the test from the training split in bits, and Wasserstein distances in shares of the video."""
    p, q = (_shares(places.cells, CELLS * CELLS, SMOOTHING) for places in (test, train))
    start, end = (
        float(np.abs(np.cumsum(_shares(a, STEPS) - _shares(b, STEPS))).sum()) / STEPS
        for a, b in ((test.starts, train.starts), (test.ends, train.ends))
    )
    return {"KL": float((p * np.log2(p / q)).sum()), "Wasserstein start": start, "Wasserstein end": end}


def _shares(places: NDArray[np.intp], count: int, more: float = 0.0) -> NDArray[np.float64]:
    counts = np.bincount(places, minlength=count) + more
    shares: NDArray[np.float64] = counts / max(1.0, counts.sum())
    return shares


def _by_chance(train: Sequence[Example], test: Sequence[Example]) -> dict[str, float]:
    """The mean distance where as many videos are taken for testing at random."""
    pooled = [*train, *test]
    number: dict[str, int] = {}
    of = np.array([number.setdefault(e.video, len(number)) for e in pooled for _ in e.windows])
    places, random = _places(pooled), np.random.default_rng(0)
    count = min(len({e.video for e in test}), len(number) - 1)
    found = []
    for _ in range(ROUNDS if count else 0):
        chosen = (random.permutation(len(number)) < count)[of]
        found.append(_apart(places.of(~chosen), places.of(chosen)))
    return {name: float(np.mean([each[name] for each in found])) for name in (found[0] if found else ())}


SOURCE = "references: Charades-CD's test_ood rows that are in the original training split of Charades-STA, counted here"
REFERENCES = {
    "Charades-CD test_ood rows": 3375.0,
    "of which in Charades-STA's training": 2633.0,
    "with the same signs": 2627.0,
    "with the same signs and windows": 2624.0,
    "of which in Charades-CD's training": 0.0,
}
