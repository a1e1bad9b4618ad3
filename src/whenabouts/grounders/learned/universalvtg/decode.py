"""From scores and offsets on a pyramid to windows, and from windows to what should have been scored.

The row k of level l stands at k · 2^l rows of the video; all numbers here are in rows of the video, where a row's own
middle is a whole number. Sources: jbistanbul/universalvtg, `universal_vtg_inference.py`, `libs/nms`, `libs/worker.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from whenabouts.grounders.learned.universalvtg.model import Level
from whenabouts.moment import soft_nms, tiou

__all__ = ["MOST", "candidates", "places", "ranked", "targets"]

LEAST = 0.001  # score of a candidate, before and after overlap has cost it some
SHORTEST = 0.1  # rows
CANDIDATES = 2000
SIGMA = 0.9
VOTING = 0.95  # overlap from which candidates have a say in where a window lies
MOST = 5  # windows of an answer
REACH = 4  # rows that the finest level reaches to either side; each next one twice as far
CENTRE = 1.5  # steps of a level within which its places answer for a window's middle


def candidates(levels: Sequence[Level], item: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The best candidates of one item of a batch: windows (N, 2) and their scores (N,)."""
    windows, scores = [], []
    for number, level in enumerate(levels):
        step = 2.0**number
        score = level.logits[item].sigmoid()
        middle = torch.arange(len(score), device=score.device) * step
        ends = torch.stack([middle - level.offsets[item, :, 0] * step, middle + level.offsets[item, :, 1] * step], -1)
        kept = level.mask[item] & (score >= LEAST) & (ends[:, 1] - ends[:, 0] >= SHORTEST)
        windows.append(ends[kept])
        scores.append(score[kept])
    best = torch.cat(scores).topk(min(CANDIDATES, sum(map(len, scores))))
    return torch.cat(windows)[best.indices].cpu().numpy(), best.values.cpu().numpy()


def ranked(windows: NDArray[np.float32], scores: NDArray[np.float32]) -> list[list[float]]:
    """At most five windows [start, end, score] of all candidates, best first.

    Overlap costs score, and each window is then moved to the mean of the candidates that nearly are the same.
    """
    kept, left = soft_nms(windows, scores, sigma=SIGMA, min_score=LEAST, limit=MOST)
    if not len(kept):
        return []
    say = (tiou(windows[kept], windows) >= VOTING) * scores
    say[np.arange(len(kept)), kept] = scores[kept]  # a window is the same as itself, whatever rounding says
    moved = say @ windows / say.sum(1, keepdims=True)
    return [[float(start), float(end), float(score)] for (start, end), score in zip(moved, left, strict=True)]


def places(counts: Sequence[int], longest: int) -> Tensor:
    """All places of levels with so many rows (P, 4): where, from and to which distance it answers, step."""
    parts, low, high = [], 0.0, float(REACH)
    for number, count in enumerate(counts):
        last = number == len(counts) - 1
        reach = torch.tensor([low, max(high, longest + 1.0) if last and number else high, 2.0**number])
        parts.append(torch.cat([torch.arange(count)[:, None] * 2.0**number, reach.repeat(count, 1)], 1))
        low, high = high / 2, 2 * high
    return torch.cat(parts)


def targets(where: Tensor, windows: Tensor) -> tuple[Tensor, Tensor]:
    """Which places (P, 4) should answer for a window (M, 2), and its offsets in their steps (P, 2).

    A place answers for a window within whose middle it lies, and whose farther end is at a distance that is its level's
    to reach. Of several windows the shortest counts; officially there is one.
    """
    positive = torch.zeros(len(where), dtype=torch.bool, device=where.device)
    offsets = torch.zeros(len(where), 2, device=where.device)
    middle, low, high, step = where.unbind(1)
    for start, end in windows[(windows[:, 0] - windows[:, 1]).argsort()]:  # the shortest last, over the others
        centre = (start + end) / 2
        first = torch.maximum(centre - CENTRE * step, start)
        last = torch.minimum(centre + CENTRE * step, end)
        far = torch.maximum(middle - start, end - middle)
        here = (middle > first) & (middle < last) & (far >= low) & (far < high)
        positive |= here
        ends = torch.stack([middle - start, end - middle], 1) / step[:, None]
        offsets = torch.where(here[:, None], ends, offsets)
    return positive, offsets
