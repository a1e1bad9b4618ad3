"""Cuts and flashes: every picture of the video, small, compared with the one before.

A cut is a change that stands out from the motion around it and stays; a flash is a sudden brightness that is gone
within a third of a second and leaves the picture as it was.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from whenabouts.evidence.found import Found
from whenabouts.progress import Fraction

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["change_stretches"]

SIZE = (48, 27)
FASTEST = 240.0  # pictures per second that are told apart
CHANGE = 14.0  # of 255: mean difference of two pictures at a cut, at least ...
OUT = 4.5  # ... and so many times the motion around it
AROUND = 12  # pictures either way that tell the motion
STAYS = 0.5  # of the difference at a cut that is left a few pictures later
LATER = 3
BRIGHTER = 20.0  # of 255: mean rise of a flash
FLASH = 0.35  # seconds that one lasts at most
GONE = 0.35  # of the change at a flash that may be left after it
STROBE = 0.6  # seconds between flashes of one series

Picture = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class _Shown:
    time: float
    level: float
    change: float  # to the picture before
    later: float  # of the picture a little later, to the one before this


def change_stretches(video: Video, progress: Fraction | None = None) -> list[Found]:
    """Every cut and every flash, in order of time. Raises VideoError."""
    shown, flashes = _scan(video, progress)
    found = _series([*flashes])
    found += _cuts(shown, video.duration, flashes)
    return sorted(found, key=lambda one: (one.start, one.end))


def _scan(video: Video, progress: Fraction | None) -> tuple[list[_Shown], list[tuple[float, float, float]]]:
    """Numbers of all pictures, and flashes as (start, end, rise)."""
    shown: list[_Shown] = []
    flashes: list[tuple[float, float, float]] = []
    window: deque[tuple[float, Picture]] = deque(maxlen=LATER + 2)
    start: tuple[float, Picture, float] | None = None  # when it got bright, the picture before, the rise
    for time, image in _distinct(video):
        window.append((time, image))
        if len(window) > 1:
            before, level = window[-2][1], float(image.mean())
            rise = level - float(before.mean())
            if start and (time - start[0] > FLASH or _apart(image, start[1]) <= GONE * start[2]):
                if time - start[0] <= FLASH and _apart(image, start[1]) <= GONE * start[2]:
                    flashes.append((start[0], time, start[2]))
                start = None
            elif start is None and rise >= BRIGHTER:
                start = (time, before, max(rise, _apart(image, before)))
        if len(window) == window.maxlen:
            shown.append(_numbers([*window]))
        if progress:
            progress(min(1.0, time / video.duration))
    left = [*window]
    shown += [_numbers(left[k:]) for k in range(1 if shown else 0, len(left) - 1)]
    return shown, flashes


def _numbers(window: list[tuple[float, Picture]]) -> _Shown:
    """Of the second picture of a window."""
    (_, before), (time, image) = window[0], window[1]
    return _Shown(time, float(image.mean()), _apart(image, before), _apart(window[-1][1], before))


def _distinct(video: Video) -> Iterator[tuple[float, Picture]]:
    rate = float(video.probe.average_rate or 30)
    last = -1.0
    for frame in video.sample(min(FASTEST, 2 * rate), size=SIZE):
        if frame.time != last:
            last = frame.time
            yield frame.time, frame.image.astype(np.int16)


def _apart(one: Picture, other: Picture) -> float:
    return float(np.abs(one - other).mean())


def _cuts(shown: list[_Shown], duration: float, flashes: list[tuple[float, float, float]]) -> list[Found]:
    changes = np.array([one.change for one in shown])
    found = []
    for k in np.flatnonzero(changes >= CHANGE).tolist():
        around = np.concatenate([changes[max(0, k - AROUND) : k], changes[k + 1 : k + 1 + AROUND]])
        motion = float(np.percentile(around, 75)) if around.size else 0.0
        one = shown[k]
        if changes[k] < OUT * (motion + 1) or one.later < STAYS * one.change:
            continue
        if any(start <= one.time <= end for start, end, _ in flashes):
            continue
        before = shown[k - 1].time if k else 0.0
        after = shown[k + 1].time if k + 1 < len(shown) else duration
        found.append(Found("cut", before, after, float(changes[k] / (motion + 1))))
    return found


def _series(flashes: list[tuple[float, float, float]]) -> list[Found]:
    """Flashes that follow one another closely are one."""
    found: list[Found] = []
    for start, end, rise in flashes:
        if found and start - found[-1].end <= STROBE:
            found[-1] = Found("flash", found[-1].start, end, max(rise, found[-1].strength))
        else:
            found.append(Found("flash", start, end, rise))
    return found
