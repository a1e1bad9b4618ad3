"""Videos longer than one question can cover: which stretches a model is asked about.

- `windows`: the whole video in windows, each overlapping the one before by half.
- `coarse-to-fine`: the video is first shown coarsely, one stamp for every clip; what the answer names is asked about
  finely (UniTime, arXiv:2506.18883, there over shrunken features of one clip per 32 s).
- `shortlist`: the built-in encoder names the windows that look like the query; only those are asked about.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

import numpy as np

from whenabouts.errors import ModelError
from whenabouts.grounders.grounder import Grounder
from whenabouts.rewards.parse import read
from whenabouts.video import Video

__all__ = ["PLANS", "SHORTLIST", "Coarse", "Stretch", "stretches"]

Stretch = tuple[float, float]  # seconds on the video's clock
Coarse = Callable[[Sequence[str], float], list[str]]  # queries, seconds of a clip -> answers about the whole video
PLANS = ("windows", "coarse-to-fine", "shortlist")
CLIP = 32.0  # seconds under one stamp when a video is shown coarsely
SHORTLIST = 3  # windows asked about after a shortlist


def stretches(
    plan: str,
    video: Video,
    queries: Sequence[str],
    longest: float,
    coarse: Coarse,
    clips: int,
    retriever: Callable[[], Grounder],
) -> list[list[Stretch]]:
    """Stretches of at most `longest` seconds to ask each query about.

    coarse:    answers the queries about the whole video, which is shown in at most `clips` clips
    retriever: makes the grounder that shortlists windows

    Raises ModelError on an unknown plan, and what `coarse` and `retriever` raise.
    """
    if plan not in PLANS:
        raise ModelError(f"unknown plan {plan!r} for long videos; choose one of: {', '.join(PLANS)}")
    every = windows(0.0, video.duration, longest)
    if len(every) == 1 or plan == "windows":
        return [every for _ in queries]
    if plan == "shortlist":
        return _shortlisted(retriever(), video, queries, every)
    clip = max(CLIP, video.duration / clips)
    found = [parse_stretch(text, video.duration, clip) for text in coarse(queries, clip)]
    return [windows(*one, longest) if one else every for one in found]


def windows(start: float, end: float, longest: float) -> list[Stretch]:
    """Stretches of at most `longest` seconds from `start` to `end`, each overlapping the one before by half."""
    if end - start <= longest:
        return [(start, end)]
    steps = math.ceil((end - start - longest) / (longest / 2))
    firsts = np.minimum(start + np.arange(steps + 1) * longest / 2, end - longest).tolist()
    return [(first, first + longest) for first in firsts]


def parse_stretch(text: str, duration: float, clip: float) -> Stretch | None:
    """From the first clip that a coarse answer names to the end of the last; None where it names none.

    >>> parse_stretch("64.0 seconds, 96.0 seconds", 600.0, 32.0)
    (64.0, 128.0)
    """
    ends = [time for window in read(text, duration=duration).windows for time in window]
    times = ends or [float(number) for number in re.findall(r"(?<![\w.])\d{1,6}(?:\.\d{1,3})?(?![\w.]*\d)", text)]
    inside = [time for time in times if time < duration]
    return (min(inside), min(max(inside) + clip, duration)) if inside else None


def _shortlisted(
    retriever: Grounder, video: Video, queries: Sequence[str], every: Sequence[Stretch]
) -> list[list[Stretch]]:
    middles = np.array([(start + end) / 2 for start, end in every])
    chosen = []
    for prediction in retriever.ground(video, queries):
        centres = [(moment.start + moment.end) / 2 for moment in prediction.moments]
        nearest = dict.fromkeys(int(np.abs(middles - centre).argmin()) for centre in centres)
        chosen.append([every[i] for i in sorted(nearest)] or list(every))
    return chosen
