"""Live sources: pictures and sound that arrive while they are looked at, on one clock that never steps back."""

from whenabouts.video.live.arrival import Arrival, LiveSource, Notice, Sound
from whenabouts.video.live.clip import Clip
from whenabouts.video.live.opening import open_live
from whenabouts.video.live.ring import Ring
from whenabouts.video.live.simulated import Simulated
from whenabouts.video.live.stream import Stream

__all__ = ["Arrival", "Clip", "LiveSource", "Notice", "Ring", "Simulated", "Sound", "Stream", "open_live"]
