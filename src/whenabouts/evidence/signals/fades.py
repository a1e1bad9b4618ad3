"""Fades around a black picture: the same picture, darker and darker, for a third of a second or more."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from whenabouts.evidence.found import Found
from whenabouts.evidence.signals.looks import SIZE

if TYPE_CHECKING:
    from whenabouts.video import Frame, Video

__all__ = ["fades"]

LONGEST = 5.0  # seconds of a fade
SHORTEST = 0.3
STEPS = 4  # pictures between full and black
AHEAD = 3  # pictures after the last of a fade ...
SLOWER = 0.35  # ... in which it brightens by less than this share of what it did before
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
    full = next((k for k in range(STEPS, len(levels) - AHEAD) if _levelled(levels, k)), None)
    if full is None or levels[full] < 2 * max(levels[0], 4.0):
        return None
    steps = [k for k in range(full) if 0.1 < levels[k] / levels[full] < 0.9]
    if len(steps) < STEPS or any(
        after < before - BACK * levels[full] for before, after in pairwise(levels[: full + 1])
    ):
        return None
    contrast = frames[full].image.std() / levels[full]
    if any(abs(frames[k].image.std() / levels[k] - contrast) > LIKE * contrast for k in steps if levels[k] > 16):
        return None  # a picture that gets dark by itself, as when a lamp goes out, changes its contrast
    return frames[full].time


def _levelled(levels: Sequence[float], k: int) -> bool:
    """Whether it brightens much more slowly after the k-th picture than it did until then."""
    return (levels[k + AHEAD] - levels[k]) / AHEAD < SLOWER * (levels[k] - levels[0]) / k
