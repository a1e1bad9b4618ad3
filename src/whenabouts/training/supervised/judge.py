"""What a run is judged by: the official figures of a benchmark, and the predictions that they are of."""

from __future__ import annotations

import json
import warnings
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from whenabouts.benchmarks.closed_set import class_names
from whenabouts.benchmarks.example import Benchmark, Dataset, Example
from whenabouts.benchmarks.features import FeatureExample, Float
from whenabouts.benchmarks.own import OWN
from whenabouts.errors import InputError
from whenabouts.evaluation.evaluate import evaluate
from whenabouts.evaluation.report import Report, collected_notes
from whenabouts.files.atomic import replacing
from whenabouts.grounders.learned.detection import detect
from whenabouts.grounders.learned.head import Answer, Head
from whenabouts.grounders.learned.submission import answers, evaluating, submission_row
from whenabouts.metrics import tal

__all__ = ["Judge", "by_detections", "by_windows"]

Predictions = Any  # rows of a submission, or the JSON of detections
CHARADES = ("MR-full-R1@0.5", "MR-full-R1@0.7")  # their mean chooses CG-DETR's models there, and EaTR's


class Judge(ABC):
    """Figures of a head on a held-out split, by their official names and as `whenabouts evaluate` has them.

    suffix: of the file of predictions
    notes:  what was left out or counted as a miss the last time
    """

    suffix = ".jsonl"

    def __init__(self, benchmark: Benchmark) -> None:
        self.benchmark = benchmark
        self.notes: tuple[str, ...] = ()
        self._predictions: Predictions | None = None

    def __call__(self, head: Head) -> dict[str, float]:
        """The figures in per cent; the first chooses where a recipe names none of them."""
        self._predictions = self.predict(head)
        with collected_notes() as notes:
            figures = self._quietly(self._predictions)
        self.notes = tuple(notes)
        return figures

    def check(self, figure: str) -> None:
        """Raises InputError for a name that no figure has, with those near it."""
        names = list(self._quietly(self.dummy()))
        if figure not in names:
            near = get_close_matches(figure, names, n=3, cutoff=0.5) or names
            raise InputError(f"no figure is called {figure!r} (best); choose one, such as: {', '.join(near)}")

    def _quietly(self, predictions: Predictions) -> dict[str, float]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they are the notes of the report, which are written with the predictions
            return self.figures(predictions)

    def write(self, folder: Path, facts: Mapping[str, Any]) -> Path:
        """Write the predictions of the head judged last as `validation.jsonl`, which `whenabouts evaluate` reads.

        `facts`, plain values of how they were made, go beside them into `validation.receipt.json`. Atomic.
        """
        assert self._predictions is not None, "call the judge first"
        path = folder / f"validation{self.suffix}"
        about = {"benchmark": self.benchmark.name, "split": self.benchmark.split, **facts, "notes": list(self.notes)}
        with replacing(path) as part:
            part.write_text(self.text(self._predictions), "utf-8")
        with replacing(path.with_suffix(".receipt.json")) as part:
            part.write_text(json.dumps(about, indent=2, ensure_ascii=False) + "\n", "utf-8")
        return path

    def evaluated(self, predictions: Predictions, official: str | None = None) -> Report:
        """The report of `whenabouts evaluate`, by the benchmark's protocol or an official evaluator in its place."""
        of = self.benchmark
        return evaluate(predictions, of.dataset, of.path, split=of.split, official=official)

    @abstractmethod
    def seen(self) -> Sequence[FeatureExample]:
        """The examples that heads are shown."""

    @abstractmethod
    def predict(self, head: Head) -> Predictions:
        """What the head says of the split, in the form of a submission."""

    @abstractmethod
    def dummy(self) -> Predictions:
        """What a head that learned nothing may say."""

    @abstractmethod
    def figures(self, predictions: Predictions) -> dict[str, float]:
        """Percentages by official name."""

    @abstractmethod
    def text(self, predictions: Predictions) -> str:
        """The content of the file."""


