"""Distance IoU (arXiv:1911.08287): tIoU minus the squared distance of the centres, as a share of the hull."""

from __future__ import annotations

from whenabouts.rewards.parse import Window
from whenabouts.rewards.target import Target, first_window
from whenabouts.rewards.tiou import overlap

__all__ = ["diou"]


def diou(completion: str, target: Target) -> float:
    """Temporal IoU − (c − c*)² / hull², in [-1, 1]; 1 only for the exact interval, -1 without any.

    >>> diou("<answer>5 to 15</answer>", Target(((0.0, 10.0),), 60.0))
    0.2222222222222222
    """
    return first_window(completion, target, _score, worst=-1.0)


def _score(window: Window, truth: Window) -> float:
    hull = max(window[1], truth[1]) - min(window[0], truth[0])
    apart = (sum(window) - sum(truth)) / 2
    return overlap(window, truth) - (apart / hull) ** 2
