"""Time-R1's timestamp-aware IoU (arXiv:2503.13377): overlap, damped by how far off each boundary is.

    r = tIoU · (1 − |s − s*| / D) · (1 − |e − e*| / D)

with D the duration of the video. A window as wide as the video, which plain tIoU still pays for a long event, loses
on both boundaries. The formula is not clamped: a window that overlaps the truth and runs on for more than D after it
is paid less than nothing. Only where a true window itself lies beyond D, which annotations do hold, would two negative
factors make a gain; there the factor of the start stays at 0 or above, and the product at -1 or above.
"""

from __future__ import annotations

import sys

from whenabouts.rewards.official_parsers import time_r1_reward
from whenabouts.rewards.parse import Window, read
from whenabouts.rewards.target import Target

__all__ = ["time_r1", "timestamp_aware"]


def time_r1(completion: str, target: Target) -> float:
    """Timestamp-aware IoU of the last `a to b` in the last <answer>, in [-1, 1]; 1 only for the exact interval.

    The interval is read as the official training code reads it. An inverted or empty one scores 0, as does none.

    >>> time_r1("<think>…</think> <answer>12.00 to 20.00</answer>", Target(((10.0, 20.0),), 40.0))
    0.76
    """
    if not target.windows:
        return float(read(completion).absent)
    found = time_r1_reward(completion)
    if not found:
        return 0.0
    start, end = found[0]
    return max(timestamp_aware((start, end), truth, target.duration) for truth in target.windows)


def timestamp_aware(window: Window, truth: Window, duration: float) -> float:
    """The formula on two windows in seconds and the duration of the video in seconds; finite for any digits."""
    (start, end), (true_start, true_end) = window, truth
    end = min(end, sys.float_info.max)  # a number of more than 308 digits reads as infinity
    shared = min(end, true_end) - max(start, true_start)
    if shared <= 0 or start >= end:
        return 0.0
    iou = shared / (max(end, true_end) - min(start, true_start))
    return max(-1.0, iou * max(0.0, 1 - abs(start - true_start) / duration) * (1 - abs(end - true_end) / duration))
