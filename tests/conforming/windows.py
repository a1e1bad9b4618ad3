"""Final windows: those of the official code, on the grid that it rounds them to, and after its suppression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from whenabouts.grounders.learned.detr.decode import Windows, on_the_grid
from whenabouts.moment import nms, tiou

__all__ = ["best_first", "grids", "same_up_to_ties", "same_windows", "standing_apart"]


def grids(model: str, args: dict[str, Any]) -> list[tuple[float, float | None]]:
    """Clips in seconds and the longest video that windows are cut to, as the official code has them.

    Moment-DETR and QD-DETR round to 2 s whatever the options say, and who changed that rounds to `clip_length`. CG-DETR
    and Lighthouse cut by data set and not at all where videos are long.
    """
    clip = float(args.get("clip_length") or 2)
    name = str(args.get("dset_name", "hl"))
    if name.startswith(("hl", "qvhighlight", "clotho", "unav", "tut")):
        longest: float | None = 150.0
    elif name.startswith("charades"):
        longest = 360.0 if args.get("v_feat_dim") == 4096 and model == "cg_detr" else 150.0
    else:
        longest = 300.0 if name == "castella" else None
    own = [(clip, longest)]
    return [(2.0, 150.0), *own] if model in ("moment_detr", "qd_detr") else own


def best_first(windows: Sequence[Windows]) -> list[Windows]:
    """Windows of every item by their scores, where the official options leave them as they come (no_sort_results)."""
    return [sorted(of_item, key=lambda window: -window[2]) for of_item in windows]


def rounded(windows: Sequence[Windows], grid: tuple[float, float | None]) -> list[Windows]:
    """Windows of every item on a grid."""
    return [on_the_grid(each, grid[0], latest=grid[1]) for each in windows]


def standing_apart(windows: Sequence[Windows], threshold: float) -> list[Windows]:
    """Of windows that overlap more than the threshold only the best."""
    return [[w[i] for i in nms(np.array(w)[:, :2], np.array(w)[:, 2], threshold)] for w in windows]


def same_windows(got: Sequence[Any], expected: Sequence[Any]) -> bool:
    """Equal but for the last of four decimals, which a difference of 1e-6 can turn."""
    pairs = list(zip(got, expected, strict=True))
    return all(len(a) == len(b) and np.allclose(a, b, atol=1.01e-4, rtol=0) for a, b in pairs)


def same_up_to_ties(got: list[Any], expected: list[Any], ranked: list[Any], threshold: float) -> bool:
    """Both are what NMS keeps of our scores; scores that differ by rounding alone may stand either way."""
    return all(
        len(mine) == len(theirs) and all(_kept_by_nms(each, np.array(cells), threshold) for each in (mine, theirs))
        for mine, theirs, cells in zip(got, expected, ranked, strict=True)
    )


def _kept_by_nms(answer: list[Any], cells: np.ndarray, threshold: float) -> bool:
    """Every window is the best of `cells` (start, end, score) that no window before it has put aside."""
    left = np.ones(len(cells), bool)
    for window in answer:
        gaps = np.abs(cells[:, :2] - window).max(1)
        place = gaps.argmin()
        if gaps[place] > 1.01e-4 or not left[place] or cells[place, 2] < cells[left, 2].max() - 1e-6:
            return False
        left &= tiou(cells[place, :2], cells[:, :2]).ravel() <= threshold
        left[place] = False
    return True
