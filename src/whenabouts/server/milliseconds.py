"""Times as the doors tell them: whole milliseconds, and the picture that such a time means.

People and assistants read and write 586.727, not 586.7270000000001. What is written to files keeps the exact times of
the library: a time that comes back in milliseconds means the picture that begins within half of one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from whenabouts.video import Video

__all__ = ["HALF", "TIMES", "exact_ends", "meant", "rounded", "shortened"]

DIGITS = 3
SCORE_DIGITS = 4
HALF = 0.0005  # seconds
TIMES = frozenset(
    ["start", "end", "duration", "time", "times", "seconds", "spread", "region", "since", "last", "clock", "behind"]
)  # names of fields whose numbers are seconds


def rounded(value: Any) -> Any:
    """A JSON value with every time in it rounded to milliseconds, and every score alike; all else stays as it is.

    >>> rounded({"start": 586.7270000000001, "end": 590.0, "score": 0.36090023261304705})
    {'start': 586.727, 'end': 590.0, 'score': 0.3609}
    """
    if isinstance(value, Mapping):
        told = {name: _time(each) if name in TIMES else rounded(each) for name, each in value.items()}
        if isinstance(score := told.get("score"), float):
            told["score"] = round(score, SCORE_DIGITS)
        if _is_moment(value) and told["start"] == told["end"]:  # shorter than a millisecond
            told["end"] = round(told["end"] + 2 * HALF, DIGITS)
        return told
    return [rounded(each) for each in value] if isinstance(value, list | tuple) else value


def meant(video: Video, time: float) -> float:
    """The exact time that `time` means, in seconds: when the picture begins that begins within half a millisecond."""
    frame = next(video.at([max(0.0, time) + HALF], size=(2, 2)), None)
    return frame.time if frame is not None and frame.time > time - HALF else time


def exact_ends(video: Video, start: float, end: float) -> tuple[float, float]:
    """The exact start and end of a stretch that these times mean, the end at most that of the video."""
    last = min(end, video.duration)
    return meant(video, start), last if last > video.duration - HALF else meant(video, last)


def shortened(video: Video, end: float) -> str | None:
    """A sentence where a clip that should last until `end` cannot, as the video ends before."""
    if end <= video.duration + HALF:
        return None
    return f"The video ends at {video.duration:.3f} s, so the clip does too."


def _time(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DIGITS)
    return [_time(each) for each in value] if isinstance(value, list | tuple) else rounded(value)


def _is_moment(value: Mapping[str, Any]) -> bool:
    ends = value.get("start"), value.get("end")
    return all(isinstance(each, float | int) for each in ends) and ends[0] < ends[1]  # type: ignore[operator]
