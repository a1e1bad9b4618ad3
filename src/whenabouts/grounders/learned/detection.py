"""Temporal action localisation: each class of a closed set is a query of its own, unless the head knows the classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from whenabouts.benchmarks.features import Float
from whenabouts.grounders.learned.actionformer.head import ActionFormerHead
from whenabouts.grounders.learned.grounder import answer_at_length
from whenabouts.grounders.learned.head import Head
from whenabouts.moment import soft_nms

__all__ = ["detect"]

MOST = 200  # detections of a video, as usual in submissions


def detect(
    head: Head,
    rows: Float,
    classes: Mapping[str, Float],
    seconds: float,
    *,
    fps: float | None = None,
    sigma: float = 0.5,
    most: int = MOST,
) -> list[dict[str, Any]]:
    """Detections of a video, best first, as rows of an ActivityNet submission: segment in seconds, label, score.

    rows (L, D) are clips of `seconds`; `classes` the words (T, D') of each label. Within a class overlap costs score
    (Gaussian Soft-NMS); scores of classes are comparable as far as the head learned to tell a class's absence.

    A head of a closed set answers with its own classes, as it was published: `classes`, `sigma` and `most` do nothing,
    and `fps` of the video tells it how long a row is where it was trained on rows of so many frames.
    """
    if isinstance(head, ActionFormerHead):
        with torch.no_grad():
            found = head.detections(rows, seconds * len(rows), fps)
        return [
            {"segment": [float(start), float(end)], "label": head.classes[number], "score": float(score)}
            for (start, end), score, number in zip(found.windows, found.scores, found.label, strict=True)
            if start < end
        ]
    detections: list[dict[str, Any]] = []
    for label, words in classes.items():
        table = np.array(answer_at_length(head, rows, words, seconds).windows).reshape(-1, 3)
        kept, scores = soft_nms(table[:, :2], table[:, 2], sigma=sigma)
        detections += [
            {"segment": [float(table[i, 0]), float(table[i, 1])], "label": label, "score": float(score)}
            for i, score in zip(kept, scores, strict=True)
            if table[i, 0] < table[i, 1]
        ]
    return sorted(detections, key=lambda row: -row["score"])[:most]
