"""Score a file of predictions against a split: the right reader, the right evaluator, the right protocol.

    >>> asked = Evaluation(Path("preds.jsonl"), dataset("qvhighlights"), "val", Path("val.jsonl"))   # doctest: +SKIP
    >>> asked.figures()["brief"]["MR-full-mAP"]                                                      # doctest: +SKIP
    32.2

Official dictionaries come from `figures`; ranked windows under any other protocol, with all that helps to judge them,
from `report`. Warnings tell what counts as a miss.
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from whenabouts.benchmarks.charades_sta import clamp
from whenabouts.benchmarks.didemo import SEGMENT
from whenabouts.benchmarks.example import Dataset, Example
from whenabouts.benchmarks.formats import moment_lines
from whenabouts.errors import AnnotationError, InputError, OfficialCrash
from whenabouts.evaluation.predictions import read_answers, read_detections
from whenabouts.evaluation.report import Report, report
from whenabouts.files.records import read_json, read_lines
from whenabouts.metrics import qvhighlights
from whenabouts.metrics.protocols import PROTOCOLS, Detection, Highlights, Ranked
from whenabouts.metrics.tal import VARIANTS
from whenabouts.rewards.parse import parser_named

__all__ = ["FIRST_WINDOW", "Evaluation"]

FIRST_WINDOW = Ranked("top-1", "first window in file order, best-fitting moment")
MISS = [[-1.0, -1.0]]  # what official code puts in the place of an answer it cannot read


@dataclass(frozen=True)
class Evaluation:
    """What is scored, and how.

    truth:    the annotation file, or a folder that has it.
    protocol: a name in PROTOCOLS; the data set's own by default.
    official: one of the evaluators `choices` has for the data set; its dialect of the protocol.
    strict:   follow official code through bad input, to its exceptions (`OfficialCrash`).
    parser:   the predictions are answers in words, read by this parser.
    train:    annotations to choose the blind baseline from; by default the training split beside the truth.
    """

    predictions: Path
    dataset: Dataset
    split: str
    truth: Path
    protocol: str = ""
    official: str | None = None
    strict: bool = False
    parser: str | None = None
    train: Path | None = None

    def __post_init__(self) -> None:
        self.dataset.file_names(self.split)
        if self.official is not None and self.official not in self.choices:
            names = ", ".join(self.choices) or "none"
            raise InputError(
                f"there is no official evaluator {self.official!r} for {self.dataset.name}; choose {names}"
            )
        object.__setattr__(self, "protocol", self.protocol or self.dataset.protocol)
        if self.protocol not in PROTOCOLS:
            raise InputError(f"there is no protocol named {self.protocol!r}; choose one of: {', '.join(PROTOCOLS)}")
        object.__setattr__(self, "truth", self.dataset.find(self.truth, self.split))

    @property
    def choices(self) -> tuple[str, ...]:
        """The official evaluators that score this data set."""
        return {"TAL": tuple(VARIANTS), "HL": ()}.get(self.dataset.task, tuple(qvhighlights.DIALECTS))

    @property
    def is_ranked(self) -> bool:
        """Whether `report` scores this, and not `figures`."""
        return self.official is None and isinstance(PROTOCOLS[self.protocol], Ranked)

    def figures(self) -> dict[str, Any]:
        """The dictionary of the official evaluator."""
        rules = PROTOCOLS[self.protocol]
        if isinstance(rules, Detection):
            return self._detections(rules)
        if isinstance(rules, Highlights) and rules.name == "didemo" and not self.official:
            return self._segments(rules)
        if isinstance(rules, Highlights) and self.dataset.task == "HL":
            return self._ratings(rules)
        if self.dataset.task in {"TAL", "HL"}:
            raise InputError(f"the protocol {self.protocol} does not score {self.dataset.name}")
        return self._moments()

    def report(self) -> Report:
        """Ranked windows under the protocol; beside official figures of moments, their first windows."""
        rules = PROTOCOLS[self.protocol]
        if isinstance(rules, Ranked) and not self.official:
            return self._report(rules, self._answers())
        first = {qid: windows[:1] for qid, windows in self._answers().items()}
        return self._report(FIRST_WINDOW, _unbroken(first))

    def _report(self, rules: Ranked, answers: Mapping[Any, Any]) -> Report:
        examples = self._scored(self.truth, self.split, rules)
        scored = {e.qid for e in examples}
        kept = {qid: windows for qid, windows in answers.items() if qid in scored}
        with self._files_named():
            return report(rules, kept, examples, self._training(rules), strict_official=self.strict)

    def _answers(self) -> dict[Any, Any]:
        parser = parser_named(self.parser) if self.parser else None
        examples = self.dataset.read(self.truth, self.split)
        answers = read_answers(self.predictions, examples, parser, nan=self.strict)
        if parser is None:
            return dict(answers)
        return {qid: w or MISS for qid, w in answers.items()} if self.strict else _unbroken(answers)

    def _scored(self, path: Path, split: str, rules: Ranked) -> list[Example]:
        examples = self.dataset.read(path, split)
        return clamp(examples) if rules.truth == "clamped" else [e for e in examples if len(e.windows)]

    def _training(self, rules: Ranked) -> list[Example]:
        if self.train:
            return self._scored(self.train, "train", rules)
        try:
            path = self.dataset.find(self.truth.parent, "train")
        except InputError:
            return []
        return self._scored(path, "train", rules) if path != self.truth or self.dataset.path else []

    def _moments(self) -> dict[str, Any]:
        rows = read_lines(self.predictions, nan=self.strict, empty=self.strict)
        if self.dataset.task == "MR" or self.truth.suffix == ".jsonl":
            truths = [row.data for row in read_lines(self.truth, nan=self.strict, empty=self.strict)]
            if not self.strict:
                moment_lines(self.truth)  # refuses what cannot be scored
        else:
            truths = [_as_row(e) for e in self.dataset.read(self.truth, self.split)]
        if not self.strict:
            for row in rows:
                row.name("qid")
                if "pred_saliency_scores" in row:
                    row.numbers("pred_saliency_scores")
        dialect = self.official or "moment_detr"
        with self._files_named():
            return qvhighlights.evaluate(
                [row.data for row in rows], truths, dialect=dialect, strict_official=self.strict
            )

    def _detections(self, rules: Detection) -> dict[str, Any]:
        examples = self.dataset.read(self.truth, self.split)  # refuses what is no annotation file
        truths = read_json(self.truth, nan=self.strict)
        if "database" not in truths:
            truths = _as_database(examples) if "videos" in truths else {"database": truths}
        subsets = {entry.get("subset") for entry in truths["database"].values()}
        subset = next((s for s in self.dataset.subsets.get(self.split, ()) if s in subsets), None)
        found = read_detections(self.predictions, nan=self.strict)
        if self.official:
            rules = dataclasses.replace(rules, variant=self.official, recall_at=())
        with self._files_named():
            return dict(rules.score(found, truths, subset=subset, strict_official=self.strict))

    def _ratings(self, rules: Highlights) -> dict[str, Any]:
        self.dataset.read(self.truth, self.split)  # refuses what is no annotation file
        rows = read_lines(self.predictions)
        for row in rows:
            row.name("qid")
            row.numbers("pred_saliency_scores")
        with self._files_named():
            return rules.score(rows, read_lines(self.truth))

    def _segments(self, rules: Highlights) -> dict[str, Any]:
        """DiDeMo ranks segments of 5 s: windows in seconds become pairs of inclusive segment numbers."""
        examples = self.dataset.read(self.truth, self.split)
        answers = read_answers(self.predictions, examples)
        for e in examples:
            if e.qid not in answers:
                raise AnnotationError(f"{self.predictions}: qid {e.qid!r} has no ranking; every query needs one")
        rankings = [_as_segments(answers[e.qid]) for e in examples]
        opinions = [_as_segments(e.windows.tolist()) for e in examples]
        try:
            return rules.score(rankings, opinions)
        except ValueError as error:
            raise AnnotationError(f"{self.predictions}: {error}; rank all segments of every query") from None

    @contextmanager
    def _files_named(self) -> Iterator[None]:
        """Put the file's name in front of what metrics say of a row, but leave the words of official code alone."""
        try:
            yield
        except OfficialCrash:
            raise
        except AnnotationError as error:
            at_fault = self.truth if "ground truth" in str(error) else self.predictions
            raise AnnotationError(f"{at_fault}: {error}") from None
        except (ArithmeticError, AttributeError) as error:
            if not self.strict:
                raise
            raise OfficialCrash(error) from error


def _unbroken(answers: Mapping[Any, Any]) -> dict[Any, Any]:
    """Windows up to the first that is none: it is a miss, not an error, and must not make room for the next."""
    kept = {qid: list(takewhile(lambda w: w[0] < w[1], windows)) for qid, windows in answers.items()}
    broken = sum(bool(answers[qid]) and not kept[qid] for qid in answers)
    if broken:
        warnings.warn(f"{broken} answers begin with an inverted or empty interval and count as misses", stacklevel=2)
    return kept


def _as_row(e: Example) -> dict[str, Any]:
    row = {"qid": e.qid, "query": e.query, "vid": e.video, "duration": e.duration}
    return row | {"relevant_windows": e.windows.tolist()}


def _as_database(examples: list[Example]) -> dict[str, Any]:
    database: dict[str, Any] = {}
    for e in examples:
        entry = database.setdefault(e.video, {"annotations": []})
        entry["annotations"] += [{"label": e.query, "segment": window} for window in e.windows.tolist()]
    return {"database": database}


def _as_segments(windows: list[list[float]]) -> list[tuple[int, int]]:
    return [(round(start / SEGMENT), round(end / SEGMENT) - 1) for start, end in windows]
