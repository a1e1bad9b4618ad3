"""Live sources: pictures and sound that arrive while they are looked at, on one clock that never steps back."""

from whenabouts.video.live.arrival import Arrival, LiveSource, Notice, Sound

__all__ = ["Arrival", "LiveSource", "Notice", "Sound"]
