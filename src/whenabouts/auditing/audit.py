"""Is the number real? Scores beside those of answers that never look at the video, and the biases of the benchmark."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.audited import Audit, Gain, Official
from whenabouts.auditing.biases import BIASES, Subject
from whenabouts.auditing.judged import Judged, judge
from whenabouts.auditing.portraits import portraits
from whenabouts.benchmarks import dataset
from whenabouts.benchmarks.example import Dataset, Example
from whenabouts.evaluation.blind import BASELINES
from whenabouts.evaluation.blind.shares import teaches
from whenabouts.evaluation.predictions import Source
from whenabouts.evaluation.report import RankedReport, Report
from whenabouts.evaluation.statistics import same_query
from whenabouts.evaluation.submission import Submission
from whenabouts.metrics.bootstrap import intervals_of_means
from whenabouts.metrics.paired import paired_differences

__all__ = ["audit"]

Values = Mapping[str, NDArray[np.float64]]


def audit(
    benchmark: str | Path | Dataset,
    predictions: Source | None = None,
    truth: Path | None = None,
    *,
    name: str = "",
    opinions: Mapping[str | int, NDArray[np.float64]] | None = None,
    **options: Any,
) -> Audit:
    """Make every blind baseline that can be made, score it as answers are scored, and look for biases.

    predictions: answers of a system, whose gain over the best baseline is told with its interval
    opinions:    windows of other people by qid; see `benchmarks.references.read_references`
    options:     split, protocol, official, parser and train, as those of `evaluation.evaluate.evaluate`

    Raises InputError, AnnotationError naming the file at fault.
    """
    described = benchmark if isinstance(benchmark, Dataset) else dataset(benchmark)
    described = replace(described, read=cache(described.read))
    split = options.pop("split", None) or described.default_split
    if predictions is None:
        judged = _nobody(described, truth, split, options)
    else:
        judged = judge(predictions, described, truth, name=name, split=split, **options)
    report = judged.report
    answers = report.answers_of(BASELINES.values())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is said of answers is said of those of the system
        truths = {e.qid: e.windows for e in report.known}
        values = {one: report.scored(found, truths) for one, found in answers.items()}
    path = described.find(truth, split)
    asked = Subject(
        described,
        split,
        examples=described.read(path, split),
        train=Submission([], described, split, path, train=options.get("train")).training_examples,
        judged=judged if predictions is not None else None,
        opinions=opinions or {},
        protocol=report.protocol,
    )
    return Audit(
        benchmark=described.name,
        title=described.title,
        split=split,
        protocol=report.protocol,
        source=report.source,
        name=judged.name if predictions is not None else None,
        queries=report.queries,
        known=len(report.known),
        gains=_gains(report, values, predictions is not None),
        official=_official(judged.official, predictions is not None),
        findings=tuple(bias.look(asked) for bias in BIASES.values()),
        traits=tuple(portraits(judged)) if predictions is not None else (),
        notes=_notes(report, judged.train, predictions is not None),
    )


def _nobody(described: Dataset, truth: Path | None, split: str, options: Mapping[str, Any]) -> Judged:
    """A judgement of the whole of every video, for what it says of the queries and how they are scored."""
    examples = described.read(described.find(truth, split), split)
    answers = [{"qid": e.qid, "pred_relevant_windows": [[0.0, e.duration or _last(e), 1.0]]} for e in examples]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of these answers
        return judge(answers, described, truth, split=split, **options)


def _last(example: Example) -> float:
    return float(example.windows.max(initial=1.0))


def _gains(report: RankedReport, values: Mapping[str, Values], answered: bool) -> tuple[Gain, ...]:
    """For every metric, the baselines and, where there is a system, its gain on the queries that they can answer."""
    known = np.array([bool(e.duration) for e in report.examples], dtype=bool)
    videos = [e.video for e in report.known]
    best = {}
    for metric in report.per_query:
        means = {name: float(of[metric].mean()) for name, of in values.items()}
        if means:
            best[metric] = max(means, key=lambda name: means[name])
    pairs = {metric: (values[name][metric], report.per_query[metric][known]) for metric, name in best.items()}
    differences = paired_differences(pairs, videos) if pairs and answered else {}
    alone = intervals_of_means({metric: pair[0] for metric, pair in pairs.items()}, videos) if pairs else {}
    gains = []
    for metric in report.per_query:
        difference = differences.get(metric)
        blind = {name: 100 * float(of[metric].mean()) for name, of in values.items()}
        interval = alone.get(metric)
        gains.append(
            Gain(
                metric=metric,
                model=report.scores[metric] if answered else None,
                model_interval=report.intervals[metric] if answered else None,
                blind=blind,
                best=best.get(metric),
                best_interval=(100 * interval.low, 100 * interval.high) if interval else None,
                gain=100 * difference.delta.mean if difference else None,
                gain_interval=(100 * difference.delta.low, 100 * difference.delta.high) if difference else None,
            )
        )
    return tuple(gains)


def _official(report: Report, answered: bool) -> dict[str, Official]:
    """Official figures that are not about single windows, beside their best blind score."""
    if isinstance(report, RankedReport):
        return {}
    best = report.best_blind
    return {
        name: Official(score if answered else None, best[name].score, best[name].baseline)
        for name, score in report.scores.items()
        if name in best
    }


def _notes(report: RankedReport, train: Sequence[Example], answered: bool) -> tuple[str, ...]:
    """What was left out, and what makes baselines better than they are."""
    notes = list(report.notes) if answered else []
    if unknown := report.queries - len(report.known):
        notes.append(
            f"{unknown} of {report.queries} queries are on videos of unknown length, which no blind baseline can "
            "answer: baselines and gains are over the others"
        )
    learning = [name for name, one in BASELINES.items() if one.learns]
    if not any(teaches(e) for e in train):
        notes.append(
            "no training annotations with windows and durations are at hand, so these baselines could not be made: "
            f"{', '.join(learning)}; name such annotations with --train"
        )
    seen = {same_query(e) for e in train}
    if both := sum(same_query(e) in seen for e in report.examples):
        notes.append(
            f"{both} of {report.queries} queries stand in the training annotations too, with the same video and "
            "words: baselines that learn from them have seen the answers, and so has whatever else did"
        )
    return tuple(notes)
