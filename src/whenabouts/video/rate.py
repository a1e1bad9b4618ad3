"""How many pictures a second a video has, as far as one number tells it."""

from __future__ import annotations

from whenabouts.video.video import Video

__all__ = ["rate_of"]

MISSTATED = 0.02  # from which a stated rate is not that of the pictures, as in containers that know no other


def rate_of(video: Video, count: int, seconds: float) -> float:
    """Frames per second: what the file states, which official code goes by, unless its pictures come otherwise."""
    stated, times = video.probe.average_rate, video.times
    if stated is None or video.probe.variable_rate:
        return count / seconds
    real = (len(times) - 1) / float(times[-1] - times[0]) if len(times) > 1 else float(stated)
    return float(stated) if abs(real / float(stated) - 1) < MISSTATED else count / seconds
