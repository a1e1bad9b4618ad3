"""From scores and offsets of events to proposals, as officially (minghangz/OnVTG, `libs/evaluator.py`).

All numbers are in rows of level 0: event k of level l stands at k · 2^l and is over 2^l later.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from whenabouts.grounders.learned.onvtg.model import Found
from whenabouts.grounders.learned.onvtg.tree import WINDOW
from whenabouts.moment import nms

__all__ = ["Proposals", "known", "proposals"]

Proposals = NDArray[np.float32]
LEAST = 0.001  # score of a proposal
SHORTEST = 0.1  # rows
CANDIDATES = 200
SAME = 0.7  # overlap above which the weaker of two proposals is left out


def known(place: NDArray[Any], step: NDArray[Any] | float, ahead: int) -> NDArray[Any]:
    """When all has been seen that scores of events of length `step` depend on: their windows, `ahead` more events."""
    over: NDArray[Any] = np.ceil((place + (1 + ahead) * step) / WINDOW) * WINDOW
    return over


def proposals(found: Found, item: int, *, most: int, starts: int = 0, ahead: int | None = None) -> Proposals:
    """At most `most` of one item of a batch, best first: (N, 5) start, end, when each of them was told, score.

    starts: take each proposal's start from each of so many best predicted starts, told when that was predicted; 0: none
    ahead:  later events that a score truly depends on; None: officially a proposal is told when its event is over
    """
    rows = []
    for number, level in enumerate(found.levels):
        step = 2.0**number
        score, offsets = _plain(level.logits[item].sigmoid()) * _plain(level.mask[item]), _plain(level.offsets[item])
        place = np.arange(len(score), dtype=np.float32) * np.float32(step)
        told = place + step if ahead is None else known(place, step, ahead)
        ends = place[:, None] + offsets * np.array([-step, step], dtype=np.float32)
        rows.append(np.column_stack([ends, told, told, score])[score > LEAST])
    best = _best(np.concatenate(rows).astype(np.float32))
    if starts and found.starts is not None:
        best = _started(best, found, item, starts, ahead)
    best = _best(best[best[:, 1] - best[:, 0] > SHORTEST])
    return best[nms(best[:, :2], best[:, 4], SAME)[:most]]


def _started(rows: Proposals, found: Found, item: int, most: int, ahead: int | None) -> Proposals:
    """Every proposal with each of the best predicted starts; the score is that of both."""
    assert found.starts is not None
    score = _plain(found.starts.logits[item].sigmoid()) * _plain(found.levels[0].mask[item])
    first = np.argsort(-score, kind="stable")[:most]
    told = first + 1.0 if ahead is None else known(first, 1.0, ahead)
    several = np.repeat(rows[None], len(first), 0)
    several[..., 0] = (first - _plain(found.starts.offsets[item])[first])[:, None]
    several[..., 2] = told[:, None]
    several[..., 4] *= score[first, None]
    return several.reshape(-1, 5)


def _best(rows: Proposals) -> Proposals:
    return rows[np.argsort(-rows[:, 4], kind="stable")[:CANDIDATES]]


def _plain(table: Tensor) -> NDArray[np.float32]:
    plain: NDArray[np.float32] = table.detach().float().cpu().numpy()
    return plain
