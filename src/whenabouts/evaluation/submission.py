"""What is scored: predictions, and the annotations that they are held against."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from typing import Any

from whenabouts.benchmarks.example import Dataset, Example
from whenabouts.errors import AnnotationError, InputError, OfficialCrash
from whenabouts.evaluation.predictions import Source, Windows, log_task, name_of, read_answers, read_submission
from whenabouts.evaluation.unlike import unlike, warn_of_unlike
from whenabouts.files.records import Row
from whenabouts.rewards.parse import Parser

__all__ = ["Submission", "up_to_the_first_broken"]

MISS = [[-1.0, -1.0]]  # what official code puts in the place of an answer it cannot read


@dataclass(frozen=True)
class Submission:
    """Predictions of one split of a data set.

    predictions: a file, what such a file holds, or a list of `Prediction`; see `evaluation.predictions`.
    truth:       the annotation file.
    strict:      follow official code through bad input, to its exceptions (`OfficialCrash`).
    parser:      the predictions are answers in words, read by this parser.
    train:       annotations to choose the blind baseline from; by default the training split beside the truth.
    """

    predictions: Source
    dataset: Dataset
    split: str
    truth: Path
    strict: bool = False
    parser: Parser | None = None
    train: Path | None = None

    @cached_property
    def examples(self) -> list[Example]:
        """The annotations. Raises AnnotationError naming file, row and field."""
        return self.dataset.read(self.truth, self.split)

    @cached_property
    def training_examples(self) -> list[Example]:
        """The annotations of the training split, where there are any. Raises InputError for a named file it is not."""
        if self.train is not None:
            return self.dataset.read(self.train, "train")
        try:
            path = self.dataset.find(self.truth.parent, "train")
        except InputError:
            return []
        if path == self.truth and (self.dataset.path is None or self.split == "train"):
            return []
        return self.dataset.read(path, "train")

    def answers(self) -> dict[str | int, Windows]:
        """Ranked windows by qid; windows that a parser read end before the first that is none.

        A log of lmms-eval is read by the parser of its task, unless another is named.
        """
        answers, parser = self._read()
        if parser is None:
            return answers
        if self.strict:
            return {qid: windows or MISS for qid, windows in answers.items()}
        return up_to_the_first_broken(answers)

    def claimed(self) -> dict[str | int, Windows]:
        """Ranked windows by qid as they were read: none where an answer has none."""
        return self._read()[0]

    def _read(self) -> tuple[dict[str | int, Windows], Parser | None]:
        log = None if self.parser else log_task(self.predictions)
        if log:
            told = f"answers of lmms-eval's task {log.name}, read by its parser {log.parser}"
            warnings.warn(f"{told}; its own figures are those of --protocol {log.protocol}", stacklevel=2)
        parser = log.reader if log else self.parser
        return read_answers(self.predictions, self.examples, parser, nan=self.strict), parser

    def rows(self) -> list[Row]:
        """The predictions as rows of a QVHighlights submission."""
        rows = read_submission(self.predictions, lambda: self.examples, nan=self.strict, empty=self.strict)
        try:
            warn_of_unlike(unlike(rows, self.examples))
        except AnnotationError:  # official code takes annotations that are refused here
            if not self.strict:
                raise
        return rows

    @property
    def prefixes(self) -> tuple[str, str]:
        """What stands in front of an error about the predictions, and about the annotations."""
        return f"{name_of(self.predictions)}: ", f"{self.truth}: "

    @contextmanager
    def predictions_at_fault(self) -> Iterator[None]:
        """Put the name of the predictions in front of what is wrong with them, but leave official words alone."""
        try:
            yield
        except OfficialCrash:
            raise
        except AnnotationError as error:
            raise AnnotationError(f"{self.prefixes[0]}{error}") from None

    @contextmanager
    def official_crashes(self) -> Iterator[None]:
        """Under `strict`, arithmetic that the official code does not survive is its crash."""
        try:
            yield
        except (ArithmeticError, AttributeError) as error:
            if not self.strict:
                raise
            raise OfficialCrash(error) from error


def up_to_the_first_broken(answers: Mapping[Any, Windows]) -> dict[Any, Windows]:
    """Windows before the first that has no length: it is a miss, no error, and must not make room for the next."""
    kept = {qid: list(takewhile(lambda w: w[0] < w[1], windows)) for qid, windows in answers.items()}
    broken = sum(bool(answers[qid]) and not kept[qid] for qid in answers)
    if broken:
        warnings.warn(f"{broken} answers begin with an inverted or empty interval and count as misses", stacklevel=2)
    return kept
