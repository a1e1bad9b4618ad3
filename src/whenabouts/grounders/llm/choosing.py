"""Frames that a selector chooses for a query, in place of those of a paper's own rule, with their true times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import ModelError
from whenabouts.grounders.grounder import BaseGrounder
from whenabouts.grounders.llm.conversation import Frames
from whenabouts.grounders.llm.sampling import PAIR, FrameRule
from whenabouts.grounders.llm.shown import planned, scaled
from whenabouts.selection import Selection, Selector, load_selector, settings_of
from whenabouts.video import Video
from whenabouts.video.frame import Size
from whenabouts.video.part import Part

__all__ = ["Choosing", "Chosen", "chosen", "pictures_at", "selected"]


class Chosen(NamedTuple):
    """Frames of a selection, and how many of them there could have been."""

    frames: Frames
    selection: Selection
    budget: int


@dataclass(kw_only=True)
class Choosing(BaseGrounder):
    """A grounder whose frames a selector may choose.

    select: a name for `selection.load_selector`, or a selector; None leaves the frames to the rule of the paper
    """

    select: str | Selector | None = None
    _made: tuple[tuple[object, ...], Selector] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def selector(self) -> Selector | None:
        """What chooses frames, made when it is first needed and kept. Raises ModelError, MissingExtra, PluginError."""
        if self.select is None or not isinstance(self.select, str):
            return self.select
        made_of = self.select, self.cache, self.device
        if self._made is None or self._made[0] != made_of:
            taken = settings_of(self.select)
            given = {"cache": self.cache, "device": self.device}
            self._made = made_of, load_selector(self.select, **{n: v for n, v in given.items() if n in taken})
        return self._made[1]


def chosen(
    selector: Selector,
    video: Video,
    rule: FrameRule,
    query: str,
    stretch: tuple[float, float] | None = None,
    *,
    fps: float | None = None,
    frames: int | None = None,
    merged: bool = False,
) -> Chosen:
    """Frames of `stretch` (seconds), as many as `rule` shows, that a selector chooses; true times from its start.

    fps, frames: as of `shown`
    merged: the model makes one step of time of two frames; a chosen one is a step by itself, so half as many are chosen

    Their size is that which the rule has for so many. Raises VideoError, ModelError, InputError, MissingExtra.
    """
    rule = rule.narrowed(fps, frames)
    start, end = stretch or (0.0, video.duration)
    whole = start <= 0 and end >= video.duration
    plan = planned(video, rule, (start, end))
    step = PAIR if merged else 1
    budget = max(1, len(plan.indices) // step)
    part = video if whole else Part(video, start, end)
    selection = selected(selector, part, query, budget)
    count = len(selection.times) * step
    size = planned(video, rule.narrowed(None, count + count % PAIR), (start, end)).size
    times, images = pictures_at(part, selection.times)
    images = tuple(scaled(image, size) for image in images)
    return Chosen(Frames(times, images, len(times) / (end - start)), selection, budget)


def selected(selector: Selector, video: Video, query: str, budget: int) -> Selection:
    """What a selector chooses. Raises ModelError where it chooses nothing or too much, and what it raises."""
    selection = selector.select(video, query, budget)
    if not 0 < len(selection.times) <= budget:
        raise ModelError(f"the selector {selector.name} chose {len(selection.times)} frames of at most {budget}")
    return selection


def pictures_at(
    video: Video, times: Sequence[float], size: Size = None
) -> tuple[tuple[float, ...], tuple[NDArray[np.uint8], ...]]:
    """The pictures on show at `times`, each once, and when each truly begins. Raises VideoError, InputError."""
    taken = {frame.time: frame.image for frame in video.at(times, size=size)}
    return tuple(taken), tuple(taken.values())
