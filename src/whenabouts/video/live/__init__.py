"""Live sources: pictures and sound that arrive while they are looked at, on one clock that never steps back."""

from whenabouts.video.live.arrival import Arrival, LiveSource, Notice, Sound
from whenabouts.video.live.opening import open_live

__all__ = ["Arrival", "LiveSource", "Notice", "Sound", "open_live"]
