"""Score answers that were given while a stream went on: what was found, when that was told, and what it cost."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from whenabouts.benchmarks import dataset
from whenabouts.benchmarks.example import Dataset, Example
from whenabouts.errors import AnnotationError, InputError
from whenabouts.evaluation.evaluate import rules_for
from whenabouts.evaluation.online.figures import blind, compute, counts, figures, official
from whenabouts.evaluation.online.report import OnlineReport
from whenabouts.evaluation.online.told import Told, online_answer, read_traces, sound_windows
from whenabouts.evaluation.online.watched import is_watched, read_watched
from whenabouts.evaluation.predictions import Source, Windows, read_answers
from whenabouts.evaluation.protocols import EvaluationProtocol, QVHighlightsProtocol, RankedProtocol
from whenabouts.evaluation.receipts import receipts
from whenabouts.evaluation.report import Report, collected_notes
from whenabouts.evaluation.submission import Submission
from whenabouts.metrics.online.answer import OnlineAnswer

__all__ = ["evaluate_online"]

Answers = Mapping[str | int, Windows]


def evaluate_online(
    predictions: Source,
    benchmark: str | Path | Dataset,
    truth: Path | None = None,
    *,
    split: str | None = None,
    protocol: str | None = None,
    official_code: str | None = None,
    train: Path | None = None,
    offline: Path | None = None,
) -> OnlineReport:
    """The scores of answers that say when they were given.

    predictions:   answers of a model `stream:NAME`, or a file of events of `whenabouts watch`.
    official_code: a name in OFFICIAL.
    offline:       answers of the same encoder that saw whole videos, for the gap.

    Every moment that was told of counts, as it was known last, in all figures: also those that `top` left out of the
    windows of an answer. Every query counts, also where the protocol would refuse or skip one without a moment. All
    else as in `evaluation.evaluate`. Raises InputError, AnnotationError.
    """
    with collected_notes() as notes:
        described = benchmark if isinstance(benchmark, Dataset) else dataset(benchmark)
        split = split or described.default_split
        described.file_names(split)
        rules = _rules(described, protocol, official_code)
        path = described.find(truth, split)
        examples: Sequence[Example] = described.read(path, split)
        if isinstance(predictions, Path) and is_watched(predictions):
            examples, told = read_watched(predictions, examples)
            described = replace(described, read=_only(described.read, path, split, examples))
        else:
            told = read_traces(predictions, examples)
        answers = _answers(examples, told)
        found = {e.qid: a.moments.tolist() for e, a in zip(examples, answers, strict=True)}

        def score(windows: Answers) -> Report:
            rows = [_row(e, windows.get(e.qid, []), rules) for e in examples]
            return rules.evaluate(Submission(rows, described, split, path, train=train))

        final = score(found)
        if offline is not None:
            _warn_of_another_model(predictions, offline)
        before = None if offline is None else _scores_of_whole(offline, lambda: score(read_answers(offline, examples)))
        report = OnlineReport(
            dataset=described,
            split=split,
            protocol=final.protocol,
            source=final.source,
            scores=final.scores,
            evaluator=final.evaluator,
            final=final,
            online=figures(answers),
            blind=blind(answers),
            onvtg=official(answers),
            counts=counts(answers),
            compute=compute(list(told.values())),
            offline=before,
        )
    return replace(report, notes=tuple(notes))


def _rules(described: Dataset, protocol: str | None, official_code: str | None) -> EvaluationProtocol:
    rules = rules_for(described, protocol, official_code)
    if isinstance(rules, RankedProtocol):
        return replace(rules, missing="zero")
    if isinstance(rules, QVHighlightsProtocol):
        return rules
    raise InputError(f"the protocol {rules.name} does not score answers on a stream")


def _only(
    read: Callable[[Path, str], list[Example]], path: Path, split: str, kept: Sequence[Example]
) -> Callable[[Path, str], list[Example]]:
    """The same reader, for which a split has no more than these examples."""
    return lambda file, name: list(kept) if (file, name) == (path, split) else read(file, name)


def _answers(examples: Sequence[Example], told: Mapping[str | int, Told]) -> list[OnlineAnswer]:
    """One answer for each query. Raises AnnotationError where nobody says how long a stream was."""
    durations = {e.video: told[e.qid].duration for e in examples if e.qid in told}
    truths = sound_windows(examples)
    answers = []
    for e in examples:
        duration = durations.get(e.video, e.duration)
        if duration is None:
            raise AnnotationError(f"{e.where}: nobody says how long {e.video} is; give its duration in the annotations")
        answers.append(online_answer(e, told.get(e.qid), truths[e.qid], duration))
    if beyond := sum(int((answer.truths[:, 0] >= answer.duration).sum()) for answer in answers):
        warnings.warn(f"{beyond} true windows begin after what was watched, and count as misses", stacklevel=3)
    return answers


def _row(example: Example, windows: Windows, rules: EvaluationProtocol) -> dict[str, Any]:
    """A row of a submission; official code of QVHighlights needs a window, and one without length is a miss."""
    ranked = [[start, end, -float(rank)] for rank, (start, end) in enumerate(windows)]
    if not ranked and isinstance(rules, QVHighlightsProtocol):
        ranked = [[0.0, 0.0, 0.0]]
    return {"qid": example.qid, "vid": example.video, "query": example.query, "pred_relevant_windows": ranked}


def _scores_of_whole(offline: Path, score: Callable[[], Report]) -> dict[str, float]:
    """The scores of answers to whole videos; what is said of them names their file."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        scores = score().scores
    for said in dict.fromkeys(str(one.message) for one in caught):
        warnings.warn(f"{offline.name}: {said}", stacklevel=3)
    return scores


def _warn_of_another_model(predictions: Source, offline: Path) -> None:
    """Say where the gap is not one of knowing the future only."""
    if not isinstance(predictions, Path) or is_watched(predictions):
        return
    ours, theirs = receipts(predictions), receipts(offline)
    pairs = [(ours[qid]["models"], theirs[qid]["models"]) for qid in ours if qid in theirs]
    if not pairs:
        warnings.warn(f"{offline} does not say with which models its answers were made", stacklevel=3)
    elif any(one != other for one, other in pairs):
        warnings.warn(f"{offline} was made with other models, so the gap is also one between models", stacklevel=3)
