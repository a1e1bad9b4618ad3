"""From what points say to detections: places in rows, Soft-NMS and voting, all float32 as officially."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from whenabouts.benchmarks.features import Float

__all__ = ["Decoding", "Detections", "Points", "detections", "points", "soft_nms", "voted"]

Ints = NDArray[np.intp]


class Points(NamedTuple):
    """Of all levels, the finest first: places in rows, strides, and the distances they answer for; each (P,)."""

    place: Tensor
    stride: Tensor
    least: Tensor
    most: Tensor


class Decoding(NamedTuple):
    """How detections are made; official names in brackets.

    least:     probability of a candidate (pre_nms_thresh); candidates: of a level at most (pre_nms_topk)
    shortest:  rows that one is longer than (duration_thresh)
    sigma:     of the Gaussian that overlap costs (nms_sigma); by_class: only within a class (multiclass_nms)
    min_score: that is kept (min_score); most: of a video (max_seg_num)
    vote:      overlap of candidates whose mean a detection becomes (voting_thresh), not by class; 0 leaves it out
    """

    least: float = 0.001
    candidates: int = 2000
    shortest: float = 0.05
    sigma: float = 0.5
    by_class: bool = True
    min_score: float = 0.001
    most: int = 200
    vote: float = 0.7


class Detections(NamedTuple):
    """Windows (N, 2) in rows, scores (N,), class numbers (N,), best first."""

    windows: Float
    scores: Float
    label: Ints


def points(rows: int, ranges: Sequence[tuple[float, float]], device: torch.device) -> Points:
    """The points of a pyramid over so many rows."""
    columns = []
    for level, (least, most) in enumerate(ranges):
        place = torch.arange(0, rows, 2**level, dtype=torch.float32, device=device)
        columns.append([place, *(torch.full_like(place, value) for value in (2**level, least, most))])
    return Points(*(torch.cat(side) for side in zip(*columns, strict=True)))


def detections(logits: Tensor, offsets: Tensor, mask: Tensor, places: Points, how: Decoding) -> Detections:
    """Detections of one video: (P, classes), (P, 2), (P,)."""
    found = []
    for stride in torch.unique(places.stride):
        level = places.stride == stride
        chance = (logits[level].sigmoid() * mask[level, None]).flatten()
        enough = (chance > how.least).nonzero()[:, 0]
        score, order = chance[enough].sort(descending=True)
        score, order = score[: how.candidates], enough[order[: how.candidates]]
        point, label = order // logits.shape[-1], order % logits.shape[-1]
        place, reach = places.place[level][point], offsets[level][point] * stride
        windows = torch.stack([place - reach[:, 0], place + reach[:, 1]], 1)
        long = windows[:, 1] - windows[:, 0] > how.shortest
        found.append((windows[long], score[long], label[long]))
    candidates = Detections(*(torch.cat(side).cpu().numpy() for side in zip(*found, strict=True)))
    return _each_class(candidates, how) if how.by_class else _all_classes(candidates, how)


def _each_class(found: Detections, how: Decoding) -> Detections:
    rows, scores = [np.zeros(0, np.intp)], [np.zeros(0, np.float32)]
    for number in np.unique(found.label):
        own = np.flatnonzero(found.label == number)
        kept, decayed = soft_nms(found.windows[own], found.scores[own], how)
        rows.append(own[kept])
        scores.append(decayed)
    every, score = np.concatenate(rows), np.concatenate(scores)
    best = np.argsort(-score, kind="stable")[: how.most]
    return Detections(found.windows[every[best]], score[best], found.label[every[best]])


def _all_classes(found: Detections, how: Decoding) -> Detections:
    kept, scores = soft_nms(found.windows, found.scores, how)
    windows = found.windows[kept]
    if how.vote > 0:
        windows = voted(windows, found.windows, found.scores, how.vote)
    return Detections(windows, scores, found.label[kept])


def soft_nms(windows: Float, scores: Float, how: Decoding) -> tuple[Ints, Float]:
    """Gaussian Soft-NMS (arXiv:1704.04503) in float32: rows kept and their scores, best first.

    Of equal scores the first in the list goes first; officially it depends on what was removed before.
    """
    start, end = windows[:, 0], windows[:, 1]
    length = end - start + np.float32(1e-6)
    left, score = np.arange(len(windows)), scores.copy()
    kept: list[int] = []
    out: list[float] = []
    while len(left) and len(kept) < how.most:
        at = int(score[left].argmax())
        best = left[at]
        kept.append(int(best))
        out.append(float(score[best]))
        left = np.delete(left, at)
        shared = np.maximum(np.minimum(end[best], end[left]) - np.maximum(start[best], start[left]), 0)
        overlap = shared / (length[best] + length[left] - shared)
        score[left] *= np.exp(-(overlap * overlap) / np.float32(how.sigma))
        left = left[score[left] >= np.float32(how.min_score)]
    return np.asarray(kept, dtype=np.intp), np.asarray(out, dtype=np.float32)


def voted(kept: Float, windows: Float, scores: Float, overlap: float) -> Float:
    """Each window that is kept as the mean of those that overlap it, weighted by score and overlap."""
    shared = np.minimum(kept[:, None, 1], windows[None, :, 1]) - np.maximum(kept[:, None, 0], windows[None, :, 0])
    shared = np.maximum(shared, 0)
    iou = shared / ((kept[:, 1] - kept[:, 0])[:, None] + (windows[:, 1] - windows[:, 0])[None] - shared)
    weight = np.where(iou >= overlap, iou * scores, 0).astype(np.float32)
    moved: Float = (weight / weight.sum(1, keepdims=True)) @ windows
    return moved
