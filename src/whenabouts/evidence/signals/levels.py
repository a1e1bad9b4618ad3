"""Black, blank, bars, frozen and fades: one pass over a few small pictures a second, then every edge to the frame.

The pass keeps a few numbers of each picture, so memory does not grow with the picture. Where a state begins or ends
between two pictures of the pass, all pictures between them are decoded and the first of the new state is the edge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whenabouts.evidence.found import Found
from whenabouts.evidence.signals.fades import fades
from whenabouts.evidence.signals.looks import SIZE, Look, colour_name, is_bars, is_black, is_blank, look
from whenabouts.evidence.signals.names import BLANK
from whenabouts.progress import Fraction

if TYPE_CHECKING:
    from whenabouts.video import Video

__all__ = ["LEVELS_FPS", "level_stretches"]

LEVELS_FPS = 4.0  # pictures looked at per second
SAME = 6.0  # of 255: how far two pictures of a still stretch differ at most, over 4 × 4 pixels ...
EXACT = 0.8  # ... and a quarter of them: where nobody moves they differ more, by the noise of the camera
STOPPED = 0.5  # of the change from picture to picture until then, below which a codec only adds what it left out
CUT_IN = 2.5  # times that change, which a picture that was not stopped but cut in differs from the one before
CUT_AT_LEAST = 20.0  # of 255
BEFORE = 0.2  # seconds in which the picture must have moved, to have stopped
SHORTEST = 0.08  # seconds that a black or blank picture lasts, two frames of 25 per second
SHORTEST_BARS = 0.5
SHORTEST_STILL = 2.0
MOST_FADES = 200  # black stretches around which fades are looked for

Picture = NDArray[np.uint8]
Test = Callable[[Picture], bool]


@dataclass(slots=True)
class _Seen:
    """A distinct picture of the pass: when it begins, its numbers, and which still stretch it belongs to."""

    time: float
    look: Look
    still: int
    change: float  # mean difference to the picture before, 0 to 255
    most: float  # the same, the largest over 4 × 4 pixels


def level_stretches(video: Video, progress: Fraction | None = None) -> list[Found]:
    """Every black, blank, barred and still stretch and every fade, in order of time. Raises VideoError."""
    pictures = list(_pictures(video, progress))
    if not pictures:
        return []
    found = [one for state in (_black, _bars, _blank) for one in state(video, pictures)]
    found += _still(video, pictures)
    blacks = [one for one in found if one.what == "black"]
    for black in blacks[:MOST_FADES]:
        found += fades(video, black.start, black.end)
    return sorted(found, key=lambda one: (one.start, one.end))


def _pictures(video: Video, progress: Fraction | None) -> Iterator[_Seen]:
    last_time, number = -1.0, 0
    before: Picture | None = None
    anchor: Picture | None = None
    for frame in video.sample(LEVELS_FPS, size=SIZE):
        if frame.time == last_time:
            continue
        last_time, image = frame.time, frame.image
        change, most = (255.0, 255.0) if before is None else _difference(image, before)
        if anchor is None:
            anchor = image
        elif most > SAME or _difference(image, anchor)[1] > SAME:
            number += 1
            anchor = image
        before = image
        yield _Seen(frame.time, look(image), number, change, most)
        if progress:
            progress(min(1.0, frame.time / video.duration))


def _difference(one: Picture, other: Picture) -> tuple[float, float]:
    """Mean and largest difference of two pictures, 0 to 255, the largest over 4 × 4 pixels."""
    apart = np.maximum(one, other) - np.minimum(one, other)
    height, width = apart.shape[:2]
    blocks = np.add.reduceat(apart.reshape(height, -1), np.arange(0, width * 3, 12), axis=1, dtype=np.uint32)
    blocks = np.add.reduceat(blocks, np.arange(0, height, 4), axis=0)
    return float(blocks.sum() / apart.size), float(blocks.max() / 48)


def _runs(pictures: list[_Seen], key: Callable[[_Seen], Any]) -> Iterator[tuple[Any, int, int]]:
    """(value, first, last) of consecutive pictures with one value that is true."""
    at = 0
    for value, group in groupby(pictures, key):
        count = sum(1 for _ in group)
        if value:
            yield value, at, at + count - 1
        at += count


def _bounds(video: Video, pictures: list[_Seen], first: int, last: int, test: Test) -> tuple[float, float]:
    """Where a state that holds from the first to the last of these pictures truly begins and ends."""
    start, end = pictures[first].time, video.duration
    if first:
        start = _change(video, pictures[first - 1].time, start, test)
    elif start < 1 / LEVELS_FPS:
        start = 0.0  # a file whose first picture is late shows that picture from the beginning
    if last + 1 < len(pictures):
        end = _change(video, pictures[last].time, pictures[last + 1].time, lambda image: not test(image))
    return start, end


def _change(video: Video, before: float, after: float, test: Test) -> float:
    """When the first picture in (before, after] that passes begins; `after` if none is decoded."""
    middle, radius = (before + after) / 2, (after - before) / 2
    for frame in video.around(middle, radius + 1e-6, size=SIZE):
        if before < frame.time <= after and test(frame.image):
            return frame.time
    return after


def _black(video: Video, pictures: list[_Seen]) -> Iterator[Found]:
    for _, first, last in _runs(pictures, lambda seen: is_black(seen.look)):
        start, end = _bounds(video, pictures, first, last, lambda image: is_black(look(image)))
        if end - start >= SHORTEST:
            brightest = max(seen.look.brightest for seen in pictures[first : last + 1])
            yield Found("black", start, end, brightest)


def _bars(video: Video, pictures: list[_Seen]) -> Iterator[Found]:
    for _, first, last in _runs(pictures, lambda seen: seen.look.bars):
        start, end = _bounds(video, pictures, first, last, is_bars)
        if end - start >= SHORTEST_BARS:
            yield Found("bars", start, end)


def _blank(video: Video, pictures: list[_Seen]) -> Iterator[Found]:
    for name, first, last in _runs(pictures, lambda seen: _one_colour(seen.look)):
        start, end = _bounds(video, pictures, first, last, partial(_has_colour, name))
        if end - start >= SHORTEST:
            spread = max(seen.look.spread for seen in pictures[first : last + 1])
            yield Found(f"{BLANK} {name}", start, end, spread)


def _one_colour(seen: Look) -> str:
    return colour_name(seen.colour) if is_blank(seen) else ""


def _has_colour(name: str, image: Picture) -> bool:
    return _one_colour(look(image)) == name


def _still(video: Video, pictures: list[_Seen]) -> Iterator[Found]:
    """Still stretches: "frozen" where the picture stopped while it moved, "still" where another picture was cut in.

    The strength is the share of the whole video that moves: where nothing ever moves, nothing froze.
    """
    runs = [(first, last) for _, first, last in _runs(pictures, lambda seen: seen.still + 1)]
    lengths = [_length(video, pictures, run) for run in runs]
    moving = 1 - sum(length for length in lengths if length >= SHORTEST_STILL) / video.duration
    for run, length in zip(runs, lengths, strict=True):
        first, last = run
        flat = is_black(pictures[first].look) or is_blank(pictures[first].look) or pictures[first].look.bars
        noise = float(np.percentile([seen.most for seen in pictures[first + 1 : last + 1]] or [0.0], 25))
        if length < SHORTEST_STILL or flat or noise > EXACT:
            continue
        start, stopped = _stop(video, pictures, first) if first else (pictures[0].time, False)
        still = pictures[first + 1 : last + 1]
        end = _bounds(video, pictures, first, last, _like(video, (still or pictures[first:])[0].time))[1]
        if end - start >= SHORTEST_STILL:
            yield Found("frozen" if stopped else "still", start, end, moving)


def _like(video: Video, time: float) -> Test:
    """Whether a picture is the one on show at a time."""
    shown = next(iter(video.around(time, 0.0, size=SIZE))).image
    return lambda image: _difference(image, shown)[1] <= SAME


def _stop(video: Video, pictures: list[_Seen], first: int) -> tuple[float, bool]:
    """When the first picture that stays begins, and whether the picture moved until then and stopped.

    That is the last picture to which the change is one of motion; later ones only get finer, as a codec adds what it
    left out. A picture that was cut in is not one that stopped.
    """
    low, high = max(0.0, pictures[first - 1].time - BEFORE), pictures[first].time + 2 / LEVELS_FPS
    frames = list(video.around((low + high) / 2, (high - low) / 2, size=SIZE))
    changes = [_difference(one.image, other.image)[1] for one, other in pairwise(frames)]
    held = next((k for k, frame in enumerate(frames) if frame.time >= pictures[first].time), len(frames) - 1)
    moved = [
        change for change, frame in zip(changes, frames[1:], strict=True) if frame.time <= pictures[first - 1].time
    ]
    usual = float(np.percentile(moved, 75)) if moved else 0.0
    came = held
    while came > 0 and _difference(frames[came - 1].image, frames[held].image)[1] <= SAME:
        came -= 1
    if came and changes[came - 1] > max(CUT_IN * usual, CUT_AT_LEAST):
        return frames[came].time, False
    moving = (k for k in range(held, 0, -1) if changes[k - 1] >= max(EXACT, STOPPED * usual))
    return frames[next(moving, came)].time, usual > EXACT


def _length(video: Video, pictures: list[_Seen], run: tuple[int, int]) -> float:
    after = pictures[run[1] + 1].time if run[1] + 1 < len(pictures) else video.duration
    return after - pictures[run[0]].time
