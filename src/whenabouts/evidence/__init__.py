"""Evidence in words: what is said (subtitles, speech) and what is written on screen, as timed text."""

from whenabouts.evidence.gather import gather
from whenabouts.evidence.retrieve import retrieve
from whenabouts.evidence.timed_text import TextKind, TimedText

__all__ = ["TextKind", "TimedText", "gather", "retrieve"]
