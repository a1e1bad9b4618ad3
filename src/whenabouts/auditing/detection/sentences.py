"""What a diagnosis of detections says, in sentences with the figures that show it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from whenabouts.auditing.detection.mistakes import ERRORS

if TYPE_CHECKING:
    from whenabouts.auditing.detection.diagnosis import DetectionDiagnosis, Sensitivity

__all__ = ["sentences"]

TOLD = 3  # kinds of errors that are told
FEW = 30  # instances, below which a bin is not told
WORTH = 0.8  # of what is reached over all, from which on the weakest bin is not told
MEANS = {
    "double detection": "find an instance that another detection has",
    "wrong label": "are at the right place with a wrong class",
    "localisation": "are the right class at a wrong place",
    "confusion": "are near an instance of another class",
    "background": "are where nothing happens",
}


def sentences(diagnosis: DetectionDiagnosis) -> tuple[str, ...]:
    """The most important first: the errors that cost most, what is found worst, what is missed."""
    return tuple(_sentences(diagnosis))


def _sentences(diagnosis: DetectionDiagnosis) -> Iterator[str]:
    mistakes = diagnosis.mistakes
    base, gains = 100 * float(mistakes.mean_ap.mean()), 100 * mistakes.gains.mean(axis=1)
    shares = mistakes.shares
    if not len(mistakes.kinds):
        yield "there is no detection of a class that has instances"
    elif not shares:
        yield f"no detection is wrong; average mAP_N is {base:.1f}"
    for i in np.argsort(-gains, kind="stable")[:TOLD].tolist():
        name = ERRORS[i]
        if shares and gains[i] > 0:
            share = shares[name]
            bounds = f"95 % {100 * share.low:.0f} to {100 * share.high:.0f}"
            yield (
                f"{name}: {100 * share.mean:.0f} % of wrong detections ({bounds}) {MEANS[name]}; without them average "
                f"mAP_N would be {gains[i]:.1f} points higher than {base:.1f}"
            )
    if shares and (right := mistakes.counts_by_rank[:, 0].sum(axis=1))[0] == 0 and right.any():
        yield "none of the best detections is right, but later ones are: scores do not order them"
    rows = diagnosis.by_characteristic
    yield from _weakest(rows, float(diagnosis.normalised.mean()))
    yield _missed(diagnosis)


def _weakest(rows: tuple[Sensitivity, ...], base: float) -> Iterator[str]:
    for row in rows:
        known = [i for i, size in enumerate(row.instances.tolist()) if size >= FEW and not np.isnan(row.mean_ap[i])]
        if base > 0 and known:
            worst = min(known, key=lambda i: float(row.mean_ap[i]))
            if row.mean_ap[worst] < WORTH * base:
                c = row.characteristic
                yield (
                    f"weakest by {c.name}: instances with {c.ranges()[worst]} ({c.meaning}) reach "
                    f"{100 * row.mean_ap[worst]:.1f} of average mAP_N, all {100 * base:.1f}"
                )


def _missed(diagnosis: DetectionDiagnosis) -> str:
    instances, low, high = len(diagnosis.truth.instances), diagnosis.tious[0], diagnosis.tious[-1]
    missed = [f"{100 * (1 - share):.0f}" for share in diagnosis.found]
    if low == high:
        return f"{missed[0]} % of {instances} instances are missed at tIoU {low:g}"
    return f"{missed[0]} % of {instances} instances are missed at tIoU {low:g}, {missed[-1]} % at tIoU {high:g}"
