"""A score with what one needs to judge it: intervals, errors in seconds, scores by length, blind baselines.

What takes time is worked out when it is first looked at.
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whenabouts.benchmarks.example import Dataset, Example
from whenabouts.documents.chart import Bars
from whenabouts.documents.picture import Picture
from whenabouts.evaluation.blind import BASELINES, Baseline
from whenabouts.evaluation.blind.shares import teaches
from whenabouts.evaluation.references import AgainstReferences
from whenabouts.metrics.bootstrap import intervals_of_means
from whenabouts.metrics.boundary import BoundaryOffsets, boundary_error
from whenabouts.moment import tiou

__all__ = ["LENGTHS", "Blind", "ByLength", "RankedReport", "Report", "aligned", "collected_notes"]

QUICK = 10**8  # pairs of a query and a training query, up to which baselines that compare them stand beside scores
LENGTHS = (10.0, 30.0, 150.0, None)  # upper bounds in seconds, as in QVHighlights
Answers = Mapping[Any, ArrayLike]
Scores = dict[str, float]


@dataclass(frozen=True, slots=True)
class Blind:
    """The best score of answers that never look at the video, and which baseline of `BASELINES` has it."""

    score: float
    baseline: str


@dataclass(frozen=True, slots=True)
class ByLength:
    """Scores of the queries whose annotated windows last, on average, more than `low` and at most `high` seconds.

    Without a bound, `high` is None.
    """

    low: float
    high: float | None
    queries: int
    scores: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Report:
    """Scores in per cent by metric, all under one protocol, which comes from `source`.

    figures:      the dictionary of the official evaluator with its exact figures; None without one.
    evaluator:    the official evaluator that made it, where there are several.
    first_window: makes a report on the first window of every query, where the figures are about ranked windows.
    blind_scores: gives the scores of blind baselines by name, where there are some for these figures.
    means_over:   gives qids, and what each of them adds to each score, in [0, 1], NaN where it does not count; for
                  scores that are means over queries.
    notes:        what was left out or counts as a miss, in sentences; they are also warnings.
    """

    dataset: Dataset
    split: str
    protocol: str
    source: str
    scores: Scores
    figures: dict[str, Any] | None = None
    evaluator: str | None = None
    first_window: Callable[[], RankedReport] | None = None
    blind_scores: Callable[[], dict[str, Scores]] | None = dataclasses.field(default=None, repr=False)
    means_over: Callable[[], tuple[list[Any], dict[str, NDArray[np.float64]]]] | None = None
    notes: tuple[str, ...] = ()

    @property
    def benchmark(self) -> str:
        """The name of the data set."""
        return self.dataset.name

    @cached_property
    def blind(self) -> dict[str, Scores]:
        """The same scores of blind baselines, by their name; none where they are not defined."""
        return self.blind_scores() if self.blind_scores else {}

    @property
    def best_blind(self) -> dict[str, Blind]:
        """The best blind score of each metric that has one; of equally good baselines the first."""
        best: dict[str, Blind] = {}
        for metric in self.scores:
            for name, scores in self.blind.items():
                if metric in scores and (metric not in best or scores[metric] > best[metric].score):
                    best[metric] = Blind(scores[metric], name)
        return best

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        content: dict[str, Any] = {
            "benchmark": self.benchmark,
            "split": self.split,
            "protocol": self.protocol,
            "source": self.source,
            "evaluator": self.evaluator,
            "scores": self.scores,
            "figures": self.figures,
            "blind": self.blind,
            "best_blind": {name: dataclasses.asdict(best) for name, best in self.best_blind.items()},
            "notes": list(self.notes),
        }
        return content | ({"first_window": self.first_window().to_dict()} if self.first_window else {})

    def table(self) -> str:
        """The report as text: tables for a person at a terminal."""
        named = f"{self.protocol}, evaluator {self.evaluator}" if self.evaluator else self.protocol
        head = ["metric", "score", *self._blind_columns()]
        rows = [[name, f"{value:.2f}", *self._blind_columns(name)] for name, value in self.scores.items()]
        scores = aligned([head, *rows])
        parts = ["\n".join([f"{self._heading} · protocol {named}", "", scores, *self._noted])]
        return "\n".join([*parts, *([self.first_window().table()] if self.first_window else [])])

    def plot(self) -> Picture:
        """The scores as bars, with the best blind baseline where there is one."""
        return Picture(self._bars())

    def _bars(self, **beside: Any) -> Bars:
        scores = {"score": tuple(self.scores.values())}
        best = {name: blind.score for name, blind in self.best_blind.items()}
        marks = {"best blind baseline": tuple(map(best.get, self.scores))} if best else None
        title = f"{self._heading} · {self.protocol}"
        return Bars(title, tuple(self.scores), scores, "per cent", marks=marks, **beside)

    def _blind_columns(self, metric: str | None = None) -> list[str]:
        """Two columns of the table, where there are blind baselines: of a metric, or their heads."""
        if not self.best_blind:
            return []
        if metric is None:
            return ["best blind", "of the baseline"]
        best = self.best_blind.get(metric)
        return [f"{best.score:.2f}", best.baseline] if best else ["–", "–"]

    @property
    def _noted(self) -> list[str]:
        return [f"note: {note}" for note in self.notes]

    @property
    def _heading(self) -> str:
        return f"{self.dataset.title}, {self.split}"


@dataclass(frozen=True, kw_only=True)
class RankedReport(Report):
    """A report on ranked windows.

    per_query:    what each query adds to each score, in [0, 1]: (Q,) by metric.
    answers:      windows (N, 2) in seconds by qid, best first.
    examples:     the queries that count, in the order of `per_query`.
    train:        gives the training split, from which blind baselines learn.
    scored:       what answers add to each score, (Q,) in [0, 1] by metric, against true windows under this protocol.
    absence:      how well the answers tell queries that happen from those that do not, where there are some of both.
    references:   the first windows against several people's opinions, where they were given.
    """

    per_query: dict[str, NDArray[np.float64]] = dataclasses.field(repr=False)
    answers: Answers = dataclasses.field(repr=False)
    examples: Sequence[Example] = dataclasses.field(repr=False)
    train: Callable[[], Sequence[Example]] = dataclasses.field(repr=False)
    scored: Callable[[Answers, Answers], dict[str, NDArray[np.float64]]] = dataclasses.field(repr=False)
    absence: Report | None = dataclasses.field(default=None, repr=False)
    references: AgainstReferences | None = dataclasses.field(default=None, repr=False)

    @property
    def queries(self) -> int:
        """How many queries count."""
        return len(self.examples)

    @cached_property
    def answered(self) -> int:
        """How many of them have an answer: a window that lasts, not what stands for one that could not be read."""
        answers = (np.asarray(self.answers.get(e.qid, ()), dtype=np.float64) for e in self.examples)
        return sum(bool(w.size and np.any(w[..., 0] != w[..., 1])) for w in answers)

    @cached_property
    def intervals(self) -> dict[str, tuple[float, float]]:
        """95 % bounds of the scores, by resampling videos."""
        percentages = {name: 100 * values for name, values in self.per_query.items()}
        found = intervals_of_means(percentages, [e.video for e in self.examples], bounds=(0.0, 100.0))
        return {name: (bounds.low, bounds.high) for name, bounds in found.items()}

    @cached_property
    def boundary(self) -> BoundaryOffsets | None:
        """How far the first window's ends are off, in seconds, over the answered queries."""
        firsts, targets = [], []
        for e in self.examples:
            windows = np.asarray(self.answers.get(e.qid, ()), dtype=np.float64)
            if windows.size and len(e.windows):
                firsts.append(windows.reshape(-1, windows.shape[-1])[0, :2])
                targets.append(e.windows[int(np.argmax(tiou(firsts[-1], e.windows)[0]))])
        return boundary_error(firsts, targets) if firsts else None

    @cached_property
    def by_length(self) -> tuple[ByLength, ...]:
        """Scores by the length of the moment."""
        spans = [e.windows[:, 1] - e.windows[:, 0] for e in self.examples]
        lengths = np.array([float(np.mean(span)) if len(span) else np.nan for span in spans])
        rows, low = [], 0.0
        for high in LENGTHS:
            chosen = (lengths > low) & (lengths <= (np.inf if high is None else high))
            if chosen.any():
                scores = {name: 100 * float(values[chosen].mean()) for name, values in self.per_query.items()}
                rows.append(ByLength(low, high, int(chosen.sum()), scores))
            low = high or low
        return tuple(rows)

    @property
    def known(self) -> list[Example]:
        """The queries that blind baselines can answer: those on a video of known duration."""
        return [e for e in self.examples if e.duration]

    @cached_property
    def blind_answers(self) -> dict[str, Answers]:
        """Windows by qid of every baseline that stands beside scores, by its name, but for those that are left out."""
        left_out = self.blind_left_out
        return self.answers_of(one for one in BASELINES.values() if one.beside and one.name not in left_out)

    @cached_property
    def blind_left_out(self) -> tuple[str, ...]:
        """Baselines that would stand beside the scores if they did not take long here; an audit has them."""
        long = len(self.known) * len(self.train()) > QUICK
        return tuple(one.name for one in BASELINES.values() if one.beside and one.compares) if long else ()

    @cached_property
    def blind(self) -> dict[str, Scores]:
        """The same metrics of answers that never look at the video, on the queries that they can answer."""
        truths = {e.qid: e.windows for e in self.known}
        return {
            name: {metric: 100 * float(values.mean()) for metric, values in self.scored(answers, truths).items()}
            for name, answers in self.blind_answers.items()
        }

    def answers_of(self, baselines: Iterable[Baseline]) -> dict[str, Answers]:
        """Windows by qid of baselines, by their name, as far as there is something to learn from."""
        known = self.known
        if not known:
            return {}
        train = self.train()
        taught = any(teaches(e) for e in train)
        return {one.name: one.answers(train, known) for one in baselines if taught or not one.learns}

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON values; times are seconds."""
        return {
            "benchmark": self.benchmark,
            "split": self.split,
            "protocol": self.protocol,
            "source": self.source,
            "queries": self.queries,
            "answered": self.answered,
            "scores": self.scores,
            "intervals": {name: list(bounds) for name, bounds in self.intervals.items()},
            "boundary": dataclasses.asdict(self.boundary) if self.boundary else None,
            "by_length": [dataclasses.asdict(row) for row in self.by_length],
            "blind": self.blind,
            "best_blind": {name: dataclasses.asdict(best) for name, best in self.best_blind.items()},
            "blind_left_out": list(self.blind_left_out),
            "notes": list(self.notes),
            **({"absence": self.absence.to_dict()} if self.absence else {}),
            **({"references": self.references.to_dict()} if self.references else {}),
        }

    def table(self) -> str:
        """Scores with their intervals and blind baselines, boundary errors, and scores by length, as text."""
        scores = [["metric", "score", "95 % over videos", *self._blind_columns()]]
        for name, value in self.scores.items():
            low, high = self.intervals[name]
            scores.append([name, f"{value:.2f}", f"{low:.1f} – {high:.1f}", *self._blind_columns(name)])
        lengths = [["length", "queries", *self.scores]]
        for row in self.by_length:
            span = f"over {row.low:g} s" if row.high is None else f"{row.low:g} – {row.high:g} s"
            lengths.append([span, str(row.queries), *(f"{row.scores[name]:.2f}" for name in self.scores)])
        lines = [f"{self._heading} · protocol {self.protocol} ({self.source})", "", aligned(scores)]
        lines.append(f"{self.queries} queries, {self.answered} answered")
        lines += self._noted
        if self.blind_left_out:
            left_out = ", ".join(self.blind_left_out)
            lines.append(f"blind, but slow here, and so left to `whenabouts audit`: {left_out}")
        if error := self.boundary:
            lines.append(
                f"boundary error: start {error.start_mean:.2f} s (median {error.start_median:.2f}), "
                f"end {error.end_mean:.2f} s (median {error.end_median:.2f})"
            )
        lines += [f"{self._heading} · protocol {self.protocol}, by the length of the moment", "", aligned(lengths)]
        if found := self.references:
            told = f"{found.queries} queries with {found.opinions} references, IoU > m"
            lines += [f"{self._heading} · {told}", "", aligned(found.rows())]
        return "\n".join([*lines, *([self.absence.table()] if self.absence else [])])

    def plot(self) -> Picture:
        """The scores as bars with their intervals and the best blind baseline."""
        return Picture(self._bars(intervals={"score": tuple(self.intervals[name] for name in self.scores)}))


@contextmanager
def collected_notes() -> Iterator[list[str]]:
    """The notes of what is done in the block: after it, the list has every UserWarning once, and all are given on."""
    notes: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield notes
    notes += dict.fromkeys(str(one.message) for one in caught if issubclass(one.category, UserWarning))
    for one in caught:
        warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Columns side by side under a line, the first to the left and the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    return "\n".join(["  " + line.rstrip() for line in [lines[0], "─" * len(lines[0]), *lines[1:]]]) + "\n"
