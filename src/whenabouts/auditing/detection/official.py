"""What DETAD's code (HumamAlwassel/DETAD 24f7d95) does beyond its paper, for `strict_official`.

- Equal scores are ranked by unstable sorts, of which each analysis has another; among instances that are overlapped
  equally one is taken in the order of such a sort. What they give depends on the processor.
- Of a video without instances only the first wrong detection is background; the others are held against the instances
  of the video before it, by name (`analyze_fp_error_types` keeps them).
- The analysis of sensitivity stops at a class without detections.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whenabouts.auditing.detection.matched import Matched, place_in_class
from whenabouts.auditing.detection.mistakes import Mistakes, kinds_by_overlap
from whenabouts.errors import OfficialCrash
from whenabouts.metrics.matching import closest

__all__ = ["as_pandas", "check_all_classes", "official_mistakes"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


def as_pandas(label: Ints, score: Floats) -> Ints:
    """A `Ranking`: scores of each class sorted by pandas, downwards."""
    return _by_class(label, [_downwards(score[rows]) for rows in _rows(label)])


def official_mistakes(matched: Matched) -> Mistakes:
    """The kinds of errors, and the places of detections, as the false positive analysis finds them."""
    kinds = np.stack([_kinds(matched, t) for t in range(len(matched.tious))], axis=1)
    before = np.argsort(matched.row)  # the order in which detections are numbered
    score, label = matched.detections.score[before], matched.detections.label[before]
    order = before[_downwards(score)]
    order = order[np.argsort(matched.detections.label[order], kind="stable")]
    place = np.empty(len(order), dtype=np.intp)
    place[order] = place_in_class(np.sort(label))
    return Mistakes(matched, kinds, place)


def check_all_classes(matched: Matched) -> None:
    """Raise OfficialCrash where a class has no detection."""
    without = np.flatnonzero(np.bincount(matched.detections.label, minlength=len(matched.truth.labels)) == 0)
    if len(without):
        raise OfficialCrash(KeyError(int(without[0])))


def _kinds(matched: Matched, t: int) -> NDArray[np.int8]:
    detections, instances = matched.detections, matched.truth.instances
    wrong = np.flatnonzero(matched.taken[:, t] < 0)
    names = np.array(list(matched.truth.videos))
    alphabetical = np.argsort(np.argsort(names, kind="stable"), kind="stable")
    wrong = wrong[np.lexsort((matched.row[wrong], alphabetical[detections.video[wrong]]))]
    video = detections.video.copy()
    known = np.zeros(len(names) + 1, dtype=bool)
    known[instances.video] = True
    held, current = -1, -1
    for i in wrong.tolist():
        own = int(video[i])
        if own == current and not known[own]:
            if held < 0:
                raise OfficialCrash(UnboundLocalError("this_gt"))
            video[i] = held
        elif known[own]:
            held = own
        current = own
    best, overlap = closest(detections.windows, video, instances.windows, instances.video)
    return kinds_by_overlap(matched, t, best, overlap)


def _rows(label: Ints) -> list[Ints]:
    return [np.flatnonzero(label == number) for number in np.unique(label)]


def _by_class(label: Ints, orders: list[Ints]) -> Ints:
    ordered = [rows[order] for rows, order in zip(_rows(label), orders, strict=True)]
    return np.concatenate(ordered) if ordered else np.zeros(0, dtype=np.intp)


def _downwards(score: Floats) -> Ints:
    last = len(score) - 1
    return (last - score[::-1].argsort())[::-1]
