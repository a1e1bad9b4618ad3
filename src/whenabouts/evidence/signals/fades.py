"""Fades around a black picture: the same picture, darker and darker, for a third of a second or more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from whenabouts.evidence.found import Found
from whenabouts.evidence.signals.looks import SIZE

if TYPE_CHECKING:
    from whenabouts.video import Frame, Video

__all__ = ["fades"]

LONGEST = 5.0  # seconds of a fade
SHORTEST = 0.3
STEPS = 4  # pictures between full and black
BACK = 0.02  # of full brightness that a fade may go the wrong way, from one picture to the next
LIKE = 0.3  # by which contrast may differ from that of the full picture made darker


def fades(video: Video, start: float, end: float) -> list[Found]:
    """The fade to and the fade from black that lasts from `start` to `end` seconds, where there are any."""
    found = []
    if start > SHORTEST:
        before = [f for f in video.around(start - LONGEST / 2, LONGEST / 2, size=SIZE) if f.time < start]
        if (full := _fade(before[::-1])) is not None:
            found.append(Found("fade out", full, start, start - full))
    if video.duration - end > SHORTEST:
        after = [f for f in video.around(end + LONGEST / 2, LONGEST / 2, size=SIZE) if f.time >= end]
        if (full := _fade(after)) is not None:
            found.append(Found("fade in", end, full, full - end))
    return [one for one in found if one.duration >= SHORTEST]


def _fade(frames: Sequence[Frame]) -> float | None:
    """When the picture is full, of frames that begin next to black; None where it does not fade."""
    levels = [float(frame.image.mean()) for frame in frames]
    if not levels:
        return None
    at, top = 0, max(levels)
    while at + 1 < len(levels) and levels[at + 1] > levels[at] - BACK * top:
        at += 1
        if levels[at] <= levels[max(0, at - 3)] + BACK * top / 4 and at > 3:
            break  # it no longer brightens
    full = int(np.argmax(levels[: at + 1]))
    reached = next(k for k in range(full + 1) if levels[k] >= 0.97 * levels[full])
    steps = [k for k in range(reached) if 0.08 < levels[k] / max(levels[reached], 1e-6) < 0.92]
    if len(steps) < STEPS:
        return None
    contrast = frames[reached].image.std() / levels[reached]
    if any(abs(frames[k].image.std() / levels[k] - contrast) > LIKE * contrast for k in steps if levels[k] > 16):
        return None  # a picture that gets dark by itself, as when a lamp goes out, changes its contrast
    return frames[reached].time
