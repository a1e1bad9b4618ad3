"""Videos longer than one question can cover: which stretches a model is asked about.

- `windows`: the whole video in windows, each overlapping the one before by half.
- `coarse-to-fine`: the video is first shown coarsely, one stamp for every clip; from the first clip that the answer
  names to the last, it is asked about once more, finely and as one stretch (UniTime, arXiv:2506.18883).
- `shortlist`: the built-in encoder names the windows that look like the query; only those are asked about.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

import numpy as np

from whenabouts.errors import ModelError
from whenabouts.grounders.grounder import Grounder
from whenabouts.video import Video

__all__ = ["PLANS", "SHORTLIST", "Coarse", "Stretch", "stretches"]

Stretch = tuple[float, float]  # seconds on the video's clock
Coarse = Callable[[Sequence[str]], tuple[list[str], list[float]]]  # answers about the whole video, and its stamps
PLANS = ("windows", "coarse-to-fine", "shortlist")
SHORTLIST = 3  # windows asked about after a shortlist


def stretches(
    plan: str,
    video: Video,
    queries: Sequence[str],
    longest: float,
    coarse: Coarse,
    retriever: Callable[[], Grounder],
) -> list[list[Stretch]]:
    """Stretches to ask each query about: of at most `longest` seconds, but for one that a coarse answer names.

    coarse:    answers the queries about the whole video, and says the stamps in seconds that it was shown under
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
    said, stamps = coarse(queries)
    found = [parse_stretch(text, stamps, video.duration) for text in said]
    return [[one] if one else every for one in found]


def windows(start: float, end: float, longest: float) -> list[Stretch]:
    """Stretches of at most `longest` seconds from `start` to `end`, each overlapping the one before by half."""
    if end - start <= longest:
        return [(start, end)]
    steps = math.ceil((end - start - longest) / (longest / 2))
    firsts = np.minimum(start + np.arange(steps + 1) * longest / 2, end - longest).tolist()
    return [(first, first + longest) for first in firsts]


def parse_stretch(text: str, stamps: Sequence[float], duration: float) -> Stretch | None:
    """From the first stamp that a coarse answer names to the one after the last; None where it names none.

    As UniTime's `run_inference`: an end that is no stamp counts for nothing, and one clip from the start is taken.

    >>> parse_stretch("64.0 seconds, 96.0 seconds", [0.0, 32.0, 64.0, 96.0, 128.0], 150.0)
    (64.0, 128.0)
    """
    told = [round(stamp, 1) for stamp in stamps]
    times = [float(number) for number in re.findall(r"\d{1,6}(?:\.\d{1,6})?", text)]
    if not times:
        return None
    start, last = times[0], times[-1]
    after = [*told[1:], duration]
    end = after[told.index(last)] if last in told else start + after[0] - told[0]
    end = min(end, duration)
    return (start, end) if start < end else None


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
