"""From a model's output to ranked windows in seconds, as the official code writes them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from whenabouts.grounders.learned.detr.criterion import DETROutput
from whenabouts.grounders.learned.detr.spans import start_end
from whenabouts.moment import round_to_clips, tiou

__all__ = ["Windows", "decode", "on_the_grid", "ranked_windows", "saliency_curve", "suppressed"]

Windows = list[list[float]]


def decode(output: DETROutput, durations: Sequence[float], *, clamp: bool = False) -> list[Windows]:
    """Per item its windows [start, end, score] in seconds, best first, with four decimals.

    The score is the probability of the class "moment". With `clamp` ends are kept inside [0, duration], as CG-DETR and
    UniVTG do; Moment-DETR and QD-DETR do not.
    """
    return ranked_windows(start_end(output.spans), output.logits.softmax(-1)[..., 0], durations, clamp=clamp)


def ranked_windows(ends: Tensor, scores: Tensor, durations: Sequence[float], *, clamp: bool) -> list[Windows]:
    """Starts and ends (B, N, 2) in [0, 1] with scores (B, N), as `decode` gives them."""
    ranked = []
    for spans, row, duration in zip(ends, scores, durations, strict=True):
        windows = spans * duration
        windows = windows.clamp(0, duration) if clamp else windows
        table = np.column_stack([windows.cpu().numpy(), row.cpu().numpy()]).tolist()
        table.sort(key=lambda window: -window[2])
        ranked.append([[float(f"{value:.4f}") for value in window] for window in table])
    return ranked


def on_the_grid(windows: Windows, clip: float, *, latest: float | None) -> Windows:
    """The official last step: ends rounded to clips of `clip` seconds, and before that clamped to [0, latest].

    None does not clamp.
    """
    if not windows:
        return []
    rows = np.asarray(windows, dtype=np.float32)
    rounded = round_to_clips(rows[:, :2], clip, low=0.0 if latest is not None else -np.inf, high=latest)
    return [[*ends, float(f"{score:.4f}")] for ends, score in zip(rounded.tolist(), rows[:, 2].tolist(), strict=True)]


def saliency_curve(scores: Tensor, mask: Tensor) -> list[list[float]]:
    """Per item the saliency of its valid clips, through float16 as officially stored."""
    lengths = mask.sum(1).int().tolist()
    return [row[:length].half().tolist() for row, length in zip(scores, lengths, strict=True)]


def suppressed(windows: Windows, least: float | None) -> Windows:
    """Best first; those that overlap a better one by `least` or more get the score 0, and so come last.

    With None they lose as much of their score as they overlap. The best of the rest changes places with the first of
    them, as officially, which orders equal scores.
    """
    table = np.array(windows).reshape(-1, 3)
    for i in range(len(table)):
        best = i + int(table[i:, 2].argmax())
        table[[i, best]] = table[[best, i]]
        overlap = tiou(table[i, :2], table[i + 1 :, :2])[0]
        table[i + 1 :, 2] *= 1 - overlap if least is None else overlap < least
    rows: Windows = table.tolist()
    return rows
