"""Edited videos of which it is known whether the answer to a query must move, vanish or stay."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from whenabouts.moment import merge, tiou
from whenabouts.video import Video
from whenabouts.video.edit import Cut, Edit, Edited, Insert, Move, Retime, Reverse, Swap

__all__ = ["KINDS", "Counterfactual", "counterfactuals"]

Windows = NDArray[np.float64]
Change = Literal["moves", "vanishes", "stays"]

LEAST = 1.0  # seconds of an edit
SLACK = 0.1  # of a true window, on either side, that goes with it when it is taken out: annotators are not that exact


@dataclass(frozen=True, slots=True, eq=False)
class Counterfactual:
    """An edited video, what it is to do to the answer, and where the answer is then: (K, 2) seconds on its clock."""

    kind: str
    change: Change
    video: Edited
    truth: Windows


@dataclass(frozen=True, slots=True)
class _Scene:
    """What edits are drawn from: a video of `duration` seconds, its true windows merged, and another video."""

    duration: float
    truth: Windows
    other: Video | None
    rng: np.random.Generator

    @property
    def length(self) -> float:
        """Of the longest true window: less than half of it moves nothing out of reach of a tIoU of 0.5."""
        return float((self.truth[:, 1] - self.truth[:, 0]).max())

    @property
    def before(self) -> tuple[float, float]:
        return 0.0, float(self.truth[0, 0])

    @property
    def after(self) -> tuple[float, float]:
        return float(self.truth[-1, 1]), self.duration

    def stretch(self, gap: tuple[float, float], least: float) -> tuple[float, float] | None:
        """A random stretch of a gap, of at least so many seconds."""
        start, end = gap
        room = end - start
        if room < max(least, LEAST):
            return None
        length = self.rng.uniform(max(least, LEAST), room)
        first = self.rng.uniform(start, end - length)
        return float(first), float(min(first + length, end))

    def of_other(self, least: float) -> tuple[float, float] | None:
        """A random stretch of the other video."""
        return None if self.other is None else self.stretch((0.0, self.other.duration), least)


def _cut_before(scene: _Scene) -> list[Edit] | None:
    span = scene.stretch(scene.before, scene.length / 2)
    return None if span is None else [Cut(*span)]


def _insert_before(scene: _Scene) -> list[Edit] | None:
    span = scene.of_other(scene.length / 2)
    if span is None or scene.other is None:
        return None
    return [Insert(float(scene.rng.uniform(*scene.before)), scene.other, *span)]


def _move(scene: _Scene) -> list[Edit] | None:
    """The only true window goes to the other end of the larger gap."""
    if len(scene.truth) != 1:
        return None
    (start, end), (low, high) = (
        scene.truth[0].tolist(),
        max((scene.before, scene.after), key=lambda gap: gap[1] - gap[0]),
    )
    to = low if (low, high) == scene.before else high
    return [Move(start, end, to)] if high - low >= max(LEAST, scene.length / 2) else None


def _swap(scene: _Scene) -> list[Edit] | None:
    if len(scene.truth) != 1:
        return None
    gap = max((scene.before, scene.after), key=lambda each: each[1] - each[0])
    span = scene.stretch(gap, scene.length)
    start, end = scene.truth[0].tolist()
    return None if span is None else [Swap((start, end), span)]


def _faster(scene: _Scene) -> list[Edit] | None:
    return [Retime(0.0, scene.duration, 2.0)]


def _slower_before(scene: _Scene) -> list[Edit] | None:
    span = scene.stretch(scene.before, scene.length / 2)
    return None if span is None else [Retime(*span, 0.5)]


def _cut_out(scene: _Scene) -> list[Edit] | None:
    rows = _widened(scene)
    if (rows[:, 1] - rows[:, 0]).sum() > scene.duration - LEAST:
        return None
    return [Cut(start, end) for start, end in rows[::-1].tolist()]  # from the last, so that times of others stay


def _replaced(scene: _Scene) -> list[Edit] | None:
    """Each true window gives its place to as much of another video."""
    rows = _widened(scene)
    if scene.other is None or (rows[:, 1] - rows[:, 0]).max() > scene.other.duration:
        return None
    edits: list[Edit] = []
    for start, end in rows[::-1].tolist():
        first = float(scene.rng.uniform(0, scene.other.duration - (end - start)))
        last = min(scene.other.duration, first + end - start)
        edits += [Insert(end, scene.other, first, last), Cut(start, end)]
    return edits


def _cut_after(scene: _Scene) -> list[Edit] | None:
    span = scene.stretch(scene.after, LEAST)
    return None if span is None else [Cut(*span)]


def _reverse_after(scene: _Scene) -> list[Edit] | None:
    span = scene.stretch(scene.after, LEAST)
    return None if span is None else [Reverse(*span)]


KINDS: dict[str, tuple[Change, Callable[[_Scene], list[Edit] | None]]] = {
    "cut-before": ("moves", _cut_before),
    "insert-before": ("moves", _insert_before),
    "move": ("moves", _move),
    "swap": ("moves", _swap),
    "faster": ("moves", _faster),
    "slower-before": ("moves", _slower_before),
    "cut-out": ("vanishes", _cut_out),
    "replaced": ("vanishes", _replaced),
    "cut-after": ("stays", _cut_after),
    "reverse-after": ("stays", _reverse_after),
}


def counterfactuals(
    video: Video,
    truth: Windows,
    *,
    others: Sequence[Video] = (),
    kinds: Sequence[str] = tuple(KINDS),
    seed: int = 0,
) -> list[Counterfactual]:
    """The counterfactuals of queries with this truth that are possible on a video, one of each kind at most, in order.

    truth:  (M, 2) windows in seconds, one at least: all of them
    others: videos in which they do not happen, one of which gives what is put in; without any, fewer kinds

    Where an edit falls depends on the seed, the video and the truth: queries that happen together share edited videos,
    and what was made before changes nothing. An answer that must move does so out of reach of a tIoU of 0.5 with where
    it was; an edit that cannot do so is left out. Taken out is a tenth of the window more on either side. Nothing is
    reversed or retimed that is part of the truth, but by `faster`, which shows all of the video twice as fast:
    backwards, "opens the door" is not true any more.
    """
    rows = merge(np.clip(truth, 0.0, video.duration))
    made: list[Counterfactual] = []
    for kind in kinds:
        change, drawn = KINDS[kind]
        key = hashlib.sha256(f"{seed} {kind} {video.sha256} {rows.tolist()}".encode()).digest()
        rng = np.random.default_rng(list(key[:16]))
        other = others[int(rng.integers(len(others)))] if others else None
        edits = drawn(_Scene(video.duration, rows, other, rng)) if len(rows) else None
        if edits is None:
            continue
        edited = Edited(video, edits)
        moved = edited.time_map.windows(rows) if change != "vanishes" else np.zeros((0, 2))
        if change == "moves" and (not len(moved) or tiou(moved, rows).max() >= 0.5):
            continue
        made.append(Counterfactual(kind, change, edited, moved))
    return made


def _widened(scene: _Scene) -> Windows:
    slack = SLACK * (scene.truth[:, 1] - scene.truth[:, 0])
    rows = np.column_stack([scene.truth[:, 0] - slack, scene.truth[:, 1] + slack])
    return merge(np.clip(rows, 0.0, scene.duration))
