"""The first verb of a query says where its moment lies: a model may read the verb in place of the video."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.biases.bias import Bias, Finding, Subject
from whenabouts.auditing.biases.samples import english, first_windows, folds
from whenabouts.benchmarks.example import Example
from whenabouts.documents.chart import Bars
from whenabouts.documents.document import Table
from whenabouts.query.verbs import first_verb

__all__ = ["FirstVerb"]

FEWEST = 100  # queries
OFTEN = 10  # how often a verb must be there to count by itself
COVERED = 0.5  # of the queries must have a verb that is known
PARTS = 10  # of equally many starts, or lengths
ROUNDS = 200  # of dealing the verbs out anew
LEAST = 0.01  # of the entropy, that must be known from the verb
SHOWN = 10  # verbs
Windows = NDArray[np.float64]


class FirstVerb(Bias):
    """Mutual information of the first verb with start and length, less what the same verbs, dealt out anew, have.

    Also: how far answers go that are the mean window of the verb in training, and how much of it is lost where the
    verbs of the questions are exchanged.
    """

    name: ClassVar[str] = "first-verb"
    title: ClassVar[str] = "First verb: a word that says where"

    def look(self, subject: Subject) -> Finding:
        """Present where a verb says more than in every round of dealing anew, and at least a hundredth of all."""
        asked, targets = first_windows(subject.asked)
        learned, windows = first_windows(subject.learned)
        if max(len(asked), len(learned)) < FEWEST or not asked:
            verdict = f"cannot be told: {len(asked)} different queries have windows to look at; {FEWEST} are needed"
            return Finding(self.name, {}, {}, verdict)
        if not english(asked):
            return Finding(self.name, {}, {}, "cannot be told: queries are not in English, whose verbs are known here")
        larger, where = (learned, windows) if len(learned) > len(asked) else (asked, targets)
        verbs = [first_verb(e.query) for e in larger]
        covered = sum(verb is not None for verb in verbs) / len(verbs)
        if covered < COVERED:
            verdict = f"cannot be told: only {100 * covered:.0f} % of the queries have a verb that is known here"
            return Finding(self.name, {"queries with a verb": covered}, {}, verdict)
        codes = _codes(verbs)
        start, length = _quantiles(where[:, 0]), _quantiles(where[:, 1] - where[:, 0])
        of_start, of_length = _information(codes, start), _information(codes, length)
        present = any(bits > dealt and share >= LEAST for bits, dealt, _, share in (of_start, of_length))
        figures = {"queries with a verb": covered}
        for name, (bits, highest, mean, share) in (("start", of_start), ("length", of_length)):
            figures |= {
                f"bits about the {name}": bits,
                f"bits about the {name}, verbs at random": mean,
                f"bits about the {name}, verbs at random, highest": highest,
                f"share of the {name} known": share,
            }
        by_verb, constant, exchanged = _scores(learned, windows, asked, targets)
        figures |= {
            "mean window of the verb mIoU": by_verb,
            "mean window of all mIoU": constant,
            "mean window of another query's verb mIoU": exchanged,
        }
        told = (
            f"the first verb says {of_start[0]:.3f} bits about the start and {of_length[0]:.3f} about the length, "
            f"against at most {of_start[1]:.3f} and {of_length[1]:.3f} where verbs change queries at random"
        )
        verdict = f"bias present: {told}" if present else f"bias not seen: {told}"
        used = (
            f"the mean window of the verb has mIoU {by_verb:.1f} %, the mean window of all {constant:.1f} %, and with "
            f"the verb of another query {exchanged:.1f} %"
        )
        table, chart = _shown(verbs, where)
        return Finding(self.name, figures, {}, verdict, (used,), (table,), (chart,), present)


def _codes(verbs: Sequence[str | None]) -> NDArray[np.intp]:
    """A number for every verb that is there often; the others, and none, are 0."""
    counts = Counter(verb for verb in verbs if verb is not None)
    number = {verb: n for n, verb in enumerate((v for v, count in counts.items() if count >= OFTEN), 1)}
    return np.array([number.get(verb or "", 0) for verb in verbs])


def _quantiles(values: NDArray[np.float64]) -> NDArray[np.intp]:
    """In which of ten parts with as many values each value is; equal values are in one."""
    edges = np.unique(np.quantile(values, np.arange(1, PARTS) / PARTS))
    return np.searchsorted(edges, values, "right")


def _information(codes: NDArray[np.intp], parts: NDArray[np.intp]) -> tuple[float, float, float, float]:
    """Bits; the most and the mean of all rounds with the verbs at random; the share of the entropy beyond the mean."""
    random = np.random.default_rng(0)
    bits = _mutual(codes, parts)
    dealt = [_mutual(random.permutation(codes), parts) for _ in range(ROUNDS)]
    mean, entropy = float(np.mean(dealt)), _entropy(np.bincount(parts))
    return bits, max(dealt), mean, max(0.0, bits - mean) / entropy if entropy else 0.0


def _mutual(codes: NDArray[np.intp], parts: NDArray[np.intp]) -> float:
    joint = np.bincount(codes * (PARTS + 1) + parts)
    return _entropy(np.bincount(codes)) + _entropy(np.bincount(parts)) - _entropy(joint)


def _entropy(counts: NDArray[np.intp]) -> float:
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum()) + 0.0


def _scores(
    learned: Sequence[Example], windows: Windows, asked: Sequence[Example], targets: Windows
) -> tuple[float, float, float]:
    """Per cent of mIoU: of the verb's mean window, of the mean of all, and with the verbs exchanged.

    Without a training split, of either half of the videos learned on the other half.
    """
    if learned:
        parts = [(learned, windows, asked, targets)]
    else:
        halves = [first_windows(half) for half in folds(asked)]
        parts = [(*halves[0], *halves[1]), (*halves[1], *halves[0])] if all(len(h[0]) for h in halves) else []
    if not parts:
        return 0.0, 0.0, 0.0
    random = np.random.default_rng(0)
    found: list[NDArray[np.float64]] = []
    for known, where, queries, truths in parts:
        groups: dict[str | None, list[int]] = {}
        for n, e in enumerate(known):
            groups.setdefault(first_verb(e.query), []).append(n)
        overall = where.mean(axis=0)
        means = {verb: where[rows].mean(axis=0) for verb, rows in groups.items() if len(rows) >= OFTEN}
        answers = np.array([means.get(first_verb(e.query), overall) for e in queries]).reshape(-1, 2)
        each = [answers, np.broadcast_to(overall, answers.shape), random.permutation(answers)]
        found.append(np.array([_overlap(one, truths) for one in each]))
    mean = 100 * np.concatenate(found, axis=1).mean(axis=1)
    return float(mean[0]), float(mean[1]), float(mean[2])


def _overlap(answers: Windows, truths: Windows) -> NDArray[np.float64]:
    """(Q,) the IoU of each pair."""
    shared = np.minimum(answers[:, 1], truths[:, 1]) - np.maximum(answers[:, 0], truths[:, 0])
    hull = np.maximum(answers[:, 1], truths[:, 1]) - np.minimum(answers[:, 0], truths[:, 0])
    overlap: NDArray[np.float64] = np.maximum(shared, 0) / hull
    return overlap


def _shown(verbs: Sequence[str | None], where: Windows) -> tuple[Table, Bars]:
    """The most frequent verbs with the means of their windows."""
    names = [verb for verb, _ in Counter(v for v in verbs if v is not None).most_common(SHOWN)]
    rows: list[tuple[str, int, float, float]] = []
    for verb in names:
        chosen = where[[v == verb for v in verbs]]
        start, end = chosen.mean(axis=0).tolist()
        rows.append((verb, len(chosen), start, end))
    table = Table(("first verb", "queries", "mean start", "mean end"), tuple(rows))
    start, end = where.mean(axis=0).tolist()
    chart = Bars(
        "Mean window of the first verb",
        tuple(names),
        {"mean start": tuple(row[2] for row in rows), "mean end": tuple(row[3] for row in rows)},
        "share of the video",
        marks={"start of all": (start,) * len(rows), "end of all": (end,) * len(rows)},
    )
    return table, chart
