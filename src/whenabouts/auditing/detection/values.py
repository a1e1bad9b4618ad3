"""A `DetectionDiagnosis` as JSON values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from whenabouts.auditing.detection.mistakes import ERRORS, KINDS, LIMIT
from whenabouts.auditing.detection.sensitivity import FLOOR
from whenabouts.auditing.detection.sentences import sentences

if TYPE_CHECKING:
    from whenabouts.auditing.detection.diagnosis import DetectionDiagnosis

__all__ = ["as_json"]


def as_json(diagnosis: DetectionDiagnosis) -> dict[str, Any]:
    """All figures: fractions of 1 by tIoU and "average"; None for what is empty."""
    return {
        "benchmark": diagnosis.dataset.name,
        "split": diagnosis.split,
        "name": diagnosis.name,
        "tious": list(diagnosis.tious),
        "classes": int(diagnosis.truth.counted.sum()),
        "instances": len(diagnosis.truth.instances),
        "detections": len(diagnosis.detections),
        "mAP": _by_tiou(diagnosis, diagnosis.mean_ap),
        "mAP_N": _by_tiou(diagnosis, diagnosis.normalised),
        "false_positives": _false_positives(diagnosis),
        "characteristics": {row.characteristic.name: _bins(diagnosis, row) for row in diagnosis.by_characteristic},
        "verdicts": list(sentences(diagnosis)),
        "notes": list(diagnosis.notes),
    }


def _false_positives(diagnosis: DetectionDiagnosis) -> dict[str, Any]:
    mistakes = diagnosis.mistakes
    return {
        "limit": LIMIT,
        "detections": len(mistakes.kinds),
        "mAP_N": _by_tiou(diagnosis, mistakes.mean_ap),
        "counts": {kind: _by_tiou(diagnosis, row) for kind, row in zip(KINDS, mistakes.counts, strict=True)},
        "shares": {kind: share._asdict() for kind, share in mistakes.shares.items()},
        "gain": {kind: _by_tiou(diagnosis, row) for kind, row in zip(ERRORS, mistakes.gains, strict=True)},
        "by_rank": [
            {"rank": f"{g}G"} | {kind: _by_tiou(diagnosis, row) for kind, row in zip(KINDS, counts, strict=True)}
            for g, counts in enumerate(mistakes.counts_by_rank, 1)
        ],
    }


def _bins(diagnosis: DetectionDiagnosis, row: Any) -> dict[str, Any]:
    base = float(diagnosis.normalised.mean())
    relative = row.mean_ap[~np.isnan(row.mean_ap)] / base if base > 0 else np.zeros(0)
    return {
        "meaning": row.characteristic.meaning,
        "floor": FLOOR,
        "lowest": float(relative.min()) if len(relative) else None,
        "highest": float(relative.max()) if len(relative) else None,
        "bins": {
            label: {
                "range": row.characteristic.ranges()[i],
                "instances": int(row.instances[i]),
                "share": float(row.share[i]),
                "mAP_N": _number(row.mean_ap[i]),
                "missed": _by_tiou(diagnosis, row.missed[i]),
            }
            for i, label in enumerate(row.characteristic.labels)
        },
    }


def _by_tiou(diagnosis: DetectionDiagnosis, row: Any) -> dict[str, float | None]:
    named = {f"{tiou:.2f}": _number(value) for tiou, value in zip(diagnosis.tious, row, strict=True)}
    return named | {"average": _number(np.mean(row))}


def _number(value: Any) -> float | None:
    number: float = value.item()
    return None if np.isnan(number) else number
