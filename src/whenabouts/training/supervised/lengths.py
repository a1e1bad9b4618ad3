"""What is to be known of the rows of a training split: how long they are, and how many a video has."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from whenabouts.benchmarks.features import FeatureExample
from whenabouts.grounders.learned.detr.head import ClipHead
from whenabouts.grounders.learned.head import Head
from whenabouts.grounders.learned.recipe import Recipe

__all__ = ["beyond", "row_seconds", "uneven", "uneven_frames"]

UNEVEN = 0.1  # by what share rows may be longer or shorter than the recipe says before it is told
FAR = 1.25  # times the frames of a row in the recipe, from which it is told


def row_seconds(examples: Sequence[FeatureExample], recipe: Recipe) -> float:
    """Of a row: what the recipe says, unless the rows of most videos are clearly longer or shorter."""
    measured = float(np.median([e.duration / len(e.video) for e in examples]))
    return recipe.seconds if abs(measured / recipe.seconds - 1) < UNEVEN else round(measured, 3)


def uneven(seconds: float, recipe: Recipe) -> list[str]:
    """A note where rows have another length than the recipe says."""
    if abs(seconds / recipe.seconds - 1) < UNEVEN or "seconds" in recipe.unlike:
        return []
    return [
        f"a row of these features is {seconds:g} s, where the recipe has {recipe.seconds:g} s; "
        f"say so with --set seconds={seconds:g}, and keep windows off its grid of clips with --set grid=none"
        if recipe.options.get("grid")
        else f"a row of these features is {seconds:g} s, where the recipe has {recipe.seconds:g} s; "
        f"say so with --set seconds={seconds:g}"
    ]


def beyond(head: Head, examples: Sequence[FeatureExample]) -> list[str]:
    """A note where videos have more rows than a head over clips takes at once.

    Officially such a video is cut off after so many rows, in training and in evaluation (`max_v_l`).
    """
    rows = {e.example.video: len(e.video) for e in examples}
    if not isinstance(head, ClipHead) or head.longest is None or max(rows.values()) <= head.longest:
        return []
    video = max(rows, key=lambda name: rows[name])
    return [
        f"{sum(count > head.longest for count in rows.values())} of {len(rows)} videos have more than the "
        f"{head.longest} rows that {head.name} takes at once, such as {video} with {rows[video]}: it learns from them "
        f"whole, where official code cuts them off, and answers them {head.longest} rows at a time; "
        "--set longest=none answers them whole"
    ]


def uneven_frames(head: Head, examples: Sequence[FeatureExample]) -> list[str]:
    """A sentence where a row is so many frames of its video by the head's settings, and is not by its length."""
    known = [(e.duration / len(e.video), head.row_seconds(e.example.fps)) for e in examples if e.example.fps]
    shares = [length / told for length, told in known if told]
    share, stride = float(np.median(shares)) if shares else 1.0, getattr(head, "stride", None)
    if stride is None or 1 / FAR < share < FAR:
        return []
    return [
        f"a row of these features is about {share * stride:.3g} frames of its video, where the recipe has {stride:g}; "
        f"say so with --set stride={share * stride:.3g}, or with --set stride=none that rows divide a video evenly"
    ]