class _Windows(Judge):
    """Ranked windows and saliency of queries."""

    def __init__(self, examples: Sequence[FeatureExample], benchmark: Benchmark) -> None:
        super().__init__(benchmark)
        self.examples = examples
        self.shown = [e.example for e in examples if len(e.windows)]  # what the evaluators of moments take
        self.rated = all(e.saliency is not None for e in self.shown)

    def seen(self) -> Sequence[FeatureExample]:
        return self.examples

    def predict(self, head: Head) -> Predictions:
        return [submission_row(e, answer) for e, answer in answers(head, self.examples)]

    def dummy(self) -> Predictions:
        said = [(e, Answer([[0.0, e.duration, 1.0]], [0.0] * len(e.video))) for e in self.examples]
        return [submission_row(e, answer) for e, answer in said]

    def figures(self, predictions: Predictions) -> dict[str, float]:
        own = self.evaluated(predictions).scores
        if self.benchmark.dataset.task == "HL":
            return {"mAP": own["mean"]} | own
        brief = self._brief({row["qid"]: row for row in predictions})
        mean = sum(brief[name] for name in CHARADES) / len(CHARADES)
        more = {
            f"MR-full-{name}": value for name, value in own.items() if name.startswith("R")
        }  # such as 2D-TAN's R1@0.1
        return {"MR-full-mAP": brief["MR-full-mAP"], **more, **brief, **own, "MR-full-R1@0.5/0.7": mean}

    def _brief(self, rows: Mapping[Any, dict[str, Any]]) -> dict[str, float]:
        """The figures of CG-DETR's evaluator: it has the most thresholds, and is equal in what others have."""
        kept = [dict(rows[e.qid]) for e in self.shown]
        for row in [] if self.rated else kept:
            row.pop("pred_saliency_scores", None)
        dataset = _without_files(self.shown)
        return evaluate(kept, dataset, split="val", official="cg_detr").scores

    def text(self, predictions: Predictions) -> str:
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in predictions)


class _Detections(Judge):
    """Detections of a closed set: every class is a query on every video, unless the head knows the classes."""

    suffix = ".json"

    def __init__(
        self,
        examples: Sequence[FeatureExample],
        text: Mapping[str, Float],
        benchmark: Benchmark | None,
        tious: Sequence[float],
    ) -> None:
        super().__init__(benchmark or _made_of([]))
        self.tious, self._seen = tious, examples
        self.videos = {e.example.video: e for e in examples}
        self.classes = {name: text[name] for name in class_names([e.example for e in examples]) if text}
        self.database = None if benchmark else _database(examples)

    def seen(self) -> Sequence[FeatureExample]:
        return self._seen

    def predict(self, head: Head) -> Predictions:
        with evaluating(head):
            results = {
                name: detect(head, e.video, self.classes, e.duration / len(e.video), fps=e.example.fps)
                for name, e in self.videos.items()
            }
        return {"version": "VERSION 1.3", "results": results, "external_data": {}}

    def dummy(self) -> Predictions:
        return {"version": "VERSION 1.3", "results": {name: [] for name in self.videos}, "external_data": {}}

    def figures(self, predictions: Predictions) -> dict[str, float]:
        if self.database is not None:
            found = tal.evaluate(predictions, self.database, tious=self.tious)
            scores = {name: 100 * value for name, value in found.items()}
        else:
            scores = self.evaluated(predictions).scores
        return {"average_mAP": scores["average_mAP"]} | scores

    def text(self, predictions: Predictions) -> str:
        return json.dumps(predictions) + "\n"


def by_windows(examples: Sequence[FeatureExample], benchmark: Benchmark | None = None) -> Judge:
    """The figures of the evaluators that heads were published with, `MR-full-mAP` first, and of the benchmark's own.

    examples: all of the split; benchmark: its annotations, None for the examples themselves.
    `MR-full-R1@0.5/0.7` is the mean of both, as CG-DETR chooses on Charades-STA. `mAP` is that of highlights.
    """
    return _Windows(examples, benchmark or _made_of([e.example for e in examples]))


def by_detections(
    examples: Sequence[FeatureExample],
    text: Mapping[str, Float],
    benchmark: Benchmark | None = None,
    *,
    tious: Sequence[float] = tal.THUMOS14,
) -> Judge:
    """`average_mAP` first, and its parts, by the benchmark's protocol, or at `tious` on the examples themselves.

    text: the words of each class; none for heads that know the classes.
    """
    return _Detections(examples, text, benchmark, tious)


def _made_of(examples: Sequence[Example]) -> Benchmark:
    dataset = _without_files(examples)
    return Benchmark(dataset, "val", tuple(examples), dataset.path or Path())


def _without_files(examples: Sequence[Example]) -> Dataset:
    """A data set that is these examples."""

    def read(path: Path, split: str) -> list[Example]:
        return list(examples)

    return replace(OWN, read=read, path=Path("examples.jsonl"))


def _database(examples: Sequence[FeatureExample]) -> dict[str, Any]:
    """Annotations in the form of the ActivityNet toolkit."""
    videos: dict[str, Any] = {}
    for e in examples:
        instances = videos.setdefault(e.example.video, {"subset": "val", "annotations": []})["annotations"]
        labels = e.labels if e.labels is not None else (e.example.query,) * len(e.windows)
        instances += [{"segment": w, "label": label} for w, label in zip(e.windows.tolist(), labels, strict=True)]
    return {"database": videos}
