"""Score predictions on a benchmark, under a protocol that is always named."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from whenabouts.benchmarks import dataset
from whenabouts.benchmarks.example import Dataset
from whenabouts.benchmarks.references import References, read_references
from whenabouts.errors import InputError
from whenabouts.evaluation.predictions import Source
from whenabouts.evaluation.protocols import OFFICIAL, PROTOCOLS, EvaluationProtocol, protocol_named
from whenabouts.evaluation.receipts import differences
from whenabouts.evaluation.references import against_references
from whenabouts.evaluation.report import RankedReport, Report, collected_notes
from whenabouts.evaluation.submission import Submission
from whenabouts.rewards.parse import Parser

__all__ = ["evaluate", "rules_for"]


def evaluate(
    predictions: Source,
    benchmark: str | Path | Dataset,
    truth: Path | None = None,
    *,
    split: str | None = None,
    protocol: str | None = None,
    official: str | None = None,
    strict_official: bool = False,
    parser: Parser | None = None,
    train: Path | None = None,
    against: Path | None = None,
    references: Sequence[Path] = (),
) -> Report:
    """The scores of predictions: a file, what such a file holds, or a list of `Prediction`.

    benchmark:       a name in BENCHMARKS, a data set, or a file of your own annotations.
    truth:           the annotation file, or a directory that has it.
    split:           default: the usual test split.
    protocol:        a name in PROTOCOLS; default: the data set's own.
    official:        a name in OFFICIAL: this evaluator's dialect of the protocol.
    strict_official: follow official code through bad input, to its exceptions (`OfficialCrash`).
    parser:          the predictions are answers in words, read by this parser.
    against:         another file of answers; a note says in what the two were made differently.
    references:      files of several people's opinions on the queries (`benchmarks.references`): the first windows are
                     scored against them too.
    train:           annotations to choose the blind baseline from; default: the training split beside the truth.

    Warnings, which are also the notes of the report, state what counts as a miss. Raises InputError, AnnotationError
    naming the file at fault.

    >>> evaluate(Path("predictions.jsonl"), "qvhighlights", Path("annotations")).scores["MR-full-mAP"]
    60.0
    """
    with collected_notes() as notes:
        described = benchmark if isinstance(benchmark, Dataset) else dataset(benchmark)
        split = split or described.default_split
        described.file_names(split)
        rules = rules_for(described, protocol, official)
        path = described.find(truth, split)
        submission = Submission(predictions, described, split, path, strict_official, parser, train)
        if train is not None:
            _ = submission.training_examples  # a file that was named must be right, also if no baseline is looked at
        _warn_of_differences(predictions, against)
        _warn_of_another_parser(rules, parser)
        report = rules.evaluate(submission)
        if isinstance(report, RankedReport) and any(e.absent is not None for e in submission.examples):
            report = replace(report, absence=PROTOCOLS["presence"].evaluate(submission))
        if references:
            report = _with_references(report, read_references(references, submission.examples))
    return replace(report, notes=tuple(notes))


def _with_references(report: Report, opinions: References) -> Report:
    if isinstance(report, RankedReport):
        return replace(report, references=against_references(report.examples, report.answers, opinions))
    if (first_window := report.first_window) is None:
        raise InputError(
            f"{report.benchmark} under the protocol {report.protocol} has no moments to hold to references"
        )

    def scored() -> RankedReport:
        ranked = first_window()
        return replace(ranked, references=against_references(ranked.examples, ranked.answers, opinions))

    return replace(report, first_window=scored)


def _warn_of_differences(predictions: Source, against: Path | None) -> None:
    if against is None:
        return
    if not isinstance(predictions, Path):
        raise InputError("only a file of answers can be compared with another")
    for told in differences(predictions, against):
        warnings.warn(told, stacklevel=3)


def _warn_of_another_parser(rules: EvaluationProtocol, parser: Parser | None) -> None:
    official = getattr(rules, "parser", None)
    if parser is not None and official is not None and parser.name != official:
        warnings.warn(
            f"answers are read by the parser {parser.name}; that of the protocol {rules.name} is {official}",
            stacklevel=3,
        )


def rules_for(described: Dataset, protocol: str | None, official: str | None) -> EvaluationProtocol:
    """The protocol of a data set, another that is named, or an official evaluator. Raises InputError."""
    rules = protocol_named(protocol or described.protocol)
    if official is not None:
        choices = [name for name, evaluator in OFFICIAL.items() if described.task in evaluator.tasks]
        if official not in choices:
            names = ", ".join(choices) or "none"
            raise InputError(f"unknown official evaluator {official!r} for {described.name}; choose {names}")
        rules = OFFICIAL[official].in_place_of(rules)
    if described.task not in rules.tasks:
        raise InputError(f"the protocol {rules.name} does not score {described.name}")
    return rules
