"""Compare files of answers to the same queries, each with the first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from whenabouts.auditing.comparison.buckets import buckets
from whenabouts.auditing.comparison.changes import answered
from whenabouts.auditing.comparison.comparison import Comparison, Versus
from whenabouts.auditing.comparison.delta import delta
from whenabouts.auditing.comparison.figures import FULL, figures_of, headlines, main_figure
from whenabouts.auditing.comparison.made import made_differently
from whenabouts.auditing.comparison.references import under_references
from whenabouts.auditing.judged import Judged, judge
from whenabouts.benchmarks import dataset
from whenabouts.benchmarks.example import Dataset, Example
from whenabouts.benchmarks.references import References, read_references
from whenabouts.errors import InputError
from whenabouts.evaluation.predictions import Source
from whenabouts.evaluation.report import collected_notes
from whenabouts.metrics.paired import Difference, Pair, holm, paired_differences

__all__ = ["compare"]

IOU = "mIoU"


def compare(
    answers: Sequence[Source],
    benchmark: str | Path | Dataset,
    truth: Path | None = None,
    *,
    names: Sequence[str] = (),
    references: Sequence[Path] = (),
    seed: int = 0,
    **options: Any,
) -> Comparison:
    """Every system against the first, on the queries of one split under one protocol.

    names:      of the systems; default: those of the files
    references: files of several people's opinions on the queries (`benchmarks.references`)
    options:    those of `evaluation.evaluate.evaluate`, alike for all

    Deterministic for a seed. Raises InputError, AnnotationError naming file, row and field.
    """
    described = benchmark if isinstance(benchmark, Dataset) else dataset(benchmark)
    if len(answers) < 2:
        raise InputError("compare needs two files of answers or more")
    if described.task not in ("TSG", "MR"):
        raise InputError(
            f"compare looks at single queries, and the figures of {described.title} are of whole classes or domains; "
            "evaluate each file alone"
        )
    called = list(names) or _names(answers)
    if len(called) != len(answers):
        raise InputError(f"{len(answers)} files of answers need as many names, not {len(called)}")
    once = replace(described, read=lru_cache(maxsize=None)(described.read))  # of the same files for every system
    with collected_notes() as told:
        judged = [judge(one, once, truth, name=name, **options) for one, name in zip(answers, called, strict=True)]
    examples = _shared(judged)
    opinions = read_references(references, examples) if references else {}
    first = judged[0]
    found = [_differences(first, second, examples, seed) for second in judged[1:]]
    pairs: list[Versus] = []
    for second, source, (figures, differences) in zip(judged[1:], answers[1:], found, strict=True):
        corrected = {name: holm([others[name].p for _, others in found])[len(pairs)] for name in differences}
        notes = made_differently(answers[0], source, first.name, second.name)
        pairs.append(_versus(first, second, examples, figures, differences, corrected, opinions, seed, notes))
    videos = len({e.video for e in examples})
    report = first.official
    return Comparison(
        benchmark=report.benchmark,
        title=described.title,
        split=report.split,
        protocol=report.protocol + (f", evaluator {report.evaluator}" if report.evaluator else ""),
        systems=tuple(called),
        queries=len(examples),
        videos=videos,
        pairs=tuple(pairs),
        notes=(*dict.fromkeys(told), *_cautions(examples, videos, len(pairs))),
    )


def _differences(
    first: Judged, second: Judged, examples: Sequence[Example], seed: int
) -> tuple[dict[str, Pair], dict[str, Difference]]:
    one, two = figures_of(first, examples), figures_of(second, examples)
    figures = {name: (one[name], two[name]) for name in one if name in two}
    return figures, paired_differences(figures, [e.video for e in examples], seed=seed)


def _versus(
    first: Judged,
    second: Judged,
    examples: Sequence[Example],
    figures: dict[str, Pair],
    differences: dict[str, Difference],
    corrected: dict[str, float],
    opinions: References,
    seed: int,
    notes: Sequence[str],
) -> Versus:
    videos, main = [e.video for e in examples], main_figure(first)
    blind = _best_blind(first)
    own = [{name: _of(j, name, examples) for name in (main, IOU)} for j in (first, second)]
    pairs = {name: (own[0][name], own[1][name]) for name in (main, IOU)}
    return Versus(
        first=first.name,
        second=second.name,
        deltas=tuple(
            delta(name, figures[name], found, videos, corrected[name], blind.get(name))
            for name, found in differences.items()
        ),
        headlines=headlines(differences),
        main=main,
        buckets=buckets(examples, pairs, seed=seed),
        queries=answered(
            examples,
            (dict(first.windows), dict(second.windows)),
            pairs[IOU],
            pairs[main],
        ),
        references=under_references(examples, (first.report.answers, second.report.answers), opinions, seed=seed)
        if opinions
        else None,
        alike=_alike(first, second, examples) and all(d.differing == 0 for d in differences.values()),
        notes=(*_unanswered(first, second, examples), *notes),
    )


def _shared(judged: Sequence[Judged]) -> list[Example]:
    counted = [{e.qid for e in one.examples} for one in judged]
    return [e for e in judged[0].examples if all(e.qid in qids for qids in counted)]


def _of(judged: Judged, name: str, examples: Sequence[Example]) -> Any:
    column = dict(zip((e.qid for e in judged.examples), judged.report.per_query[name].tolist(), strict=True))
    return np.array([column[e.qid] for e in examples], dtype=np.float64)


def _best_blind(judged: Judged) -> dict[str, float]:
    """Shares by figure of the best answers that never look at the video; of the first window where no more is known."""
    best = {name: found.score / 100 for name, found in judged.report.best_blind.items()}
    named = {f"{FULL}{name}{suffix}": share for name, share in best.items() for suffix in ("", "-key")}
    return best | named | {name: found.score / 100 for name, found in judged.official.best_blind.items()}


def _alike(first: Judged, second: Judged, examples: Sequence[Example]) -> bool:
    none = np.zeros((0, 2))
    return all(np.array_equal(first.windows.get(e.qid, none), second.windows.get(e.qid, none)) for e in examples)


def _unanswered(first: Judged, second: Judged, examples: Sequence[Example]) -> tuple[str, ...]:
    have = [{e.qid for e in examples if len(one.windows.get(e.qid, ()))} for one in (first, second)]
    only = [len(have[0] - have[1]), len(have[1] - have[0])]
    if not any(only):
        return ()
    return (
        f"{only[0]} queries are answered by {first.name} only, {only[1]} by {second.name} only; no answer is a miss",
    )


def _cautions(examples: Sequence[Example], videos: int, systems: int) -> list[str]:
    told = []
    if videos == 1:
        told.append("all queries are on one video, from which nothing follows: intervals are the whole range")
    elif videos < len(examples):
        told.append(
            f"{len(examples)} queries are on {videos} videos, so intervals and p come from videos; McNemar's test "
            "and the t test take queries to be independent, and promise too much here"
        )
    if systems > 1:
        told.append(f"{systems} systems are compared with the first, and p is corrected for so many tests (Holm)")
    return told


def _names(answers: Sequence[Source]) -> list[str]:
    """The files' names, with their folders where that tells them apart, and numbers where nothing else does."""
    stems = [one.stem if isinstance(one, Path) else "answers" for one in answers]
    longer = [str(one.parent.name) + "/" + one.stem if isinstance(one, Path) else "answers" for one in answers]
    names = longer if len(set(longer)) > len(set(stems)) else stems
    seen: Counter[str] = Counter()
    for i, name in enumerate(names):
        seen[name] += 1
        names[i] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return names
