"""Video: true presentation times and upright pixels of an ordinary file; nothing else decides time."""

from whenabouts.video.frame import Frame
from whenabouts.video.limits import Limits
from whenabouts.video.probe import Probe
from whenabouts.video.sound_file import open_sound_too
from whenabouts.video.video import Video

__all__ = ["Frame", "Limits", "Probe", "Video", "open_sound_too"]
