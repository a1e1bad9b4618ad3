"""The detections of one kind, best first, each beside the instance that it overlaps most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from whenabouts.auditing.detection.mistakes import KINDS
from whenabouts.errors import InputError
from whenabouts.metrics.matching import closest

if TYPE_CHECKING:
    from whenabouts.auditing.detection.diagnosis import DetectionDiagnosis

__all__ = ["rows"]


def rows(diagnosis: DetectionDiagnosis, kind: str | None = None) -> list[dict[str, Any]]:
    """Detections that were looked at for errors, as JSON values, with their kind at the lowest tIoU.

    Raises InputError for an unknown kind.
    """
    if kind is not None and kind not in KINDS:
        raise InputError(f"unknown kind of detection {kind!r}; choose one of: {', '.join(KINDS)}")
    mistakes, instances = diagnosis.mistakes, diagnosis.truth.instances
    found = mistakes.matched.detections
    best, overlap = closest(found.windows, found.video, instances.windows, instances.video)
    chosen = np.arange(len(found))
    if kind is not None:
        chosen = chosen[mistakes.kinds[:, 0] == KINDS.index(kind)]
    labels, videos = list(diagnosis.truth.labels), list(diagnosis.truth.videos)
    told = []
    for i in chosen[np.argsort(-found.score[chosen], kind="stable")].tolist():
        near = int(best[i]) if overlap[i] > 0 else None
        told.append(
            {
                "video": videos[found.video[i]],
                "label": labels[found.label[i]],
                "segment": found.windows[i].tolist(),
                "score": float(found.score[i]),
                "kind": KINDS[mistakes.kinds[i, 0]],
                "overlap": float(overlap[i]),
                "instance": None if near is None else instances.windows[near].tolist(),
                "instance_label": None if near is None else labels[instances.label[near]],
            }
        )
    return told
