"""What a run is judged by: the first windows of sentences, or the detections of a closed set."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch

from whenabouts.benchmarks.closed_set import class_names
from whenabouts.benchmarks.features import FeatureExample, Float
from whenabouts.grounders.learned.detection import detect
from whenabouts.grounders.learned.head import Answer, Head
from whenabouts.metrics.ranking import overlaps, recall_at_n
from whenabouts.metrics.tal import evaluate

__all__ = ["Judge", "answers", "by_detections", "by_first_windows", "score"]

Judge = Callable[[Head], dict[str, float]]
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7)


def by_first_windows(examples: Sequence[FeatureExample]) -> Judge:
    """R1 at several IoU and mIoU; `better` is the mean of R1@0.5 and R1@0.7, as CG-DETR chooses."""

    def judge(head: Head) -> dict[str, float]:
        scores = score(answers(head, examples), examples)
        return scores | {"better": (scores["R1@0.5"] + scores["R1@0.7"]) / 2}

    return judge


def by_detections(examples: Sequence[FeatureExample], text: Mapping[str, Float]) -> Judge:
    """Mean AP at tIoU 0.3 to 0.7 where every class is a query on every video; `text` has the words of each class."""
    names = class_names([e.example for e in examples])
    videos = {e.example.video: e for e in examples}
    database = {
        name: {
            "subset": "val",
            "annotations": [
                {"segment": window.tolist(), "label": e.example.query}
                for e in examples
                if e.example.video == name
                for window in e.windows
            ],
        }
        for name in videos
    }

    def judge(head: Head) -> dict[str, float]:
        classes = {name: text[name] for name in names}
        with _evaluating(head):
            results = {name: detect(head, e.video, classes, e.duration / len(e.video)) for name, e in videos.items()}
        figures = evaluate({"results": results}, {"database": database}, tious=THRESHOLDS)
        return figures | {"better": figures["average_mAP"]}

    return judge


def answers(head: Head, examples: Sequence[FeatureExample], *, batch: int = 100) -> list[Answer]:
    """One answer per example, without gradients."""
    with _evaluating(head):
        return [a for i in range(0, len(examples), batch) for a in head.answer(examples[i : i + batch])]


def score(predicted: Sequence[Answer], examples: Sequence[FeatureExample]) -> dict[str, float]:
    """R1 at IoU 0.3, 0.5, 0.7 (>=) and mIoU, in [0, 1]; of several target windows the best fitting counts."""
    ious = overlaps([a.windows for a in predicted], [e.windows for e in examples])
    recalls = {f"R1@{m}": float(recall_at_n(ious, 1, m)) for m in (0.3, 0.5, 0.7)}
    return recalls | {"mIoU": float(ious[:, 0].mean())}


@contextmanager
def _evaluating(head: Head) -> Iterator[None]:
    """In evaluation mode and without gradients, and back."""
    was_training = head.training
    head.eval()
    with torch.no_grad():
        yield
    head.train(was_training)
